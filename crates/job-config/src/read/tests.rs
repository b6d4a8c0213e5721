//! Reading hand-written configs.

use memtool_profile_model::{AdaptiveConfig, Mib, OptimizationLevel};

use super::*;
use crate::placement::Placement;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../../fixtures/configs/", $name))
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
fn a_job_and_its_version_are_texts() {
    let text = |label: &str| {
        format!(
            "optimization:\n  adaptive_memory:\n    memtool:\n      job: etl\n      version_label: {label}\n"
        )
    };
    let file = read(&text("\"1.10\""));
    assert_eq!((file.job.as_deref(), file.version_label.as_deref()), (Some("etl"), Some("1.10")));
    assert!(notes(&file).is_empty() && file.set.is_empty());
    assert!(error(&text("1.10")).contains("expected a text in quotes"), "{}", error(&text("1.10")));
    let ignored = read(&text("a").replace("optimization", "orchestrator"));
    assert_eq!((ignored.job, ignored.version_label), (None, None));
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
    assert_eq!(error("adaptive_memory: on\n"), "adaptive_memory: expected a mapping, found the text \"on\"");
}

#[test]
fn wrong_types_beside_the_block() {
    assert_eq!(error("optimization:\n  level: 3\n"), "line 2: optimization.level: expected a text, found 3");
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
        ["line 2: optimization.level: \"baseline\" is no level of memtool's recorder (high, medium, low, \
          fallback): it begins at medium"]
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
    let file =
        read("optimization: {adaptive_memory: {enabled: false}}\nx: {adaptive_memory: {enabled: true}}\n");
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

proptest::proptest! {
    #![proptest_config(crate::seeded())]

    #[test]
    fn no_text_makes_it_panic(text in "(adaptive_memory:|thresholds:|high_mb: |[a-z]{1,3}: |[ \t\n\r#&*!|>'\"%@{}\\[\\],:?0-9.-]|\n  |\n    ){0,40}") {
        let _ = read_config(&text);
    }
}
