//! What goes into the stream, and what is left out as it nears its size cap.

use std::sync::Arc;

use memtool_profile_model::stream::current::{Footer, Note, Record, SnapshotRecord};
use memtool_profile_model::{Mib, Offset};

use crate::history::MemorySnapshot;
use crate::outbox::Outbox;
use crate::thinning::{Thinning, Turn};

/// Hands records to the outbox.
pub(crate) struct Journal {
    outbox: Arc<Outbox>,
    thinning: Thinning,
    gc_written: Option<u64>,
    /// The largest memory that went out at once.
    largest: Mib,
    /// Whether anything came since the last footer.
    is_open: bool,
}

impl Journal {
    pub(crate) const fn new(outbox: Arc<Outbox>, cap: u64) -> Self {
        Self { outbox, thinning: Thinning::new(cap), gc_written: None, largest: Mib::ZERO, is_open: true }
    }

    /// Records left out for the size cap.
    pub(crate) const fn left_out(&self) -> u64 {
        self.thinning.left_out
    }

    /// Whether anything came since the last footer.
    pub(crate) const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Enters the closing totals.
    pub(crate) fn footer(&mut self, at: Offset, footer: Footer) {
        self.put(at, &Record::Footer(footer));
        self.is_open = false;
    }

    /// Whether the next batch goes in, with its start and its end.
    pub(crate) fn admits_batch(&mut self) -> bool {
        self.thinning.admits(Turn::Batch)
    }

    /// Enters a snapshot; answers the new share where records become rarer by it. What a reader
    /// can work out is left out: the pressure level, and a count of collections that did not
    /// move. A process that is watched from outside has no batch size.
    pub(crate) fn snapshot(&mut self, seen: &MemorySnapshot, outside: bool) -> Option<u32> {
        if !self.thinning.admits_size(seen.rss.get()) {
            return None;
        }
        let moved = self.gc_written != seen.gc_collections;
        self.gc_written = seen.gc_collections;
        let record = SnapshotRecord {
            t_ns: seen.at,
            rss_mb: Some(seen.rss),
            vms_mb: seen.vms,
            shared_mb: seen.shared,
            children_rss_mb: seen.children_rss,
            pss_mb: seen.pss,
            available_mb: seen.available,
            gc_collections: seen.gc_collections.filter(|_| moved),
            batch_size: (!outside).then_some(seen.batch_size),
            operation: seen.operation.as_deref().map(str::to_owned),
            ..Default::default()
        };
        self.put(seen.at, &Record::Snapshot(record))
    }

    /// Enters a look that gave nothing.
    pub(crate) fn failed_look(&mut self, at: Offset) {
        if self.thinning.admits_size(Mib::ZERO.get()) {
            self.put(at, &Record::Snapshot(SnapshotRecord { t_ns: at, ..Default::default() }));
        }
    }

    /// Enters a record unless it is its turn to be left out.
    pub(crate) fn enter(&mut self, at: Offset, record: &Record) {
        if self.thinning.admits(Turn::Other) {
            self.put(at, record);
        }
    }

    /// Enters a record in any case; answers the new share where records become rarer by it.
    pub(crate) fn put(&mut self, at: Offset, record: &Record) -> Option<u32> {
        self.is_open = true;
        let urgent = self.is_urgent(record);
        let bytes = self.outbox.push(record, urgent)?;
        let every = self.thinning.wrote(bytes)?;
        let text = format!("the stream nears its size cap: one in {every} records is kept");
        let bytes = self
            .outbox
            .push(&Record::Note(Note { t_ns: at, text, thinning: Some(every), ..Note::default() }), true);
        self.thinning.wrote(bytes.unwrap_or(0));
        Some(every)
    }

    /// Whether a record goes out at once. A look that shows nothing new may wait for others, and
    /// so may the end of a batch, which the start of the next one takes along. Memory that rises
    /// does not wait: the job may be killed for it.
    fn is_urgent(&mut self, record: &Record) -> bool {
        match record {
            Record::Snapshot(seen) => {
                let rss = seen.rss_mb.unwrap_or(Mib::ZERO);
                let news = self.is_news(rss);
                self.largest = if news { rss } else { self.largest };
                news
            }
            Record::BatchEnd(_) => false,
            _ => true,
        }
    }

    /// Whether a look shows more memory than any that went out at once, by enough.
    pub(crate) fn is_news(&self, rss: Mib) -> bool {
        const ENOUGH: f64 = 1.01;
        rss > self.largest.scaled(ENOUGH)
    }

    /// Enters a word about the recording itself.
    pub(crate) fn note(&mut self, at: Offset, text: &str) {
        self.put(at, &Record::Note(Note { t_ns: at, text: text.to_owned(), ..Note::default() }));
    }
}
