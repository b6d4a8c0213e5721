//! The unit of time in which a rate shows.

/// A unit of time: its minutes and its name.
pub(crate) type RateUnit = (f64, &'static str);

/// The smallest unit in which a rate per minute is at least one, or a day.
pub(crate) fn unit_of(per_minute: f64) -> RateUnit {
    const UNITS: [RateUnit; 3] = [(1.0, "minute"), (60.0, "hour"), (1440.0, "day")];
    UNITS.into_iter().find(|(minutes, _)| per_minute.abs() * minutes >= 1.0).unwrap_or(UNITS[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_at_least_one_in_its_unit() {
        assert_eq!([90.0, 0.5, -0.002, 0.0].map(|rate| unit_of(rate).1), ["minute", "hour", "day", "day"]);
    }
}
