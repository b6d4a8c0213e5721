//! A figure of memory in a sentence: `RSS: 512.3 MB`, `mem=1.2GiB`, `rss_mb=512.3`, `pmem(rss=536870912, …)`.

use memtool_profile_model::Mib;

use crate::guess;
use crate::number::{number, size};

/// Words for the memory of a process.
const MEMORY: [&str; 8] = ["rss", "resident", "memory", "mem", "ram", "footprint", HEAP, "maxrss"];
pub(super) const HEAP: &str = "heap";

/// Words beside which a size is none in use by the process: shares, limits, what is left, differences, other memory.
const OTHER: [&str; 53] = [
    "allocated",
    "allocating",
    "avail",
    "available",
    "budget",
    "buffer",
    "cache",
    "cached",
    "change",
    "cuda",
    "delta",
    "diff",
    "difference",
    "disk",
    "download",
    "file",
    "free",
    "freed",
    "gpu",
    "grew",
    "grown",
    "growth",
    "high",
    "host",
    "hwm",
    "increase",
    "increased",
    "limit",
    "limited",
    "loss",
    "machine",
    "max",
    "maximum",
    "maxrss",
    "min",
    "needs",
    "node",
    "peak",
    "released",
    "request",
    "requested",
    "reserved",
    "saved",
    "saving",
    "shared",
    "swap",
    "system",
    "threshold",
    "total",
    "virtual",
    "vms",
    "vram",
    "vsz",
];

/// Words before the memory's that tell whose it is.
const OWNERS: [&str; 9] =
    ["worker", "workers", "child", "children", "parent", "driver", "executor", "java", "process"];

/// A figure, and the words that tell what it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    /// The words, digits replaced: lines with the same are figures of one thing.
    pub(super) words: String,
    pub(super) size: Mib,
    /// Whether its unit is spelt as one that may count in thousands, such as `MB`.
    pub(super) is_loose: bool,
}

/// The first figure of memory in use in a text.
pub(super) fn figure(text: &str) -> Option<Figure> {
    let mut from = 0;
    for (start, end) in numbers(text) {
        let behind = &text[end..];
        // Words of another figure, or of another sentence, are not of this one.
        let before = &text[from..start];
        let part = before.rsplit([',', ';', '|', '{']).next().unwrap_or_default();
        let unit = unit_behind(behind);
        if let Some(found) = of_part(part, &text[start..end], unit, behind) {
            return Some(found);
        }
        // Numbers without a unit belong to the words: `memory after step 5: 100 MB`.
        if unit.is_some() {
            from = end;
        }
    }
    None
}

/// Where numbers stand that are words of their own, or follow `=`, `:`, `(` and the like.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let before = if at == 0 { b' ' } else { bytes[at - 1] };
        if !bytes[at].is_ascii_digit() || before.is_ascii_alphanumeric() || b"._+-/".contains(&before) {
            at += 1;
            continue;
        }
        let length =
            bytes[at..].iter().take_while(|byte| byte.is_ascii_digit() || b".,".contains(byte)).count();
        let length = text[at..at + length].trim_end_matches(['.', ',']).len();
        found.push((at, at + length));
        at += length;
    }
    found
}

/// The unit right behind a number, or behind one blank.
fn unit_behind(behind: &str) -> Option<&str> {
    let text = behind.strip_prefix(' ').unwrap_or(behind);
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (unit, rest) = text.split_at(length);
    let is_unit = size(&format!("1{unit}"), 1.0).is_some() || unit.eq_ignore_ascii_case("bytes");
    // A rate, or part of a longer word.
    let ends = !rest.starts_with(['/', '_', '-']) && !rest.starts_with(|c: char| c.is_ascii_digit());
    (length > 0 && is_unit && ends).then_some(unit)
}

fn of_part(part: &str, digits: &str, unit: Option<&str>, behind: &str) -> Option<Figure> {
    let words: Vec<&str> =
        part.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let memory = lower.iter().rposition(|word| MEMORY.contains(&word.as_str()))?;
    let after = unit.map_or(behind, |unit| &behind[behind.find(unit).map_or(0, |at| at + unit.len())..]);
    let next = after.strip_prefix(' ').unwrap_or_default();
    let next = next[..next.bytes().take_while(u8::is_ascii_alphabetic).count()].to_ascii_lowercase();
    let owner = memory.checked_sub(1).map(|at| lower[at].as_str());
    let is_other = |word: &str| OTHER.contains(&word);
    if lower[memory..].iter().any(|word| is_other(word)) || owner.is_some_and(is_other) || is_other(&next) {
        return None;
    }
    let (size, is_loose) = sized(part, digits, unit)?;
    let owner = owner.filter(|word| OWNERS.contains(word)).into_iter().map(str::to_owned);
    let told = lower[memory..].iter().map(|word| {
        if word.bytes().any(|byte| byte.is_ascii_digit()) { "#".to_owned() } else { word.clone() }
    });
    Some(Figure { words: owner.chain(told).collect::<Vec<_>>().join(" "), size, is_loose })
}

/// The size, and whether its unit may count in thousands.
fn sized(part: &str, digits: &str, unit: Option<&str>) -> Option<(Mib, bool)> {
    let value = plain(digits)?;
    if let Some(unit) = unit {
        let lower = unit.to_ascii_lowercase();
        let is_loose = lower.len() == 2 && lower.ends_with('b');
        let bare = if lower == "bytes" { "B" } else { unit };
        return Some((size(&format!("{value}{bare}"), 1.0)?, is_loose));
    }
    // The unit stands in the name, as in `rss_mb=` and `RSS (MB):`, or the name is that of psutil's bytes.
    let name = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != ')' && c != ']');
    let name = &name[name.rfind([' ', '(']).filter(|_| !name.ends_with([')', ']'])).map_or(0, |at| at + 1)..];
    match guess::memory(&[name])?.rsplit_once(':') {
        Some((_, "UNIT")) => {
            let of_psutil = ["pmem(", "pfullmem(", "meminfo("].iter().any(|name| part.contains(name));
            of_psutil.then(|| size(&value.to_string(), 1.0)).flatten().map(|size| (size, false))
        }
        Some((_, unit)) => {
            Some((size(&format!("{value}{unit}"), 1.0)?, name.to_ascii_lowercase().contains('b')))
        }
        None => None,
    }
}

/// A number without the commas between its thousands.
fn plain(digits: &str) -> Option<f64> {
    let whole = digits.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let has_groups = groups.next().is_some_and(|first| (1..=3).contains(&first.len()))
        && groups.clone().count() > 0
        && groups.all(|group| group.len() == 3);
    if has_groups { number(&digits.replace(',', "")) } else { number(digits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_that_people_write() {
        let cases = [
            ("INFO RSS: 512.3 MB", "rss", 512.3),
            ("INFO | job:main:12 - memory 100.0 MB", "memory", 100.0),
            ("mem=1.5GiB batch=7", "mem", 1536.0),
            ("batch 7 done, rss_mb=512.5", "rss mb", 512.5),
            ("RSS (MB): 512.5", "rss mb", 512.5),
            ("Memory usage after step 5: 1,234.5 MB", "memory usage after step #", 1234.5),
            ("loaded 3 GB of files, memory now 700 MiB", "memory now", 700.0),
            ("worker memory: 2048 KB (3 tasks)", "worker memory", 2.0),
            ("pmem(rss=536870912, vms=1073741824, shared=1)", "rss", 512.0),
            ("using 5 threads; memory usage: 512M", "memory usage", 512.0),
            ("rss=536870912 bytes", "rss", 512.0),
            ("heap 64 MiB", "heap", 64.0),
            ("Memory: 512 MB / 2 GB", "memory", 512.0),
        ];
        for (text, words, mebibytes) in cases {
            let found = figure(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.words.as_str(), found.size), (words, Mib::new(mebibytes)), "{text}");
        }
    }

    #[test]
    fn other_figures() {
        for text in [
            "rss=536870912",
            "RSS: 512",
            "memory limit 4 GB",
            "free memory: 12 GB",
            "memory: 12 GB free",
            "memory grew by +12 MB",
            "memory increased 12 MB",
            "peak memory 512 MB",
            "memory bandwidth 12 MB/s",
            "GPU memory: 12 GB",
            "read 12 MB from disk",
            "memory saved, wrote 12 MB",
            "memory 12.5 %",
            "memorymap 12 MB",
            "the job has rss in it",
        ] {
            assert_eq!(figure(text), None, "{text}");
        }
    }
}
