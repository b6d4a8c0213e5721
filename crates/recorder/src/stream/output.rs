//! The sink of a stream, and the losses that the stream does not state yet.

use std::io;

use memtool_profile_model::Offset;
use memtool_profile_model::stream::append_line;
use memtool_profile_model::stream::current::{Note, Record};

use super::sink::Sink;
use super::write_queue::WriteQueue;

/// Writes the lines of a queue to a sink.
pub(crate) struct Output {
    sink: Option<Box<dyn Sink>>,
    /// The buffer that goes back and forth between queue and sink.
    lines: Vec<u8>,
    problems: u64,
    /// Lines lost so far.
    lost: u64,
    /// The losses that the stream states already.
    stated: u64,
}

/// The result of writing all lines that waited.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    /// Lines lost so far, over the whole run.
    pub(crate) lost: u64,
    /// The latest problem, with the number of problems so far.
    pub(crate) problem: Option<(u64, io::Error)>,
}

impl Output {
    pub(crate) const fn new(sink: Option<Box<dyn Sink>>) -> Self {
        Self { sink, lines: Vec::new(), problems: 0, lost: 0, stated: 0 }
    }

    /// Writes the lines that wait. Earlier losses are stated before them, so that they are in the
    /// stream of a run that is killed later.
    pub(crate) fn flush(&mut self, queue: &WriteQueue, at: Offset) -> Flushed {
        self.lost += queue.take(&mut self.lines);
        let mut problem = None;
        if !self.lines.is_empty() && self.sink.is_some() {
            problem = self.state_losses(at);
            let lines = std::mem::take(&mut self.lines);
            let (lost, newer) = self.write(&lines);
            self.lost += lost;
            self.lines = lines;
            problem = newer.or(problem);
        }
        Flushed { lost: self.lost, problem: problem.map(|problem| (self.problems, problem)) }
    }

    /// Writes a note of the losses that the stream does not state yet; one that cannot be written
    /// is tried again with the next lines.
    fn state_losses(&mut self, at: Offset) -> Option<io::Error> {
        let lost = self.lost;
        if lost == self.stated {
            return None;
        }
        let (note_lost, problem) = self.write(&loss_note(at, lost));
        if note_lost == 0 {
            self.stated = lost;
        }
        problem
    }

    /// Writes lines; returns how many of them were lost, and why.
    fn write(&mut self, lines: &[u8]) -> (u64, Option<io::Error>) {
        let written = self.sink.as_mut().map(|sink| sink.write(lines)).unwrap_or_default();
        self.lost += written.removed;
        self.problems += u64::from(written.problem.is_some());
        (written.lost, written.problem)
    }

    /// Forces the lines to the disk.
    ///
    /// # Errors
    /// The error of the system.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.sink.as_mut().map_or(Ok(()), |sink| sink.sync())
    }
}

fn loss_note(at: Offset, lost: u64) -> Vec<u8> {
    let lines = if lost == 1 { "line" } else { "lines" };
    let text = format!("{lost} {lines} of this stream could not be written so far");
    let note = Note { t_ns: at, text, lost_records: Some(lost), ..Note::default() };
    let mut line = Vec::new();
    // A note holds a whole number and plain text: it can always be written as JSON.
    let _ = append_line(&mut line, &Record::Note(note));
    line
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use memtool_profile_model::stream::current::OperationRecord;

    use super::*;
    use crate::stream::sink::Written;

    /// A disk that can be full.
    #[derive(Clone, Default)]
    struct Disk(Arc<Mutex<(bool, Vec<u8>)>>);

    impl Disk {
        fn set_full(&self, full: bool) {
            self.0.lock().expect("whole").0 = full;
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("whole").1.clone()).expect("text")
        }
    }

    impl Sink for Disk {
        fn write(&mut self, lines: &[u8]) -> Written {
            let mut disk = self.0.lock().expect("whole");
            if disk.0 {
                return Written::failed(lines, io::ErrorKind::StorageFull.into());
            }
            disk.1.extend_from_slice(lines);
            Written::default()
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn losses_are_stated_before_the_next_lines_that_can_be_written() {
        let (disk, queue) = (Disk::default(), WriteQueue::default());
        let mut output = Output::new(Some(Box::new(disk.clone())));
        let mut write = |name: &str, times: usize| {
            let record = OperationRecord { t_ns: Offset::START, name: name.to_owned() };
            for _ in 0..times {
                queue.push(&Record::Operation(record.clone()), true);
            }
            output.flush(&queue, Offset::START).lost
        };
        assert_eq!(write("first", 1), 0);
        disk.set_full(true);
        assert_eq!([write("lost", 3), write("lost", 4)], [3, 7], "a note that fails is no loss");
        disk.set_full(false);
        assert_eq!([write("second", 1), write("third", 1)], [7, 7]);
        let text = disk.text();
        let lines: Vec<&str> = text.lines().collect();
        let place = |part: &str| lines.iter().position(|line| line.contains(part));
        assert_eq!((lines.len(), place("first"), place("\"lost_records\":7")), (4, Some(0), Some(1)));
        assert_eq!((place("second"), place("third")), (Some(2), Some(3)), "the note comes once: {text}");
    }
}
