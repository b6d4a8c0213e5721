//! Parquet tables: what was written reads back as the same run, and a damaged one is an error or a run that can be.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memtool_analyzer::table::{batches_table, read_table, snapshots_table};
use memtool_fuzz::{Scratch, assert_sound, run};
use memtool_profile_model::Run;

static SCRATCH: LazyLock<Scratch> = LazyLock::new(Scratch::new);

fn written(part: &str, table: &[u8]) -> PathBuf {
    SCRATCH.write(&format!("{part}/day=2026-01-01/job=fuzzed/fuzzed.parquet"), table)
}

fn assert_same(run: &Run, back: &Run) {
    let rss =
        |run: &Run| run.snapshots.iter().map(|snapshot| (snapshot.at, snapshot.rss)).collect::<Vec<_>>();
    let peaks = |run: &Run| run.batches.iter().map(|batch| (batch.start, batch.rss_peak)).collect::<Vec<_>>();
    assert_eq!(rss(back), rss(run));
    assert_eq!(peaks(back), peaks(run));
}

fn read(bytes: &[u8]) -> Result<()> {
    let mut bytes = Unstructured::new(bytes);
    let damage = bytes.arbitrary::<u8>()?;
    if damage == 255 {
        let table = bytes.peek_bytes(bytes.len()).unwrap_or_default();
        let _refused = read_table(&written("snapshots", table), usize::MAX);
        return Ok(());
    }
    let changes: Vec<(u16, u8)> = (0..damage % 4).map(|_| bytes.arbitrary()).collect::<Result<_>>()?;
    let run = run(&mut bytes)?;
    let mut table = snapshots_table("fuzzed", &run, "", String::new()).expect("a run has a table");
    let length = table.len();
    for (at, with) in &changes {
        // From the end, where the metadata stands.
        table[length - 1 - usize::from(*at) % length] = *with;
    }
    written("batches", &batches_table("fuzzed", &run).expect("batches have a table"));
    match read_table(&written("snapshots", &table), usize::MAX) {
        Ok(back) if changes.is_empty() => assert_same(&run, &back),
        Ok(back) => assert_sound(&back),
        Err(error) => assert!(!changes.is_empty(), "{error}"),
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let _used_up = read(bytes);
});
