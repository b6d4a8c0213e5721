//! What the host's callbacks are to do after a look, in a thread of its own.
//!
//! A callback may take long: a collector, or a hook that waits for the interpreter's lock. The
//! looks go on meanwhile. The thread is started with the first errand and sleeps between two.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::Duration;

use crate::inner::Inner;
use crate::look::Todo;

/// Errands that may wait; those that come later are skipped and counted.
const WAITING: usize = 64;
/// How long the end waits for the errand that is under way.
const END_WAIT: Duration = Duration::from_secs(1);

pub(crate) struct Errands {
    inner: Arc<Inner>,
    runner: Option<Runner>,
}

struct Runner {
    todos: SyncSender<Todo>,
    /// Closed when the thread has ended.
    ended: Receiver<()>,
}

impl Errands {
    pub(crate) const fn new(inner: Arc<Inner>) -> Self {
        Self { inner, runner: None }
    }

    /// Sees to it that the host is called where something is to be done.
    pub(crate) fn run(&mut self, todo: Todo) {
        if !self.inner.callbacks.are_due(&todo) {
            return;
        }
        if self.runner.is_none() {
            self.runner = start(&self.inner);
        }
        match &self.runner {
            None => self.inner.call(&todo),
            Some(runner) => {
                if let Err(TrySendError::Full(_)) = runner.todos.try_send(todo) {
                    self.inner.calls_skipped();
                }
            }
        }
    }

    /// Waits for what is under way, but not for ever.
    pub(crate) fn finish(self) {
        if let Some(Runner { todos, ended }) = self.runner {
            drop(todos);
            let _ = ended.recv_timeout(END_WAIT);
        }
    }
}

/// Starts the thread; without one, errands are run by the thread that looks.
fn start(inner: &Arc<Inner>) -> Option<Runner> {
    let (todos, received) = sync_channel::<Todo>(WAITING);
    let (end, ended) = channel::<()>();
    let inner = Arc::clone(inner);
    let run = move || {
        received.iter().for_each(|todo| inner.call(&todo));
        drop(end);
    };
    let thread = thread::Builder::new().name("memtool-callbacks".to_owned()).spawn(run);
    thread.is_ok().then_some(Runner { todos, ended })
}
