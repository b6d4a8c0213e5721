//! A part of a stream: whole lines, read at once and parsed apart from the parts around it.

use std::io::{self, Read};
use std::ops::Range;

use super::line::parse;
use super::v1::{Record, SnapshotRecord};
use crate::lookahead::{Lookahead, refuse_endless};

/// Bytes of a block: with what is parsed of it, it stays in a processor's second cache.
const BYTES: usize = 128 << 10;

/// Lines of a stream, and what they say.
#[derive(Default)]
pub(super) struct Block {
    text: Vec<u8>,
    /// Lines that are not blank, in order.
    parsed: Vec<Parsed>,
    /// All lines.
    lines: usize,
    /// Whether a line feed ends the last one.
    ended: bool,
}

/// One line of a block.
pub(super) struct Parsed {
    /// How many lines of the block stand before it.
    pub(super) before: usize,
    place: Range<usize>,
    pub(super) says: Says,
}

/// What a line says. Most are snapshots, and small.
pub(super) enum Says {
    Snapshot(SnapshotRecord),
    Other(Box<Record>),
    /// Something is wrong: it is told by parsing the line again with its number.
    Fault,
}

impl Block {
    /// Reads the next block: so many bytes, and on to the end of a line. `left` has the beginning
    /// of a line that was read before, and takes what is read too far. False at the file's end.
    pub(super) fn fill<R: Read>(
        &mut self,
        input: &mut Lookahead<'_, R>,
        left: &mut Vec<u8>,
    ) -> io::Result<bool> {
        self.text.clear();
        self.text.append(left);
        let mut wanted = BYTES;
        let end = loop {
            let from = self.text.len();
            if input.append(wanted, &mut self.text)? == 0 {
                self.ended = self.text.last() == Some(&b'\n');
                return Ok(!self.text.is_empty());
            }
            if let Some(end) = memchr::memrchr(b'\n', &self.text[from..]) {
                break from + end + 1;
            }
            refuse_endless(self.text.len())?;
            // A long line costs no more than twice its length.
            wanted = BYTES.max(self.text.len());
        };
        left.extend_from_slice(&self.text[end..]);
        self.text.truncate(end);
        self.ended = true;
        Ok(true)
    }

    /// Parses all its lines.
    pub(super) fn parse(&mut self) {
        self.parsed.clear();
        let mut start = 0;
        self.lines = 0;
        while start < self.text.len() {
            let rest = &self.text[start..];
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..length];
            if !line.trim_ascii().is_empty() {
                let says = match parse(line, 0) {
                    Ok(Record::Snapshot(record)) => Says::Snapshot(record),
                    Ok(record) => Says::Other(Box::new(record)),
                    Err(_) => Says::Fault,
                };
                self.parsed.push(Parsed { before: self.lines, place: start..start + length, says });
            }
            start += length + 1;
            self.lines += 1;
        }
    }

    /// Gives its lines that are not blank, with their letters and whether a line feed ends them.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (Parsed, &[u8], bool)> {
        let Self { text, parsed, lines, ended } = self;
        parsed.drain(..).map(|line| {
            let letters = &text[line.place.clone()];
            let whole = *ended || line.before + 1 < *lines;
            (line, letters, whole)
        })
    }

    /// How many lines it has, blank ones too.
    pub(super) const fn lines(&self) -> usize {
        self.lines
    }
}
