//! When a unit may start.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use memtool_profile_model::Mib;
use memtool_recorder::{HostFacts, ProbeOptions, find_limit, memory_pressure, system_probe};

use super::demand::{Demand, outstanding, together};
use super::estimate::{Estimate, Estimator};
use super::registry::{Entry, Membership, Registry};
use crate::signals::EndWish;

/// How often a unit that waits asks again.
const POLL: Duration = Duration::from_millis(50);
/// A unit that has waited so long lets none that came later go first.
const PATIENCE: Duration = Duration::from_secs(20);
/// Share of the last ten seconds in which something waited for memory, in percent: no unit starts above it.
const STALLED: f64 = 10.0;
/// Where nothing of this folder runs, others hold the memory: a unit waits so long for them.
const LONGEST_FOR_OTHERS: Duration = Duration::from_secs(60);

/// What units may use together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// Memory in MiB.
    pub(crate) memory_mb: f64,
    /// Units at once; `None` for as many as memory carries.
    pub(crate) most: Option<usize>,
}

impl Limits {
    /// The limit given, or that of this machine or control group.
    ///
    /// # Errors
    /// Where no limit is known.
    pub(crate) fn find(memory_mb: Option<f64>, most: Option<usize>) -> anyhow::Result<Self> {
        let found = find_limit(memory_mb.map(Mib::new), &HostFacts::of_self());
        let found = found.context("this system has no known memory limit: give --memory-limit")?;
        Ok(Self { memory_mb: found.limit.get(), most })
    }
}

/// A unit that may start, and what ran when that was decided.
pub(super) struct Admitted {
    pub(super) membership: Membership,
    pub(super) running: usize,
    pub(super) together_mb: f64,
    /// How it was foreseen.
    pub(super) from: &'static str,
}

/// What the machine says.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Machine {
    available_mb: Option<f64>,
    stalled_percent: f64,
}

impl Machine {
    fn now() -> Self {
        let options =
            ProbeOptions { limit: find_limit(None, &HostFacts::of_self()), ..ProbeOptions::default() };
        let reading = system_probe(options).and_then(|mut probe| probe.read()).ok();
        Self {
            available_mb: reading.and_then(|reading| reading.available).map(Mib::get),
            stalled_percent: memory_pressure().map_or(0.0, |stall| stall.some_avg10),
        }
    }
}

/// Waits until a unit may start; `None` if a signal ends this program. `told` gets the reason for waiting at each poll.
pub(super) fn admit(
    registry: &Registry,
    limits: Limits,
    estimator: &mut Estimator<'_>,
    wish: &EndWish,
    mut told: impl FnMut(&'static str, usize, Demand),
) -> anyhow::Result<Option<Admitted>> {
    let began = Instant::now();
    let asked_ns = jiff::Timestamp::now().as_nanosecond();
    let mut waiting: Option<Membership> = None;
    while !wish.is_there() {
        let turn = registry.turn().context("cannot wait for a turn")?;
        let Estimate { demand, from } = estimator.now().context("cannot read the journal")?;
        let own = Entry { pid: std::process::id(), running: false, asked_ns, demand };
        let entries = registry.entries().context("cannot read the units that run")?;
        let others: Vec<Entry> = entries.into_iter().filter(|entry| !entry.is_same(&own)).collect();
        let decision = decide(&others, &own, limits, Machine::now(), began.elapsed());
        let membership = place(registry, waiting.take(), own).context("cannot enter the folder")?;
        match decision {
            Ok(()) => return started(membership, &others, from).map(Some).context("cannot start the unit"),
            Err(reason) => {
                told(reason, others.iter().filter(|entry| entry.running).count(), demand);
                waiting = Some(membership);
            }
        }
        drop(turn);
        thread::sleep(POLL);
    }
    Ok(None)
}

/// The unit's place among those that wait, with what is foreseen of it now.
fn place(registry: &Registry, waiting: Option<Membership>, own: Entry) -> std::io::Result<Membership> {
    let Some(mut membership) = waiting else { return registry.enter(own) };
    if membership.entry != own {
        membership.entry = own;
        membership.write()?;
    }
    Ok(membership)
}

fn started(mut membership: Membership, others: &[Entry], from: &'static str) -> std::io::Result<Admitted> {
    membership.entry.running = true;
    membership.write()?;
    let running: Vec<&Entry> =
        others.iter().filter(|entry| entry.running).chain([&membership.entry]).collect();
    let together_mb = together(running.iter().map(|entry| &entry.demand));
    Ok(Admitted { running: running.len(), together_mb, membership, from })
}

/// Whether a unit may start beside others, or why not.
fn decide(
    others: &[Entry],
    own: &Entry,
    limits: Limits,
    machine: Machine,
    waited: Duration,
) -> Result<(), &'static str> {
    let running: Vec<&Demand> =
        others.iter().filter(|entry| entry.running).map(|entry| &entry.demand).collect();
    let earlier: Vec<&Entry> =
        others.iter().filter(|entry| !entry.running && entry.asked_ns < own.asked_ns).collect();
    let fits = |demand: &Demand| together(running.iter().copied().chain([demand])) <= limits.memory_mb;
    if limits.most.is_some_and(|most| running.len() >= most) {
        return Err("as many run as --slots allows");
    }
    if earlier.iter().any(|entry| fits(&entry.demand) || is_impatient(entry, own, waited)) {
        return Err("one that came earlier goes first");
    }
    if running.is_empty() {
        // Alone it runs however large it is; only others may have to make room first.
        let lacks = machine.available_mb.is_some_and(|available| available < own.demand.expected_mb);
        let goes = !lacks || own.demand.expected_mb > limits.memory_mb || waited > LONGEST_FOR_OTHERS;
        return if goes { Ok(()) } else { Err("other programs hold the memory") };
    }
    if !fits(&own.demand) {
        return Err("it does not fit beside those that run");
    }
    if machine.stalled_percent > STALLED {
        return Err("something waits for memory now (pressure stall information)");
    }
    let left = machine.available_mb.map(|available| available - outstanding(running.iter().copied()));
    if left.is_some_and(|left| left < own.demand.upper_mb) {
        return Err("too little memory is available now");
    }
    Ok(())
}

/// Whether an earlier unit has waited so long that none may go before it.
fn is_impatient(earlier: &Entry, own: &Entry, waited: Duration) -> bool {
    let before = Duration::from_nanos(u64::try_from(own.asked_ns - earlier.asked_ns).unwrap_or(u64::MAX));
    before + waited > PATIENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { memory_mb: 1000.0, most: None };
    const IDLE: Machine = Machine { available_mb: Some(5000.0), stalled_percent: 0.0 };

    fn entry(asked_ns: i128, running: bool, expected_mb: f64) -> Entry {
        let demand = Demand { expected_mb, upper_mb: expected_mb * 1.1, reached_mb: 0.0 };
        Entry { pid: 1, running, asked_ns, demand }
    }

    fn reason(others: &[Entry], own: &Entry, machine: Machine, waited_s: u64) -> &'static str {
        decide(others, own, LIMITS, machine, Duration::from_secs(waited_s)).err().unwrap_or("goes")
    }

    #[test]
    fn as_many_run_as_fit() {
        let own = entry(5, false, 300.0);
        let running = |count| (0..count).map(|n| entry(n, true, 300.0)).collect::<Vec<_>>();
        assert_eq!(reason(&running(2), &own, IDLE, 0), "goes");
        assert_eq!(reason(&running(3), &own, IDLE, 0), "it does not fit beside those that run");
        let slots = Limits { most: Some(2), ..LIMITS };
        assert!(decide(&running(2), &own, slots, IDLE, Duration::ZERO).is_err());
    }

    #[test]
    fn alone_anything_runs() {
        assert_eq!(reason(&[], &entry(5, false, 9000.0), IDLE, 0), "goes");
        let taken = Machine { available_mb: Some(10.0), ..IDLE };
        assert_eq!(reason(&[], &entry(5, false, 300.0), taken, 0), "other programs hold the memory");
        assert_eq!(reason(&[], &entry(5, false, 300.0), taken, 61), "goes");
    }

    #[test]
    fn a_small_one_goes_before_a_large_one_but_not_for_ever() {
        let others = [entry(1, true, 500.0), entry(2, false, 800.0)];
        let small = entry(3, false, 100.0);
        assert_eq!(reason(&others, &small, IDLE, 0), "goes");
        assert_eq!(reason(&others, &small, IDLE, 21), "one that came earlier goes first");
        let first = [entry(1, true, 500.0), entry(2, false, 200.0)];
        assert_eq!(reason(&first, &small, IDLE, 0), "one that came earlier goes first");
    }

    #[test]
    fn the_machine_has_the_last_word() {
        let others = [entry(1, true, 300.0)];
        let own = entry(2, false, 300.0);
        assert!(reason(&others, &own, Machine { stalled_percent: 30.0, ..IDLE }, 0).contains("pressure"));
        let short = Machine { available_mb: Some(600.0), ..IDLE };
        assert_eq!(reason(&others, &own, short, 0), "too little memory is available now");
    }
}
