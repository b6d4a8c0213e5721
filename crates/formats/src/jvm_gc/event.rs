//! What a line's text says: a collection with its sizes, and what stands beside it.

use memtool_profile_model::Mib;

use crate::cursor::{Cursor, find};
use crate::number::{KIB, MIB, sized};

/// What the text of a line says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Entry<'l> {
    /// A collection, or a part of one that has sizes.
    Event(Event<'l>),
    /// The collector that a virtual machine begins with: a run starts here.
    Using(&'l str),
    /// A pause without sizes, in seconds, of a collection.
    Pause(f64),
    /// The largest heap inside a ZGC collection.
    High(Mib),
    /// A collection whose sizes cannot be read.
    Damaged,
    /// A step by which the old part of the heap has been looked at; it has no sizes.
    Marked,
    /// Anything else.
    Other,
}

/// A collection with its sizes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Event<'l> {
    /// The collection's number; overlapping ones do not end in order.
    pub(super) number: u64,
    /// Such as `Pause Young (Normal) (G1 Evacuation Pause)`.
    pub(super) name: &'l str,
    /// Heap in use before.
    pub(super) before: Mib,
    /// Heap in use after.
    pub(super) after: Mib,
    /// Heap committed; ZGC tells a share of the largest heap instead.
    pub(super) committed: Option<Mib>,
    /// How long it took, in seconds, where the line tells.
    pub(super) seconds: Option<f64>,
}

impl Event<'_> {
    /// Whether the program stood still all the time; Java 8 calls what it does beside the program no collection.
    pub(super) fn is_pause(&self) -> bool {
        ["Pause", "GC", "Full GC"].iter().any(|name| self.name.starts_with(name))
    }

    /// Whether it looks at the heap only: a step of a concurrent collection that freed nothing.
    pub(super) fn is_step(&self) -> bool {
        let step = [
            "Pause Remark",
            "Pause Cleanup",
            "Pause Initial Mark",
            "Pause Init",
            "Pause Final",
            "GC cleanup",
        ];
        self.before == self.after && step.iter().any(|name| self.name.starts_with(name))
    }

    /// Whether it looked at the young part of the heap only.
    pub(super) fn is_young(&self) -> bool {
        let java8 = self.name.starts_with("GC") && !self.name.starts_with("GC cleanup");
        java8 || self.name.contains("Young") || self.name.starts_with("Minor")
    }

    /// Whether it is one of several parts of one collection.
    pub(super) fn is_part(&self) -> bool {
        self.name.starts_with("Concurrent cleanup")
    }
}

/// Reads a text that has passed the decorations.
pub(super) fn entry(text: &str) -> Entry<'_> {
    let mut cursor = Cursor::new(text);
    if let Some(collector) = text.strip_prefix("Using ").filter(|name| is_collector(name)) {
        return Entry::Using(collector);
    }
    let numbered = cursor.literal("GC(").and_then(|()| cursor.whole()).zip(cursor.literal(") "));
    let Some((number, ())) = numbered else { return Entry::Other };
    match find(cursor.rest(), "->") {
        Some(arrow) => sized_event(number, cursor.rest(), arrow),
        None => unsized_entry(cursor.rest()),
    }
}

/// What `Using …` names beside many other things.
fn is_collector(name: &str) -> bool {
    let names = [
        "G1",
        "Serial",
        "Parallel",
        "Concurrent Mark Sweep",
        "Shenandoah",
        "The Z Garbage Collector",
        "Epsilon",
    ];
    names.iter().any(|known| name.starts_with(known))
}

/// A text with an arrow: region counts, generations and metaspace have one too.
fn sized_event(number: u64, text: &str, arrow: usize) -> Entry<'_> {
    let (left, right) = (&text[..arrow], &text[arrow + 2..]);
    let Some((name, before)) = left.rsplit_once(' ') else { return Entry::Other };
    let has_colon = name.bytes().take_while(|byte| *byte != b'(').any(|byte| byte == b':');
    if has_colon || !name.as_bytes().first().is_some_and(u8::is_ascii_uppercase) {
        return Entry::Other;
    }
    let mut before = Cursor::new(before);
    let Some(before) = heap_size(&mut before) else { return Entry::Other };
    event(number, name, before, right).map_or(Entry::Damaged, Entry::Event)
}

fn event<'l>(number: u64, name: &'l str, before: Mib, right: &str) -> Option<Event<'l>> {
    let mut right = Cursor::new(right);
    let after = heap_size(&mut right)?;
    right.literal("(")?;
    let mut total = Cursor::new(right.before(")")?);
    let committed = heap_size(&mut total);
    right.blanks();
    let seconds = if right.rest().is_empty() { None } else { Some(duration(right.rest())?) };
    (committed.is_some() || total.rest().ends_with('%')).then_some(Event {
        number,
        name,
        before,
        after,
        committed,
        seconds,
    })
}

/// A size such as `6M`: whole, with its unit.
fn heap_size(cursor: &mut Cursor<'_>) -> Option<Mib> {
    let mut ahead = *cursor;
    let number = ahead.whole()?;
    let bytes = unit(&mut ahead)?;
    *cursor = ahead;
    #[expect(clippy::cast_precision_loss, reason = "sizes beyond 2^53 are refused")]
    sized(number as f64, bytes)
}

/// Bytes of the unit behind a size.
pub(super) fn unit(cursor: &mut Cursor<'_>) -> Option<f64> {
    let (unit, bytes) = match cursor.rest().as_bytes().first()? {
        b'B' => ("B", 1.0),
        b'K' => ("K", KIB),
        b'M' => ("M", MIB),
        b'G' => ("G", KIB * MIB),
        b'T' => ("T", MIB * MIB),
        _ => return None,
    };
    cursor.literal(unit)?;
    Some(bytes)
}

/// Seconds of `10.328ms` or `0.025s`.
fn duration(text: &str) -> Option<f64> {
    let mut cursor = Cursor::new(text.trim_end());
    let number = cursor.decimal()?;
    match cursor.rest() {
        "ms" => Some(number / 1000.0),
        "s" => Some(number),
        _ => None,
    }
}

/// A text of a collection without an arrow.
fn unsized_entry(text: &str) -> Entry<'_> {
    if text.starts_with("Pause ") {
        let last = text.rsplit_once(' ').and_then(|(_, last)| duration(last));
        return last.map_or(Entry::Other, Entry::Pause);
    }
    let high = text.trim_start().strip_prefix("Used:").and_then(high_column);
    high.map_or(Entry::Other, Entry::High)
}

/// The fifth of six columns such as `64M (12%)`.
fn high_column(columns: &str) -> Option<Mib> {
    let sizes = columns.split_ascii_whitespace().filter(|word| !word.starts_with('('));
    let high = sizes.clone().count() == 6;
    heap_size(&mut Cursor::new(sizes.skip(4).find(|_| high)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event_of(text: &str) -> Event<'_> {
        match entry(text) {
            Entry::Event(event) => event,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn events_of_every_collector() {
        let cases = [
            (
                "GC(0) Pause Young (Normal) (G1 Evacuation Pause) 6M->5M(128M) 41.171ms",
                (6.0, 5.0, Some(128.0), Some(0.041_171)),
            ),
            (
                "GC(3) Pause Young (Normal) (Evacuation Failure: Allocation) 93M->93M(96M) 0.7ms",
                (93.0, 93.0, Some(96.0), Some(0.0007)),
            ),
            ("GC(0) Concurrent cleanup 128M->47M(377M) 0.052ms", (128.0, 47.0, Some(377.0), Some(0.000_052))),
            ("GC(0) Garbage Collection (Warmup) 64M(12%)->46M(9%)", (64.0, 46.0, None, None)),
            (
                "GC(17) Minor Collection (High Usage) 470M(92%)->188M(37%) 0.013s",
                (470.0, 188.0, None, Some(0.013)),
            ),
            ("GC(1) Pause Full (Ergonomics) 2G->512K(3G) 1.5s", (2048.0, 0.5, Some(3072.0), Some(1.5))),
        ];
        for (text, (before, after, committed, seconds)) in cases {
            let event = event_of(text);
            assert_eq!((event.before, event.after), (Mib::new(before), Mib::new(after)), "{text}");
            assert_eq!((event.committed, event.seconds), (committed.map(Mib::new), seconds), "{text}");
        }
        assert_eq!(event_of(cases[1].0).name, "Pause Young (Normal) (Evacuation Failure: Allocation)");
    }

    #[test]
    fn other_arrows_are_no_events() {
        let texts = [
            "GC(0) Eden regions: 7->0(5)",
            "GC(0) Metaspace: 3068K->3068K(1056768K)",
            "GC(2) PSYoungGen: 16384K(18944K)->2532K(18944K) Eden: 16384K(16384K)->0K(16384K)",
            "GC(2) ParNew: 17472K->2176K(19648K)",
            "GC(0) Y: Young Generation 52M(10%)->44M(9%) 0.003s",
            "GC(0) Archive regions: 2->2",
            "the job says GC(0) Pause 6M->5M(128M) 1ms",
            "a -> b",
        ];
        for text in texts {
            assert_eq!(entry(text), Entry::Other, "{text}");
        }
    }

    #[test]
    fn what_is_cut_is_damaged() {
        for text in [
            "GC(114) Pause Young (Normal) (G1 Evacuation Pause) 93M->9",
            "GC(1) Pause Full (x) 93M->90M(9",
            "GC(1) Pause Full (x) 93M->90M(96M) 7.4",
        ] {
            assert_eq!(entry(text), Entry::Damaged, "{text}");
        }
    }

    #[test]
    fn what_stands_beside() {
        assert_eq!(entry("Using G1"), Entry::Using("G1"));
        assert_eq!(entry("Using 2 workers of 2 for evacuation"), Entry::Other);
        assert_eq!(entry("GC(0) Pause Mark Start 0.012ms"), Entry::Pause(0.000_012));
        let row = "GC(24)      Used:      192M (38%)         194M (38%)          44M (9%)           44M (9%)          195M (38%)          44M (9%)     ";
        assert_eq!(entry(row), Entry::High(Mib::new(195.0)));
        assert_eq!(entry("GC(24) Used: 1M 2M"), Entry::Other);
    }

    #[test]
    fn steps_of_a_concurrent_collection_are_told() {
        assert!(event_of("GC(57) Pause Remark 184M->184M(314M) 0.673ms").is_step());
        assert!(!event_of("GC(57) Pause Cleanup 184M->150M(314M) 0.673ms").is_step());
        assert!(!event_of("GC(5) Pause Young (Normal) (x) 4M->4M(314M) 0.673ms").is_step());
    }
}
