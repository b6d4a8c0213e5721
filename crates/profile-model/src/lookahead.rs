//! A moving view of a file: what lies ahead, never all of it.

use std::io::{self, ErrorKind, Read};

/// Bytes read at once. Small enough to stay in a processor's second cache, from which they are
/// parsed; large enough that the call does not count.
const CHUNK: usize = 256 << 10;

/// What is parsed in one piece, a line or a text, may be so long. Real ones are a few hundred bytes,
/// and a text of a megabyte is still a text; a longer one would take memory for nothing.
const LONGEST_PIECE: usize = 8 << 20;

/// An error if what was read of a piece is as long as any may be, without its end in sight.
pub(crate) fn refuse_endless(bytes: usize) -> io::Result<()> {
    if bytes < LONGEST_PIECE {
        return Ok(());
    }
    let limit = format!("a line or a text in it is longer than {} MiB", LONGEST_PIECE >> 20);
    Err(io::Error::new(ErrorKind::InvalidData, limit))
}

/// The bytes ahead in a file of any size.
pub(crate) struct Lookahead<'b, R> {
    reader: R,
    buffer: &'b mut Vec<u8>,
    from: usize,
    to: usize,
    ended: bool,
}

impl<'b, R: Read> Lookahead<'b, R> {
    /// A view of a file's beginning; the buffer keeps its memory for the next file.
    pub(crate) fn new(reader: R, buffer: &'b mut Vec<u8>) -> Self {
        buffer.resize(CHUNK.max(buffer.len()), 0);
        Self { reader, buffer, from: 0, to: 0, ended: false }
    }

    /// What lies ahead, as far as it is read.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.buffer[self.from..self.to]
    }

    /// Steps over bytes that lie ahead.
    pub(crate) fn pass(&mut self, bytes: usize) {
        self.from = (self.from + bytes).min(self.to);
    }

    /// Reads further; false at the file's end. The buffer grows only where nothing was passed.
    pub(crate) fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.copy_within(self.from..self.to, 0);
        (self.from, self.to) = (0, self.to - self.from);
        if self.to == self.buffer.len() {
            self.grow()?;
        }
        loop {
            match self.reader.read(&mut self.buffer[self.to..]) {
                Ok(read) => {
                    self.to += read;
                    self.ended = read == 0;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Moves bytes from ahead into a slice, as many as fit, and tells how many; fewer only at the file's end.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut read = self.ahead().len().min(into.len());
        into[..read].copy_from_slice(&self.ahead()[..read]);
        self.pass(read);
        while read < into.len() {
            match self.reader.read(&mut into[read..]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    /// Puts bytes back: they lie ahead again, before all others.
    pub(crate) fn put_back(&mut self, bytes: &[u8]) {
        let ahead = [bytes, self.ahead()].concat();
        // As if it had grown to this size.
        self.buffer.resize(ahead.len().next_power_of_two().max(self.buffer.len()), 0);
        self.buffer[..ahead.len()].copy_from_slice(&ahead);
        (self.from, self.to) = (0, ahead.len());
    }

    fn grow(&mut self) -> io::Result<()> {
        refuse_endless(self.buffer.len())?;
        self.buffer.resize(2 * self.buffer.len(), 0);
        Ok(())
    }

    /// Reads on until so many bytes lie ahead, or the file ends.
    pub(crate) fn fill(&mut self, bytes: usize) -> io::Result<()> {
        while self.to - self.from < bytes && self.more()? {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_passes_once_and_in_order() {
        let file: Vec<u8> = (0..3 * CHUNK + 17).map(|n| (n % 251) as u8).collect();
        let mut buffer = Vec::new();
        let mut input = Lookahead::new(&file[..], &mut buffer);
        let mut seen = Vec::new();
        loop {
            input.fill(1000).expect("memory");
            let step = input.ahead().len().min(777);
            if step == 0 {
                break;
            }
            seen.extend_from_slice(&input.ahead()[..step]);
            input.pass(step);
        }
        assert!(seen == file);
        assert_eq!(buffer.len(), CHUNK, "nothing had to be kept");
    }

    #[test]
    fn a_piece_without_an_end_is_refused() {
        let mut buffer = Vec::new();
        let mut input = Lookahead::new(io::repeat(b'x'), &mut buffer);
        let error = loop {
            match input.more() {
                Ok(more) => assert!(more, "it never ends"),
                Err(error) => break error,
            }
        };
        assert!(error.to_string().contains("longer than 8 MiB"), "{error}");
        assert_eq!(buffer.len(), LONGEST_PIECE);
    }

    #[test]
    fn what_is_put_back_lies_ahead_again() {
        let file: Vec<u8> = (0..3 * CHUNK).map(|n| (n % 251) as u8).collect();
        let mut buffer = Vec::new();
        let mut input = Lookahead::new(&file[..], &mut buffer);
        input.fill(1000).expect("memory");
        let mut start = vec![0; 2 * CHUNK - 7];
        assert_eq!(input.read(&mut start).expect("memory"), start.len());
        input.fill(1).expect("memory");
        input.put_back(&start);
        while input.more().expect("memory") {}
        assert!(input.ahead() == file);
    }

    #[test]
    fn what_was_not_passed_is_kept() {
        let file = vec![b'x'; 2 * CHUNK];
        let mut buffer = Vec::new();
        let mut input = Lookahead::new(&file[..], &mut buffer);
        input.pass(9);
        while input.more().expect("memory") {}
        assert_eq!(input.ahead().len(), file.len());
    }
}
