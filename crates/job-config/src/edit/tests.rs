//! Edits of hand-written configs.

use super::*;
use proptest::prelude::*;

const SIMULATION: &str = include_str!("../../../../fixtures/configs/simulation.yaml");
const CRLF: &str = include_str!("../../../../fixtures/configs/crlf.yaml");
const IGNORED: &str = include_str!("../../../../fixtures/configs/ignored_place.yaml");
const ROOT: &str = include_str!("../../../../fixtures/configs/root_block.yaml");

fn edit(text: &str, changes: &[(&str, Scalar)]) -> Result<Edited, ConfigError> {
    let changes: Vec<ConfigChange> =
        changes.iter().map(|(path, value)| ConfigChange::new(*path, *value)).collect();
    edit_config(text, &changes)
}

fn edited(text: &str, changes: &[(&str, Scalar)]) -> Edited {
    edit(text, changes).expect("editable")
}

fn error(text: &str, path: &str, value: impl Into<Scalar>) -> String {
    edit(text, &[(path, value.into())]).expect_err("refused").to_string()
}

/// The lines that differ, without their line ends; both texts have as many lines.
fn difference<'a>(before: &'a str, after: &'a str) -> Vec<(&'a str, &'a str)> {
    assert_eq!(before.split('\n').count(), after.split('\n').count());
    before.split('\n').zip(after.split('\n')).filter(|(old, new)| old != new).collect()
}

#[test]
fn only_the_intended_lines_change() {
    let after = edited(
        SIMULATION,
        &[
            ("thresholds.high_mb", 2600.5.into()),
            ("batch_sizes.high", 750_u32.into()),
            ("enabled", false.into()),
        ],
    );
    assert_eq!(
        difference(SIMULATION, &after.text),
        [
            ("    enabled: true", "    enabled: false"),
            ("      high_mb: 3000.0        # 3GB", "      high_mb: 2600.5        # 3GB"),
            ("      high: 1000", "      high: 750"),
        ]
    );
    let lines: Vec<_> =
        after.changed.iter().map(|c| (c.path.as_str(), c.old.as_deref(), c.new.as_str())).collect();
    assert_eq!(
        lines,
        [
            ("optimization.adaptive_memory.enabled", Some("true"), "false"),
            ("optimization.adaptive_memory.thresholds.high_mb", Some("3000.0"), "2600.5"),
            ("optimization.adaptive_memory.batch_sizes.high", Some("1000"), "750"),
        ]
    );
    for change in &after.changed {
        let line = after.text.lines().nth(change.line - 1).expect("a line");
        assert!(line.contains(&change.new), "{line}");
    }
    assert_eq!(after.file.config.batch_sizes.high, 750);
}

#[test]
fn comments_with_numbers_are_named() {
    let after = edited(
        SIMULATION,
        &[
            ("thresholds.moderate_mb", 1900.0.into()),
            ("leak_threshold_mb", 900.0.into()),
            ("batch_sizes.medium", 400_u32.into()),
        ],
    );
    let notes: Vec<String> = after.notes.iter().map(ToString::to_string).collect();
    let stale = |path: &str| {
        let change = after.changed.iter().find(|change| change.path.ends_with(path)).expect("changed");
        change.line
    };
    assert_eq!(
        notes,
        [
            format!(
                "line {}: optimization.adaptive_memory.thresholds.moderate_mb was changed; its comment may have \
                 become untrue: # 2GB",
                stale("moderate_mb")
            ),
            format!(
                "line {}: optimization.adaptive_memory.leak_threshold_mb was changed; its comment may have become \
                 untrue: # 800 MB of growth within the window is reported",
                stale("leak_threshold_mb") - 1
            ),
        ]
    );
}

#[test]
fn windows_line_ends_and_whole_numbers_stay() {
    let after = edited(CRLF, &[("thresholds.high_mb", 1400.0.into()), ("batch_sizes.low", 90_u32.into())]);
    assert_eq!(
        difference(CRLF, &after.text),
        [
            ("      high_mb: 1500       # 1.5GB\r", "      high_mb: 1400       # 1.5GB\r"),
            (
                "    batch_sizes: {low: 100, medium: 200, high: 400, fallback: 50}\r",
                "    batch_sizes: {low: 90, medium: 200, high: 400, fallback: 50}\r"
            ),
        ]
    );
    let added = edited(CRLF, &[("auto_gc_enabled", false.into())]);
    let expected = CRLF.replace("fallback: 50}\r\n", "fallback: 50}\r\n    auto_gc_enabled: false\r\n");
    assert_eq!(added.text, expected);
}

#[test]
fn a_block_in_an_ignored_place_is_edited_and_told() {
    let after = edited(IGNORED, &[("thresholds.high_mb", 2400.0.into())]);
    assert_eq!(difference(IGNORED, &after.text), [("      high_mb: 2500.0", "      high_mb: 2400.0")]);
    assert_eq!(
        after.notes[0].to_string(),
        "orchestrator.adaptive_memory: the job does not look here, so the edit has no effect on it"
    );
}

#[test]
fn missing_settings_are_added_at_the_end_of_their_mapping() {
    let after = edited(
        ROOT,
        &[
            ("thresholds.moderate_mb", 2100.0.into()),
            ("leak_window_minutes", 20.0.into()),
            ("memtool.available_limits.high_mb", 800.0.into()),
            ("memtool.available_limits.critical_mb", 400.0.into()),
        ],
    );
    let expected = ROOT.replace("    high_mb: 3100.0\n", "    high_mb: 3100.0\n    moderate_mb: 2100.0\n").replace(
        "    high: 1500\n",
        "    high: 1500\n  leak_window_minutes: 20\n  memtool:\n    available_limits:\n      high_mb: 800.0\n      \
         critical_mb: 400.0\n",
    );
    assert_eq!(after.text, expected);
    assert!(after.changed.iter().all(|change| change.old.is_none()));
}

#[test]
fn an_end_without_a_newline_and_comments_after_the_block() {
    let after = edited("adaptive_memory:\n  enabled: true # on", &[("history_size", 50_u32.into())]);
    assert_eq!(after.text, "adaptive_memory:\n  enabled: true # on\n  history_size: 50\n");
    let text = "adaptive_memory:\n  enabled: true\n\n# next\nx: 1\n";
    let after = edited(text, &[("history_size", 50_u32.into())]);
    assert_eq!(after.text, "adaptive_memory:\n  enabled: true\n  history_size: 50\n\n# next\nx: 1\n");
}

#[test]
fn empty_values_and_sections_are_filled() {
    let text =
        "adaptive_memory:\n  leak_threshold_mb:   # unset\n  thresholds:   # none yet\n  enabled: true\n";
    let after = edited(text, &[("leak_threshold_mb", 700.0.into()), ("thresholds.high_mb", 3100.0.into())]);
    assert_eq!(
        after.text,
        "adaptive_memory:\n  leak_threshold_mb: 700.0   # unset\n  thresholds:   # none yet\n    high_mb: 3100.0\n  \
         enabled: true\n"
    );
}

#[test]
fn what_is_so_already_stays() {
    let after = edited(SIMULATION, &[("thresholds.high_mb", 3000_u32.into()), ("enabled", true.into())]);
    assert_eq!((after.text.as_str(), after.changed.len()), (SIMULATION, 0));
    assert_eq!(edited(ROOT, &[]).text, ROOT);
}

#[test]
fn of_two_changes_the_later_counts() {
    let after = edited(ROOT, &[("batch_sizes.high", 10_u32.into()), ("batch_sizes.high", 1200_u32.into())]);
    assert_eq!(after.file.config.batch_sizes.high, 1200);
    assert_eq!(after.changed.len(), 1);
}

#[test]
fn a_byte_order_mark_stays() {
    let text = format!("\u{feff}{ROOT}");
    let after = edited(&text, &[("batch_sizes.high", 1200_u32.into())]);
    assert_eq!(difference(&text, &after.text), [("    high: 1500", "    high: 1200")]);
}

#[test]
fn quoted_and_old_boolean_values_are_replaced() {
    let text = "adaptive_memory:\n  enabled: yes\n  history_size: '12'\n";
    let after = edited(text, &[("enabled", false.into()), ("history_size", 50_u32.into())]);
    assert_eq!(after.text, "adaptive_memory:\n  enabled: false\n  history_size: 50\n");
}

#[test]
fn an_aliased_value_would_change_elsewhere() {
    let text = "adaptive_memory:\n  thresholds:\n    high_mb: &h 3000.0\nother: {copy: *h}\n";
    assert_eq!(
        error(text, "thresholds.high_mb", 2900.0),
        "the edit would also change other.copy; nothing was changed"
    );
}

#[test]
fn an_alias_cannot_be_edited() {
    let text = "x: &h 3000.0\nadaptive_memory:\n  thresholds:\n    high_mb: *h\n";
    assert_eq!(
        error(text, "thresholds.high_mb", 2900.0),
        "line 4: adaptive_memory.thresholds.high_mb: cannot be changed in place, since it is a mapping, a list, an \
         alias or tagged; write `high_mb: 2900.0` yourself"
    );
    let text = "x: &t {high_mb: 1.0}\nadaptive_memory:\n  thresholds: *t\n";
    assert!(
        error(text, "thresholds.high_mb", 2900.0)
            .contains("what stands around it is no mapping of indented lines")
    );
}

#[test]
fn a_merged_value_is_overridden_in_place() {
    let text = "x: &t {high_mb: 2000.0}\nadaptive_memory:\n  thresholds:\n    <<: *t\n";
    let after = edited(text, &[("thresholds.high_mb", 2900.0.into())]);
    assert_eq!(after.text, format!("{text}    high_mb: 2900.0\n"));
}

#[test]
fn braces_and_several_lines() {
    let text = "adaptive_memory:\n  thresholds: {high_mb: 3000}\n  leak_threshold_mb: >\n    800\n";
    assert_eq!(
        error(text, "thresholds.moderate_mb", 2000.0),
        "line 2: adaptive_memory.thresholds.moderate_mb: cannot be changed in place, since the mapping around it is \
         written in braces; write `moderate_mb: 2000.0` yourself"
    );
    assert!(error(text, "leak_threshold_mb", 700.0).contains("its value spans several lines"));
}

#[test]
fn no_block_tells_what_to_add() {
    assert_eq!(
        edit("a: 1\n", &[("thresholds.high_mb", 2900.0.into()), ("enabled", true.into())])
            .expect_err("refused")
            .to_string(),
        "expected a block `adaptive_memory`, found none; add:\noptimization:\n  adaptive_memory:\n    thresholds:\n      \
         high_mb: 2900.0\n    enabled: true\n"
    );
}

#[test]
fn paths_and_kinds_are_checked() {
    assert_eq!(
        error(ROOT, "threshold.high_mb", 1.0),
        "threshold.high_mb: expected the path of a setting; did you mean thresholds.high_mb?"
    );
    assert_eq!(error(ROOT, "batch_sizes.low", 1.5), "batch_sizes.low: expected a whole number, found 1.5");
    assert_eq!(
        error(ROOT, "thresholds.high_mb", f64::NAN),
        "thresholds.high_mb: expected a finite number, found .nan"
    );
    assert_eq!(error(ROOT, "enabled", 1_u32), "enabled: expected true or false, found 1");
}

#[test]
fn another_value_of_the_wrong_type_stands_in_the_way() {
    let text = include_str!("../../../../fixtures/configs/wrong_types.yaml");
    assert!(error(text, "enabled", false).starts_with("line 7: "));
    let after = edited(text, &[("thresholds.high_mb", 3000.0.into()), ("batch_sizes.low", 250_u32.into())]);
    assert_eq!(difference(text, &after.text).len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..crate::seeded() })]

    #[test]
    fn an_edit_reaches_its_values_and_undoing_it_restores_the_text(
        high in 1.0_f64..1e6, low in 1_u32..100_000, gc in any::<bool>(), window in 1_u32..500,
    ) {
        let changes = [
            ConfigChange::new("thresholds.high_mb", high),
            ConfigChange::new("batch_sizes.low", low),
            ConfigChange::new("auto_gc_enabled", gc),
            ConfigChange::new("leak_window_minutes", window),
        ];
        let before = read_config(SIMULATION).expect("readable").config;
        let there = edit_config(SIMULATION, &changes).expect("editable");
        prop_assert_eq!(there.file.config.batch_sizes.low, low);
        let back = edit_config(&there.text, &ConfigChange::between(&there.file.config, &before)).expect("editable");
        prop_assert_eq!(back.text, SIMULATION);
    }
}
