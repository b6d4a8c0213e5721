//! A part of a long history: whole rows, parsed apart from the parts around it.

use std::io::{self, Read};

use memchr::memmem;
use serde_json::Deserializer;

use super::document::HistoryRow;
use super::layout::Layout;
use super::sample::{Sample, Samples};
use crate::lookahead::Lookahead;
use crate::parallel::Block;
use crate::time::Clock;

/// Bytes of a block: with the samples in it, it stays in a processor's second cache.
const BYTES: usize = 256 << 10;

/// Rows that follow one another, and what they say.
///
/// A block is cut where a row seems to begin. It does, if the block began with a row and ends with a whole one: whoever
/// takes blocks in their order, up to the first of which something is [unread](Self::unread), is given rows only.
#[derive(Clone)]
pub(super) struct RowBlock {
    /// The text of its rows, and what was read beyond.
    buffer: Vec<u8>,
    /// Bytes in the buffer.
    length: usize,
    /// Where the next block begins.
    end: usize,
    /// Where the first row begins that was not taken.
    taken: usize,
    samples: Samples,
    layout: Layout,
    clock: Clock,
    /// What stands between two rows, from the end of one to the first value of the other: no text in quotes has this.
    seam: Vec<u8>,
    /// Where in it the other row begins.
    next: usize,
}

impl RowBlock {
    /// A block of the history whose next row is at the beginning of a text, and of the samples so far; `None` where the row
    /// is laid out in another way than those before.
    pub(super) fn learn(text: &[u8], layout: &Layout, samples: &Samples) -> Option<Self> {
        let (mut layout, mut clock) = (layout.clone(), Clock::default());
        let (_, after) = layout.read(text, &mut clock)?;
        // From the brace that ends the row.
        let from = text.len() - after.len() - 1;
        let next = text.len() - next_row(after)?.len();
        let seam = text.get(from..next + layout.start())?.to_vec();
        Some(Self {
            buffer: Vec::new(),
            length: 0,
            end: 0,
            taken: 0,
            samples: samples.of_same_run(),
            layout,
            clock,
            seam,
            next: next - from,
        })
    }

    /// What was read of its rows.
    pub(super) const fn samples(&mut self) -> &mut Samples {
        &mut self.samples
    }

    /// All its text.
    pub(super) fn text(&self) -> &[u8] {
        &self.buffer[..self.end]
    }

    /// The text from the first row on that was not taken.
    pub(super) fn unread(&self) -> &[u8] {
        &self.buffer[self.taken..self.end]
    }

    /// Takes the row at the beginning of a text, and tells where the next one begins, which is not beyond `end`; `None`
    /// where anything is not as it should be.
    fn take(&mut self, at: usize) -> Option<usize> {
        let rest = &self.buffer[at..self.length];
        let place = |after| Some(self.length - next_row(after)?.len()).filter(|next| *next <= self.end);
        if let Some((sample, after)) = self.layout.read(rest, &mut self.clock) {
            let next = place(after)?;
            return self.samples.take(&sample).is_ok().then_some(next);
        }
        let mut rows = Deserializer::from_slice(rest).into_iter::<HistoryRow<'_>>();
        let row = rows.next()?.ok()?;
        let (text, after) = rest.split_at(rows.byte_offset());
        // serde does not look into texts that it leaves out.
        str::from_utf8(text).ok()?;
        let next = place(after)?;
        self.samples.take(&Sample::of(&row, 0).ok()?).is_ok().then_some(next)
    }
}

impl Block for RowBlock {
    /// Reads so many bytes, and back to where a row begins.
    fn fill<R: Read>(&mut self, input: &mut Lookahead<'_, R>, left: &mut Vec<u8>) -> io::Result<bool> {
        let from = left.len();
        self.buffer.resize(from + BYTES, 0);
        self.buffer[..from].copy_from_slice(left);
        left.clear();
        self.length = from + input.read(&mut self.buffer[from..])?;
        let text = &self.buffer[..self.length];
        self.end = memmem::rfind(text, &self.seam).map_or(self.length, |at| at + self.next);
        left.extend_from_slice(&text[self.end..]);
        Ok(self.end > 0)
    }

    /// Takes its rows, up to the first that is not as it should be.
    fn parse(&mut self) {
        self.samples.clear();
        self.taken = 0;
        while let Some(next) = (self.taken < self.end).then(|| self.take(self.taken)).flatten() {
            self.taken = next;
        }
    }
}

/// The next row, of which what stands behind a row tells.
pub(super) fn next_row(after: &[u8]) -> Option<&[u8]> {
    let after = after[blank(after)..].strip_prefix(b",")?;
    let next = &after[blank(after)..];
    next.starts_with(b"{").then_some(next)
}

/// How much of what JSON allows between values a text begins with.
pub(super) fn blank(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()
}
