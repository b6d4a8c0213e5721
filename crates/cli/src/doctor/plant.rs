//! The plants: real memory that is really touched, recorded from within as a job would do it.

use std::hint::black_box;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use memtool_profile_model::AdaptiveConfig;
use memtool_recorder::Recorder;

use crate::args::Plant;

/// Batches of a plant, and the time from one to the next.
const BATCHES: u32 = 40;
const PACE: Duration = Duration::from_millis(240);
/// What is seen before the first batch and after the last.
const REST: Duration = Duration::from_millis(600);
/// What a batch works with, in MiB: no allocator keeps blocks of this size when they are freed.
const WORK: usize = 40;
const SAW: usize = 60;
/// What each batch of a leak keeps.
const LEAKED: usize = 3;
/// The cache of a plateau, and how many of the batches fill it.
const CACHE: usize = 120;
const FILLING: u32 = 12;
/// The spike, the batch that has it, and what lies beside it.
pub(super) const SPIKE: usize = 150;
const SPIKE_BATCH: u32 = 20;
const BESIDE_SPIKE: usize = 40;

impl Plant {
    pub(crate) const ALL: [Self; 4] = [Self::Leak, Self::Plateau, Self::Sawtooth, Self::Spike];

    /// The name in output and of its recording.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::Plateau => "plateau",
            Self::Sawtooth => "sawtooth",
            Self::Spike => "spike",
        }
    }

    /// What it does with memory.
    pub(crate) fn planted(self) -> String {
        match self {
            Self::Leak => {
                let a_minute = LEAKED as f64 * 60.0 / PACE.as_secs_f64();
                format!("{LEAKED} MiB a batch, {a_minute:.0} MiB/min")
            }
            Self::Plateau => format!("a cache fills to {CACHE} MiB"),
            Self::Sawtooth => format!("{SAW} MiB a batch, freed"),
            Self::Spike => format!("{SPIKE} MiB for a moment"),
        }
    }

    /// The most that it holds at once, in MiB.
    pub(super) const fn holds(self) -> usize {
        match self {
            Self::Leak => WORK + LEAKED * BATCHES as usize,
            Self::Plateau => WORK + CACHE,
            Self::Sawtooth => SAW,
            Self::Spike => SPIKE + BESIDE_SPIKE,
        }
    }

    /// Seconds between two looks: a spike has room between them, and a verdict still has its samples.
    const fn interval(self) -> f64 {
        match self {
            Self::Spike => 0.4,
            Self::Leak | Self::Plateau | Self::Sawtooth => 0.04,
        }
    }
}

/// How long a plant takes where nothing is in its way.
pub(super) fn length() -> Duration {
    PACE * BATCHES + REST * 2
}

/// Grows a plant in this process and records it.
pub(crate) fn grow(plant: Plant, stream: &Path) -> anyhow::Result<()> {
    let config =
        AdaptiveConfig { monitoring_interval_seconds: plant.interval(), ..AdaptiveConfig::default() };
    let job = format!("doctor {}", plant.as_str());
    // The looks are closer than a job's config allows.
    let recorder = Recorder::builder().config(config).any_order().job(job).stream_file(stream).start();
    let recorder = recorder.context("the recorder does not start")?;
    anyhow::ensure!(recorder.stream_path().is_some(), "the stream could not be begun");
    let mut kept = Vec::new();
    if plant == Plant::Spike {
        kept.push(memory(BESIDE_SPIKE));
    }
    thread::sleep(REST);
    let began = Instant::now();
    for number in 0..BATCHES {
        let batch = recorder.batch("batch", 100);
        work(plant, number, &recorder, &mut kept);
        batch.finish();
        thread::sleep((PACE * (number + 1)).saturating_sub(began.elapsed()));
    }
    thread::sleep(REST);
    let complete = recorder.stop();
    black_box(kept);
    anyhow::ensure!(complete, "the end of the stream could not be written in time");
    Ok(())
}

fn work(plant: Plant, number: u32, recorder: &Recorder, kept: &mut Vec<Vec<u8>>) {
    let held = match plant {
        Plant::Leak => {
            kept.push(memory(LEAKED));
            memory(WORK)
        }
        Plant::Plateau => {
            if number < FILLING {
                kept.push(memory(CACHE / FILLING as usize));
            }
            memory(WORK)
        }
        Plant::Sawtooth => memory(SAW),
        Plant::Spike => {
            if number == SPIKE_BATCH {
                await_look(recorder);
                drop(memory(SPIKE));
            }
            Vec::new()
        }
    };
    thread::sleep(PACE / 2);
    drop(held);
}

/// Returns right after a look, so that nearly a whole interval is left until the next.
fn await_look(recorder: &Recorder) {
    let looks = || recorder.statistics().map(|statistics| statistics.recording.samples);
    let (before, began) = (looks(), Instant::now());
    while looks() == before && began.elapsed() < Duration::from_secs(1) {
        thread::sleep(Duration::from_millis(1));
    }
}

/// So many MiB, written to so that they are resident.
fn memory(mebibytes: usize) -> Vec<u8> {
    black_box(vec![1; mebibytes << 20])
}
