//! What the names of a table's columns suggest: which is the time, which the memory, and in which unit.

/// Words that tell a column of times, the surest first.
const TIMES: [&str; 10] =
    ["timestamp", "datetime", "epoch", "time", "ts", "date", "elapsed", "seconds", "sec", "t"];

/// Words that tell a column of memory, the surest first.
const MEMORY: [&str; 9] = ["rss", "resident", "workingset", "memory", "mem", "used", "usage", "heap", "ram"];

/// Words that tell the largest of a run, beside one of memory or alone.
const LARGEST: [&str; 4] = ["max", "peak", "maximum", "hwm"];
const PEAKS: [&str; 4] = ["maxrss", "peakrss", "maxmem", "peakmem"];

/// Words that tell how long a run took, and which it was.
const RUNTIMES: [&str; 7] = ["elapsed", "runtime", "duration", "wall", "walltime", "real", "seconds"];
const RUNS: [&str; 8] = ["job", "jobname", "name", "command", "cmd", "task", "benchmark", "test"];

/// Words of a column of moments.
const MOMENTS: [&str; 5] = ["timestamp", "datetime", "epoch", "date", "ts"];

/// Words of a column of shares, limits, or of what is left.
const NO_SIZE: [&str; 9] = ["percent", "pct", "%", "total", "limit", "free", "avail", "available", "max"];

/// Words of a column that tells how long something took.
const NO_CLOCK: [&str; 7] = ["cpu", "user", "system", "sys", "create", "start", "run"];

/// Units of sizes by their words in a name.
const SIZES: [(&[&str], &str); 5] = [
    (&["kib", "kb", "kbytes", "kilobytes"], "KiB"),
    (&["mib", "mb", "mbytes", "megabytes"], "MiB"),
    (&["gib", "gb", "gbytes", "gigabytes"], "GiB"),
    (&["tib", "tb"], "TiB"),
    (&["bytes", "byte", "b"], "B"),
];

/// Units of times by their words in a name; seconds are read without.
const CLOCKS: [(&[&str], &str); 5] = [
    (&["ms", "millis", "milliseconds", "msec"], "ms"),
    (&["us", "micros", "microseconds", "usec"], "us"),
    (&["ns", "nanos", "nanoseconds", "nsec"], "ns"),
    (&["min", "minutes", "mins"], "min"),
    (&["h", "hours"], "h"),
];

/// The words of a name in small letters: `RSS [MB]`, `rss_mb`, `rssMb` and `rss.mb` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let is_part = letter.is_alphanumeric() || letter == '%';
        if !is_part || letter.is_uppercase() && before.is_lowercase() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (is_part, words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The first name that has the surest of the words, and none of the others.
fn surest<'a>(names: &[&'a str], telling: &[&str], against: &[&str]) -> Option<&'a str> {
    let fits = |name: &str, telling: &str| {
        let words = words(name);
        let tells = |word: &String| match telling.len() {
            ..=2 => word == telling,
            3 => word.starts_with(telling),
            _ => word.contains(telling),
        };
        let tells = words.iter().any(tells);
        tells && !words.iter().any(|word| against.contains(&word.as_str()))
    };
    // `Working Set` is two words and one thing.
    let pair = |name: &str| words(name).windows(2).any(|pair| pair.concat() == "workingset");
    let fits = |name: &str, telling: &str| fits(name, telling) || telling == "workingset" && pair(name);
    telling.iter().find_map(|telling| names.iter().copied().find(|name| fits(name, telling)))
}

/// The unit that a name has as a word of its own; `MiB` is one word, and `rssMB` holds one.
fn unit<'a>(name: &str, units: &[(&[&str], &'a str)]) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let whole: Vec<String> = lower.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    [whole, words(name)].iter().find_map(|words| {
        let found = units.iter().find(|(spelt, _)| words.iter().any(|word| spelt.contains(&word.as_str())));
        found.map(|(_, unit)| *unit)
    })
}

/// Seconds of a unit of time.
pub(crate) fn time_unit(unit: &str) -> Option<f64> {
    Some(match unit {
        "s" => 1.0,
        "ms" => 1e-3,
        "us" => 1e-6,
        "ns" => 1e-9,
        "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    })
}

/// Whether a name is that of a unit, such as `unit` or `memory_unit`.
pub(crate) fn is_unit(name: &str) -> bool {
    let words = words(name);
    let known = |word: &String| ["unit", "units", "memory", "mem", "rss"].contains(&word.as_str());
    words.iter().any(|word| word.starts_with("unit")) && words.iter().all(known)
}

/// Seconds that a name's unit has, where it names the time between samples; without a unit they are seconds.
pub(crate) fn interval(name: &str) -> Option<f64> {
    let named = words(name).iter().any(|word| ["interval", "period"].contains(&word.as_str()));
    let unit = unit(name, &CLOCKS).and_then(time_unit);
    named.then(|| unit.unwrap_or(1.0))
}

/// The column of times, as a mapping has it: with its unit.
pub(crate) fn time(names: &[&str]) -> Option<String> {
    let name = surest(names, &TIMES, &NO_CLOCK)?;
    Some(unit(name, &CLOCKS).map_or_else(|| name.to_owned(), |unit| format!("{name}:{unit}")))
}

/// The column of memory, as a mapping has it; the unit is left open where the name does not tell it.
pub(crate) fn memory(names: &[&str]) -> Option<String> {
    let name = surest(names, &MEMORY, &NO_SIZE)?;
    Some(format!("{name}:{}", unit(name, &SIZES).unwrap_or("UNIT")))
}

/// The first name with one of these words.
fn with_word<'a>(names: &[&'a str], telling: &[&str]) -> Option<&'a str> {
    names.iter().copied().find(|name| words(name).iter().any(|word| telling.contains(&word.as_str())))
}

/// The column of a run's largest memory, as a mapping has it.
pub(crate) fn peak(names: &[&str]) -> Option<String> {
    let is_peak = |name: &&str| {
        let words = words(name);
        let has = |telling: &[&str]| words.iter().any(|word| telling.contains(&word.as_str()));
        has(&PEAKS) || has(&LARGEST) && has(&MEMORY)
    };
    let name = names.iter().copied().find(is_peak)?;
    Some(format!("{name}:{}", unit(name, &SIZES).unwrap_or("UNIT")))
}

/// Whether no column tells when a row was: then rows with peaks are runs.
pub(crate) fn has_no_moment(names: &[&str]) -> bool {
    with_word(names, &MOMENTS).is_none()
}

/// The column that tells how long a run took, as a mapping has it.
pub(crate) fn runtime(names: &[&str]) -> Option<String> {
    let name = with_word(names, &RUNTIMES)?;
    Some(unit(name, &CLOCKS).map_or_else(|| name.to_owned(), |unit| format!("{name}:{unit}")))
}

/// The column that tells which run a row is.
pub(crate) fn run(names: &[&str]) -> Option<String> {
    with_word(names, &RUNS).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(names: &[&str]) -> (Option<String>, Option<String>) {
        (time(names), memory(names))
    }

    #[test]
    fn names_that_people_choose() {
        let cases: [(&[&str], &str, &str); 10] = [
            (&["Time", "Working Set - Private"], "Time", "Working Set - Private:UNIT"),
            (&["time", "ram_gb"], "time", "ram_gb:GiB"),
            (&["time", "rss_bytes"], "time", "rss_bytes:B"),
            (&["epoch_ms", "cpu_percent", "memory_percent", "rss_kb"], "epoch_ms:ms", "rss_kb:KiB"),
            (&["Time (s)", "Memory (MiB)"], "Time (s)", "Memory (MiB):MiB"),
            (&["CPU time", "Time [s]", "RSS [GB]"], "Time [s]", "RSS [GB]:GiB"),
            (&["cpu_user_time", "timestamp", "memory_total", "memoryUsed"], "timestamp", "memoryUsed:UNIT"),
            (&["ts", "mem_kb", "stage"], "ts", "mem_kb:KiB"),
            (&["elapsed_ms", "heapUsedBytes"], "elapsed_ms:ms", "heapUsedBytes:B"),
            (&["event", "t", "memory_info.rss"], "t", "memory_info.rss:UNIT"),
        ];
        for (names, time, memory) in cases {
            assert_eq!(mapping(names), (Some(time.to_owned()), Some(memory.to_owned())), "{names:?}");
        }
        assert_eq!(mapping(&["event", "step"]), (None, None));
    }
}
