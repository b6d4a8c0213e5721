//! Procpath's SQLite files: a row for each process and sample.

use std::collections::{HashMap, HashSet};

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};
use rusqlite::{Connection, MAIN_DB, Row};

use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, nanos, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "procpath",
    tool: "Procpath",
    versions: "1.15",
    record: "procpath record -d job.sqlite -i 1 -p $PID -f stat,cmdline,smaps_rollup --stop-without-result",
    tells: "RSS of the tree over time, its PSS if recorded",
    cannot_tell: "peaks between samples; which process was asked for",
    cautions: &[ANCESTORS, SHARED_PAGES],
    marks: &["SQLite format 3"],
    sniff,
    read,
};

const ANCESTORS: Caution = Caution {
    code: "ancestors_left_out",
    text: "procpath -p records the job's ancestors too: those that only waited for it were left out of the sum",
    seen: "1.15: every ancestor up to pid 1 is in the table",
};

const SHARED_PAGES: Caution = Caution {
    code: "shared_pages",
    text: "processes are added up: pages they share count once for each; record smaps_rollup for PSS",
    seen: "1.15: 451 MiB RSS of a pool beside 188 MiB PSS",
};

/// What to do with a recording that is too large.
const AS_TABLE: &str = "let SQLite add up the job's processes, `sqlite3 -header -csv job.sqlite \"SELECT ts, \
     SUM(stat_rss) * 4 AS rss_kib FROM record WHERE … GROUP BY ts\" > job.csv`, and read that with \
     --columns time=ts,rss=rss_kib:KiB";

/// The first bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// A shell or init that waits for the job is smaller.
const LARGEST_WAITING_MB: f64 = 32.0;

/// Share of the time that what waits may be busy.
const BUSY_SHARE: f64 = 0.02;

/// Ticks of processor time in a second, on every Linux that people run.
const TICKS_A_SECOND: f64 = 100.0;

/// What waits may be busy for so many ticks, however short the recording: init takes in what was orphaned.
const BUSY_TICKS: i64 = 2;

fn sniff(head: &Head<'_>) -> Certainty {
    head.bytes().starts_with(MAGIC).into()
}

/// One process in one sample.
struct Process {
    at: i64,
    pid: i64,
    parent: i64,
    rss: Mib,
    pss: Option<Mib>,
    /// Processor time so far, in ticks.
    ticks: i64,
    command: Option<String>,
}

/// What a process did over the recording.
struct Life {
    parent: i64,
    samples: usize,
    /// Processor time before the first sample and up to the last, in ticks.
    ticks: (i64, i64),
    /// When it was seen, in nanoseconds since 1970.
    seen: (i64, i64),
    lowest: Mib,
    peak: Mib,
}

impl Life {
    /// Whether it only waited: hardly busy, small, and of one size.
    fn waits(&self) -> bool {
        let busy = self.ticks.1.saturating_sub(self.ticks.0);
        #[expect(clippy::cast_precision_loss, reason = "ticks and nanoseconds of a recording")]
        let share = busy as f64 / TICKS_A_SECOND / ((self.seen.1 - self.seen.0) as f64 / 1e9).max(1e-9);
        let hardly_busy = busy <= BUSY_TICKS || share <= BUSY_SHARE;
        hardly_busy && self.peak == self.lowest && self.peak.get() < LARGEST_WAITING_MB
    }
}

fn refused(error: &rusqlite::Error) -> ReadError {
    ReadError::Refused {
        what: "a SQLite file that cannot be read as one of Procpath".to_owned(),
        advice: format!("{error}; expected the tables record and meta of `procpath record`"),
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let bytes = input.document(AS_TABLE)?;
    let mut connection = Connection::open_in_memory().map_err(|error| refused(&error))?;
    let opened = connection.deserialize_read_exact(MAIN_DB, &bytes[..], bytes.len(), true);
    drop(bytes);
    opened.and_then(|()| run_of(&connection, input)).map_err(|error| refused(&error))?
}

fn run_of(connection: &Connection, input: &Input<'_>) -> rusqlite::Result<Result<Vec<Run>, ReadError>> {
    let table = Table::of(connection)?;
    let mut lives: HashMap<i64, Life> = HashMap::new();
    table.each(connection, |process| live(&mut lives, process))?;
    let waiting = ancestors(&lives);
    let mut trace = Trace::new(
        READER.origin(Measure::ProcessRss, Precision::Sampled, TimeBase::Absolute),
        input.limits.samples,
    );
    let mut tick = Tick::default();
    table.each(connection, |process| {
        if !waiting.contains(&process.pid) {
            tick.add(process, &mut trace);
        }
    })?;
    tick.flush(&mut trace);
    if let Some(origin) = &mut trace.run.origin {
        origin.tool_version = table.version;
        if tick.most > 1 {
            origin.measure = Measure::TreeRss;
        }
    }
    if !waiting.is_empty() {
        trace.warn(ANCESTORS.warning());
    }
    if tick.most > 1 {
        trace.warn(SHARED_PAGES.warning());
    }
    Ok(finished([trace], &input.faults, "Procpath recording"))
}

/// How rows of this file are read.
struct Table {
    query: String,
    page_bytes: f64,
    version: Option<String>,
}

impl Table {
    fn of(connection: &Connection) -> rusqlite::Result<Self> {
        // A view could be a query without end.
        let columns: HashSet<String> = connection
            .prepare("SELECT p.name FROM sqlite_schema s, pragma_table_info(s.name) p WHERE s.name = 'record' AND s.type = 'table'")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let meta = |key: &str| {
            let query = "SELECT value FROM meta WHERE key = ?1";
            connection.query_row(query, [key], |row| row.get::<_, String>(0)).ok()
        };
        let or_null = |name: &'static str| if columns.contains(name) { name } else { "NULL" };
        let rss = if columns.contains("stat_rss") { "stat_rss" } else { "status_vmrss" };
        // A thread's row repeats its process's memory: one row for each process stays.
        let threads = meta("procfs_target").as_deref() == Some("thread");
        let pid = if threads && columns.contains("status_tgid") { "status_tgid" } else { "stat_pid" };
        let query = format!(
            "SELECT ts, {pid}, {}, {rss}, {}, {}, {}, {} FROM record",
            or_null("stat_ppid"),
            or_null("smaps_rollup_pss"),
            or_null("stat_utime"),
            or_null("stat_stime"),
            or_null("cmdline"),
        );
        let pages = meta("page_size").and_then(|text| text.parse().ok()).filter(|bytes: &f64| *bytes >= 1.0);
        let page_bytes = if rss == "stat_rss" { pages.unwrap_or(4096.0) } else { KIB };
        Ok(Self { query, page_bytes, version: meta("procpath_version") })
    }

    /// Gives each row that has the figures needed; of others SQLite made NULL or text.
    fn each(&self, connection: &Connection, mut take: impl FnMut(Process)) -> rusqlite::Result<()> {
        let mut statement = connection.prepare(&self.query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(process) = self.process(row) {
                take(process);
            }
        }
        Ok(())
    }

    fn process(&self, row: &Row<'_>) -> Option<Process> {
        let integer = |at: usize| row.get::<_, i64>(at).ok();
        let figure = |at: usize| row.get::<_, f64>(at).ok().or_else(|| Some(integer(at)? as f64));
        Some(Process {
            at: nanos(figure(0)?)?,
            pid: integer(1)?,
            parent: integer(2).unwrap_or(0),
            rss: sized(figure(3)?, self.page_bytes)?,
            pss: figure(4).and_then(|pss| sized(pss, KIB)),
            ticks: integer(5).unwrap_or(0).saturating_add(integer(6).unwrap_or(0)),
            command: row.get(7).ok(),
        })
    }
}

fn live(lives: &mut HashMap<i64, Life>, process: Process) {
    let Process { at, pid, parent, rss, ticks, .. } = process;
    let life = lives.entry(pid).or_insert(Life {
        parent,
        samples: 0,
        ticks: (ticks, ticks),
        seen: (at, at),
        lowest: rss,
        peak: rss,
    });
    life.samples += 1;
    (life.ticks.1, life.seen.1) = (ticks, at);
    life.peak = if rss > life.peak { rss } else { life.peak };
    life.lowest = if rss < life.lowest { rss } else { life.lowest };
}

/// The processes above the job: from the root of the tree on, each that only waited for one child that
/// was there as long as itself.
fn ancestors(lives: &HashMap<i64, Life>) -> HashSet<i64> {
    let mut waiting = HashSet::new();
    let roots: Vec<i64> =
        lives.iter().filter(|(_, life)| !lives.contains_key(&life.parent)).map(|(pid, _)| *pid).collect();
    let [mut at] = roots[..] else { return waiting };
    while let Some(life) = lives.get(&at).filter(|life| life.waits()) {
        let children: Vec<i64> = lives
            .iter()
            .filter(|(pid, child)| child.parent == at && **pid != at)
            .map(|(pid, _)| *pid)
            .collect();
        let [only] = children[..] else { break };
        if lives[&only].samples < life.samples || !waiting.insert(at) {
            break;
        }
        at = only;
    }
    waiting
}

/// The processes of one sample, summed up.
#[derive(Default)]
struct Tick {
    at: i64,
    largest: HashMap<i64, (Mib, Option<Mib>)>,
    command: Option<String>,
    most: usize,
}

impl Tick {
    fn add(&mut self, process: Process, trace: &mut Trace) {
        if process.at != self.at {
            self.flush(trace);
            self.at = process.at;
        }
        if self.largest.is_empty() && self.command.is_none() {
            self.command = process.command;
        }
        self.largest.insert(process.pid, (process.rss, process.pss));
    }

    fn flush(&mut self, trace: &mut Trace) {
        if self.largest.is_empty() {
            return;
        }
        self.most = self.most.max(self.largest.len());
        // In a fixed order: a sum of floating-point numbers depends on it.
        let mut sizes: Vec<_> = self.largest.drain().collect();
        sizes.sort_by_key(|(pid, _)| *pid);
        let rss: f64 = sizes.iter().map(|(_, (rss, _))| rss.get()).sum();
        let pss = sizes.iter().map(|(_, (_, pss))| pss.map(Mib::get)).sum::<Option<f64>>().map(Mib::new);
        if rss > 1e9 || !trace.push(self.at, Snapshot { pss, ..sample(Mib::new(rss)) }) {
            trace.missing();
        }
        if let Some(command) = self.command.take() {
            let program = command.split_ascii_whitespace().next().unwrap_or_default().to_owned();
            trace.run.process.command.get_or_insert(program);
        }
    }
}
