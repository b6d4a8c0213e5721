//! Size rules over any history of runs: a size that is finite, positive, and not below what runs that finished needed.
#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memtool_analyzer::request::{MemoryKill, RequestOptions, RunEnd, TaskRecord, request, retry_sizes};
use memtool_fuzz::{assert_finite, size};

const GROUPS: [&str; 2] = ["a", "b"];
const KILLS: [MemoryKill; 4] = [MemoryKill::No, MemoryKill::Possible, MemoryKill::Likely, MemoryKill::Known];

fn task(bytes: &mut Unstructured<'_>) -> Result<TaskRecord> {
    let has: u8 = bytes.arbitrary()?;
    let at_s = f64::from(bytes.arbitrary::<u16>()?) * 600.0;
    let peak_mb = size(bytes)?.get().max(0.25);
    let kill = if has & 1 == 0 { MemoryKill::No } else { *bytes.choose(&KILLS)? };
    let end = RunEnd { kill, evidence: "", finished: kill == MemoryKill::No && has & 2 == 0 };
    let given = |bit: u8, bytes: &mut Unstructured<'_>| {
        if has & bit == 0 { Ok(None) } else { size(bytes).map(|size| Some(size.get().max(0.25))) }
    };
    Ok(TaskRecord {
        group: (*bytes.choose(&GROUPS)?).to_owned(),
        at_s,
        peak_mb,
        runtime_s: f64::from(bytes.arbitrary::<u16>()?),
        requested_mb: given(4, bytes)?,
        limit_mb: given(8, bytes)?,
        input_bytes: given(16, bytes)?,
        end,
        days: vec![(at_s, peak_mb)],
        ..TaskRecord::default()
    })
}

fn sized(bytes: &[u8]) -> Result<()> {
    let mut bytes = Unstructured::new(bytes);
    let risk = [0.001, 0.01, 0.05, 0.4][bytes.int_in_range(0..=3)?];
    let input_bytes = if bytes.arbitrary()? { Some(size(&mut bytes)?.get()) } else { None };
    let mut tasks = Vec::new();
    while !bytes.is_empty() {
        tasks.push(task(&mut bytes)?);
    }
    let report = request(tasks.clone(), &RequestOptions { risk, input_bytes });
    assert_finite(&report);
    for group in &report.groups {
        assert!(group.memory_mb.is_none_or(|size| size > 0.0), "{group:?}");
    }
    let retries = retry_sizes(tasks, risk);
    assert_finite(&retries);
    for retry in &retries.retries {
        assert!(retry.memory_mb.is_none_or(|size| size >= retry.reached_mb), "{retry:?}");
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let _used_up = sized(bytes);
});
