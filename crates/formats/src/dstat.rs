//! CSV of dstat and its successor dool: the machine's memory, in bytes.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::calendar::time_of_day;
use crate::clock::{DayClock, epoch, moment};
use crate::csv::split;
use crate::head::Head;
use crate::input::Input;
use crate::number::{number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "dstat",
    tool: "dstat, dool",
    versions: "dstat 0.8, dool 1.3",
    record: "dool --epoch --mem --output dstat.csv 1 60",
    tells: "memory in use of the whole machine over time",
    cannot_tell: "which job used it; times, without --time or --epoch",
    cautions: &[NO_TIME],
    marks: &[" CSV output\""],
    sniff,
    read,
};

const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "no time stands in the file: samples count as one second apart",
    seen: "dool 1.3, --mem alone",
};

/// Over the columns of memory.
const GROUP: &str = "memory usage";

fn sniff(head: &Head<'_>) -> Certainty {
    let first = head.first_line().trim_start_matches('"').to_ascii_lowercase();
    (["dstat ", "dool "].iter().any(|name| first.starts_with(name)) && first.contains("csv output")).into()
}

/// Where the columns stand.
#[derive(Clone, Copy)]
struct Table {
    used: usize,
    available: Option<usize>,
    time: Option<usize>,
    columns: usize,
}

impl Table {
    /// By the line of groups and the line of names below it: `used` stands under swap too.
    fn of(groups: &[String], names: &[String]) -> Option<Self> {
        let from = groups.iter().position(|group| group == GROUP)?;
        let inside = groups[from + 1..].iter().position(|group| !group.is_empty());
        let to = inside.map_or(names.len(), |length| from + 1 + length);
        let place =
            |name: &str| names.get(from..to)?.iter().position(|column| column == name).map(|at| from + at);
        let time = names
            .iter()
            .position(|name| name == "epoch")
            .or_else(|| names.iter().position(|name| name == "time"));
        Some(Self { used: place("used")?, available: place("avai"), time, columns: names.len() })
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut clock = DayClock::default();
    let (mut table, mut above): (Option<Table>, Vec<String>) = (None, Vec::new());
    let (mut trace, mut row, samples) = (None, 0_i64, input.limits.samples);
    while let Some(line) = input.lines.next()? {
        let cells = split(line.certain(), ',');
        if let Some(date) = cells.iter().position(|cell| cell == "Date:").and_then(|at| cells.get(at + 1)) {
            if let Some(day) = moment(date).and_then(day) {
                clock.set(day);
            }
        } else if let Some(found) = Table::of(&above, &cells) {
            table = Some(found);
        } else if let Some(table) = table.filter(|_| cells.len() > 1) {
            row += 1;
            let size = |at: usize| cells.get(at).and_then(|cell| sized(number(cell)?, 1.0));
            let at = match table.time.map(|at| cells.get(at).map_or("", String::as_str)) {
                None => Some((row * 1_000_000_000, TimeBase::None)),
                Some(text) => time(text, &mut clock),
            };
            let whole = line.whole || cells.len() >= table.columns;
            let Some(((at, base), used)) = at.zip(size(table.used)).filter(|_| whole) else {
                input.faults.unread(line, "a row with a time and memory in use");
                continue;
            };
            let trace = trace.get_or_insert_with(|| begin(base, samples));
            let available: Option<Mib> = table.available.and_then(size);
            if !trace.push(at, Snapshot { available, ..sample(used) }) {
                input.faults.unread(line, "a time");
            }
        }
        above = cells;
    }
    finished(trace, &input.faults, "CSV file of dstat")
}

fn begin(base: TimeBase, samples: usize) -> Trace {
    let mut trace = Trace::new(READER.origin(Measure::Machine, Precision::Sampled, base), samples);
    if base == TimeBase::None {
        trace.warn(NO_TIME.warning());
    }
    trace
}

/// The day of a moment.
fn day(at: i64) -> Option<jiff::civil::Date> {
    let at = jiff::Timestamp::from_nanosecond(i128::from(at)).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// Seconds since 1970, or a day without its year and a time of day: `30-11 22:10:59`, `Nov-30 22:10:49`.
fn time(text: &str, clock: &mut DayClock) -> Option<(i64, TimeBase)> {
    if let Some(seconds) = number(text) {
        return Some((epoch(seconds)?, TimeBase::Absolute));
    }
    let at = clock.at(time_of_day(text.rsplit(' ').next()?, None)?)?;
    Some((at, if clock.has_date() { TimeBase::Absolute } else { TimeBase::Relative }))
}
