//! Writing a config of its own: the full block, with a reason above each number.

use std::collections::BTreeMap;

use super::comment::push_comment;
use super::error::ConfigError;
use super::extra::{ExtraKeys, join};
use super::literal::{flow_text, key_literal, scalar_text};
use super::parse::key_text;
use super::placement::BLOCK;
use super::read::read_config;
use super::suggest::suggest;
use crate::config::{AdaptiveConfig, AvailableLimits};
use crate::setting::{SECTIONS, SETTINGS, Setting};

/// Writes `optimization.adaptive_memory` with every setting.
///
/// `comments` holds a text for any setting or section, by its dotted path below the block
/// (`thresholds.high_mb`); it is wrapped and stands above the key. `header` stands at the top
/// of the file, an empty text as an empty comment line. No text can become anything but a
/// comment. The block `memtool` is only written if the floors on available memory differ
/// from the defaults.
///
/// # Errors
/// If the config is unsound by [`AdaptiveConfig::validate`], if a comment has no setting to
/// stand at, or if the text would not read back as the same config.
pub fn write_config(
    config: &AdaptiveConfig,
    comments: &BTreeMap<String, String>,
    header: &[String],
) -> Result<String, ConfigError> {
    write_config_keeping(config, comments, header, &ExtraKeys::default())
}

/// Writes as [`write_config`] does, and keeps the unknown keys of a file read before.
///
/// # Errors
/// As [`write_config`], and if an unknown key has a tagged value or is a collection itself.
pub fn write_config_keeping(
    config: &AdaptiveConfig,
    comments: &BTreeMap<String, String>,
    header: &[String],
    extra: &ExtraKeys,
) -> Result<String, ConfigError> {
    let violations = config.validate(None);
    if !violations.is_empty() {
        return Err(ConfigError::Unsound { violations });
    }
    if let Some(path) =
        comments.keys().find(|path| Setting::find(path).is_none() && !SECTIONS.contains(&path.as_str()))
    {
        let meant = suggest(path).map(str::to_owned);
        return Err(ConfigError::UnknownSetting { path: path.clone(), meant });
    }
    let mut writer = Writer { out: String::new(), open: String::new(), comments, extra };
    writer.header(header);
    writer.settings(config)?;
    check(&writer.out, config, extra)?;
    Ok(writer.out)
}

struct Writer<'a> {
    out: String,
    /// The section being written, as a dotted path.
    open: String,
    comments: &'a BTreeMap<String, String>,
    extra: &'a ExtraKeys,
}

impl Writer<'_> {
    fn header(&mut self, header: &[String]) {
        for text in header {
            let before = self.out.len();
            push_comment(&mut self.out, 0, text);
            if self.out.len() == before {
                self.out.push_str("#\n");
            }
        }
    }

    fn settings(&mut self, config: &AdaptiveConfig) -> Result<(), ConfigError> {
        self.out.push_str("optimization:\n  ");
        self.out.push_str(BLOCK);
        self.out.push_str(":\n");
        let ours = config.available_limits != AvailableLimits::default() || self.extra.has_section("memtool");
        for setting in SETTINGS.iter().filter(|setting| ours || !setting.is_ours()) {
            let (section, key) = setting.path.rsplit_once('.').unwrap_or(("", setting.path));
            self.close_down_to(section)?;
            self.open_up_to(section);
            self.comment(setting.path);
            self.line(key, &scalar_text(setting.get(config), setting.writes_whole()));
        }
        self.close_down_to("")?;
        self.unknown_keys()
    }

    /// Ends open sections that do not lead to this one.
    fn close_down_to(&mut self, section: &str) -> Result<(), ConfigError> {
        while !self.open.is_empty()
            && self.open != section
            && !section.starts_with(&format!("{}.", self.open))
        {
            self.unknown_keys()?;
            let parent = self.open.rsplit_once('.').map_or("", |(parent, _)| parent).to_owned();
            self.open = parent;
        }
        Ok(())
    }

    /// Begins the sections that lead from the open one to this one.
    fn open_up_to(&mut self, section: &str) {
        while self.open != section {
            let rest = section.strip_prefix(&self.open).unwrap_or(section).trim_start_matches('.');
            let name = rest.split('.').next().unwrap_or(rest);
            let path = join(&self.open, name);
            self.comment(&path);
            self.line(name, "");
            self.open = path;
        }
    }

    fn unknown_keys(&mut self) -> Result<(), ConfigError> {
        let section = self.open.clone();
        for (key, value) in self.extra.in_section(&section) {
            let (Some(name), Some(text)) = (key_literal(key), flow_text(value)) else {
                let reason = "a tagged value or a collection as key cannot be kept";
                return Err(ConfigError::Unwritable { path: join(&section, &key_text(key)), reason });
            };
            self.line(&name, &text);
        }
        Ok(())
    }

    fn comment(&mut self, path: &str) {
        if let Some(text) = self.comments.get(path) {
            let indent = self.indent();
            push_comment(&mut self.out, indent, text);
        }
    }

    fn line(&mut self, key: &str, value: &str) {
        let blank = if value.is_empty() { "" } else { " " };
        let indent = self.indent();
        self.out.push_str(&format!("{:indent$}{key}:{blank}{value}\n", ""));
    }

    fn indent(&self) -> usize {
        let depth = if self.open.is_empty() { 0 } else { self.open.split('.').count() };
        4 + 2 * depth
    }
}

/// Reads the text back: what was written must be what was meant.
fn check(text: &str, config: &AdaptiveConfig, extra: &ExtraKeys) -> Result<(), ConfigError> {
    let differs = |reason: &str| ConfigError::NotIdentical { reason: reason.to_owned() };
    let read = read_config(text).map_err(|error| differs(&error.to_string()))?;
    if read.config != *config {
        return Err(differs("a setting has another value"));
    }
    if read.extra != *extra {
        return Err(differs("an unknown key has another value"));
    }
    Ok(())
}
