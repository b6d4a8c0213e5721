//! Whatever stands in a file, it is read or refused: no panic, no endless loop, no figure that cannot be.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use memtool_formats::{Head, Limits, READERS, Reader, find, read};
use memtool_profile_model::Run;
use proptest::prelude::*;

fn fixtures() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/foreign");
    let mut files = Vec::new();
    for tool in fs::read_dir(folder).expect("fixtures").flatten().filter(|entry| entry.path().is_dir()) {
        let inside = fs::read_dir(tool.path()).expect("a folder").flatten().map(|entry| entry.path());
        files.extend(inside.filter(|path| !path.to_string_lossy().ends_with(".truth.json")));
    }
    files.sort();
    files.iter().map(|path| fs::read(path).expect("a file")).collect()
}

/// Every reader reads it, whether it is its own or not.
fn read_by_all(bytes: &[u8]) {
    let head = Head::new(bytes);
    READERS.iter().for_each(|reader| {
        let _certainty = (reader.sniff)(&head);
        read_by(reader, bytes);
    });
}

fn read_by(reader: &Reader, bytes: &[u8]) {
    let limits = Limits { samples: 1000, runs: 100 };
    let Ok(runs) = read(reader, &mut &bytes[..], limits) else { return };
    assert!(!runs.is_empty() && runs.len() <= limits.runs, "{}: {} runs", reader.name, runs.len());
    for run in &runs {
        let sizes = run.snapshots.iter().filter_map(|s| s.rss).chain(run.stated_peak.map(|peak| peak.rss));
        assert!(sizes.map(|rss| rss.get()).all(|rss| (0.0..=1e9).contains(&rss)), "{}", reader.name);
        assert!(run.snapshots.windows(2).all(|w| w[0].at <= w[1].at), "{}", reader.name);
        assert!(run.collections.is_sorted_by_key(|collection| collection.at), "{}", reader.name);
        assert!(!run.snapshots.is_empty() && run.origin.is_some(), "{}", reader.name);
    }
}

/// All figures of a file, as its reader has them.
fn figures(reader: &Reader, bytes: &[u8]) -> BTreeSet<u64> {
    let runs = read(reader, &mut &bytes[..], Limits::default()).unwrap_or_default();
    let of_run = |run: &Run| {
        let sizes = run.snapshots.iter().flat_map(|s| [s.rss, s.pss, s.vms]);
        sizes
            .chain([run.stated_peak.map(|peak| peak.rss)])
            .flatten()
            .map(|size| size.get().to_bits())
            .collect()
    };
    runs.iter().flat_map(|run: &Run| -> Vec<u64> { of_run(run) }).collect()
}

/// Readers whose figures are sums, differences or the largest over a whole file: what is cut off is missing in them.
const OVER_THE_WHOLE: [&str; 3] = ["vmstat", "memray-csv", "htcondor"];

#[test]
fn a_number_that_is_cut_is_no_figure() {
    for bytes in fixtures().iter().filter(|bytes| std::str::from_utf8(bytes).is_ok()) {
        let Some(reader) = find(&Head::new(bytes)).filter(|r| !OVER_THE_WHOLE.contains(&r.name)) else {
            continue;
        };
        let whole = figures(reader, bytes);
        let last_lines = bytes.len().saturating_sub(400)..bytes.len();
        let inside = (1..60).map(|part| bytes.len() * part / 60);
        for end in last_lines.chain(inside) {
            let cut = figures(reader, &bytes[..end]);
            let wrong: Vec<f64> = cut.difference(&whole).map(|bits| f64::from_bits(*bits)).collect();
            let tail = String::from_utf8_lossy(&bytes[end.saturating_sub(60)..end]).into_owned();
            assert!(wrong.is_empty(), "{}: {wrong:?} after {tail:?}", reader.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cut_anywhere(file in any::<prop::sample::Index>(), end in 0.0..1.0_f64) {
        let files = fixtures();
        let bytes = file.get(&files);
        read_by_all(&bytes[..(end * bytes.len() as f64) as usize]);
    }

    #[test]
    fn bytes_changed(
        file in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut bytes = file.get(&fixtures()).clone();
        for (at, byte) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        read_by_all(&bytes);
    }

    #[test]
    fn two_files_in_one(a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(), at in 0.0..1.0_f64) {
        let files = fixtures();
        let (a, b) = (a.get(&files), b.get(&files));
        let cut = (at * a.len() as f64) as usize;
        read_by_all(&[&a[..cut], b, &a[cut..]].concat());
    }
}
