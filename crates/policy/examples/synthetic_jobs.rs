//! How fast the predictive policy is on synthetic jobs, beside the best fixed size, and how many it lets be killed:
//! `cargo run --release -p memtool-policy --example synthetic_jobs -- 0 480` for the jobs of seeds 0 to 479.
//!
//! A job has memory that its batches need, a heap that keeps a share of it, and by its kind a buffer over many batches, a leak, heavy
//! and light stretches of work, or a load in its first batch.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are its output")]

use std::env;

use memtool_policy::predict::{BatchModel, Finished, Room};
use memtool_profile_model::{AdaptiveConfig, Mib};
use memtool_tracegen::Random;

const KINDS: [&str; 6] = ["plain", "heap", "saw", "leak under a saw", "periodic", "load"];
const FIXED: [u64; 8] = [100, 125, 180, 250, 350, 500, 700, 1000];
/// Runs of a fixed size, and of the policy, by their seeds.
const FIXED_RUNS: std::ops::Range<u64> = 1..4;
const POLICY_RUNS: std::ops::Range<u64> = 11..15;
/// Seconds of processor time for a MiB that was never touched before.
const FRESH_S: f64 = 0.000_3;
/// Seconds of a collection.
const COLLECTION_S: f64 = 0.04;

/// Sizes in MiB, times in seconds.
#[derive(Default)]
struct Job {
    items: u64,
    limit: f64,
    base: f64,
    fixed: f64,
    per_item: f64,
    /// Share of what is freed that the heap keeps, and batches after which it gives all back, if any.
    kept: f64,
    release: u64,
    leak_per_item: f64,
    /// Items until a buffer is written, if there is one.
    buffer: u64,
    buffer_per_item: f64,
    /// Items until heavy and light stretches change, if they do, and how much heavier items are.
    period: u64,
    heavy: f64,
    loaded: f64,
    item_s: f64,
    batch_s: f64,
    /// Standard deviation of the logarithm of a batch's time, and how much slower the first one is.
    noise: f64,
    cold: f64,
}

struct Ended {
    seconds: f64,
    killed: bool,
}

impl Job {
    fn of(seed: u64) -> Self {
        let mut random = Random::new(seed * 7919 + 13);
        let kind = KINDS[usize::try_from(seed % 6).expect("a kind")];
        let limit = 150.0 * 20_f64.powf(random.uniform());
        let per_item = limit * random.between(0.15, 1.6) / 1000.0;
        let base = limit * random.between(0.05, 0.35);
        let item_s = 0.000_1 * 30_f64.powf(random.uniform());
        let mut job = Self {
            items: count(6000.0 * 8_f64.powf(random.uniform())),
            limit,
            base,
            per_item,
            fixed: per_item * random.between(0.0, 30.0),
            item_s,
            batch_s: item_s * 300_f64.powf(random.uniform()),
            noise: 0.02 * 15_f64.powf(random.uniform()),
            cold: random.between(1.0, 2.5),
            heavy: 1.0,
            ..Self::default()
        };
        let mut one_of = |choices: [f64; 4]| {
            choices[usize::try_from(count(random.between(0.0, 4.0)).min(3)).expect("one of four")]
        };
        if kind != "plain" {
            job.kept = one_of([0.0, 0.5, 0.9, 1.0]);
            job.release = count(one_of([0.0, 0.0, 5.0, 20.0]));
        }
        match kind {
            "heap" if job.kept == 0.0 => job.kept = 1.0,
            "saw" | "leak under a saw" => {
                job.buffer = count(random.between(1000.0, 6000.0));
                job.buffer_per_item = limit * random.between(0.05, 0.3) / items(job.buffer);
                if kind == "leak under a saw" {
                    job.leak_per_item = limit * random.between(0.05, 0.35) / items(job.items);
                }
            }
            "periodic" => {
                (job.period, job.heavy) = (count(random.between(1500.0, 6000.0)), random.between(1.1, 1.6))
            }
            "load" => job.loaded = limit * random.between(0.1, 0.4),
            _ => {}
        }
        job
    }

    /// Runs it at a fixed size, or without one by the policy.
    fn run(&self, seed: u64, fixed: Option<u64>) -> Ended {
        let mut random = Random::new(seed);
        let config = config();
        let mut model = BatchModel::default();
        let (mut live, mut buffer, mut heap, mut highest) = (self.base, 0.0, 0.0_f64, self.base);
        let (mut done, mut batches, mut buffered, mut seconds) = (0, 0_u64, 0, 0.0);
        while done < self.items {
            let start = live + buffer + heap;
            let size = fixed.unwrap_or_else(|| {
                let sizing = model.next(&config, self.room(start));
                if !sizing.collect_first {
                    return sizing.size.into();
                }
                // No garbage waits for a collector.
                seconds += COLLECTION_S;
                model.collected(Mib::new(start), Mib::new(start));
                model.next(&config, self.room(start)).size.into()
            });
            let count = size.min(self.items - done);
            let number = items(count);
            let first = batches == 0;
            let heavy = if self.period > 0 && (done / self.period) % 2 == 1 { self.heavy } else { 1.0 };
            let loaded = if first { self.loaded } else { 0.0 };
            let need = (self.fixed + self.per_item * number * heavy)
                * (1.0 + 0.03 * random.between(-1.0, 1.0))
                + loaded;
            let grown = (self.buffer_per_item + self.leak_per_item) * number;
            let peak = start + (need + grown - heap).max(0.0);
            if peak > self.limit {
                return Ended { seconds, killed: true };
            }
            let cold = if first { self.cold } else { 1.0 };
            let spent = (self.item_s * number * cold + self.batch_s) * (self.noise * random.normal()).exp()
                + FRESH_S * (peak - highest).max(0.0);
            highest = highest.max(peak);
            seconds += spent;
            live += self.leak_per_item * number + loaded;
            buffer += self.buffer_per_item * number;
            let released = self.release > 0 && batches % self.release == self.release - 1;
            heap = if released { 0.0 } else { self.kept * (peak - live - buffer).max(0.0) };
            buffered += count;
            if self.buffer > 0 && buffered >= self.buffer {
                heap += self.kept * buffer;
                (buffered, buffer) = (0, 0.0);
            }
            let end = live + buffer + heap;
            done += count;
            batches += 1;
            model.finished(Finished {
                items: count,
                rss_start: Mib::new(start),
                rss_peak: Mib::new(peak.max(end)),
                rss_end: Mib::new(end),
                seconds: spent,
                exact_peak: true,
            });
        }
        Ended { seconds, killed: false }
    }

    fn room(&self, rss: f64) -> Room {
        let left = Mib::new((self.limit - rss).max(0.0));
        Room { rss: Mib::new(rss), available: Some(left), limit: Some(Mib::new(self.limit)) }
    }

    /// Mean seconds at the fastest fixed size that no run is killed at.
    fn best_fixed(&self) -> Option<f64> {
        let at = |size: &u64| {
            let runs: Vec<Ended> = FIXED_RUNS.map(|seed| self.run(seed, Some(*size))).collect();
            runs.iter().all(|run| !run.killed).then(|| mean(&runs))
        };
        FIXED.iter().filter_map(at).reduce(f64::min)
    }
}

fn config() -> AdaptiveConfig {
    let mut config = AdaptiveConfig::default();
    let sizes = &mut config.batch_sizes;
    (sizes.fallback, sizes.low, sizes.medium, sizes.high) = (100, 250, 500, 1000);
    config
}

fn mean(runs: &[Ended]) -> f64 {
    runs.iter().map(|run| run.seconds).sum::<f64>() / items(u64::try_from(runs.len()).expect("a few runs"))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn items(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of items")]
fn count(items: f64) -> u64 {
    items as u64
}

/// The share's quantile of some values in order.
fn quantile(ordered: &[f64], share: f64) -> f64 {
    let last = items(u64::try_from(ordered.len() - 1).expect("a few jobs"));
    ordered[usize::try_from(count((last * share).round())).expect("a place")]
}

fn print(kind: &str, shares: &mut [f64], killed: usize) {
    if !shares.is_empty() {
        shares.sort_by(f64::total_cmp);
        let [median, tenth, worst] = [0.5, 0.1, 0.0].map(|share| quantile(shares, share));
        println!("{kind:18} {:5} {median:8.3} {tenth:8.3} {worst:8.3} {killed:8}", shares.len());
    }
}

fn main() {
    let numbers: Vec<u64> = env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let [from, to] = numbers[..] else {
        eprintln!("usage: synthetic_jobs FROM TO, two seeds");
        return;
    };
    let mut shares: Vec<Vec<f64>> = vec![Vec::new(); KINDS.len()];
    let mut killed = [0; KINDS.len()];
    for seed in from..to {
        let job = Job::of(seed);
        let Some(best) = job.best_fixed() else { continue };
        let runs: Vec<Ended> = POLICY_RUNS.map(|seed| job.run(seed, None)).collect();
        let kind = usize::try_from(seed % 6).expect("a kind");
        match runs.iter().filter(|run| run.killed).count() {
            0 => shares[kind].push(best / mean(&runs)),
            some => killed[kind] += some,
        }
    }
    println!("share of the speed of the best fixed size, of jobs of which no run was killed\n");
    println!("{:18} {:>5} {:>8} {:>8} {:>8} {:>8}", "", "jobs", "median", "10 %", "worst", "killed");
    for (index, kind) in KINDS.iter().enumerate() {
        print(kind, &mut shares[index], killed[index]);
    }
    print("all", &mut shares.concat(), killed.iter().sum());
}
