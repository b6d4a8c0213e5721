//! The job that `record` starts: begun, waited for, and how it ended.

mod ending;
mod kernel_log;
mod oom;
pub(crate) mod recording;

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Child, Command};

pub(crate) use kernel_log::KernelLog;
pub(crate) use oom::OomKills;

use memtool_profile_model::{Fate, Mib};
use memtool_recorder::ProcessEnd;

use self::ending::Ending;
use self::oom::Verdict;
use crate::signals::{Caught, Forwarding};

/// Why a job was not begun.
#[derive(Debug)]
pub(crate) struct NotBegun {
    pub(crate) error: io::Error,
    /// What a shell would exit with.
    pub(crate) code: i32,
}

/// A job that runs. Signals sent to this program reach it.
pub(crate) struct Job {
    child: Child,
    forwarding: Option<Forwarding>,
    /// This program's own largest resident size when the job began: the job's account begins with it.
    inherited_rss: Option<Mib>,
}

/// A job that ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) ending: Ending,
    /// The largest resident size of the job and the children that it waited for; `None` where the
    /// account is no larger than what it began with.
    max_rss: Option<Mib>,
    /// That account, also one inherited from the parent.
    account: Option<Mib>,
}

impl Ended {
    /// The end of a job that could not be begun.
    pub(crate) const fn with_code(code: i32) -> Self {
        Self { ending: Ending::Code(code), max_rss: None, account: None }
    }

    /// What the recording states of it.
    pub(crate) fn process_end(&self, verdict: Verdict) -> ProcessEnd {
        let (exit_code, signal) = match self.ending {
            Ending::Code(code) => (Some(code), None),
            Ending::Signal(signal) => (None, Some(signal)),
        };
        let fate = Fate {
            exit_code,
            signal,
            killed_for_memory: verdict.killed,
            known_by: verdict.known_by,
            group_kills: verdict.group_kills,
        };
        ProcessEnd { fate, max_rss: self.max_rss, at_most: self.account }
    }
}

impl Job {
    /// Begins a job on the terminal, files and process group of this program.
    pub(crate) fn begin(command: &[OsString]) -> Result<Self, NotBegun> {
        Self::begin_with(command, &[])
    }

    /// The same with some variables more in its environment.
    pub(crate) fn begin_with(command: &[OsString], variables: &[(&str, &OsStr)]) -> Result<Self, NotBegun> {
        let Some((program, arguments)) = command.split_first() else {
            return Err(NotBegun { error: io::ErrorKind::InvalidInput.into(), code: 127 });
        };
        // Caught before the job begins: what comes in between reaches it all the same.
        let caught = Caught::begin().ok();
        // Of several jobs none may inherit what spares this program.
        oom::as_started();
        let mut command = Command::new(program);
        let child = command.args(arguments).envs(variables.iter().copied()).spawn().map_err(|error| {
            let code = if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
            NotBegun { error, code }
        })?;
        // After the job began, which would inherit it.
        oom::spare_this_program();
        let forwarding = caught.and_then(|caught| caught.forward_to(child.id()).ok());
        Ok(Self { child, forwarding, inherited_rss: max_rss(Whose::Own) })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the job ended. Its process id stays its own until then, so that no signal
    /// can hit another process.
    pub(crate) fn wait(mut self) -> io::Result<Ended> {
        wait_unreaped(&self.child);
        if let Some(forwarding) = self.forwarding.take() {
            forwarding.end();
        }
        let ending = self.child.wait().map(Ending::of)?;
        let (account, own) = (max_rss(Whose::Job), self.inherited_rss);
        Ok(Ended { ending, max_rss: account.filter(|size| own.is_some_and(|own| *size > own)), account })
    }
}

#[cfg(unix)]
fn wait_unreaped(child: &Child) {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
    // What fails here fails again, and is reported, where the child is reaped.
    let _ = rustix::io::retry_on_intr(|| waitid(WaitId::Pid(pid), options));
}

#[cfg(not(unix))]
fn wait_unreaped(_: &Child) {}

/// Whose account is read.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Own,
    /// The one child that was waited for, with the children that it waited for.
    Job,
}

/// The largest resident size in an account of the system.
#[cfg(unix)]
fn max_rss(whose: Whose) -> Option<Mib> {
    use nix::sys::resource::{UsageWho, getrusage};
    let who = match whose {
        Whose::Own => UsageWho::RUSAGE_SELF,
        Whose::Job => UsageWho::RUSAGE_CHILDREN,
    };
    // Linux counts in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let bytes = u64::try_from(getrusage(who).ok()?.max_rss()).ok()?.checked_mul(unit)?;
    (bytes > 0).then(|| Mib::from_bytes(bytes).rounded())
}

#[cfg(not(unix))]
fn max_rss(_: Whose) -> Option<Mib> {
    None
}
