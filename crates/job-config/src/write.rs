//! Writing a config of its own: the full block, with a reason above each number.

use std::collections::BTreeMap;

use crate::comment::push_comment;
use crate::error::ConfigError;
use crate::literal::scalar_text;
use crate::path::join;
use crate::placement::BLOCK;
use crate::read::read_config;
use crate::suggest::suggest;
use memtool_profile_model::{AdaptiveConfig, SECTIONS, SETTINGS, Setting};

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
    let mut writer = Writer { out: String::new(), open: String::new(), comments };
    writer.header(header);
    writer.settings(config);
    check(&writer.out, config)?;
    Ok(writer.out)
}

struct Writer<'a> {
    out: String,
    /// The section being written, as a dotted path.
    open: String,
    comments: &'a BTreeMap<String, String>,
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

    fn settings(&mut self, config: &AdaptiveConfig) {
        self.out.push_str("optimization:\n  ");
        self.out.push_str(BLOCK);
        self.out.push_str(":\n");
        let standard = AdaptiveConfig::default();
        for setting in SETTINGS.iter().filter(|setting| is_written(setting, config, &standard)) {
            let (section, key) = (setting.section(), setting.key());
            self.close_down_to(section);
            self.open_up_to(section);
            self.comment(setting.path);
            self.line(key, &scalar_text(setting.get(config), setting.writes_whole()));
        }
    }

    /// Ends open sections that do not lead to this one.
    fn close_down_to(&mut self, section: &str) {
        while !self.open.is_empty()
            && self.open != section
            && !section.starts_with(&format!("{}.", self.open))
        {
            self.open = self.open.rsplit_once('.').map_or("", |(parent, _)| parent).to_owned();
        }
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

/// A setting of ours stands where one of its section differs from the default.
fn is_written(setting: &Setting, config: &AdaptiveConfig, standard: &AdaptiveConfig) -> bool {
    let section = setting.section();
    let differs = |other: &Setting| other.section() == section && other.get(config) != other.get(standard);
    !setting.is_ours() || SETTINGS.iter().any(differs)
}

/// Reads the text back: what was written must be what was meant.
fn check(text: &str, config: &AdaptiveConfig) -> Result<(), ConfigError> {
    let differs = |reason: &str| ConfigError::NotIdentical { reason: reason.to_owned() };
    let read = read_config(text).map_err(|error| differs(&error.to_string()))?;
    if read.config != *config {
        return Err(differs("a setting has another value"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use memtool_profile_model::{AvailableLimits, Hysteresis, Mib, Predictive};
    use proptest::prelude::*;

    fn plain(config: &AdaptiveConfig) -> String {
        write_config(config, &BTreeMap::new(), &[]).expect("a sound config")
    }

    #[test]
    fn the_defaults() {
        let expected = "\
optimization:
  adaptive_memory:
    enabled: true
    monitoring_interval_seconds: 1.0
    history_size: 100
    thresholds:
      moderate_mb: 2000.0
      high_mb: 3000.0
      critical_mb: 3500.0
      gc_trigger_mb: 2500.0
      fallback_trigger_mb: 3200.0
    batch_sizes:
      low: 250
      medium: 500
      high: 1000
      fallback: 100
    auto_gc_enabled: true
    fallback_enabled: true
    profiling_enabled: false
    recommendation_window_minutes: 5
    min_samples_for_recommendation: 10
    leak_detection_enabled: true
    leak_threshold_mb: 800.0
    leak_window_minutes: 15
";
        assert_eq!(plain(&AdaptiveConfig::default()), expected);
    }

    #[test]
    fn our_own_block_only_if_it_differs() {
        let config = AdaptiveConfig { available_limits: AvailableLimits::NONE, ..Default::default() };
        let text = plain(&config);
        assert!(text.ends_with(
            "    memtool:\n      available_limits:\n        critical_mb: 0.0\n        high_mb: 0.0\n        \
             moderate_mb: 0.0\n"
        ));
    }

    #[test]
    fn comments_stand_above_their_key() {
        let comments = BTreeMap::from([
            ("thresholds".to_owned(), "from 12 runs".to_owned()),
            ("thresholds.high_mb".to_owned(), "operation \"x\"\n      critical_mb: 1".to_owned()),
        ]);
        let header = ["written by memtool".to_owned(), String::new(), "for a 4 GB machine".to_owned()];
        let text = write_config(&AdaptiveConfig::default(), &comments, &header).expect("written");
        assert!(text.starts_with("# written by memtool\n#\n# for a 4 GB machine\noptimization:\n"));
        assert!(text.contains("    # from 12 runs\n    thresholds:\n"));
        assert!(text.contains("      # operation \"x\" critical_mb: 1\n      high_mb: 3000.0\n"));
    }

    #[test]
    fn a_comment_without_a_setting() {
        let comments = BTreeMap::from([("thresholds.hihg_mb".to_owned(), String::new())]);
        let error = write_config(&AdaptiveConfig::default(), &comments, &[]).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "thresholds.hihg_mb: expected the path of a setting; did you mean thresholds.high_mb?"
        );
    }

    #[test]
    fn an_unsound_config() {
        let mut config = AdaptiveConfig::default();
        config.thresholds.high_mb = Mib::new(f64::NAN);
        let error = write_config(&config, &BTreeMap::new(), &[]).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "the config is not written, since thresholds.high_mb: expected a positive number, found NaN"
        );
    }

    #[test]
    fn a_text_that_reads_otherwise() {
        let error = check("adaptive_memory: {enabled: false}", &AdaptiveConfig::default());
        assert_eq!(
            error.expect_err("differs").to_string(),
            "internal error: the written config does not read back (a setting has another value); nothing was written"
        );
    }

    prop_compose! {
        /// Any sound config, at sizes far beyond real ones too.
        fn configs()(
            steps in proptest::array::uniform5(0.001_f64..1e15),
            batches in proptest::array::uniform4(1_u32..1_000_000_000),
            floors in proptest::array::uniform3(0.0_f64..1e9),
            numbers in proptest::array::uniform4(1e-9_f64..1e18),
            switches in proptest::array::uniform5(any::<bool>()),
            counts in proptest::array::uniform2(1_u32..),
            share in 0.001_f64..=1.0,
        ) -> AdaptiveConfig {
            let mut config = AdaptiveConfig::default();
            let mut at = 0.0;
            let sums = steps.map(|step| { at += step + at * 1e-6; Mib::new(at) });
            let t = &mut config.thresholds;
            [t.moderate_mb, t.gc_trigger_mb, t.high_mb, t.fallback_trigger_mb, t.critical_mb] = sums;
            let mut batches = batches;
            batches.sort_unstable();
            let b = &mut config.batch_sizes;
            [b.fallback, b.low, b.medium, b.high] = batches;
            let mut floors = floors;
            floors.sort_by(f64::total_cmp);
            let f = &mut config.available_limits;
            [f.critical_mb, f.high_mb, f.moderate_mb] = floors.map(Mib::new);
            config.hysteresis = Hysteresis { margin_mb: Mib::new(floors[0]), dwell_seconds: floors[1] };
            config.gc_cooldown_share = floors[2];
            config.predictive = Predictive { enabled: switches[0], safe_share: share, largest: counts[0] };
            [config.monitoring_interval_seconds, config.recommendation_window_minutes, config.leak_window_minutes, _] = numbers;
            config.leak_threshold_mb = Mib::new(numbers[3]);
            [config.enabled, config.auto_gc_enabled, config.fallback_enabled, config.profiling_enabled,
                config.leak_detection_enabled] = switches;
            [config.history_size, config.min_samples_for_recommendation] = counts;
            config
        }
    }

    proptest! {
        #![proptest_config(crate::seeded())]

        #[test]
        fn write_then_read_is_identity(config in configs(), comment in any::<String>(), header in any::<String>()) {
            let comments = SETTINGS.iter().map(|setting| (setting.path.to_owned(), comment.clone())).collect();
            let text = write_config(&config, &comments, &[header]).expect("sound");
            prop_assert_eq!(read_config(&text).expect("readable").config, config);
        }

        #[test]
        fn comments_never_change_what_is_written(comment in "[\\PC\n\r\t:#'\"{}\u{0}-\u{1f}\u{85}\u{2028}]{0,200}") {
            let config = AdaptiveConfig::default();
            let comments = SETTINGS.iter().map(|setting| (setting.path.to_owned(), comment.clone())).collect();
            let text = write_config(&config, &comments, std::slice::from_ref(&comment)).expect("sound");
            let bare: String = text
                .lines()
                .filter(|line| !line.trim_start().starts_with('#'))
                .map(|line| format!("{line}\n"))
                .collect();
            prop_assert_eq!(bare, plain(&config));
        }
    }
}
