//! The unit of time in which a rate shows.

/// A unit of time: its minutes and its name.
pub type RateUnit = (f64, &'static str);

/// The smallest unit in which a rate per minute is at least one, or a day.
#[must_use]
pub fn unit_of(per_minute: f64) -> RateUnit {
    const UNITS: [RateUnit; 3] = [(1.0, "minute"), (60.0, "hour"), (1440.0, "day")];
    UNITS.into_iter().find(|(minutes, _)| per_minute.abs() * minutes >= 1.0).unwrap_or(UNITS[2])
}

/// A rate in MiB in words: `2.4 MiB per hour`.
pub(crate) fn in_words(mb_per_minute: f64) -> String {
    let (minutes, unit) = unit_of(mb_per_minute);
    let value = mb_per_minute * minutes;
    format!("{value:.places$} MiB per {unit}", places = usize::from(value.abs() < 10.0))
}

/// A time span of some minutes in words: `72.0 hours`.
pub(crate) fn span_in_words(minutes: f64) -> String {
    match minutes {
        short if short < 120.0 => format!("{short:.1} minutes"),
        hours if hours < 4.0 * 1440.0 => format!("{:.1} hours", hours / 60.0),
        days => format!("{:.1} days", days / 1440.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_at_least_one_in_its_unit() {
        assert_eq!([90.0, 0.5, -0.002, 0.0].map(|rate| unit_of(rate).1), ["minute", "hour", "day", "day"]);
        assert_eq!(in_words(0.04), "2.4 MiB per hour");
        assert_eq!([896.2, -2.0].map(in_words), ["896 MiB per minute", "-2.0 MiB per minute"]);
    }

    #[test]
    fn a_long_span_is_no_heap_of_minutes() {
        assert_eq!([0.8, 4319.0, 14_400.0].map(span_in_words), ["0.8 minutes", "72.0 hours", "10.0 days"]);
    }
}
