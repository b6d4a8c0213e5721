//! A warning about a file that was read.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A warning about a file that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// Snapshots whose probe failed (RSS 0.0 or negative); they count as missing.
    MissingRss(usize),
    /// Snapshots that were written out of order and were sorted.
    OutOfOrder(usize),
    /// Snapshots that share their time with the one before.
    RepeatedTime(usize),
    /// Recorded levels that the policy does not reproduce with the settings assumed.
    LevelsNotReproduced {
        /// Levels that differ.
        differ: usize,
        /// Levels recorded.
        of: usize,
    },
    /// Samples of which a part (children, shared pages, PSS) is larger than the whole; the part is
    /// left out.
    OversizedParts(usize),
    /// A limit or request in which no process runs; it is left out.
    TinyLimit(f64),
    /// Batches that end before they start; the end is left out.
    ReversedBatches(usize),
    /// Batches, collections and decisions that are more than the memory given holds; the last ones
    /// are left out.
    NoRoom(usize),
    /// The stream has no footer.
    EndedWithoutClosing,
    /// The stream's last line is incomplete.
    TornLastLine(usize),
    /// Lines that are not records, or hold figures that cannot be, left out.
    DamagedLines {
        /// How many.
        count: usize,
        /// The first of them, from 1.
        first: usize,
        /// What is wrong with the first.
        reason: String,
    },
    /// Records of kinds this version does not know, skipped.
    UnknownRecords(usize),
    /// Only some snapshots fit the memory budget: of every few in a row the lowest and the highest.
    KeptSome {
        /// Snapshots kept.
        kept: usize,
        /// Snapshots read.
        of: usize,
        /// Of this many in a row two were kept.
        in_a_row: usize,
    },
    /// The run ended before its first sample, and its one size is the system's account of its largest process.
    Unsampled,
    /// Records that the recorder lost, by its own count.
    LostRecords(u64),
    /// Records that the recorder left out on purpose, the file being near its largest size.
    Thinned(u64),
    /// What is known of another tool's files of this kind.
    Tool {
        /// A name for it that stays.
        code: Cow<'static, str>,
        /// What to know, in a sentence.
        text: Cow<'static, str>,
    },
    /// The recorder left out records on purpose, and ended before it could count them.
    ThinnedTo {
        /// Of this many samples one was written in the end.
        every: u32,
    },
}

impl Warning {
    /// A name for it that stays.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::MissingRss(_) => "missing_rss",
            Self::OutOfOrder(_) => "out_of_order",
            Self::RepeatedTime(_) => "repeated_time",
            Self::LevelsNotReproduced { .. } => "levels_not_reproduced",
            Self::EndedWithoutClosing => "ended_without_closing",
            Self::TornLastLine(_) => "torn_last_line",
            Self::DamagedLines { .. } => "damaged_lines",
            Self::UnknownRecords(_) => "unknown_records",
            Self::NoRoom(_) => "no_room",
            Self::OversizedParts(_) => "oversized_parts",
            Self::TinyLimit(_) => "tiny_limit",
            Self::ReversedBatches(_) => "reversed_batches",
            Self::KeptSome { .. } => "kept_some",
            Self::Unsampled => "unsampled",
            Self::LostRecords(_) => "lost_records",
            Self::Thinned(_) => "thinned",
            Self::ThinnedTo { .. } => "thinned_to",
            Self::Tool { code, .. } => code,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingRss(n) => write!(f, "{} without a readable RSS {} left out", snapshots(*n), was(*n)),
            Self::OutOfOrder(n) => write!(f, "{} out of order {} sorted by time", snapshots(*n), was(*n)),
            Self::RepeatedTime(n) => {
                let verb = if *n == 1 { "repeats" } else { "repeat" };
                write!(f, "{} {verb} the time of the one before", snapshots(*n))
            }
            Self::OversizedParts(n) => write!(
                f,
                "a part (children, shared pages or PSS) is larger than the whole in {}; it was left out",
                snapshots(*n)
            ),
            Self::TinyLimit(mebibytes) => {
                write!(
                    f,
                    "a memory limit of {mebibytes:e} MiB, less than a page, was left out: no process runs in it"
                )
            }
            Self::ReversedBatches(n) => {
                let verb = if *n == 1 { "ends before it starts" } else { "end before they start" };
                write!(f, "{} {verb}; the end was left out", counted(*n as u64, "batch"))
            }
            Self::LevelsNotReproduced { differ, of } => write!(
                f,
                "{differ} of {of} recorded pressure levels differ from the policy's with the assumed settings"
            ),
            Self::NoRoom(n) => write!(
                f,
                "batches, collections and decisions are more than the memory given holds: the last {n} {} left out",
                was(*n)
            ),
            Self::EndedWithoutClosing => {
                write!(f, "the stream ended without closing: the run was killed or still goes on")
            }
            Self::TornLastLine(line) => {
                write!(f, "line {line} is torn (the writer was cut off) and was left out")
            }
            Self::UnknownRecords(n) => {
                write!(f, "{} of unknown kinds {} skipped", counted(*n as u64, "record"), was(*n))
            }
            Self::DamagedLines { count: 1, first, reason } => {
                write!(f, "1 damaged line was left out: line {first}, {reason}")
            }
            Self::DamagedLines { count, first, reason } => {
                write!(f, "{count} damaged lines were left out, the first is line {first}, {reason}")
            }
            Self::KeptSome { kept, of, in_a_row } => write!(
                f,
                "{of} snapshots are more than the memory given holds: of each {in_a_row} in a row the lowest and \
                 the highest were kept ({kept}); findings rest on these, peak and averages on all"
            ),
            Self::Unsampled => write!(
                f,
                "it ended before its first sample: the size is the largest of its processes by the system's account, \
                 which is never below that of the recorder that started it"
            ),
            Self::LostRecords(n) => write!(f, "the recorder lost {}", counted(*n, "record")),
            Self::Thinned(n) => {
                let records = counted(*n, "record");
                write!(f, "the recorder left out {records} to keep the file below its largest size")
            }
            Self::Tool { text, .. } => f.write_str(text),
            Self::ThinnedTo { every } => write!(
                f,
                "the recorder wrote only one in {every} samples to keep the file below its largest size"
            ),
        }
    }
}

fn snapshots(count: usize) -> String {
    counted(count as u64, "snapshot")
}

/// A count and its noun, in words that agree.
fn counted(count: u64, noun: &str) -> String {
    let ending = match noun {
        _ if count == 1 => "",
        "batch" => "es",
        _ => "s",
    };
    format!("{count} {noun}{ending}")
}

const fn was(count: usize) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_in_the_singular() {
        let told = |warning: Warning| warning.to_string();
        assert_eq!(told(Warning::MissingRss(1)), "1 snapshot without a readable RSS was left out");
        assert_eq!(told(Warning::MissingRss(2)), "2 snapshots without a readable RSS were left out");
        assert_eq!(told(Warning::RepeatedTime(1)), "1 snapshot repeats the time of the one before");
        assert_eq!(told(Warning::LostRecords(1)), "the recorder lost 1 record");
        assert_eq!(told(Warning::UnknownRecords(1)), "1 record of unknown kinds was skipped");
        assert_eq!(told(Warning::ReversedBatches(1)), "1 batch ends before it starts; the end was left out");
        assert_eq!(
            told(Warning::ReversedBatches(3)),
            "3 batches end before they start; the end was left out"
        );
    }
}
