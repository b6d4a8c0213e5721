//! The source of records: a stream that another process writes, or a process that memtool watches.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Context;
use memtool_profile_model::ReadError;
use memtool_profile_model::stream::{current::Record, parse_line};
use memtool_recorder::{Builder, Recorder, Sink, StartError, Written};

use super::find::is_running;
use super::follow::{Follower, Polled};
use super::view::View;

/// Where records come from.
pub(crate) enum Feed {
    /// A stream that another process writes.
    File(Follower),
    /// A process that is measured from outside.
    Process(Watched),
}

/// A process that is measured from outside.
pub(crate) struct Watched {
    lines: Receiver<Vec<u8>>,
    heard: Instant,
    /// Dropped last: it writes into the channel until then.
    _recorder: Recorder,
}

/// Begins to watch a process: the same lines as in a stream, handed over in memory.
pub(crate) fn watched(builder: Builder) -> Result<Feed, StartError> {
    let (sender, lines) = channel();
    let recorder = builder.sink(Box::new(Channel(sender))).start()?;
    Ok(Feed::Process(Watched { lines, heard: Instant::now(), _recorder: recorder }))
}

struct Channel(Sender<Vec<u8>>);

impl Sink for Channel {
    fn write(&mut self, lines: &[u8]) -> Written {
        // The view is closed.
        let _ = self.0.send(lines.to_vec());
        Written::default()
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Feed {
    /// Gives the view what is new; answers whether there was anything.
    pub(crate) fn poll(&mut self, view: &mut View) -> anyhow::Result<bool> {
        match self {
            Self::File(follower) => {
                let polled = read_on(follower, view)?;
                Ok(!polled.lines.is_empty() || polled.more)
            }
            Self::Process(watched) => {
                let mut any = false;
                while let Ok(lines) = watched.lines.try_recv() {
                    for line in String::from_utf8_lossy(&lines).lines() {
                        take(view, line)?;
                    }
                    watched.heard = Instant::now();
                    any = true;
                }
                Ok(any)
            }
        }
    }

    /// Reads all that is there already.
    pub(crate) fn catch_up(&mut self, view: &mut View) -> anyhow::Result<()> {
        match self {
            Self::File(follower) => loop {
                if !read_on(follower, view)?.more {
                    break;
                }
            },
            Self::Process(_) => {
                self.poll(view)?;
            }
        }
        if let Self::File(follower) = self {
            let path = follower.path().display();
            anyhow::ensure!(view.header.is_some(), "{path} is no stream of the recorder");
        }
        Ok(())
    }

    /// How long nothing has been heard.
    pub(crate) fn silence(&self) -> Duration {
        match self {
            Self::File(follower) => follower.silence(),
            Self::Process(watched) => watched.heard.elapsed(),
        }
    }

    /// Whether nothing will come any more, as far as this machine knows: the writer is gone
    /// and left no footer.
    pub(crate) fn is_cut_off(&self, view: &View) -> bool {
        let gone = |view: &View| view.header.as_ref().is_some_and(|header| !is_running(header.process.pid));
        matches!(self, Self::File(_)) && view.footer.is_none() && self.silence() > CUT_OFF && gone(view)
    }
}

/// The silence after which a writer that is gone will not come back.
const CUT_OFF: Duration = Duration::from_secs(10);

/// Gives the view what was written since.
fn read_on(follower: &mut Follower, view: &mut View) -> anyhow::Result<Polled> {
    let polled = follower.poll().with_context(|| follower.path().display().to_string())?;
    for line in &polled.lines {
        take(view, line).with_context(|| follower.path().display().to_string())?;
    }
    Ok(polled)
}

/// A stream of another version cannot be shown; a damaged line is counted.
fn take(view: &mut View, line: &str) -> anyhow::Result<()> {
    match parse_line(line) {
        // What follows a missing header makes no sense.
        Ok(record) if view.header.is_none() && !matches!(record, Record::Header(_)) => {
            anyhow::bail!("expected a stream of the recorder, found a first line that is no header")
        }
        Ok(record) => view.take(record),
        Err(ReadError::UnknownRecord { .. }) => {}
        Err(error @ ReadError::Version { .. }) => return Err(error.into()),
        Err(error) if view.header.is_none() => anyhow::bail!("expected a stream of the recorder: {error}"),
        Err(_) => view.damaged += 1,
    }
    Ok(())
}
