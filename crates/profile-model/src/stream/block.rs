//! A part of a stream: whole lines, read at once and parsed apart from the parts around it.

use std::io::{self, Read};
use std::mem;
use std::ops::Range;

use super::line::parse;
use super::snapshot_line::{Beside, SnapshotReader};
use super::v1::Record;
use crate::lookahead::{Lookahead, refuse_endless};
use crate::parallel;
use crate::snapshot_columns::SnapshotColumns;

/// Bytes of a block: with what is parsed of it, it stays in a processor's second cache, and handing it to another thread
/// costs little beside it.
const BYTES: usize = 256 << 10;

/// Lines of a stream, and what they say.
#[derive(Default)]
pub(super) struct Block {
    /// The text of its lines, and room for more.
    buffer: Vec<u8>,
    /// Bytes of the text.
    length: usize,
    /// Snapshots in their usual spelling, in order.
    columns: Box<SnapshotColumns>,
    /// What some of them say beside their figures, in order.
    beside: Vec<Beside>,
    /// All other lines that are not blank, in order.
    others: Vec<OtherLine>,
    /// All lines.
    lines: usize,
    /// Whether a line feed ends the last one.
    ended: bool,
    reader: Box<SnapshotReader>,
}

/// A line that is no snapshot in its usual spelling.
pub(super) struct OtherLine {
    /// How many lines of the block stand before it.
    pub(super) before: usize,
    /// How many of its snapshots do.
    snapshots: usize,
    place: Range<usize>,
    /// `None` where something is wrong: it is told by parsing the line again with its number.
    pub(super) record: Option<Box<Record>>,
}

/// What stands next in a block.
pub(super) enum Part<'a> {
    /// Some snapshots.
    Snapshots(SnapshotLines<'a>),
    /// Any other line with its letters, and whether a line feed ends it.
    Other(OtherLine, &'a [u8], bool),
}

/// Snapshots in a row.
pub(super) struct SnapshotLines<'a> {
    /// All of the block.
    pub(super) columns: &'a mut SnapshotColumns,
    /// The rows of these.
    pub(super) rows: Range<usize>,
    /// What some of them say beside their figures.
    pub(super) beside: &'a [Beside],
    /// What they were read from.
    pub(super) text: &'a [u8],
}

impl parallel::Block for Block {
    /// Reads so many bytes, and on to the end of a line.
    fn fill<R: Read>(&mut self, input: &mut Lookahead<'_, R>, left: &mut Vec<u8>) -> io::Result<bool> {
        let (mut length, mut wanted) = (0, BYTES);
        let end = loop {
            let from = length + left.len();
            match self.buffer.len() {
                // Of a short file most stays untouched.
                0 => self.buffer = vec![0; from + wanted],
                room if room < from + wanted => self.buffer.resize(from + wanted, 0),
                _ => {}
            }
            self.buffer[length..from].copy_from_slice(left);
            left.clear();
            length = from + input.read(&mut self.buffer[from..from + wanted])?;
            if length == from {
                self.length = length;
                self.ended = self.buffer[..length].last() == Some(&b'\n');
                return Ok(length > 0);
            }
            if let Some(end) = memchr::memrchr(b'\n', &self.buffer[from..length]) {
                break from + end + 1;
            }
            refuse_endless(length)?;
            // A long line costs no more than twice its length.
            wanted = BYTES.max(length);
        };
        left.extend_from_slice(&self.buffer[end..length]);
        self.length = end;
        self.ended = true;
        Ok(true)
    }

    fn parse(&mut self) {
        self.columns.truncate(0);
        self.beside.clear();
        self.others.clear();
        self.lines = 0;
        let (mut start, mut beside) = (0, Beside::default());
        while start < self.length {
            let row = self.columns.len();
            let text = &self.buffer[..self.length];
            start = match self.reader.read(text, start, &mut self.columns, &mut beside) {
                Some((next, false)) => next,
                Some((next, true)) => {
                    beside.row = row;
                    self.beside.push(mem::take(&mut beside));
                    next
                }
                None => {
                    self.columns.truncate(row);
                    beside = Beside::default();
                    self.parse_other(start)
                }
            };
            self.lines += 1;
        }
        self.columns.complete();
    }
}

impl Block {
    /// Parses the line that begins at a byte in the plain way, and tells the byte after it.
    fn parse_other(&mut self, start: usize) -> usize {
        let rest = &self.buffer[start..self.length];
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..length];
        if !line.trim_ascii().is_empty() {
            self.others.push(OtherLine {
                before: self.lines,
                snapshots: self.columns.len(),
                place: start..start + length,
                record: parse(line, 0).ok().map(Box::new),
            });
        }
        start + length + 1
    }

    /// Gives what its lines say, in their order.
    pub(super) fn each<E>(&mut self, mut give: impl FnMut(Part<'_>) -> Result<(), E>) -> Result<(), E> {
        let Self { buffer, length, columns, beside, others, lines, ended, .. } = self;
        let text = &buffer[..*length];
        let (mut first, mut beside) = (0, beside.as_slice());
        for line in others.drain(..).map(Some).chain([None]) {
            let next = line.as_ref().map_or(columns.len(), |line| line.snapshots);
            if next > first {
                let (some, more) = beside.split_at(beside.partition_point(|beside| beside.row < next));
                give(Part::Snapshots(SnapshotLines { columns, rows: first..next, beside: some, text }))?;
                (first, beside) = (next, more);
            }
            let Some(line) = line else { return Ok(()) };
            let (letters, whole) = (&text[line.place.clone()], *ended || line.before + 1 < *lines);
            give(Part::Other(line, letters, whole))?;
        }
        Ok(())
    }

    /// How many lines it has, blank ones too.
    pub(super) const fn lines(&self) -> usize {
        self.lines
    }
}
