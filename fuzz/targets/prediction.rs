//! Predicted batch sizes: within what the settings allow, with finite peaks, whatever batches came before.
#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memtool_fuzz::{config, size};
use memtool_policy::predict::{BatchModel, Finished, Room, Sizing};
use memtool_profile_model::{AdaptiveConfig, Mib};

fn known(size: Mib) -> Option<Mib> {
    Some(size).filter(|size| size.get() != 0.0)
}

fn assert_sizing(config: &AdaptiveConfig, sizing: Sizing) {
    let largest = match config.predictive.largest {
        0 => config.batch_sizes.high,
        largest => largest,
    };
    assert!((1..=largest.max(1)).contains(&sizing.size), "{} of {largest}", sizing.size);
    for size in [sizing.predicted_peak, sizing.ceiling].into_iter().flatten() {
        assert!(size.get().is_finite() && size.get() >= 0.0, "{size:?}");
    }
}

fn batch(bytes: &mut Unstructured<'_>, items: u32) -> Result<Finished> {
    Ok(Finished {
        items: if bytes.arbitrary()? { u64::from(items) } else { bytes.arbitrary::<u16>()?.into() },
        rss_start: size(bytes)?,
        rss_peak: size(bytes)?,
        rss_end: size(bytes)?,
        seconds: f64::from(bytes.arbitrary::<u16>()?) / 256.0,
        exact_peak: bytes.arbitrary()?,
    })
}

fn run(bytes: &[u8]) -> Result<()> {
    let mut bytes = Unstructured::new(bytes);
    let mut config = config(&mut bytes)?;
    config.predictive.largest = bytes.arbitrary::<u16>()?.into();
    let limit = known(size(&mut bytes)?);
    let mut model = BatchModel::default();
    while !bytes.is_empty() {
        let room = Room { rss: size(&mut bytes)?, available: known(size(&mut bytes)?), limit };
        let sizing = model.next(&config, room);
        assert_sizing(&config, sizing);
        model.finished(batch(&mut bytes, sizing.size)?);
        if sizing.collect_first {
            model.collected(room.rss, size(&mut bytes)?);
        }
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let _used_up = run(bytes);
});
