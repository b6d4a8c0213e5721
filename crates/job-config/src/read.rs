//! Reading the block of a job's config.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use crate::error::ConfigError;
use crate::extra::{ExtraKeys, join};
use crate::loader::loader_violations;
use crate::locate::Locator;
use crate::note::{ConfigNote, TextFor};
use crate::parse::{describe, key_text, parse_mapping, shortened, without_bom};
use crate::placement::{Blocks, Placement, find_blocks};
use crate::second::second_thresholds;
use crate::suggest::suggest;
use memtool_profile_model::{AdaptiveConfig, Mib, OptimizationLevel, SECTIONS, Scalar, Setting};

/// What a config file says about memory.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigFile {
    /// The settings as written, with the defaults for what the file does not set. Where the
    /// job does not read the block, these are not what it runs with: see
    /// [`ConfigFile::in_force`].
    pub config: AdaptiveConfig,
    /// Where the block stands.
    pub placement: Placement,
    /// `optimization.level`, where it is one of the recorder's; the existing loader takes any text.
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
    /// The settings that the job runs with: the defaults, if its loader does not read the block.
    #[must_use]
    pub fn in_force(&self) -> AdaptiveConfig {
        if self.placement.is_read() { self.config.clone() } else { AdaptiveConfig::default() }
    }

    /// The settings that memtool's own recorder runs with.
    #[must_use]
    pub fn in_recorder(&self) -> AdaptiveConfig {
        if self.placement.is_read_by_recorder() { self.config.clone() } else { AdaptiveConfig::default() }
    }

    /// The settings that the file does not set, as dotted paths below the block.
    #[must_use]
    pub fn defaulted(&self) -> Vec<String> {
        let is_set = |path: &str| self.set.iter().any(|set| set == path);
        let all = memtool_profile_model::SETTINGS.iter().map(|setting| setting.path);
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
    let Beside { level, memory_limit_gb } = read_optimization(&root, &locator)?;
    let mut reader = Reader::new(&blocks, &locator);
    reader.read_block(blocks.value)?;
    reader.note_placement(&blocks, &locator);
    reader.note_loader_ranges();
    let mut notes = reader.notes;
    notes.extend(level.as_ref().and_then(|level| other_level(level, &locator)));
    notes.extend(second_thresholds(&root, &locator));
    Ok(ConfigFile {
        config: reader.config,
        placement: blocks.placement,
        optimization_level: level.as_deref().and_then(known_level),
        memory_limit_gb,
        set: reader.set,
        notes,
        extra: reader.extra,
    })
}

/// What stands beside the block.
#[derive(Default)]
struct Beside {
    /// Any text.
    level: Option<String>,
    memory_limit_gb: Option<f64>,
}

/// One of the recorder's levels by its name.
fn known_level(text: &str) -> Option<OptimizationLevel> {
    serde_yaml::from_value(Value::from(text)).ok()
}

/// A note on a level that the recorder does not have.
fn other_level(level: &str, locator: &Locator<'_>) -> Option<ConfigNote> {
    let line = locator.line_of_path(&["optimization", "level"]);
    known_level(level).is_none().then(|| ConfigNote::OtherLevel { line, level: shortened(level) })
}

/// Reads level and limit, which stand beside the block.
fn read_optimization(root: &Mapping, locator: &Locator<'_>) -> Result<Beside, ConfigError> {
    let wrong = |path: &[&str], expected, value: &Value| ConfigError::WrongType {
        line: locator.line_of_path(path),
        path: path.join("."),
        expected,
        found: describe(value),
    };
    let mapping = match root.get("optimization") {
        None | Some(Value::Null) => return Ok(Beside::default()),
        Some(Value::Mapping(mapping)) => mapping,
        Some(other) => return Err(wrong(&["optimization"], "a mapping", other)),
    };
    let level = match mapping.get("level") {
        None | Some(Value::Null) => None,
        Some(Value::String(level)) => Some(level.clone()),
        Some(value) => return Err(wrong(&["optimization", "level"], "a text", value)),
    };
    let limit = match mapping.get("memory_limit_gb") {
        None | Some(Value::Null) => None,
        Some(value) => match value.as_f64() {
            Some(limit) if limit.is_finite() && limit > 0.0 => Some(limit),
            _ => return Err(wrong(&["optimization", "memory_limit_gb"], "a positive number", value)),
        },
    };
    Ok(Beside { level, memory_limit_gb: limit })
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
        match &blocks.placement {
            Placement::Ignored { path } => {
                let line = locator.line_of_path(&blocks.path);
                self.notes.insert(0, ConfigNote::IgnoredBlock { line, path: path.clone() });
            }
            Placement::Missing => self.notes.push(ConfigNote::NoBlock),
            Placement::RootBlock => {
                let line = locator.line_of_path(&blocks.path);
                self.notes.insert(0, ConfigNote::RootBlock { line });
            }
            Placement::OptimizationBlock => {}
        }
        self.notes.extend(blocks.others.iter().map(|path| ConfigNote::SecondBlock { path: path.clone() }));
    }

    fn note_loader_ranges(&mut self) {
        for violation in loader_violations(&self.config) {
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

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! fixture {
        ($name:literal) => {
            include_str!(concat!("../../../fixtures/configs/", $name))
        };
    }

    fn read(text: &str) -> ConfigFile {
        read_config(text).expect("a readable config")
    }

    fn error(text: &str) -> String {
        read_config(text).expect_err("refused").to_string()
    }

    fn notes(file: &ConfigFile) -> Vec<String> {
        file.notes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_full_config() {
        let file = read(fixture!("simulation.yaml"));
        assert_eq!(file.placement, Placement::OptimizationBlock);
        assert_eq!(file.config, AdaptiveConfig::default());
        assert_eq!(file.set.len(), 20);
        assert_eq!(file.optimization_level, Some(OptimizationLevel::Medium));
        assert_eq!(file.memory_limit(), Some(Mib::new(4096.0)));
        assert_eq!(notes(&file), [""; 0]);
        assert!(file.extra.is_empty());
        assert_eq!(file.config.validate(file.memory_limit()), []);
    }

    #[test]
    fn windows_line_ends_and_whole_numbers() {
        let file = read(fixture!("crlf.yaml"));
        assert_eq!(file.config.thresholds.high_mb, Mib::new(1500.0));
        assert_eq!(file.config.batch_sizes.fallback, 50);
        assert_eq!(file.config.validate(None), []);
    }

    #[test]
    fn a_block_in_an_ignored_place() {
        let file = read(fixture!("ignored_place.yaml"));
        assert_eq!(file.placement, Placement::Ignored { path: "orchestrator.adaptive_memory".to_owned() });
        assert_eq!(file.config.thresholds.high_mb, Mib::new(2500.0));
        assert_eq!(file.in_force(), AdaptiveConfig::default());
        assert_eq!(
            notes(&file),
            ["line 8: orchestrator.adaptive_memory: the job does not look here and runs with the defaults; \
              move the block to optimization.adaptive_memory"]
        );
    }

    #[test]
    fn a_block_at_the_root_with_some_settings() {
        let file = read(fixture!("root_block.yaml"));
        assert_eq!(file.placement, Placement::RootBlock);
        assert_eq!(file.set, ["monitoring_interval_seconds", "thresholds.high_mb", "batch_sizes.high"]);
        assert_eq!(file.optimization_level, Some(OptimizationLevel::Fallback));
        assert_eq!(file.in_recorder(), file.config);
        assert_eq!(file.in_force(), AdaptiveConfig::default(), "the existing loader does not look there");
        assert!(
            notes(&file)[0].starts_with("line 2: adaptive_memory: the job's own loader"),
            "{:?}",
            notes(&file)
        );
        assert_eq!(file.config.thresholds.critical_mb, Mib::new(3500.0));
    }

    #[test]
    fn no_block_at_all() {
        for text in ["", "a: 1\n", "optimization:\n  level: high\n", "optimization:\n"] {
            assert_eq!(read(text).placement, Placement::Missing);
            assert_eq!(read(text).config, AdaptiveConfig::default());
        }
    }

    #[test]
    fn unknown_keys_old_booleans_and_odd_numbers() {
        let file = read(fixture!("unknown_keys.yaml"));
        assert!(file.config.enabled && file.config.auto_gc_enabled);
        assert!(!file.config.fallback_enabled && !file.config.profiling_enabled);
        assert_eq!(file.config.history_size, 500);
        assert_eq!(file.config.available_limits.high_mb, Mib::new(500.0));
        assert_eq!(
            file.extra.paths(),
            ["owner", "gc_trigger_mb", "min_free_mb", "thresholds.hihg_mb", "thresholds.leak_mb"]
        );
        assert_eq!(
            notes(&file),
            [
                "line 4: enabled: yes is a boolean to Python and text to newer parsers; write true or false",
                "line 5: auto_gc_enabled: on is a boolean to Python and text to newer parsers; write true or false",
                "line 6: fallback_enabled: Off is a boolean to Python and text to newer parsers; write true or false",
                "line 7: profiling_enabled: NO is a boolean to Python and text to newer parsers; write true or false",
                "line 8: owner: nothing reads this key",
                "line 9: gc_trigger_mb: nothing reads this key; did you mean thresholds.gc_trigger_mb?",
                "line 10: min_free_mb: nothing reads this key",
                "line 13: thresholds.hihg_mb: nothing reads this key; did you mean thresholds.high_mb?",
                "line 14: thresholds.moderate_mb: \"2_000.0\" is text to newer parsers; write the number without \
                 underscores",
                "line 15: thresholds.critical_mb: \"36e2\" is text to Python's parser; write the number in plain decimals",
                "line 16: thresholds.leak_mb: nothing reads this key",
            ]
        );
    }

    #[test]
    fn an_invalid_order_is_read_and_told() {
        let file = read(fixture!("invalid_order.yaml"));
        let violations: Vec<String> =
            file.config.validate(file.memory_limit()).iter().map(ToString::to_string).collect();
        assert_eq!(
            violations,
            [
                "thresholds.gc_trigger_mb: expected more than moderate_mb (2600), found 2500",
                "thresholds.high_mb: expected more than gc_trigger_mb (2500), found 2400",
                "batch_sizes.medium: expected at least low (500), found 250",
                "thresholds.critical_mb: expected less than the memory limit (3072), found 3500",
            ]
        );
        assert_eq!(
            notes(&file),
            [
                "line 14: batch_sizes.high: expected a whole number from 200 to 5000, found 6000; the job's own loader refuses it"
            ]
        );
    }

    #[test]
    fn wrong_types() {
        assert_eq!(
            error(fixture!("wrong_types.yaml")),
            "line 7: optimization.adaptive_memory.thresholds.high_mb: expected a number, found the text \"3GB\""
        );
        let block = |line: &str| error(&format!("adaptive_memory:\n  {line}\n"));
        assert_eq!(block("enabled: 1"), "line 2: adaptive_memory.enabled: expected true or false, found 1");
        assert_eq!(
            block("enabled: y"),
            "line 2: adaptive_memory.enabled: expected true or false, found the text \"y\""
        );
        assert_eq!(
            block("history_size: 1.5"),
            "line 2: adaptive_memory.history_size: expected a whole number, found 1.5"
        );
        assert_eq!(
            block("history_size: -1"),
            "line 2: adaptive_memory.history_size: expected a whole number, found -1"
        );
        assert_eq!(
            block("leak_threshold_mb:"),
            "line 2: adaptive_memory.leak_threshold_mb: expected a number, found nothing"
        );
        assert_eq!(
            block("leak_threshold_mb: [1]"),
            "line 2: adaptive_memory.leak_threshold_mb: expected a number, found a list"
        );
        assert_eq!(block("thresholds: 3"), "line 2: adaptive_memory.thresholds: expected a mapping, found 3");
        assert!(block("thresholds: {high_mb: !x 1}").contains("found a value tagged"));
        assert_eq!(
            error("adaptive_memory: on\n"),
            "adaptive_memory: expected a mapping, found the text \"on\""
        );
    }

    #[test]
    fn wrong_types_beside_the_block() {
        assert_eq!(
            error("optimization:\n  level: 3\n"),
            "line 2: optimization.level: expected a text, found 3"
        );
        assert_eq!(
            error("optimization:\n  memory_limit_gb: -4\n"),
            "line 2: optimization.memory_limit_gb: expected a positive number, found -4"
        );
        assert_eq!(
            error("optimization: fast\n"),
            "line 1: optimization: expected a mapping, found the text \"fast\""
        );
    }

    #[test]
    fn a_level_of_another_name_is_taken() {
        let file = read("optimization:\n  level: \"baseline\"\n  adaptive_memory: {enabled: true}\n");
        assert_eq!(file.optimization_level, None);
        assert_eq!(
            notes(&file),
            [
                "line 2: optimization.level: \"baseline\" is no level of memtool's recorder (high, medium, low, \
              fallback): it begins at medium"
            ]
        );
    }

    #[test]
    fn a_broken_file() {
        assert_eq!(
            error(fixture!("broken.yaml")),
            "line 5, column 1: expected spaces as indentation, found a tab"
        );
    }

    #[test]
    fn empty_block_and_section() {
        assert_eq!(
            notes(&read("optimization:\n  adaptive_memory:\n")),
            ["the block is empty, the defaults apply"]
        );
        assert_eq!(
            notes(&read("optimization:\n  adaptive_memory:\n    thresholds:\n")),
            ["line 3: thresholds: empty, the defaults apply"]
        );
    }

    #[test]
    fn a_second_block() {
        let file = read(
            "optimization: {adaptive_memory: {enabled: false}}\nx: {adaptive_memory: {enabled: true}}\n",
        );
        assert!(!file.config.enabled);
        assert_eq!(notes(&file), ["x.adaptive_memory: a second block, which nothing reads"]);
    }

    #[test]
    fn merged_mappings_count_as_in_python() {
        let text = "base: &b {high_mb: 2900, critical_mb: 3600}\nadaptive_memory:\n  thresholds:\n    <<: *b\n    \
                    high_mb: 3000\n";
        let thresholds = read(text).config.thresholds;
        assert_eq!((thresholds.high_mb, thresholds.critical_mb), (Mib::new(3000.0), Mib::new(3600.0)));
    }

    #[test]
    fn a_key_with_a_dot_is_no_path() {
        let file = read("optimization:\n  adaptive_memory:\n    thresholds.high_mb: 1\n");
        assert_eq!(file.config, AdaptiveConfig::default());
        assert_eq!(notes(&file), ["line 3: thresholds.high_mb: nothing reads this key"]);
    }

    #[test]
    fn numbers_that_python_takes_as_text() {
        assert!(["2e3", "2.0e3", "2E+3", "0o17"].iter().all(|text| is_text_to_python(text)));
        assert!(!["2.0e+3", "2000", "0x1e3", ".5", "", "'2e3'"].iter().any(|text| is_text_to_python(text)));
    }

    proptest::proptest! {
        #![proptest_config(crate::seeded())]

        #[test]
        fn no_text_makes_it_panic(text in "(adaptive_memory:|thresholds:|high_mb: |[a-z]{1,3}: |[ \t\n\r#&*!|>'\"%@{}\\[\\],:?0-9.-]|\n  |\n    ){0,40}") {
            let _ = read_config(&text);
        }
    }
}
