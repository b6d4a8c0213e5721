//! The thread that runs the host's callbacks after a sample.
//!
//! A callback may take long: a collector, or a hook that waits for the interpreter's lock.
//! Sampling goes on meanwhile. The thread is started with the first callback that is due and
//! sleeps in between.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::Duration;

use crate::engine::sample::Effects;
use crate::engine::shared::Shared;

/// Samples whose callbacks may wait; those of later samples are skipped and counted.
const WAITING: usize = 64;
/// How long the end waits for the callback that is running.
const END_WAIT: Duration = Duration::from_secs(1);

pub(crate) struct CallbackThread {
    shared: Arc<Shared>,
    worker: Option<Worker>,
}

struct Worker {
    effects: SyncSender<Effects>,
    /// Closed when the thread has ended.
    ended: Receiver<()>,
}

impl CallbackThread {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared, worker: None }
    }

    /// Runs the callbacks that a sample makes due.
    pub(crate) fn run(&mut self, effects: Effects) {
        if !self.shared.callbacks.are_due(&effects) {
            return;
        }
        if self.worker.is_none() {
            self.worker = start(&self.shared);
        }
        match &self.worker {
            None => self.shared.call(&effects),
            Some(worker) => {
                if let Err(TrySendError::Full(effects)) = worker.effects.try_send(effects) {
                    self.shared.calls_skipped(&effects);
                }
            }
        }
    }

    /// Waits for the callback that is running, one second at most.
    pub(crate) fn finish(self) {
        if let Some(Worker { effects, ended }) = self.worker {
            drop(effects);
            let _ = ended.recv_timeout(END_WAIT);
        }
    }
}

/// Starts the thread; where that fails, the sampling thread runs the callbacks itself.
fn start(shared: &Arc<Shared>) -> Option<Worker> {
    let (effects, received) = sync_channel::<Effects>(WAITING);
    let (end, ended) = channel::<()>();
    let shared = Arc::clone(shared);
    let run = move || {
        received.iter().for_each(|effects| shared.call(&effects));
        drop(end);
    };
    let thread = thread::Builder::new().name("memtool-callbacks".to_owned()).spawn(run);
    thread.is_ok().then_some(Worker { effects, ended })
}
