//! The job that `record` starts: begun, waited for, and how it ended.

mod ending;
mod oom;

use std::ffi::OsString;
use std::io;
use std::process::{Child, Command};

pub(crate) use ending::Ending;
pub(crate) use oom::OomKills;

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
}

impl Job {
    /// Begins a job on the terminal, files and process group of this program.
    pub(crate) fn begin(command: &[OsString]) -> Result<Self, NotBegun> {
        let Some((program, arguments)) = command.split_first() else {
            return Err(NotBegun { error: io::ErrorKind::InvalidInput.into(), code: 127 });
        };
        // Caught before the job begins: what comes in between reaches it all the same.
        let caught = Caught::begin().ok();
        let child = Command::new(program).args(arguments).spawn().map_err(|error| {
            let code = if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 };
            NotBegun { error, code }
        })?;
        let forwarding = caught.and_then(|caught| caught.forward_to(child.id()).ok());
        Ok(Self { child, forwarding })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the job ended. Its process id stays its own until then, so that no signal
    /// can hit another process.
    pub(crate) fn wait(mut self) -> io::Result<Ending> {
        wait_unreaped(&self.child);
        if let Some(forwarding) = self.forwarding.take() {
            forwarding.end();
        }
        self.child.wait().map(Ending::of)
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
