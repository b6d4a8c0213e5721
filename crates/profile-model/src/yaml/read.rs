//! Reading the block of a job's config.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use super::error::ConfigError;
use super::extra::{ExtraKeys, join};
use super::locate::Locator;
use super::note::{ConfigNote, TextFor};
use super::parse::{describe, key_text, parse_mapping, shortened, without_bom};
use super::placement::{Blocks, Placement, find_blocks};
use super::suggest::suggest;
use crate::config::AdaptiveConfig;
use crate::level::OptimizationLevel;
use crate::setting::{SECTIONS, Scalar, Setting};
use crate::units::Mib;

/// What a config file says about memory.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigFile {
    /// The settings as written, with the defaults for what the file does not set. Where the
    /// job does not read the block, these are not what it runs with: see
    /// [`ConfigFile::in_force`].
    pub config: AdaptiveConfig,
    /// Where the block stands.
    pub placement: Placement,
    /// `optimization.level`.
    pub optimization_level: Option<OptimizationLevel>,
    /// `optimization.memory_limit_gb`, in gibibytes.
    pub memory_limit_gb: Option<f64>,
    /// The settings that the file itself sets, as dotted paths below the block; the others
    /// are defaults.
    pub set: Vec<String>,
    /// What a reader of the file should know.
    pub notes: Vec<ConfigNote>,
    /// Unknown keys of the block.
    pub extra: ExtraKeys,
}

impl ConfigFile {
    /// The settings that the job runs with: the defaults, if it does not read the block.
    #[must_use]
    pub fn in_force(&self) -> AdaptiveConfig {
        if self.placement.is_read() { self.config.clone() } else { AdaptiveConfig::default() }
    }

    /// The settings that the file does not set, as dotted paths below the block.
    #[must_use]
    pub fn defaulted(&self) -> Vec<String> {
        let is_set = |path: &str| self.set.iter().any(|set| set == path);
        let all = crate::setting::SETTINGS.iter().map(|setting| setting.path);
        all.filter(|path| !path.starts_with("memtool.") && !is_set(path)).map(str::to_owned).collect()
    }

    /// The memory limit that the file sets.
    #[must_use]
    pub fn memory_limit(&self) -> Option<Mib> {
        self.memory_limit_gb.map(Mib::from_gib)
    }
}

/// Reads the block `adaptive_memory` of a config, wherever it stands.
///
/// Values of the wrong type are errors; whether the numbers make sense together is the
/// question of [`AdaptiveConfig::validate`].
///
/// # Errors
/// If the text is too large, too deep or no single YAML mapping with each key once, or if a
/// value of a setting has the wrong type.
pub fn read_config(text: &str) -> Result<ConfigFile, ConfigError> {
    let text = without_bom(text);
    let root = parse_mapping(text)?;
    let blocks = find_blocks(&root);
    let locator = Locator::new(text);
    let (optimization_level, memory_limit_gb) = read_optimization(&root, &locator)?;
    let mut reader = Reader::new(&blocks, &locator);
    reader.read_block(blocks.value)?;
    reader.note_placement(&blocks, &locator);
    reader.note_loader_ranges();
    Ok(ConfigFile {
        config: reader.config,
        placement: blocks.placement,
        optimization_level,
        memory_limit_gb,
        set: reader.set,
        notes: reader.notes,
        extra: reader.extra,
    })
}

/// Reads level and limit, which stand beside the block.
fn read_optimization(
    root: &Mapping,
    locator: &Locator<'_>,
) -> Result<(Option<OptimizationLevel>, Option<f64>), ConfigError> {
    let wrong = |path: &[&str], expected, value: &Value| ConfigError::WrongType {
        line: locator.line_of_path(path),
        path: path.join("."),
        expected,
        found: describe(value),
    };
    let mapping = match root.get("optimization") {
        None | Some(Value::Null) => return Ok((None, None)),
        Some(Value::Mapping(mapping)) => mapping,
        Some(other) => return Err(wrong(&["optimization"], "a mapping", other)),
    };
    let level =
        match mapping.get("level") {
            None | Some(Value::Null) => None,
            Some(value) => Some(serde_yaml::from_value(value.clone()).map_err(|_| {
                wrong(&["optimization", "level"], "one of high, medium, low, fallback", value)
            })?),
        };
    let limit = match mapping.get("memory_limit_gb") {
        None | Some(Value::Null) => None,
        Some(value) => match value.as_f64() {
            Some(limit) if limit.is_finite() && limit > 0.0 => Some(limit),
            _ => return Err(wrong(&["optimization", "memory_limit_gb"], "a positive number", value)),
        },
    };
    Ok((level, limit))
}

struct Reader<'a> {
    block: String,
    spots: BTreeMap<String, (usize, &'a str)>,
    config: AdaptiveConfig,
    set: Vec<String>,
    notes: Vec<ConfigNote>,
    extra: ExtraKeys,
}

impl<'a> Reader<'a> {
    fn new(blocks: &Blocks<'_>, locator: &Locator<'a>) -> Self {
        Self {
            block: blocks.path.join("."),
            spots: locator.index(&blocks.path),
            config: AdaptiveConfig::default(),
            set: Vec::new(),
            notes: Vec::new(),
            extra: ExtraKeys::default(),
        }
    }

    fn read_block(&mut self, value: Option<&Value>) -> Result<(), ConfigError> {
        match value {
            None => Ok(()),
            Some(value) => self.read_section("", value),
        }
    }

    /// Reads one mapping of settings: the block, or a section at a dotted path within it.
    fn read_section(&mut self, section: &str, value: &Value) -> Result<(), ConfigError> {
        let mapping = match value {
            Value::Mapping(mapping) if !mapping.is_empty() => mapping,
            Value::Mapping(_) | Value::Null => {
                self.notes.push(ConfigNote::Empty { line: self.line(section), path: section.to_owned() });
                return Ok(());
            }
            other => return Err(self.wrong_type(section, "a mapping", other)),
        };
        for (key, value) in mapping {
            let path = join(section, &key_text(key));
            // A key with a dot in it is one key to the job, not a path.
            let dotted = key.as_str().is_none_or(|key| key.contains('.'));
            if !dotted && SECTIONS.contains(&path.as_str()) {
                self.read_section(&path, value)?;
            } else if let Some(setting) = Setting::find(&path).filter(|_| !dotted) {
                self.read_setting(setting, value)?;
            } else {
                let meant =
                    suggest(&path).filter(|meant| !self.spots.contains_key(*meant)).map(str::to_owned);
                self.notes.push(ConfigNote::UnknownKey { line: self.line(&path), path, meant });
                self.extra.add(section, key.clone(), value.clone());
            }
        }
        Ok(())
    }

    fn read_setting(&mut self, setting: &Setting, value: &Value) -> Result<(), ConfigError> {
        let path = setting.path;
        let number = self.number(path, value);
        let scalar = match setting.get(&self.config) {
            Scalar::Bool(_) => self.boolean(path, value).map(Scalar::Bool),
            Scalar::Count(_) => number.and_then(whole).map(Scalar::Count),
            Scalar::Number(_) => number.map(Scalar::Number),
        };
        match scalar {
            Some(scalar) if setting.set(&mut self.config, scalar) => {
                self.set.push(path.to_owned());
                Ok(())
            }
            _ => Err(self.wrong_type(path, setting.expected(), value)),
        }
    }

    /// A boolean in either of the two ways that YAML has had.
    fn boolean(&mut self, path: &str, value: &Value) -> Option<bool> {
        let word = match value {
            Value::Bool(value) => return Some(*value),
            Value::String(word) => word,
            _ => return None,
        };
        let value = yaml11_boolean(word)?;
        let line = self.line(path);
        self.notes.push(ConfigNote::Yaml11Boolean { line, path: path.to_owned(), word: word.clone() });
        Some(value)
    }

    /// A number, with a note if its written form is one that parsers disagree about.
    fn number(&mut self, path: &str, value: &Value) -> Option<f64> {
        let (number, text_for, written) = match value {
            Value::Number(number) => {
                let written = self.spots.get(path).map_or("", |spot| spot.1);
                if !is_text_to_python(written) {
                    return number.as_f64();
                }
                (number.as_f64()?, TextFor::Python, written.to_owned())
            }
            Value::String(text) => (with_underscores(text)?, TextFor::Yaml12, text.clone()),
            _ => return None,
        };
        let (line, path) = (self.line(path), path.to_owned());
        self.notes.push(ConfigNote::Yaml11Number { line, path, written: shortened(&written), text_for });
        Some(number)
    }

    fn note_placement(&mut self, blocks: &Blocks<'_>, locator: &Locator<'_>) {
        if let Placement::Ignored { path } = &blocks.placement {
            let line = locator.line_of_path(&blocks.path);
            self.notes.insert(0, ConfigNote::IgnoredBlock { line, path: path.clone() });
        }
        self.notes.extend(blocks.others.iter().map(|path| ConfigNote::SecondBlock { path: path.clone() }));
    }

    fn note_loader_ranges(&mut self) {
        for violation in self.config.loader_violations() {
            let line = self.line(violation.path);
            self.notes.push(ConfigNote::OutOfLoaderRange { line, violation });
        }
    }

    fn line(&self, path: &str) -> Option<usize> {
        self.spots.get(path).map(|spot| spot.0)
    }

    fn wrong_type(&self, path: &str, expected: &'static str, value: &Value) -> ConfigError {
        let full = if path.is_empty() { self.block.clone() } else { join(&self.block, path) };
        ConfigError::WrongType { line: self.line(path), path: full, expected, found: describe(value) }
    }
}

/// The number as a count, if it is one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range"
)]
fn whole(number: f64) -> Option<u32> {
    let inside = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    inside.then_some(number as u32)
}

/// The booleans of YAML 1.1 as `PyYAML` has them: not `y` and `n`, and no mixed case.
fn yaml11_boolean(word: &str) -> Option<bool> {
    match word {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// A YAML 1.1 number with underscores, such as `2_000.5`.
fn with_underscores(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let shape = digits.starts_with(|c: char| ('1'..='9').contains(&c))
        && digits.contains('_')
        && digits.chars().all(|c| c.is_ascii_digit() || c == '_' || c == '.');
    shape.then(|| text.replace('_', "").parse().ok()).flatten()
}

/// Whether `PyYAML` takes a written number as text: an exponent without point or sign, or
/// an octal number of YAML 1.2.
fn is_text_to_python(written: &str) -> bool {
    let digits = written.trim_start_matches(['+', '-']);
    if digits.starts_with("0o") {
        return true;
    }
    if digits.starts_with("0x") || !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    digits
        .split_once(['e', 'E'])
        .is_some_and(|(mantissa, exponent)| !mantissa.contains('.') || !exponent.starts_with(['+', '-']))
}
