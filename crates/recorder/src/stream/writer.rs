//! Decides which records go into the stream, and queues them.

use std::sync::Arc;

use memtool_profile_model::stream::current::{Footer, LiveRecord, Note, Record, SnapshotRecord};
use memtool_profile_model::{Mib, Offset};

use super::size_cap::{RecordKind, SizeCap};
use super::write_queue::WriteQueue;
use crate::snapshot::MemorySnapshot;

/// Puts records into the write queue.
pub(crate) struct StreamWriter {
    queue: Arc<WriteQueue>,
    size_cap: SizeCap,
    gc_written: Option<u64>,
    /// The largest sample that was written at once.
    largest: Mib,
    /// Whether anything came since the last footer.
    is_open: bool,
}

impl StreamWriter {
    pub(crate) const fn new(queue: Arc<WriteQueue>, cap: u64) -> Self {
        Self { queue, size_cap: SizeCap::new(cap), gc_written: None, largest: Mib::ZERO, is_open: true }
    }

    /// Records left out for the size cap.
    pub(crate) const fn left_out(&self) -> u64 {
        self.size_cap.left_out
    }

    /// Whether anything came since the last footer.
    pub(crate) const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Writes the closing totals.
    pub(crate) fn footer(&mut self, at: Offset, footer: Footer) {
        self.write_always(at, &Record::Footer(footer));
        self.is_open = false;
    }

    /// Whether the next batch goes in, with its start and its end.
    pub(crate) fn admits_batch(&mut self) -> bool {
        self.size_cap.admits(RecordKind::Batch)
    }

    /// Writes a snapshot; returns the new share where records become rarer by it. What a reader
    /// can work out is left out: the pressure level, and a count of collections that did not
    /// move. A process that is watched from outside has no batch size.
    pub(crate) fn snapshot(&mut self, seen: &MemorySnapshot, live: LiveRecord, outside: bool) -> Option<u32> {
        if !self.size_cap.admits_size(seen.rss.get()) {
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
            group_mb: seen.group,
            peak_rss_mb: seen.peak,
            available_mb: seen.available,
            gc_collections: seen.gc_collections.filter(|_| moved),
            batch_size: (!outside).then_some(seen.batch_size),
            operation: seen.operation.as_deref().map(str::to_owned),
            live,
            ..Default::default()
        };
        self.write_always(seen.at, &Record::Snapshot(record))
    }

    /// Writes that a sample failed.
    pub(crate) fn failed_sample(&mut self, at: Offset) {
        if self.size_cap.admits_size(Mib::ZERO.get()) {
            self.write_always(at, &Record::Snapshot(SnapshotRecord { t_ns: at, ..Default::default() }));
        }
    }

    /// Writes a record unless it is its turn to be left out.
    pub(crate) fn write(&mut self, at: Offset, record: &Record) {
        if self.size_cap.admits(RecordKind::Other) {
            self.write_always(at, record);
        }
    }

    /// Writes a record in any case; returns the new share where records become rarer by it.
    pub(crate) fn write_always(&mut self, at: Offset, record: &Record) -> Option<u32> {
        self.is_open = true;
        let urgent = self.is_urgent(record);
        let bytes = self.queue.push(record, urgent)?;
        let every = self.size_cap.wrote(bytes)?;
        let text = format!("the stream nears its size cap: one in {every} records is kept");
        let note = Note { t_ns: at, text, thinning: Some(every), ..Note::default() };
        let bytes = self.queue.push(&Record::Note(note), true);
        self.size_cap.wrote(bytes.unwrap_or(0));
        Some(every)
    }

    /// Whether a record goes out at once. A sample that shows nothing new may wait for others, and
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

    /// Whether a sample is higher by 1 % or more than any that was written at once.
    pub(crate) fn is_news(&self, rss: Mib) -> bool {
        const ENOUGH: f64 = 1.01;
        rss > self.largest.scaled(ENOUGH)
    }

    /// Writes a note about the recording itself.
    pub(crate) fn note(&mut self, at: Offset, text: &str) {
        self.write_always(at, &Record::Note(Note { t_ns: at, text: text.to_owned(), ..Note::default() }));
    }
}
