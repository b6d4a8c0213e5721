//! A run replayed under another config, size or limit: probabilities and shares between 0 and 1, bounds in order.
#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memtool_analyzer::memory_model::{Interval, memory_model};
use memtool_analyzer::simulate::{Prediction, Scenario, SimulateOptions, simulate};
use memtool_fuzz::{config, run, size};

fn scenario(bytes: &mut Unstructured<'_>) -> Result<Scenario> {
    Ok(match bytes.int_in_range(0..=2)? {
        0 => Scenario::AsRecorded,
        1 => Scenario::FixedBatch(bytes.arbitrary::<u16>()?.into()),
        _ => Scenario::Config(Box::new(config(bytes)?)),
    })
}

fn assert_interval(interval: Option<Interval>) {
    let Some(Interval { low, median, high }) = interval else { return };
    let bounds = [low, median, high];
    assert!(
        bounds.is_sorted() && bounds.iter().all(|bound| bound.is_finite() && *bound >= 0.0),
        "{bounds:?}"
    );
}

fn assert_bounds(found: &Prediction) {
    assert_interval(found.peak_rss_mb);
    assert_interval(found.throughput_ratio);
    let shares = [found.kill_probability, found.replays_killed, Some(found.fallback_share)];
    let levels = found.level_share.map(|share| [share.fallback, share.low, share.medium, share.high]);
    for share in shares.into_iter().flatten().chain(levels.into_iter().flatten()) {
        assert!((0.0..=1.0 + 1e-9).contains(&share), "{found:?}");
    }
    for count in [found.level_changes, found.gc_runs, found.replay_error] {
        assert!(count.is_finite() && count >= 0.0, "{found:?}");
    }
}

fn replayed(bytes: &[u8]) -> Result<()> {
    let mut bytes = Unstructured::new(bytes);
    let scenario = scenario(&mut bytes)?;
    let limit_mb = Some(size(&mut bytes)?.get()).filter(|limit| *limit > 0.0);
    let run = run(&mut bytes)?;
    let runs = [&run];
    let options = SimulateOptions { limit_mb, draws: 5, ..SimulateOptions::default() };
    assert_bounds(&simulate(&runs, &memory_model(&runs), &scenario, &options));
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let _used_up = replayed(bytes);
});
