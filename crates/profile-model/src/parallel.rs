//! Blocks of a large file, parsed by several threads and given on in their order.
//!
//! Whoever parses a block has also read it, so that its text is in that processor's cache: the threads take turns at the
//! file. Only what was parsed goes from one to another.

use std::io::{self, Read};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::lookahead::Lookahead;

/// Blocks that are parsed or wait, for each thread: memory is bounded, and a thread always has one.
const AHEAD: usize = 3;

/// A part of a file that is parsed apart from the parts around it.
pub(crate) trait Block: Send {
    /// Reads the next part. `left` has the beginning of something that was read before, and takes what is read too far.
    /// False at the file's end.
    fn fill<R: Read>(&mut self, input: &mut Lookahead<'_, R>, left: &mut Vec<u8>) -> io::Result<bool>;

    /// Parses it.
    fn parse(&mut self);
}

/// Reads and parses the rest of a file block by block and gives each to `each`, in the order of the file, until that says
/// false. Gives back the blocks that were read beyond.
///
/// This thread parses too while the next block in order is not ready.
pub(crate) fn parse_blocks<R: Read + Send, B: Block, E: From<io::Error>>(
    input: &mut Lookahead<'_, R>,
    left: &mut Vec<u8>,
    helpers: usize,
    new: impl Fn() -> B,
    mut each: impl FnMut(&mut B) -> Result<bool, E>,
) -> Result<Vec<B>, E> {
    let (order, parsed) = channel();
    let (spare, spares) = channel();
    let source = Mutex::new(Source { input, left, spares, order: Some(order), error: None });
    // It is dropped when no more blocks are asked for: then the helpers end.
    let queue = Queue { source: &source, parsed: &parsed, spare, next: None };
    (0..AHEAD * (helpers + 1)).for_each(|_| queue.give_back(new()));
    let stopped = thread::scope(move |scope| {
        let mut queue = queue;
        for _ in 0..helpers {
            scope.spawn(|| parse_all(queue.source));
        }
        while let Some(mut block) = queue.next() {
            if !each(&mut block)? {
                return Ok(true);
            }
            queue.give_back(block);
        }
        Ok::<_, E>(false)
    })?;
    // Whoever stops does not want what could not be read beyond.
    let error = source.into_inner().ok().and_then(|source| source.error).filter(|_| !stopped);
    let beyond = || parsed.try_iter().filter_map(|block| block.recv().ok()).collect();
    error.map_or_else(|| Ok(beyond()), |error| Err(error.into()))
}

fn parse_all<R: Read, B: Block>(source: &Mutex<Source<'_, '_, R, B>>) {
    // A helper that waits for a spare block keeps the others waiting behind it, who would wait for the same.
    while let Some((mut block, done)) = source.lock().ok().and_then(|mut source| source.next(true)) {
        block.parse();
        if done.send(block).is_err() {
            return;
        }
    }
}

/// The file, at which one thread reads at a time.
struct Source<'i, 'b, R, B> {
    input: &'i mut Lookahead<'b, R>,
    left: &'i mut Vec<u8>,
    spares: Receiver<B>,
    /// Takes where each block will arrive when it is parsed; gone at the file's end.
    order: Option<Sender<Receiver<B>>>,
    error: Option<io::Error>,
}

impl<R: Read, B: Block> Source<'_, '_, R, B> {
    /// Reads the next block, and tells where to send it; `None` at the end, and where there is no spare block and none is
    /// waited for.
    fn next(&mut self, wait: bool) -> Option<(B, Sender<B>)> {
        let mut block = if wait { self.spares.recv().ok()? } else { self.spares.try_recv().ok()? };
        // Not put back at the end, or where reading fails: then nobody waits for more.
        let order = self.order.take()?;
        match block.fill(self.input, self.left) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => {
                self.error = Some(error);
                return None;
            }
        }
        let (done, parsed) = channel();
        order.send(parsed).ok()?;
        self.order = Some(order);
        Some((block, done))
    }
}

/// Blocks on their way, in the order of the file.
struct Queue<'q, 'i, 'b, R, B> {
    source: &'q Mutex<Source<'i, 'b, R, B>>,
    parsed: &'q Receiver<Receiver<B>>,
    spare: Sender<B>,
    /// Where the next block will arrive.
    next: Option<Receiver<B>>,
}

impl<R: Read, B: Block> Queue<'_, '_, '_, R, B> {
    /// The next block, parsed; `None` at the end.
    fn next(&mut self) -> Option<B> {
        loop {
            self.next = self.next.take().or_else(|| self.parsed.try_recv().ok());
            if let Some(block) = self.next.as_ref().and_then(|next| next.try_recv().ok()) {
                self.next = None;
                return Some(block);
            }
            let own = self.source.try_lock().ok().and_then(|mut source| source.next(false));
            if let Some((mut block, done)) = own {
                block.parse();
                done.send(block).ok()?;
                continue;
            }
            // Whoever has it ends only where it panics, and then so does the scope.
            let next = self.next.take().map_or_else(|| self.parsed.recv().ok(), Some)?;
            return next.recv().ok();
        }
    }

    fn give_back(&self, block: B) {
        // Nobody takes it at the file's end.
        let _ = self.spare.send(block);
    }
}
