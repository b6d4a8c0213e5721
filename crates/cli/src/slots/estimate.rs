//! The memory that a command will need, from earlier runs of it and of its kind.

use std::io;

use memtool_analyzer::request::{MemoryKill, Replay, RunEnd, TaskRecord};

use super::command_key::CommandKey;
use super::demand::Demand;
use super::journal::{END, Event, Journal};

/// Nothing is known of a command: it is taken to need what all others do, and half more where that is to be safe.
const UNKNOWN: f64 = 1.5;
/// No unit has ended yet: each is taken to need a quarter of the limit, and half of it at most.
const FIRST: (f64, f64) = (0.25, 0.5);

/// What a command that was killed needs more, at least: as factor and in MiB.
const AFTER_KILL: (f64, f64) = (1.2, 100.0);

/// What a command will need, and from what that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) demand: Demand,
    pub(super) from: &'static str,
}

/// Predicts one command, again whenever the journal has grown.
pub(super) struct Estimator<'a> {
    pub(super) journal: &'a Journal,
    pub(super) key: &'a CommandKey,
    pub(super) limit_mb: f64,
    pub(super) risk: f64,
    /// What is taken, in MiB, where nothing is known of the program.
    pub(super) expect_mb: Option<f64>,
    known: Option<(u64, Estimate)>,
}

impl<'a> Estimator<'a> {
    pub(super) fn new(
        journal: &'a Journal,
        key: &'a CommandKey,
        limit_mb: f64,
        risk: f64,
        expect_mb: Option<f64>,
    ) -> Self {
        Self { journal, key, limit_mb, risk, expect_mb, known: None }
    }

    /// What the command will need, for all that has ended by now.
    pub(super) fn now(&mut self) -> io::Result<Estimate> {
        let length = self.journal.length();
        if let Some((at, estimate)) = &self.known
            && *at == length
        {
            return Ok(*estimate);
        }
        let estimate = self.anew(&self.journal.read()?);
        self.known = Some((length, estimate));
        Ok(estimate)
    }

    fn anew(&self, events: &[Event]) -> Estimate {
        let is_known = events.iter().any(|event| event.event == END && event.group == self.key.group);
        match self.expect_mb.filter(|_| !is_known) {
            Some(mb) => {
                let demand = Demand { expected_mb: mb, upper_mb: mb, reached_mb: 0.0 };
                Estimate { demand, from: "--expect" }
            }
            None => estimate(events, self.key, self.limit_mb, self.risk),
        }
    }
}

/// The memory of the next run of a command at a risk.
fn estimate(events: &[Event], key: &CommandKey, limit_mb: f64, risk: f64) -> Estimate {
    let ended: Vec<&Event> = events.iter().filter(|event| event.event == END).collect();
    let of = |same: &dyn Fn(&Event) -> bool| demand(ended.iter().copied().filter(|event| same(event)), risk);
    if let Some(demand) = of(&|event| event.command == key.exact) {
        return Estimate { demand, from: "earlier runs of the same command" };
    }
    if let Some(demand) = of(&|event| event.group == key.group) {
        return Estimate { demand, from: "earlier runs of the same program" };
    }
    let (expected_mb, upper_mb) = (FIRST.0 * limit_mb, FIRST.1 * limit_mb);
    if let Some(all) = demand(ended.into_iter(), risk) {
        let upper_mb = upper_mb.min(all.upper_mb * UNKNOWN);
        let demand = Demand { expected_mb: all.expected_mb.min(upper_mb), upper_mb, reached_mb: 0.0 };
        return Estimate { demand, from: "runs of other commands" };
    }
    let demand = Demand { expected_mb, upper_mb, reached_mb: 0.0 };
    Estimate { demand, from: "no run so far: half of the limit at most" }
}

/// What is foreseen of a command that was killed at this size.
fn after_kill(reached_mb: f64) -> f64 {
    if reached_mb > 0.0 { (reached_mb * AFTER_KILL.0).max(reached_mb + AFTER_KILL.1) } else { 0.0 }
}

/// The demand that these runs show; `None` without one.
fn demand<'a>(events: impl Iterator<Item = &'a Event>, risk: f64) -> Option<Demand> {
    let mut replay = Replay::new(risk);
    events.filter_map(record).for_each(|record| replay.learn(&record));
    let history = replay.history();
    let floor = history.killed_at_mb;
    let upper_mb = replay.size(None).map_or(0.0, |size| size.memory_mb).max(after_kill(floor));
    (upper_mb > 0.0).then(|| Demand {
        expected_mb: history.mean_mb().max(floor).min(upper_mb),
        upper_mb,
        reached_mb: 0.0,
    })
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
fn record(event: &Event) -> Option<TaskRecord> {
    let at_s = event.at.parse::<jiff::Timestamp>().ok()?.as_second() as f64;
    let peak_mb = event.peak_mb.filter(|peak| peak.is_finite() && *peak > 0.0)?;
    let kill = if event.killed { MemoryKill::Known } else { MemoryKill::No };
    Some(TaskRecord {
        group: event.group.clone(),
        at_s,
        peak_mb,
        runtime_s: event.seconds.unwrap_or(0.0),
        // An error of its own ends a command, too: what it needed until then it will need again.
        end: RunEnd { kill, evidence: "", finished: !event.killed },
        days: vec![(at_s, peak_mb)],
        ..TaskRecord::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(command: &str, group: &str, peak_mb: f64, killed: bool) -> Event {
        Event {
            event: END.to_owned(),
            at: "2026-11-30T00:00:00Z".to_owned(),
            pid: 1,
            command: command.to_owned(),
            group: group.to_owned(),
            attempt: 1,
            expected_mb: 0.0,
            upper_mb: 0.0,
            running: 1,
            together_mb: None,
            limit_mb: 1000.0,
            reason: None,
            peak_mb: Some(peak_mb),
            seconds: Some(1.0),
            exit_code: Some(0),
            killed,
        }
    }

    fn of(events: &[Event]) -> Demand {
        let key = CommandKey { exact: "a".to_owned(), group: "g".to_owned() };
        estimate(events, &key, 1000.0, 0.01).demand
    }

    #[test]
    fn the_same_command_counts_before_its_program_and_that_before_others() {
        let others = end("x", "h", 100.0, false);
        assert_eq!(of(&[]).upper_mb, 500.0);
        assert_eq!(of(std::slice::from_ref(&others)).upper_mb, 225.0);
        let program: Vec<Event> = (0..30).map(|_| end("b", "g", 200.0, false)).chain([others]).collect();
        assert!((200.0..210.0).contains(&of(&program).upper_mb), "{:?}", of(&program));
        let same = [program, (0..30).map(|_| end("a", "g", 50.0, false)).collect()].concat();
        assert!((50.0..55.0).contains(&of(&same).upper_mb), "{:?}", of(&same));
    }

    #[test]
    fn a_killed_run_raises_what_is_foreseen() {
        let killed = of(&[end("a", "g", 300.0, true)]);
        assert!(killed.upper_mb >= 400.0 && killed.expected_mb >= 300.0, "{killed:?}");
    }
}
