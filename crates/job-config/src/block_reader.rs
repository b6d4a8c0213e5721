//! Reading the block: its settings, and notes on what else stands there.

use std::collections::BTreeMap;

use memtool_profile_model::{AdaptiveConfig, SECTIONS, Scalar, Setting};
use serde_yaml::Value;

use crate::error::ConfigError;
use crate::loader::loader_violations;
use crate::locate::Locator;
use crate::note::{ConfigNote, TextFor};
use crate::parse::{describe, key_text, shortened};
use crate::path::join;
use crate::placement::{Blocks, Placement};
use crate::suggest::suggest;
use crate::yaml11::{boolean, is_text_to_python, whole, with_underscores};

/// Keys that say which job this is, and which version of it; no settings of its policy.
pub(crate) const JOB: &str = "memtool.job";
pub(crate) const VERSION_LABEL: &str = "memtool.version_label";

/// Reads one block.
pub(crate) struct BlockReader<'a> {
    block: String,
    spots: BTreeMap<String, (usize, &'a str)>,
    pub(crate) config: AdaptiveConfig,
    /// The texts of [`JOB`] and [`VERSION_LABEL`].
    pub(crate) labels: BTreeMap<&'static str, String>,
    pub(crate) set: Vec<String>,
    pub(crate) notes: Vec<ConfigNote>,
}

impl<'a> BlockReader<'a> {
    pub(crate) fn new(blocks: &Blocks<'_>, locator: &Locator<'a>) -> Self {
        Self {
            block: blocks.path.join("."),
            spots: locator.index(&blocks.path),
            config: AdaptiveConfig::default(),
            labels: BTreeMap::new(),
            set: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(crate) fn read_block(&mut self, value: Option<&Value>) -> Result<(), ConfigError> {
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
            } else if let Some(label) = [JOB, VERSION_LABEL].into_iter().find(|own| *own == path && !dotted) {
                self.read_label(label, value)?;
            } else {
                let meant =
                    suggest(&path).filter(|meant| !self.spots.contains_key(*meant)).map(str::to_owned);
                self.notes.push(ConfigNote::UnknownKey { line: self.line(&path), path, meant });
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

    /// A label: a number would lose what stands behind its last digit, as 1.10 does.
    fn read_label(&mut self, path: &'static str, value: &Value) -> Result<(), ConfigError> {
        match value {
            Value::Null => Ok(()),
            Value::String(text) => {
                self.labels.insert(path, text.clone());
                Ok(())
            }
            other => Err(self.wrong_type(path, "a text in quotes", other)),
        }
    }

    /// A boolean in either of the two ways that YAML has had.
    fn boolean(&mut self, path: &str, value: &Value) -> Option<bool> {
        let word = match value {
            Value::Bool(value) => return Some(*value),
            Value::String(word) => word,
            _ => return None,
        };
        let value = boolean(word)?;
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

    pub(crate) fn note_placement(&mut self, blocks: &Blocks<'_>, locator: &Locator<'_>) {
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

    pub(crate) fn note_loader_ranges(&mut self) {
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
