//! What holds of every run, whatever file it was read from.

use memtool_profile_model::{Mib, Run, is_part_of};

/// More memory than any machine has, in MiB: readers refuse what is above.
const MOST: f64 = 1e9;

fn assert_size(size: Option<Mib>, what: &str) {
    let Some(size) = size.map(Mib::get) else { return };
    assert!((0.0..=MOST).contains(&size), "{what} of {size} MiB");
}

/// Every size is finite and not below zero, and samples, batches and collections stand in order of time.
pub fn assert_sound(run: &Run) {
    for snapshot in &run.snapshots {
        assert_size(snapshot.rss, "a sample");
        assert_size(snapshot.available, "available memory");
        for part in [snapshot.children_rss, snapshot.shared, snapshot.pss] {
            assert_size(part, "a part");
            assert!(
                part.is_none_or(|part| snapshot.rss.is_none_or(|rss| is_part_of(part, rss))),
                "a part above the whole"
            );
        }
    }
    for batch in &run.batches {
        assert_size(batch.rss_start, "a batch's start");
        assert_size(batch.rss_end, "a batch's end");
    }
    assert_size(run.stated_peak.map(|peak| peak.rss), "a stated peak");
    assert!(run.snapshots.is_sorted_by_key(|snapshot| snapshot.at), "samples out of order");
    assert!(run.batches.is_sorted_by_key(|batch| batch.start), "batches out of order");
    assert!(run.collections.is_sorted_by_key(|collection| collection.at), "collections out of order");
}
