//! The first line of what sysstat's tools print, and the times in front of its rows.

use jiff::civil::Date;

use crate::calendar::{date, is_time_of_day, time_of_day};
use crate::clock::{DayClock, epoch};
use crate::number::number;

/// The date in `Linux 6.18.44 (host)  11/29/26  _x86_64_  (2 CPU)`; `None` if it is no such line.
pub(crate) fn banner(line: &str) -> Option<Date> {
    if !(line.contains(" CPU)") && line.contains('(')) {
        return None;
    }
    line.split_ascii_whitespace().find_map(date)
}

/// The time that a row begins with, and the words after it: seconds since 1970, or a time of day that
/// may be followed by `AM` or `PM`.
pub(crate) fn time_and_rest<'a>(words: &'a [&'a str], clock: &mut DayClock) -> Option<(i64, &'a [&'a str])> {
    let (first, rest) = words.split_first()?;
    if !is_time_of_day(first) {
        return number(first).filter(|seconds| *seconds > 1e8).and_then(epoch).map(|at| (at, rest));
    }
    let half = rest.first().copied().filter(|word| ["AM", "PM"].contains(word));
    let at = clock.at(time_of_day(first, half)?)?;
    Some((at, &rest[usize::from(half.is_some())..]))
}

/// The names of a header's columns, without the time in front of them; `None` if it is not the
/// header of a table with this column.
pub(crate) fn columns<'a>(words: &[&'a str], column: &str) -> Option<Vec<&'a str>> {
    let first = words.first()?;
    let is_time = |word: &str| is_time_of_day(word) || ["#", "Time", "AM", "PM"].contains(&word);
    if !(is_time(first) || words.contains(&column)) {
        return None;
    }
    let names: Vec<&str> =
        words.iter().copied().skip_while(|word| is_time(word) || word.parse::<f64>().is_ok()).collect();
    names.contains(&column).then_some(names)
}
