//! One unit: admitted, run, recorded, and run again where memory ended it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;
use memtool_recorder::Recorder;

use super::INSIDE;
use super::admission::{Admitted, Limits, admit};
use super::command_key::CommandKey;
use super::demand::Demand;
use super::estimate::Estimator;
use super::journal::{END, Event};
use super::registry::{Membership, Registry};
use crate::args::Record;
use crate::external_recorder::RecorderOptions;
use crate::job::recording::{self, Closed, Place};
use crate::job::{Ended, Job, KernelLog, NotBegun, OomKills};
use crate::signals::EndWish;
use crate::text::hundredths;
use crate::{escape, output};

/// How often a running unit says what it holds.
const NEWS: Duration = Duration::from_millis(200);

/// What one unit is.
pub(crate) struct UnitPlan {
    pub(crate) record: Record,
    pub(crate) limits: Limits,
    pub(crate) risk: f64,
    /// Attempts after one that memory ended.
    pub(crate) retries: u32,
    /// What it is expected to need, in MiB, where nothing is known of it.
    pub(crate) expect_mb: Option<f64>,
}

/// Waits for admission and runs the command; its exit code.
pub(crate) fn run_unit(registry: &Registry, plan: &UnitPlan) -> anyhow::Result<i32> {
    let key = CommandKey::of(&plan.record.command, plan.record.job.as_deref());
    let wish = EndWish::default();
    let mut attempt = 1;
    loop {
        let unit = Unit { registry, plan, key: &key, attempt };
        let Some((ended, killed)) = unit.attempt(&wish)? else { return Ok(INTERRUPTED) };
        let code = ended.ending.exit_code();
        if attempt == 1 {
            // From here on the signals stay caught: what asks this program to end is to end the next attempt, too.
            wish.begin().context("cannot listen for signals")?;
        }
        if !killed || attempt > plan.retries || wish.is_there() {
            return Ok(code);
        }
        attempt += 1;
        output::message(&format!(
            "{}: memory ended it, attempt {attempt} waits for more",
            escape::control(&key.group)
        ));
    }
}

/// The code after a signal that came while an attempt waited.
const INTERRUPTED: i32 = 130;

/// One attempt of a unit.
struct Unit<'a> {
    registry: &'a Registry,
    plan: &'a UnitPlan,
    key: &'a CommandKey,
    attempt: u32,
}

impl Unit<'_> {
    /// Runs once; how it ended and whether memory did that, or `None` where it was not to start.
    fn attempt(&self, wish: &EndWish) -> anyhow::Result<Option<(Ended, bool)>> {
        let plan = self.plan;
        let journal = &self.registry.journal;
        let mut estimator =
            Estimator::new(journal, self.key, plan.limits.memory_mb, plan.risk, plan.expect_mb);
        let mut is_told = false;
        let told = |reason: &'static str, running, demand| {
            if !std::mem::replace(&mut is_told, true) {
                self.note(&Event { reason: Some(reason.to_owned()), running, ..self.event("wait", demand) });
            }
        };
        let Some(admitted) = admit(self.registry, plan.limits, &mut estimator, wish, told)? else {
            return Ok(None);
        };
        let Admitted { membership, running, together_mb, from } = admitted;
        let demand = membership.entry.demand;
        self.note(&Event {
            running,
            together_mb: Some(hundredths(together_mb)),
            reason: Some(from.to_owned()),
            ..self.event("start", demand)
        });
        self.run(demand, membership).map(Some)
    }

    fn run(&self, demand: Demand, membership: Membership) -> anyhow::Result<(Ended, bool)> {
        let record = &self.plan.record;
        let options = RecorderOptions { config: None, memory_limit: None, interval: record.interval };
        let place = Place::of(&record.output).unwrap_or(Place::Nowhere);
        let (kills, mut log) = (OomKills::now(), KernelLog::from_now_on());
        let began = Instant::now();
        let job = Job::begin_with(&record.command, &[(INSIDE, self.registry.folder().as_os_str())]);
        let job = match job {
            Ok(job) => job,
            Err(NotBegun { error, code }) => {
                let name = escape::control(&self.key.group);
                output::message(&format!("cannot run {name}: {error}"));
                return Ok((Ended::with_code(code), false));
            }
        };
        let recorder = recording::start(record, options.plan()?, &place, job.pid());
        let told = Arc::new(Mutex::new(Told { membership, at: Instant::now() }));
        if let Ok(recorder) = &recorder {
            tell(recorder, Arc::clone(&told));
        }
        let pid = job.pid();
        let ended = job.wait().context("cannot wait for the command")?;
        let verdict = kills.verdict(OomKills::now(), (ended.ending, pid), log.killed().as_deref());
        let closed = recorder.ok().map(|recorder| Closed::of(recorder, Some(ended.process_end(verdict))));
        // An unexplained SIGKILL counts as memory's: the next attempt gets more, and the journal a lower bound.
        let killed = ended.ending.may_be_a_kill() && verdict.killed != Some(false);
        self.note(&Event {
            peak_mb: closed.as_ref().and_then(Closed::peak_mb),
            seconds: Some(hundredths(began.elapsed().as_secs_f64())),
            exit_code: Some(ended.ending.exit_code()),
            killed,
            ..self.event(END, demand)
        });
        // Until its end is in the journal it counts as running.
        drop(told);
        Ok((ended, killed))
    }

    fn event(&self, event: &str, demand: Demand) -> Event {
        Event {
            event: event.to_owned(),
            at: jiff::Timestamp::now().to_string(),
            pid: std::process::id(),
            command: self.key.exact.clone(),
            group: self.key.group.clone(),
            attempt: self.attempt,
            expected_mb: hundredths(demand.expected_mb),
            upper_mb: hundredths(demand.upper_mb),
            running: 0,
            together_mb: None,
            limit_mb: hundredths(self.plan.limits.memory_mb),
            reason: None,
            peak_mb: None,
            seconds: None,
            exit_code: None,
            killed: false,
        }
    }

    /// A journal that cannot be written stops nothing.
    fn note(&self, event: &Event) {
        if let Err(error) = self.registry.journal.add(event) {
            output::message(&format!(
                "warning: the journal in {} is not written: {error}",
                self.registry.folder().display()
            ));
        }
    }
}

/// A running unit's place in the folder, and when it last said what it holds.
struct Told {
    membership: Membership,
    at: Instant,
}

/// Says in the folder what the unit holds, now and then, as long as it is recorded.
fn tell(recorder: &Recorder, told: Arc<Mutex<Told>>) {
    recorder.add_hook(move |snapshot| {
        let Ok(mut told) = told.lock() else { return };
        let held = snapshot.rss.get();
        if held > told.membership.entry.demand.reached_mb && told.at.elapsed() >= NEWS {
            told.membership.entry.demand.reached_mb = held;
            told.at = Instant::now();
            // Without news the others go by what was foreseen.
            let _stale = told.membership.write();
        }
    });
}
