//! `docker stats`, and `podman stats`, as a table or as JSON lines, once or in a loop.

use memtool_profile_model::{Measure, Precision, ReadError};
use serde_json::Value;

use crate::head::Head;
use crate::input::Input;
use crate::number::size;
use crate::ps::stamp::stamp;
use crate::reader::{Caution, Certainty, Reader};
use crate::stamp_clock::StampClock;
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "docker-stats",
    tool: "docker stats",
    versions: "20 to 28 (from its documentation)",
    record: "while sleep 1; do date +%s; docker stats --no-stream --format '{{json .}}'; done > stats.jsonl",
    tells: "memory charged to each container at each stamp, page cache that can be had back left out",
    cannot_tell: "peaks between stamps; times, where no stamp stands before the rows; more than the four digits printed",
    cautions: &[NO_TIME],
    marks: &["MEM USAGE / LIMIT", "MemUsage", "mem_usage"],
    sniff,
    read,
};

const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "no time stands in the file: samples count as one second apart",
    seen: "docker stats prints none",
};

/// The column of memory.
const MEMORY: &str = "MEM USAGE / LIMIT";

/// Lines at the beginning that tell.
const LINES_SHOWN: usize = 50;

fn sniff(head: &Head<'_>) -> Certainty {
    let tells =
        |line: &str| is_header(&cells(&plain(line))) || line.starts_with('{') && object(line).is_some();
    head.lines().take(LINES_SHOWN).any(tells).into()
}

fn is_header(cells: &[&str]) -> bool {
    cells.contains(&MEMORY)
        && cells.iter().any(|name| ["NAME", "CONTAINER ID", "CONTAINER", "ID"].contains(name))
}

/// A line without the codes by which a terminal is cleared.
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |end| end + 1);
        text + &part[end..]
    })
}

/// The cells of a row, which two blanks or more part.
fn cells(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// A container's name and the words of its memory in a JSON object.
fn object(line: &str) -> Option<(String, String)> {
    let value: Value = serde_json::from_str(line).ok()?;
    let text = |names: &[&str]| names.iter().find_map(|name| value[*name].as_str()).map(str::to_owned);
    let usage = text(&["MemUsage", "mem_usage"]).filter(|usage| usage.contains(" / "))?;
    Some((text(&["Name", "name", "Container", "ID", "id"])?, usage))
}

fn read(input: &mut Input<'_>) -> Result<Vec<memtool_profile_model::Run>, ReadError> {
    let mut clock = StampClock::default();
    let mut columns: Option<(usize, usize)> = None;
    let mut traces: Traces<String> = Traces::new(input.limits);
    while let Some(line) = input.lines.next()? {
        let text = plain(line.text);
        let row = cells(&text);
        if is_header(&row) {
            let place = |names: &[&str]| row.iter().position(|name| names.contains(name));
            columns = place(&["NAME"])
                .or_else(|| place(&["CONTAINER ID", "CONTAINER", "ID"]))
                .zip(place(&[MEMORY]));
            continue;
        }
        if row.is_empty() {
            continue;
        }
        if let Some(stamped) = stamp(&text).filter(|stamped| stamped.rest.is_empty()) {
            clock.stamp(stamped.at);
            continue;
        }
        let of_row = || {
            let (name, memory) = columns?;
            Some(((*row.get(name)?).to_owned(), (*row.get(memory)?).to_owned()))
        };
        let found = if text.trim_start().starts_with('{') { object(&text) } else { of_row() };
        let Some((name, usage)) = found else {
            input.faults.unread(line, "a container and its memory usage / limit");
            continue;
        };
        // A container that has ended stands in it with `-- / --`, or with nothing used.
        let Some(used) = usage.split_once(" / ").and_then(|(used, _)| size(used, 1.0)) else {
            if !usage.starts_with("--") {
                input.faults.unread(line, "memory as usage / limit");
            }
            continue;
        };
        let (at, base) = clock.at(name.clone());
        let part = || READER.part(Measure::Container, Precision::Sampled, base, name.clone());
        let Some(trace) = traces.of(name.clone(), part) else { continue };
        if !trace.push(at, sample(used)) {
            input.faults.unread(line, "a time");
        }
    }
    if !clock.is_stamped() {
        traces.iter_mut().for_each(|(_, trace)| trace.warn(NO_TIME.warning()));
    }
    traces.finish(&input.faults, "log of docker stats")
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Mib;

    use super::*;

    /// Name, seconds and sizes of each container.
    fn runs(text: &str) -> Vec<(String, Vec<(f64, f64)>)> {
        let runs = READER.runs(text);
        let of = |run: &memtool_profile_model::Run| {
            let samples =
                run.snapshots.iter().map(|s| (s.at.seconds(), s.rss.map_or(0.0, Mib::get))).collect();
            (run.origin.as_ref().and_then(|origin| origin.part.clone()).unwrap_or_default(), samples)
        };
        runs.iter().map(of).collect()
    }

    #[test]
    fn a_table_in_a_loop() {
        let head = "CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT     MEM %     NET I/O       BLOCK I/O   PIDS\n";
        let row = |size: &str| {
            format!(
                "3f4e5a6b7c8d   web       0.00%     {size} / 7.66GiB     1.54%     1.1kB / 0B    0B / 0B     3\n"
            )
        };
        let gone =
            "9a           db        --        -- / --               --        --            --          --\n";
        let text =
            ["1795976224\n", head, &row("120.5MiB"), gone, "1795976226\n", head, &row("1.5GiB")].concat();
        assert_eq!(runs(&text), [("web".to_owned(), vec![(0.0, 120.5), (2.0, 1536.0)])]);
        let cleared = format!("\u{1b}[2J\u{1b}[H{head}{}\u{1b}[2J\u{1b}[H{head}{}", row("1MiB"), row("2MiB"));
        assert_eq!(runs(&cleared), [("web".to_owned(), vec![(1.0, 1.0), (2.0, 2.0)])]);
    }

    #[test]
    fn json_lines() {
        let row = |name: &str, usage: &str| {
            format!("{{\"ID\":\"3f\",\"Name\":\"{name}\",\"MemUsage\":\"{usage}\"}}\n")
        };
        let text = [row("a", "10MiB / 1GiB"), row("b", "20MiB / 1GiB"), row("a", "30MiB / 1GiB")].concat();
        let expected =
            [("a".to_owned(), vec![(1.0, 10.0), (2.0, 30.0)]), ("b".to_owned(), vec![(1.0, 20.0)])];
        assert_eq!(runs(&text), expected);
    }
}
