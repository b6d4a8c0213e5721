//! Logs of Java 8 and older: `-verbose:gc`, `-Xloggc`, with or without `-XX:+PrintGCDetails`.
//!
//! A collection begins with `[GC` or `[Full GC`, its time before it, such as `0.225: [GC (Allocation Failure)`. The heap's
//! sizes stand behind it, `26195K->20899K(95040K)`, on its line or, where other options print in between, on a later
//! one; G1's details have them as `Heap: 9216.0K(192.0M)->8904.5K(192.0M)`. Those of a generation follow its name and a
//! colon.

use memtool_profile_model::Mib;

use super::event::{Entry, Event, unit};
use super::line::{LogLine, Wall, decimal_seconds};
use crate::cursor::{Cursor, find};
use crate::number::sized;

/// Whether a line is of such a log.
pub(super) fn is_line(line: &str) -> bool {
    let is_begun = |(begun, rest): (Begun, &str)| begun.name.starts_with(PAUSE) || heap(rest).is_some();
    line.starts_with(FLAGS) || Begun::of(line).is_some_and(is_begun)
}

/// A line of the head that the virtual machine writes to a file.
const FLAGS: &str = "CommandLine flags: ";
/// What G1 calls a collection; its details have the sizes on a later line.
const PAUSE: &str = "GC pause (";

/// Steps without sizes by which the old part has been looked at; the second ends beside the program.
const MARKED: [&str; 3] = ["[GC remark", "[CMS-remark", "CMS Final Remark"];
const SWEPT: &str = "[CMS-concurrent-sweep: ";

/// Reads such a log line by line.
#[derive(Debug, Default)]
pub(super) struct Java8 {
    /// The collection whose sizes have not come yet.
    begun: Option<Begun>,
    /// The collection that was read last, which an entry borrows from.
    last: Begun,
    events: u64,
}

/// The beginning of a collection.
#[derive(Debug, Default)]
struct Begun {
    uptime: Option<i64>,
    /// Nanoseconds since 1970.
    wall: Option<i64>,
    /// Such as `GC (Allocation Failure)`.
    name: String,
    seconds: Option<f64>,
}

impl Java8 {
    /// Takes the next line; a collection is given with the line that it began on.
    pub(super) fn take(&mut self, line: &str) -> (LogLine<'_>, Entry<'_>) {
        let rest = if line.starts_with(FLAGS) {
            self.begun = None;
            return (LogLine::default(), Entry::Using("Java 8"));
        } else if let Some((begun, rest)) = Begun::of(line) {
            self.begun = Some(begun);
            rest
        } else {
            line
        };
        if line.contains(SWEPT) {
            return (LogLine::default(), Entry::Marked);
        }
        let Some(begun) = &mut self.begun else { return (LogLine::default(), Entry::Other) };
        let Some(Sizes { before, after, committed, rest }) = heap(rest) else {
            begun.seconds = rest.strip_prefix(", ").and_then(seconds).or(begun.seconds);
            let marked = MARKED.iter().any(|step| line.contains(step));
            return (LogLine::default(), if marked { Entry::Marked } else { Entry::Other });
        };
        self.last = self.begun.take().unwrap_or_default();
        let Begun { uptime, wall, name, seconds: earlier } = &self.last;
        let number = self.events;
        self.events += 1;
        let seconds = earlier.or_else(|| seconds(rest));
        let event = Event { number, name, before, after, committed: Some(committed), seconds };
        let line = LogLine { uptime: *uptime, wall: wall.map(Wall::Nanos), tags: None, text: name };
        (line, Entry::Event(event))
    }
}

impl Begun {
    /// The beginning of a collection in a line, and what follows its name.
    fn of(line: &str) -> Option<(Self, &str)> {
        let mut begun = Self::default();
        let mut text = line;
        while let Some((stamp, rest)) = text.split_once(": ").filter(|_| !text.starts_with('[')) {
            if stamp.as_bytes().get(10) == Some(&b'T') {
                begun.wall = Some(Wall::Date(stamp).nanos()?);
            } else {
                begun.uptime = Some(decimal_seconds(stamp)?);
            }
            text = rest;
        }
        let inside = text.strip_prefix('[')?;
        let is_collection = inside.starts_with("GC") || inside.starts_with("Full GC");
        let length = name_length(inside);
        let (name, rest) = inside.split_at(length);
        // Steps beside the program have no sizes.
        if !is_collection || name.starts_with("GC concurrent") {
            return None;
        }
        name.trim_end().clone_into(&mut begun.name);
        begun.seconds = rest.strip_prefix(", ").and_then(seconds);
        Some((begun, rest))
    }
}

/// How long the name is that a text begins with: words, then causes in brackets.
fn name_length(text: &str) -> usize {
    let (mut depth, mut length) = (0_usize, text.len());
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '[' | ',' | '0'..='9' if depth == 0 => {
                length = at;
                break;
            }
            _ => {}
        }
    }
    length
}

/// The sizes of the whole heap, and what follows them.
struct Sizes<'l> {
    before: Mib,
    after: Mib,
    committed: Mib,
    rest: &'l str,
}

/// The sizes of the whole heap in a text.
fn heap(text: &str) -> Option<Sizes<'_>> {
    if let Some(at) = find(text, "Heap: ") {
        return detailed(&text[at + "Heap: ".len()..]);
    }
    text.match_indices("->").find_map(|(arrow, _)| {
        let is_size = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let from = text[..arrow].trim_end_matches(is_size).len();
        let is_part = text[..from].trim_end().ends_with(':');
        let before = size(&mut Cursor::new(&text[from..arrow])).filter(|_| !is_part)?;
        let mut right = Cursor::new(&text[arrow + 2..]);
        let after = size(&mut right)?;
        Some(Sizes { before, after, committed: in_brackets(&mut right)?, rest: right.rest() })
    })
}

/// G1's details: `9216.0K(192.0M)->8904.5K(192.0M)`.
fn detailed(text: &str) -> Option<Sizes<'_>> {
    let mut cursor = Cursor::new(text);
    let before = size(&mut cursor)?;
    in_brackets(&mut cursor)?;
    cursor.literal("->")?;
    let after = size(&mut cursor)?;
    Some(Sizes { before, after, committed: in_brackets(&mut cursor)?, rest: "" })
}

fn in_brackets(cursor: &mut Cursor<'_>) -> Option<Mib> {
    cursor.literal("(")?;
    let size = size(cursor)?;
    cursor.literal(")")?;
    Some(size)
}

/// A size such as `26195K`, `136M` or `9216.0K`.
fn size(cursor: &mut Cursor<'_>) -> Option<Mib> {
    let number = cursor.decimal()?;
    sized(number, unit(cursor)?)
}

/// The first time in a text: seconds such as `0.0217951 secs]`.
fn seconds(text: &str) -> Option<f64> {
    let before = &text[..find(text, " secs]")?];
    let from = before.rfind([' ', ',']).map_or(0, |at| at + 1);
    let mut cursor = Cursor::new(&before[from..]);
    cursor.decimal().filter(|_| cursor.rest().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, nanoseconds since the start, sizes, pause.
    type Collected = (String, Option<i64>, [f64; 3], Option<f64>);

    fn collections(text: &str) -> Vec<Collected> {
        let mut log = Java8::default();
        let mut found = Vec::new();
        for line in text.lines() {
            if let (line, Entry::Event(event)) = log.take(line) {
                let sizes = [event.before, event.after, event.committed.unwrap_or(Mib::ZERO)];
                let sizes = sizes.map(|size| size.get() * 1024.0);
                found.push((event.name.to_owned(), line.uptime, sizes, event.seconds));
            }
        }
        found
    }

    #[test]
    fn the_heap_is_told_from_its_generations() {
        let text = "\
2026-11-30T21:46:09.747+0000: 0.225: [GC (Allocation Failure) 2026-11-30T21:46:09.747+0000: 0.225: [ParNew: 26195K->3227K(29504K), 0.0216973 secs] 26200K->20899K(95040K), 0.0217951 secs] [Times: user=0.01 sys=0.01, real=0.02 secs] 
0.5: [Full GC (System.gc()) [PSYoungGen: 992K->0K(18432K)] [ParOldGen: 16143K->17109K(36352K)] 17136K->17109K(54784K), [Metaspace: 2850K->2850K(1056768K)], 0.0150594 secs] [Times: user=0.00 sys=0.01, real=0.01 secs] 
[GC 325407K->83000K(776768K), 0.2300771 secs]
";
        let name = |text: &str| text.to_owned();
        let expected = [
            (
                name("GC (Allocation Failure)"),
                Some(225_000_000),
                [26_200.0, 20_899.0, 95_040.0],
                Some(0.021_795_1),
            ),
            (
                name("Full GC (System.gc())"),
                Some(500_000_000),
                [17_136.0, 17_109.0, 54_784.0],
                Some(0.015_059_4),
            ),
            (name("GC"), None, [325_407.0, 83_000.0, 776_768.0], Some(0.230_077_1)),
        ];
        assert_eq!(collections(text), expected);
    }

    #[test]
    fn sizes_may_stand_on_a_later_line() {
        let text = "\
0.289: [GC pause (G1 Evacuation Pause) (young) 0.289: [G1Ergonomics (CSet Construction) start choosing CSet, remaining time: 190.00 ms]
, 0.0332828 secs]
   [Eden: 7168.0K(7168.0K)->0.0B(7168.0K) Survivors: 0.0B->1024.0K Heap: 7168.0K(48.0M)->7072.5K(48.0M)]
1.781: [GC concurrent-root-region-scan-start]
1.783: [GC remark, 0.0000249 secs]
1.786: [GC cleanup 27514K->27514K(49152K), 0.0003533 secs]
2.063: [GC (Allocation Failure) 2.1: [SoftReference, 0 refs, 0.0000262 secs]
Desired survivor size 1048576 bytes, new threshold 7 (max 15)
[PSYoungGen: 8652K->992K(9728K)] 8652K->8498K(31744K), 0.0376121 secs] [Times: user=0.01 sys=0.00, real=0.04 secs] 
3.692: [GC (CMS Initial Mark) [1 CMS-initial-mark: 33060K(65536K)] 35756K(95040K), 0.0003297 secs]
";
        let found = collections(text);
        let names: Vec<&str> = found.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(
            names,
            ["GC pause (G1 Evacuation Pause) (young)", "GC cleanup", "GC (Allocation Failure)"]
        );
        assert_eq!(found[0].2, [7168.0, 7072.5, 49_152.0]);
        assert_eq!(found[0].3, Some(0.033_282_8));
        assert_eq!(found[2].2, [8652.0, 8498.0, 31_744.0]);
    }

    #[test]
    fn what_is_cut_or_other_is_no_collection() {
        for line in [
            "0.3: [GC (Allocation Failure) 8652K->85",
            "0.3: [GC (Allocation Failure) 8652K->8506K(317",
            "[0.445s][info][gc] GC(0) Pause Young (Normal) 6M->5M(128M) 41ms",
            "note: [GC is on]",
            "3.024: [ParNew:\u{fffd}28224K->2048K(29504K), 0.0025367 secs] 57956K->32420K(95040K)",
            "1: 2: 3",
        ] {
            assert_eq!(collections(line), [], "{line}");
            assert!(!is_line(line), "{line}");
        }
    }
}
