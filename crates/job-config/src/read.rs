//! Reading the block of a job's config.

use crate::block_reader::{BlockReader, JOB, VERSION_LABEL};
use crate::config_file::ConfigFile;
use crate::error::ConfigError;
use crate::locate::Locator;
use crate::optimization::{Beside, known_level, other_level, read_optimization};
use crate::parse::{parse_mapping, without_bom};
use crate::placement::find_blocks;
use crate::second::second_thresholds;

/// Reads the block `adaptive_memory` of a config, wherever it stands.
///
/// Values of the wrong type are errors; whether the numbers make sense together is the
/// question of [`validate`](memtool_profile_model::AdaptiveConfig::validate).
///
/// # Errors
/// If the text is too large, too deep or no single YAML mapping with each key once, or if a
/// value of a setting has the wrong type.
pub fn read_config(text: &str) -> Result<ConfigFile, ConfigError> {
    let text = without_bom(text);
    let root = parse_mapping(text)?;
    let blocks = find_blocks(&root);
    let locator = Locator::new(text);
    let Beside { level, memory_limit_gb } = read_optimization(&root, &locator)?;
    let mut reader = BlockReader::new(&blocks, &locator);
    reader.read_block(blocks.value)?;
    reader.note_placement(&blocks, &locator);
    reader.note_loader_ranges();
    let labels = reader.labels;
    let label = |key| labels.get(key).filter(|_| blocks.placement.is_read_by_recorder()).cloned();
    let (job, version_label) = (label(JOB), label(VERSION_LABEL));
    let mut notes = reader.notes;
    notes.extend(level.as_ref().and_then(|level| other_level(level, &locator)));
    notes.extend(second_thresholds(&root, &locator));
    Ok(ConfigFile {
        config: reader.config,
        placement: blocks.placement,
        optimization_level: level.as_deref().and_then(known_level),
        memory_limit_gb,
        job,
        version_label,
        set: reader.set,
        notes,
    })
}

#[cfg(test)]
mod tests;
