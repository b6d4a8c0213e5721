//! From records in the order of their lines to a run.

use std::collections::HashMap;
use std::ops::Range;

use super::block::SnapshotLines;
use super::levels::fill_levels;
use super::snapshot_line::{Beside, parts};
use super::snapshot_sink::SnapshotSink;
use super::v1::{
    BatchEnd, BatchStart, CacheRecord, DecisionRecord, Footer, GcRecord, Header, LiveRecord, Note, Record,
};
use crate::batch::{Batch, Collection, PeakSource};
use crate::decision::Decision;
use crate::error::ReadError;
use crate::live::LiveSample;
use crate::operation::OperationId;
use crate::peak::Peak;
use crate::run::{Cache, Format, Run};
use crate::snapshot::{SnapshotKind, is_part_of};
use crate::snapshot_columns::SnapshotColumns;
use crate::time;
use crate::units::{Mib, Offset};
use crate::warning::Warning;

/// Batches, collections and decisions that are kept however little memory is given.
const LEAST_ROOM: usize = 1000;

/// A run that grows record by record.
pub(super) struct RunBuilder<'k> {
    run: Run,
    sink: SnapshotSink<'k>,
    current: Option<OperationId>,
    open: HashMap<u64, usize>,
    /// Collections as the last snapshot told them.
    collections: Option<u64>,
    /// Records of kinds that this version does not know.
    pub(super) unknown: usize,
    /// One in so many samples is written.
    thinning: Option<u32>,
    /// Records that could not be written, by the last note of it.
    lost: u64,
    /// Samples with a part larger than the whole.
    oversized: usize,
    /// Batches that end before they start.
    reversed: usize,
    /// Batches, collections and decisions for which there is no room.
    left_out: usize,
    closed: bool,
}

impl<'k> RunBuilder<'k> {
    pub(super) fn new(header: Header, sink: SnapshotSink<'k>) -> Result<Self, ReadError> {
        let started = time::parse(&header.started).ok_or_else(|| ReadError::Value {
            place: "line 1, started".to_owned(),
            expected: "an RFC 3339 time",
            found: format!("{:?}", header.started.chars().take(60).collect::<String>()),
        })?;
        let mut run = Run {
            id: Some(header.run_id).filter(|id| !id.is_empty()),
            format: Format::StreamV1,
            started: started.at,
            config: header.config,
            host: header.host,
            process: header.process,
            origin: header.origin.map(|origin| *origin),
            ..Run::default()
        };
        run.leave_out_tiny_limits();
        Ok(Self {
            run,
            sink,
            current: None,
            open: HashMap::new(),
            collections: None,
            unknown: 0,
            thinning: None,
            lost: 0,
            oversized: 0,
            reversed: 0,
            left_out: 0,
            closed: false,
        })
    }

    /// Whether there is a snapshot with memory so far.
    pub(super) fn has_memory(&self) -> bool {
        self.sink.has_memory()
    }

    /// Whether the stream must be read again: see [`SnapshotSink`].
    pub(super) const fn is_lost(&self) -> bool {
        self.sink.is_lost()
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        self.run.warnings.push(warning);
    }

    /// Takes the record of the next line.
    pub(super) fn add(&mut self, record: Record) {
        match record {
            Record::Header(_) => {}
            Record::Snapshot(record) => {
                let (snapshot, beside) = parts(&record);
                let mut columns = SnapshotColumns::default();
                columns.push(&snapshot);
                self.in_force(&mut columns, 0..1);
                self.label(&mut columns, 0, record.operation.as_deref());
                self.sink.push(&self.run, columns.rows(0..1));
                self.beside(record.t_ns, &beside);
                self.meters(record.t_ns, by_name(&record.live));
            }
            Record::BatchStart(record) => self.batch_start(&record),
            Record::BatchEnd(record) => self.batch_end(&record),
            Record::Gc(record) => {
                if self.has_room(self.run.collections.len()) {
                    self.run.collections.push(collection_of(&record));
                }
            }
            Record::Decision(record) => self.decision(&record),
            Record::Operation(record) => {
                let named = !record.name.is_empty();
                self.current = named.then(|| self.run.operations.intern(&record.name));
            }
            Record::Cache(record) => self.cache(record),
            Record::Libraries(record) => self.libraries(record.names),
            Record::Note(note) => self.note(&note),
            Record::Footer(footer) => self.footer(&footer),
        }
    }

    /// Whether one more fits beside so many of its kind; counts those that do not.
    fn has_room(&mut self, kept: usize) -> bool {
        let fits = kept < self.sink.most().max(LEAST_ROOM);
        self.left_out += usize::from(!fits);
        fits
    }

    /// The label that a record names, or else the one in force.
    fn labelled(&mut self, name: Option<&str>) -> Option<OperationId> {
        name.map(|name| self.run.operations.intern(name)).or(self.current)
    }

    /// Takes the snapshots of the next lines.
    pub(super) fn snapshots(&mut self, lines: SnapshotLines<'_>) {
        let SnapshotLines { columns, rows, beside, text } = lines;
        self.in_force(columns, rows.clone());
        for beside in beside {
            self.label(columns, beside.row, beside.label(text));
            let at = columns.at[beside.row];
            self.beside(at, beside);
            self.meters(at, beside.meters(text).into_iter().flatten());
        }
        self.sink.push(&self.run, columns.rows(rows));
    }

    /// Completes rows by what was said before them and follows from the settings.
    fn in_force(&mut self, columns: &mut SnapshotColumns, rows: Range<usize>) {
        let all = columns.len();
        if self.current.is_some() || !columns.operation.is_empty() {
            columns.operation.resize(all, None);
            columns.operation[rows.clone()].fill(self.current);
        }
        if self.collections.is_some() || !columns.gc_collections.is_empty() {
            columns.gc_collections.resize(all, None);
            for count in &mut columns.gc_collections[rows.clone()] {
                self.collections = count.or(self.collections);
                *count = self.collections;
            }
        }
        if columns.rss.is_empty() {
            return;
        }
        let parts = [&columns.children_rss, &columns.shared, &columns.pss];
        if parts.iter().any(|column| !column.is_empty()) {
            self.leave_out_oversized(columns, rows.clone());
        }
        columns.level.resize(all, None);
        fill_levels(&self.run.config, columns, rows);
    }

    /// Takes the label of a row's own, where it has one.
    fn label(&mut self, columns: &mut SnapshotColumns, row: usize, label: Option<&str>) {
        let Some(label) = label else { return };
        let all = columns.len();
        match SnapshotKind::of_label(Some(label)) {
            SnapshotKind::Regular => {
                columns.operation.resize(all, None);
                columns.operation[row] = Some(self.run.operations.intern(label));
            }
            kind => {
                columns.kind.resize(all, SnapshotKind::Regular);
                columns.kind[row] = kind;
            }
        }
    }

    /// Leaves out children, shared pages and proportional size where they are larger than the whole.
    fn leave_out_oversized(&mut self, columns: &mut SnapshotColumns, rows: Range<usize>) {
        let SnapshotColumns { rss, children_rss, shared, pss, .. } = columns;
        for row in rows {
            let Some(whole) = rss[row] else { continue };
            let mut left_out = false;
            for part in [&mut *children_rss, shared, pss].into_iter().filter_map(|column| column.get_mut(row))
            {
                left_out |= part.take_if(|part| !is_part_of(*part, whole)).is_some();
            }
            self.oversized += usize::from(left_out);
        }
    }

    /// Takes what a line says beside the figures of its snapshot.
    fn beside(&mut self, at: Offset, beside: &Beside) {
        let Beside { heap_used, heap_free, py_blocks, .. } = *beside;
        self.live(LiveSample { at, batch_end: false, heap_used, heap_free, py_blocks });
        let exact = Some(PeakSource::HighWaterMark);
        self.stated(beside.peak_rss.map(|rss| Peak { rss, source: exact }));
        self.run.group_peak = larger(self.run.group_peak, beside.group);
    }

    /// Takes what a line says of live bytes; most lines say nothing.
    #[inline]
    fn live(&mut self, sample: LiveSample) {
        if sample.heap_used.is_some() || sample.heap_free.is_some() || sample.py_blocks.is_some() {
            self.run.live.push(sample, self.sink.most());
        }
    }

    /// Takes a line's meters by name.
    fn meters<'m>(&mut self, at: Offset, meters: impl IntoIterator<Item = (&'m str, Mib)>) {
        let most = self.sink.most();
        for (name, value) in meters {
            self.run.live.push_meter(name, at, value, most);
        }
    }

    /// Takes a peak that the writer read by itself.
    #[inline]
    fn stated(&mut self, peak: Option<Peak>) {
        if peak.is_some() {
            self.run.stated_peak = self.run.stated_peak.into_iter().chain(peak).reduce(Peak::max);
        }
    }

    /// A cache that is declared again has the limit that was said last.
    fn cache(&mut self, record: CacheRecord) {
        let cache = Cache { name: record.name, limit: record.limit_mb };
        match self.run.caches.iter_mut().find(|known| known.name == cache.name) {
            Some(known) => *known = cache,
            None => self.run.caches.push(cache),
        }
    }

    fn libraries(&mut self, names: Vec<String>) {
        let new = names.into_iter().filter(|name| !self.run.libraries.contains(name)).collect::<Vec<_>>();
        self.run.libraries.extend(new);
    }

    fn note(&mut self, note: &Note) {
        self.thinning = self.thinning.max(note.thinning);
        self.lost = self.lost.max(note.lost_records.unwrap_or(0));
        if note.unsampled {
            self.run.warnings.push(Warning::Unsampled);
        }
    }

    fn decision(&mut self, record: &DecisionRecord) {
        let operation = self.labelled(record.operation.as_deref());
        if !self.has_room(self.run.decisions.len()) {
            return;
        }
        self.run.decisions.push(Decision {
            at: record.t_ns,
            action: record.action.action(operation),
            rss: record.rss_mb,
            available: record.available_mb,
            pressure: record.pressure_level,
            cause: record.cause,
        });
    }

    fn footer(&mut self, footer: &Footer) {
        self.closed = true;
        self.run.counters = Some(footer.counters);
        self.stated(footer.peak_rss_mb.map(|rss| Peak { rss, source: footer.peak_source }));
        self.run.peak_of_one = footer.peak_of_one_mb.or(self.run.peak_of_one);
        self.run.fate.clone_from(&footer.fate);
        self.lost = self.lost.max(footer.lost_records);
        let found = [(footer.thinned_records > 0).then_some(Warning::Thinned(footer.thinned_records))];
        self.run.warnings.extend(found.into_iter().flatten());
    }

    fn batch_start(&mut self, record: &BatchStart) {
        let operation = self.labelled(record.operation.as_deref());
        if !self.has_room(self.run.batches.len()) {
            return;
        }
        self.open.insert(record.batch, self.run.batches.len());
        self.run.batches.push(Batch {
            operation,
            size: record.batch_size,
            items: record.items,
            start: record.t_ns,
            rss_start: record.rss_mb,
            ..Batch::default()
        });
        self.live_at_edge(record.t_ns, false, &record.live);
    }

    fn batch_end(&mut self, record: &BatchEnd) {
        let Some(index) = self.open.remove(&record.batch) else { return };
        let batch = &mut self.run.batches[index];
        if record.t_ns < batch.start {
            self.reversed += 1;
            return;
        }
        batch.end = Some(record.t_ns);
        batch.rss_peak = record.peak_rss_mb;
        batch.peak_source = record.peak_source;
        batch.rss_end = record.rss_mb;
        batch.retained = record.retained_mb;
        batch.overlapping = record.overlapping;
        batch.cpu_seconds = record.seconds_cpu;
        self.live_at_edge(record.t_ns, true, &record.live);
    }

    /// Takes what the line of a batch's start or end says of live bytes.
    fn live_at_edge(&mut self, at: Offset, batch_end: bool, live: &LiveRecord) {
        let LiveRecord { heap_used_mb: heap_used, heap_free_mb: heap_free, py_blocks, .. } = *live;
        self.live(LiveSample { at, batch_end, heap_used, heap_free, py_blocks });
        self.meters(at, by_name(live));
    }

    /// Marks batches without an end that others ran beside, or after: the line that told their
    /// end was lost. What is sampled from there on is not theirs.
    fn mark_unended(&mut self) {
        let batches = &mut self.run.batches;
        let unended = batches.iter().filter(|batch| batch.end.is_none()).count();
        let last_end = batches.iter().filter_map(|batch| batch.end).max().unwrap_or(Offset::START);
        for batch in batches.iter_mut().filter(|batch| batch.end.is_none()) {
            batch.overlapping = unended > 1 || last_end > batch.start;
        }
    }

    /// The run, now that all lines are read.
    pub(super) fn finish(mut self, torn: Option<usize>) -> Result<Run, ReadError> {
        self.mark_unended();
        let run = &mut self.run;
        self.sink.finish(run)?;
        // Threads may have put their lines into the queue in another order than they read the clock.
        run.batches.sort_by_key(|batch| batch.start);
        run.collections.sort_by_key(|collection| collection.at);
        run.decisions.sort_by_key(|decision| decision.at);
        let found = [
            (self.unknown > 0).then_some(Warning::UnknownRecords(self.unknown)),
            (self.oversized > 0).then_some(Warning::OversizedParts(self.oversized)),
            (self.reversed > 0).then_some(Warning::ReversedBatches(self.reversed)),
            (self.left_out > 0).then_some(Warning::NoRoom(self.left_out)),
            torn.map(Warning::TornLastLine),
            (self.lost > 0).then_some(Warning::LostRecords(self.lost)),
            (!self.closed).then_some(Warning::EndedWithoutClosing),
            self.thinning.filter(|_| !self.closed).map(|every| Warning::ThinnedTo { every }),
        ];
        run.warnings.extend(found.into_iter().flatten());
        Ok(self.run)
    }
}

#[inline]
fn larger(known: Option<Mib>, new: Option<Mib>) -> Option<Mib> {
    match (known, new) {
        (Some(a), Some(b)) => Some(if b > a { b } else { a }),
        (known, new) => known.or(new),
    }
}

fn by_name(live: &LiveRecord) -> impl Iterator<Item = (&str, Mib)> {
    live.meters.iter().map(|(name, value)| (name.as_str(), *value))
}

fn collection_of(record: &GcRecord) -> Collection {
    Collection {
        at: record.t_ns,
        forced: record.forced,
        seconds: record.seconds,
        rss_before: record.rss_before_mb,
        rss_after: record.rss_after_mb,
        committed: None,
        young: false,
        objects: record.objects,
    }
}
