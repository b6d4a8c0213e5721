//! Blocks of a stream, parsed by several threads and given on in their order.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

use super::block::Block;
use crate::error::ReadError;
use crate::lookahead::Lookahead;

/// A stream of fewer blocks is parsed before threads would have started.
const FEW: usize = 8;

/// Blocks that are parsed or wait, for each thread: memory is bounded, and a thread always has one.
const AHEAD: usize = 3;

/// Reads and parses a stream block by block and gives each to `each`, in the order of the file,
/// until that says false.
///
/// This thread reads, and parses too while the next block in order is not ready.
pub(super) fn parse_blocks<R: Read>(
    input: &mut Lookahead<'_, R>,
    helpers: usize,
    mut each: impl FnMut(&mut Block) -> Result<bool, ReadError>,
) -> Result<(), ReadError> {
    let (mut left, mut block) = (Vec::new(), Block::default());
    let mut count = 0;
    while helpers == 0 || count < FEW {
        if !block.fill(input, &mut left)? {
            return Ok(());
        }
        block.parse();
        if !each(&mut block)? {
            return Ok(());
        }
        count += 1;
    }
    thread::scope(|scope| {
        let helpers = (0..helpers).map(|_| {
            let (jobs, blocks) = channel();
            let (done, parsed) = channel();
            scope.spawn(move || parse_all(&blocks, &done));
            Helper { jobs, parsed, given: 0 }
        });
        let mut queue =
            Queue { helpers: helpers.collect(), order: VecDeque::new(), spare: vec![block], ended: false };
        while let Some(mut block) = queue.next(input, &mut left)? {
            if !each(&mut block)? {
                break;
            }
            queue.spare.push(block);
        }
        Ok(())
    })
}

fn parse_all(blocks: &Receiver<Block>, done: &Sender<Block>) {
    for mut block in blocks {
        block.parse();
        if done.send(block).is_err() {
            return;
        }
    }
}

/// A thread that parses.
struct Helper {
    jobs: Sender<Block>,
    parsed: Receiver<Block>,
    /// Blocks it has.
    given: usize,
}

/// Who has a block.
enum Place {
    Helper(usize),
    Here(Block),
}

/// Blocks on their way, in the order of the file.
struct Queue {
    helpers: Vec<Helper>,
    order: VecDeque<Place>,
    spare: Vec<Block>,
    ended: bool,
}

impl Queue {
    /// The next block, parsed.
    fn next<R: Read>(
        &mut self,
        input: &mut Lookahead<'_, R>,
        left: &mut Vec<u8>,
    ) -> Result<Option<Block>, ReadError> {
        loop {
            for index in 0..self.helpers.len() {
                while self.helpers[index].given < AHEAD {
                    let Some(block) = self.read(input, left)? else { break };
                    self.helpers[index].give(block);
                    self.order.push_back(Place::Helper(index));
                }
            }
            let index = match self.order.pop_front() {
                None => return Ok(None),
                Some(Place::Here(block)) => return Ok(Some(block)),
                Some(Place::Helper(index)) => index,
            };
            if let Some(block) = self.helpers[index].take(false) {
                return Ok(Some(block));
            }
            let room = self.order.len() < AHEAD * (self.helpers.len() + 1);
            let own = if room { self.read(input, left)? } else { None };
            let Some(mut own) = own else { return Ok(self.helpers[index].take(true)) };
            own.parse();
            self.order.push_front(Place::Helper(index));
            self.order.push_back(Place::Here(own));
        }
    }

    fn read<R: Read>(
        &mut self,
        input: &mut Lookahead<'_, R>,
        left: &mut Vec<u8>,
    ) -> Result<Option<Block>, ReadError> {
        let mut block = self.spare.pop().unwrap_or_default();
        self.ended = self.ended || !block.fill(input, left)?;
        Ok((!self.ended).then_some(block))
    }
}

impl Helper {
    fn give(&mut self, block: Block) {
        self.given += 1;
        // It ends only where it panics, and then so does the scope.
        let _ = self.jobs.send(block);
    }

    /// Its next block; `None` where that is not ready, unless it is waited for.
    fn take(&mut self, wait: bool) -> Option<Block> {
        let block = match self.parsed.try_recv() {
            Err(TryRecvError::Empty) if wait => self.parsed.recv().ok(),
            block => block.ok(),
        };
        self.given -= usize::from(block.is_some());
        block
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::{read_lines, tests::long_stream};
    use super::*;

    #[test]
    fn threads_read_what_one_does() {
        let text = long_stream();
        let read = |helpers| {
            let run = read_lines(&mut Lookahead::new(text.as_bytes(), &mut Vec::new()), usize::MAX, helpers);
            run.expect("a run")
        };
        let alone = read(0);
        assert!(alone.snapshots.len() > 50_000 && alone.warnings.len() >= 3, "{:?}", alone.warnings);
        for helpers in [1, 2, 5] {
            assert!(read(helpers) == alone, "{helpers} helpers");
        }
    }

    #[test]
    fn what_is_passed_on_is_what_would_be_kept() {
        use super::super::read::pass_lines;
        let mut lines: Vec<String> = long_stream().lines().map(str::to_owned).collect();
        let at =
            |line: &String| line.split("\"t_ns\":").nth(1)?.split([',', '}']).next()?.parse::<u64>().ok();
        // In order, with two at one time.
        let mut last = 0;
        lines.retain(|line| {
            let Some(at) = at(line) else { return true };
            let in_order = last <= at;
            last = last.max(at);
            in_order
        });
        let again = lines.iter().rposition(|line| line.contains("snapshot\",\"t_ns")).expect("a snapshot");
        lines.insert(again, lines[again].replace("rss_mb", "vms_mb"));
        let pass = |text: &str, most| {
            let mut passed = Vec::new();
            let mut sink = |_: &_, _: &_, some: &crate::SnapshotRows<'_>| passed.extend(some.snapshots());
            let run = pass_lines(&mut Lookahead::new(text.as_bytes(), &mut Vec::new()), most, 1, &mut sink);
            run.expect("a stream").map(|run| crate::Run { snapshots: passed, ..run })
        };
        let text = lines.join("\n");
        let kept =
            read_lines(&mut Lookahead::new(text.as_bytes(), &mut Vec::new()), usize::MAX, 1).expect("a run");
        assert!(kept.warnings.iter().any(|warning| matches!(warning, crate::Warning::RepeatedTime(1))));
        assert!(kept.warnings.iter().any(|warning| matches!(warning, crate::Warning::MissingRss(1))));
        assert!(pass(&text, usize::MAX) == Some(kept));
        assert!(pass(&text, 1000).is_none(), "more than may be kept");
        assert!(pass(&long_stream(), usize::MAX).is_none(), "out of order");
    }

    #[test]
    fn a_fault_ends_the_reading_at_once() {
        let text = long_stream();
        let header = text.lines().next().expect("a header");
        let twice = text.replacen("{\"type\":\"note\"", &format!("{header}\n{{\"type\":\"note\""), 1);
        let told = |helpers| {
            read_lines(&mut Lookahead::new(twice.as_bytes(), &mut Vec::new()), usize::MAX, helpers)
                .expect_err("two headers")
                .to_string()
        };
        assert!(told(0).contains("a second header"), "{}", told(0));
        assert_eq!(told(2), told(0));
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let header = format!("{}\n", long_stream().lines().next().expect("a header"));
        let told = |helpers| {
            let endless = header.as_bytes().chain(std::io::repeat(b'x').take(1 << 30));
            read_lines(&mut Lookahead::new(endless, &mut Vec::new()), usize::MAX, helpers)
                .expect_err("an endless line")
                .to_string()
        };
        assert!(told(2).contains("longer than 8 MiB"), "{}", told(2));
    }
}
