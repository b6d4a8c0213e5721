//! From a profile file to a run.

use std::io::Read;

use super::assume;
use super::document::{ConfigSection, ProfileDocument};
use super::sample::{Sample, Samples, time_of};
use super::scan::{Sections, Stop, scan};
use crate::config::{AdaptiveConfig, MemoryThresholds};
use crate::downsample::{Downsampler, Totals};
use crate::error::ReadError;
use crate::lookahead::Lookahead;
use crate::ranges;
use crate::run::{Format, Run};
use crate::snapshot::Snapshot;
use crate::warning::Warning;

/// Reads a profile's text as it stands.
///
/// # Errors
/// Where the text is not a profile: line, column and what was expected.
pub fn read_document(text: &str) -> Result<ProfileDocument<'_>, ReadError> {
    serde_json::from_str(text).map_err(|error| ReadError::json(&error, text, 1))
}

/// Reads a profile's text as a run, with what the file does not say marked as assumed.
///
/// # Errors
/// Where the text is not a profile, a value is impossible, or no sample is readable.
pub fn read_profile(text: &str) -> Result<Run, ReadError> {
    match scan_profile(&mut Lookahead::new(text.as_bytes(), &mut Vec::new()), usize::MAX, 0) {
        Ok(run) => Ok(run),
        Err(Stop::Io(_) | Stop::Fault) => read_whole(text),
    }
}

/// Reads a profile from a file of any size, of which never more than a part is in memory.
pub(crate) fn scan_profile<R: Read + Send>(
    input: &mut Lookahead<'_, R>,
    most: usize,
    helpers: usize,
) -> Result<Run, Stop> {
    run_of(scan(input, most, helpers)?).map_err(|_| Stop::Fault)
}

/// Reads a profile all of which is in memory, and says where it is not as it should be.
fn read_whole(text: &str) -> Result<Run, ReadError> {
    let document = read_document(text)?;
    config_of(&document.metadata.config)?;
    let rows = &document.history;
    let times = rows.iter().enumerate().map(|(index, row)| time_of(row, index));
    let times = times.collect::<Result<Vec<_>, _>>()?;
    let started = times.iter().map(|t| t.at).min().ok_or(ReadError::NoSamples("profile"))?;
    let mut samples = Samples::new(started, usize::MAX);
    for (index, row) in rows.iter().enumerate() {
        samples.take(&Sample::of(row, index)?)?;
    }
    run_of(Sections {
        config: document.metadata.config,
        statistics: document.statistics,
        recommendations: document.recommendations,
        samples,
        zoned: times.first().is_some_and(|t| t.zoned),
    })
}

fn run_of(sections: Sections) -> Result<Run, ReadError> {
    let Sections { config, statistics, recommendations, samples, zoned } = sections;
    let config = config_of(&config)?;
    let Samples { started, snapshots, operations, .. } = samples;
    let mut warnings = Vec::new();
    let (snapshots, totals) = in_order(snapshots, "profile", &mut warnings)?;
    let mut run = Run {
        format: if zoned { Format::ProfileZoned } else { Format::ProfileNaive },
        started,
        config,
        operations,
        snapshots,
        totals,
        counters: statistics.and_then(|s| s.stats),
        recommendations,
        warnings,
        ..Run::default()
    };
    assume::fill(&mut run);
    Ok(run)
}

fn config_of(section: &ConfigSection) -> Result<AdaptiveConfig, ReadError> {
    let place = |name: &str| format!("metadata.config.{name}");
    let threshold = |name: &str, value: f64| ranges::size(value, || place(&format!("thresholds_mb.{name}")));
    let written = &section.thresholds_mb;
    Ok(AdaptiveConfig {
        monitoring_interval_seconds: ranges::interval(section.monitoring_interval_seconds, || {
            place("monitoring_interval_seconds")
        })?,
        history_size: section.history_size,
        thresholds: MemoryThresholds {
            moderate_mb: threshold("moderate", written.moderate)?,
            high_mb: threshold("high", written.high)?,
            critical_mb: threshold("critical", written.critical)?,
            ..MemoryThresholds::default()
        },
        batch_sizes: section.batch_sizes.into(),
        ..AdaptiveConfig::default()
    })
}

/// The snapshots of a file in order of time, with what is to be said of them.
pub(crate) fn in_order(
    snapshots: Downsampler,
    file: &'static str,
    warnings: &mut Vec<Warning>,
) -> Result<(Vec<Snapshot>, Option<Totals>), ReadError> {
    let of = snapshots.len();
    let (mut snapshots, totals) = snapshots.finish();
    let found = put_in_order(&mut snapshots, warnings);
    let seen = totals.as_ref().map_or(found.readable, |totals| totals.samples);
    if seen == 0 {
        return Err(ReadError::NoSamples(file));
    }
    if seen < of {
        warnings.push(Warning::MissingRss(of - seen));
    }
    if let Some(totals) = &totals {
        warnings.push(Warning::KeptSome { kept: snapshots.len(), of, in_a_row: totals.in_a_row });
    }
    Ok((snapshots, totals))
}

/// Two threads write, so neighbours may be swapped: sort, keeping the file's order in a tie.
fn put_in_order(snapshots: &mut [Snapshot], warnings: &mut Vec<Warning>) -> Neighbours {
    let mut found = Neighbours::of(snapshots);
    let swapped = found.swapped;
    if swapped > 0 {
        snapshots.sort_by_key(|s| s.at);
        found = Neighbours::of(snapshots);
        warnings.push(Warning::OutOfOrder(swapped));
    }
    if found.repeated > 0 {
        warnings.push(Warning::RepeatedTime(found.repeated));
    }
    found
}

/// What one pass over snapshots counts.
#[derive(Default)]
struct Neighbours {
    /// In the wrong order.
    swapped: usize,
    /// At one time.
    repeated: usize,
    /// Snapshots with a readable RSS.
    readable: usize,
}

impl Neighbours {
    fn of(snapshots: &[Snapshot]) -> Self {
        let mut found = Self::default();
        let mut before = None;
        for Snapshot { at, rss, .. } in snapshots {
            found.swapped += usize::from(before.is_some_and(|before| at < before));
            found.repeated += usize::from(before == Some(at));
            found.readable += usize::from(rss.is_some());
            before = Some(at);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::SnapshotKind;
    use crate::units::Mib;

    fn profile(rows: &str) -> String {
        format!(
            r#"{{"metadata":{{"export_time":"2026-01-01T00:00:09","config":{{
            "thresholds_mb":{{"moderate":2000,"high":3000,"critical":3500.0}},
            "batch_sizes":{{"low":250,"medium":500,"high":1000,"fallback":100}},
            "monitoring_interval_seconds":1,"history_size":100}}}},"history":[{rows}]}}"#
        )
    }

    fn row(second: u32, rss: &str, operation: &str) -> String {
        format!(r#"{{"timestamp":"2026-01-01T00:00:{second:02}","rss_mb":{rss},"operation":{operation}}}"#)
    }

    #[test]
    fn a_failed_probe_is_missing_and_not_a_drop() {
        let text =
            profile(&[row(1, "100.5", "null"), row(2, "0.0", "null"), row(3, "101", "null")].join(","));
        let run = read_profile(&text).expect("a profile");
        assert_eq!(run.snapshots[1].rss, None);
        assert_eq!(run.warnings, [Warning::MissingRss(1)]);
    }

    #[test]
    fn swapped_neighbours_are_sorted_and_counted() {
        let text = profile(&[row(2, "2", "\"b\""), row(1, "1", "\"a\""), row(2, "3", "null")].join(","));
        let run = read_profile(&text).expect("a profile");
        let rss: Vec<_> = run.snapshots.iter().map(|s| s.rss).collect();
        assert_eq!(rss, [1.0, 2.0, 3.0].map(|v| Some(Mib::new(v))));
        assert_eq!(run.warnings, [Warning::OutOfOrder(1), Warning::RepeatedTime(1)]);
    }

    #[test]
    fn the_managers_own_labels_are_kinds_and_not_operations() {
        let rows =
            [row(1, "1", "\"load\""), row(2, "1", "\"post_gc\""), row(3, "1", "\"statistics\"")].join(",");
        let run = read_profile(&profile(&rows)).expect("a profile");
        assert_eq!(run.operations.names(), ["load"]);
        assert_eq!(run.snapshots[1].kind, SnapshotKind::PostGc);
        assert_eq!(run.snapshots[2].kind, SnapshotKind::Statistics);
    }

    fn scanned(text: &[u8]) -> Option<Run> {
        scan_profile(&mut Lookahead::new(text, &mut Vec::new()), usize::MAX, 0).ok()
    }

    fn real_profiles() -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/runs");
        let files = std::fs::read_dir(folder).expect("the fixtures").flatten().map(|entry| entry.path());
        files
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .map(|path| std::fs::read_to_string(path).expect("a fixture"))
            .collect()
    }

    #[test]
    fn one_pass_reads_what_serde_reads_of_the_whole() {
        for text in real_profiles() {
            let found = scanned(text.as_bytes()).expect("nothing unusual in it");
            assert!(found == read_whole(&text).expect("a profile"));
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let compact = serde_json::to_string(&value).expect("JSON");
            assert!(scanned(compact.as_bytes()).expect("other blanks, keys in another order") == found);
        }
    }

    #[test]
    fn what_one_pass_reads_of_a_damaged_file_is_what_serde_reads() {
        let profiles: Vec<String> = real_profiles().into_iter().filter(|text| text.len() < 60_000).collect();
        let words = [
            "1", "25", "NaN", "-1", "1e5", "\"", "\\", "{", "}", "]", ",", ":", "null", "\u{fc}", "\u{c}",
            "0", "\n", " ", ".", "e",
        ];
        let mut state = 7_u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % bound
        };
        let (mut read, mut refused, mut gave_up) = (0, 0, 0);
        for _ in 0..3_000 {
            let mut bytes = profiles[below(profiles.len())].clone().into_bytes();
            for _ in 0..=below(2) {
                let at = below(bytes.len());
                let end = (at + below(3)).min(bytes.len());
                bytes.splice(at..end, words[below(words.len())].bytes());
            }
            let whole = std::str::from_utf8(&bytes).ok().and_then(|text| read_whole(text).ok());
            match scanned(&bytes) {
                Some(run) => assert!(Some(run) == whole, "{}", String::from_utf8_lossy(&bytes)),
                None if whole.is_some() => gave_up += 1,
                None => refused += 1,
            }
            read += usize::from(whole.is_some());
        }
        assert!(read > 500 && refused > 500, "{read} read, {refused} refused");
        assert!(gave_up * 20 < read, "gave up on {gave_up} of {read} that serde reads");
    }

    #[test]
    fn a_row_may_reach_past_what_is_read_at_once() {
        let label = "x".repeat(1 << 20);
        let rows = [row(1, "1", "null"), row(2, "2", &format!("\"{label}\"")), row(3, "3", "null")].join(",");
        let run = scanned(profile(&rows).as_bytes()).expect("a profile");
        assert_eq!((run.snapshots.len(), run.operations.names()[0].len()), (3, 1 << 20));
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        let message = |rows: &str| read_profile(&profile(rows)).expect_err("a fault").to_string();
        assert_eq!(message(""), "the profile has no snapshot with a readable RSS: nothing to analyse");
        assert_eq!(
            message(&row(1, "0", "null")),
            "the profile has no snapshot with a readable RSS: nothing to analyse"
        );
        assert_eq!(
            message(&row(1, "1e12", "null")),
            "history[0].rss_mb: expected mebibytes from 0 to 1e9, found 1000000000000"
        );
        let nan = message(&row(1, "NaN", "null"));
        assert!(nan.starts_with("line 4, column ") && nan.contains("NaN is not a number"), "{nan}");
        let kind = message(&row(1, "\"big\"", "null"));
        assert!(kind.starts_with("line 4, column ") && kind.contains("expected f64"), "{kind}");
        let sizes = profile(&row(1, "1", "null")).replace("\"low\":250,", "");
        let sizes = read_profile(&sizes).expect_err("no size").to_string();
        assert!(sizes.contains("missing field `low`"), "{sizes}");
        let time = message(r#"{"timestamp":"noon","rss_mb":1}"#);
        assert!(time.starts_with("history[0].timestamp: expected an ISO 8601 time"), "{time}");
    }

    /// A profile of many blocks, some rows of which are spelt in another way or stand out of order.
    fn long_profile(separator: &str) -> String {
        let row = |index: u32| {
            let (rss, label) = (index % 977, format!("part {}", index / 500));
            let timestamp =
                format!("2026-01-01T{:02}:{:02}:{:02}", index / 3600, index / 60 % 60, index % 60);
            match index {
                15_000 => format!(r#"{{"rss_mb":{rss},"timestamp":"{timestamp}"}}"#),
                16_000 => {
                    format!(r#"{{"timestamp":"2025-12-31T23:00:00","rss_mb":{rss},"operation":"b\u00fcro"}}"#)
                }
                23_000 => format!(
                    r#"{{"timestamp":"{timestamp}","rss_mb":{rss},"more":[{{}},{{"timestamp":"{timestamp}"}},{{}}]}}"#
                ),
                _ => {
                    let label = if index.is_multiple_of(700) { "post_gc" } else { &label };
                    format!(
                        r#"{{"timestamp":"{timestamp}","rss_mb":{rss}.25,"vms_mb":null,"percent":12.5,"available_mb":9000,"pressure_level":"low","gc_collections":{index},"batch_size":500,"operation":"{label}"}}"#
                    )
                }
            }
        };
        let text = profile(&(0..24_000).map(row).collect::<Vec<_>>().join(separator));
        assert!(text.len() > 4 << 20, "{}", text.len());
        text
    }

    fn read_by(helpers: usize, text: &[u8]) -> Result<Run, String> {
        crate::read_run_from(|| Ok(text), &mut Vec::new(), usize::MAX, helpers)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn threads_read_what_one_does() {
        for separator in [",", " ,\n    "] {
            let text = long_profile(separator);
            let alone = read_by(0, text.as_bytes()).expect("a profile");
            assert_eq!(alone.snapshots.len(), 24_000);
            assert_eq!(alone.operations.names().len(), 49);
            assert_eq!(alone.warnings, [Warning::OutOfOrder(1)]);
            for helpers in [1, 2, 5] {
                assert!(read_by(helpers, text.as_bytes()).as_ref() == Ok(&alone), "{helpers} helpers");
            }
            let some = |helpers| {
                let mut buffer = Vec::new();
                let mut input = Lookahead::new(text.as_bytes(), &mut buffer);
                scan_profile(&mut input, 3000, helpers).expect("a profile")
            };
            assert!(some(2).totals.is_some() && some(2) == some(0));
        }
    }

    #[test]
    fn threads_say_of_a_damaged_profile_what_one_does() {
        let text = long_profile(",").into_bytes();
        let cut = text.len() - 1_500_000;
        let (mut read, mut refused) = (0, 0);
        for (index, word) in
            ["", "}", "{", "x", "\"", ",", "]", "]}", "\u{fc}", "\u{c}", "},{\"timestamp\":", "1e12"]
                .iter()
                .enumerate()
        {
            for at in [cut + 37 * index, text.len() - 1 - index % 2] {
                let damaged = [&text[..at], word.as_bytes(), &text[at + 1..]].concat();
                let alone = read_by(0, &damaged);
                (read, refused) = (read + usize::from(alone.is_ok()), refused + usize::from(alone.is_err()));
                assert!(read_by(1, &damaged) == alone, "{word:?} at {at}");
            }
        }
        let cut = &text[..cut];
        assert_eq!(read_by(2, cut), read_by(0, cut));
        assert!(read > 1 && refused > 15, "{read} read, {refused} refused");
    }

    #[test]
    fn a_file_that_cannot_be_read_on_is_told_by_threads_as_well() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("the disk is gone"))
            }
        }
        let text = long_profile(",");
        let read = |helpers| {
            let reader = text.as_bytes()[..3 << 20].chain(Broken);
            scan_profile(&mut Lookahead::new(reader, &mut Vec::new()), usize::MAX, helpers)
        };
        for helpers in [0, 2] {
            let stopped = read(helpers).expect_err("half a file");
            assert!(
                matches!(&stopped, Stop::Io(error) if error.to_string() == "the disk is gone"),
                "{stopped:?}"
            );
        }
    }
}
