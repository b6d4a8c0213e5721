//! Places in a chart: percent of a panel, and paths in the panel's own units.

use std::fmt::Write as _;

/// The width and height of a panel in its own units; the browser stretches it to its size.
pub(super) const WIDTH: f64 = 2000.0;
pub(super) const HEIGHT: f64 = 1000.0;

/// Points that a path holds at most: enough for the pixels of a wide screen, and for a printer.
pub(super) const MOST_POINTS: usize = 1600;

/// Maps moments and values into a panel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Panel {
    /// Where the time axis ends, in seconds.
    pub(super) end_s: f64,
    /// The value at the top.
    pub(super) top: f64,
}

impl Panel {
    pub(super) fn x(self, seconds: f64) -> f64 {
        hundredths(WIDTH * (seconds / self.end_s).clamp(0.0, 1.0))
    }

    fn y(self, value: f64) -> f64 {
        (HEIGHT * (1.0 - (value / self.top).clamp(0.0, 1.0))).round()
    }

    /// How far down a value is, in percent of the panel.
    pub(super) fn down(self, value: f64) -> String {
        percent(1.0 - (value / self.top).clamp(0.0, 1.0))
    }

    /// How far to the right a moment is, in percent of the panel.
    pub(super) fn right(self, seconds: f64) -> String {
        percent((seconds / self.end_s).clamp(0.0, 1.0))
    }

    /// A line through samples; relative steps, which are short.
    pub(super) fn line(self, samples: &[(f64, f64)]) -> String {
        let mut path = String::new();
        let mut last = None;
        for (seconds, value) in samples {
            let (x, y) = (self.x(*seconds).round(), self.y(*value));
            match last {
                None => write(&mut path, format_args!("M{x} {y}")),
                Some(from) if from == (x, y) => {}
                Some((before, from)) => write(&mut path, format_args!("l{} {}", x - before, y - from)),
            }
            last = Some((x, y));
        }
        path
    }

    /// A line of steps: each value holds until the next, the last to the end.
    pub(super) fn steps(self, samples: &[(f64, f64)]) -> String {
        let mut path = String::new();
        for (index, (seconds, value)) in samples.iter().enumerate() {
            let (x, y) = (self.x(*seconds), self.y(*value));
            if index == 0 {
                write(&mut path, format_args!("M{x} {y}"));
            } else {
                write(&mut path, format_args!("H{x}V{y}"));
            }
        }
        if !path.is_empty() {
            write(&mut path, format_args!("H{WIDTH}"));
        }
        path
    }

    /// A horizontal stroke from one moment to another, at half the height.
    pub(super) fn stroke(self, from_s: f64, to_s: f64) -> String {
        let (from, to) = (self.x(from_s), self.x(to_s));
        format!("M{from} 500H{}", to.max(from + 1.0))
    }

    /// A vertical stroke through the panel.
    pub(super) fn tick(self, seconds: f64) -> String {
        format!("M{} 0V{HEIGHT}", self.x(seconds))
    }
}

/// Writing to a text does not fail.
fn write(path: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = path.write_fmt(text);
}

fn percent(share: f64) -> String {
    format!("{}%", hundredths(share * 100.0))
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANEL: Panel = Panel { end_s: 100.0, top: 500.0 };

    #[test]
    fn samples_become_relative_steps() {
        let path = PANEL.line(&[(0.0, 0.0), (50.0, 250.0), (50.001, 250.0), (100.0, 900.0)]);
        assert_eq!(path, "M0 1000l1000 -500l1000 -500");
        assert_eq!(PANEL.line(&[]), "");
    }

    #[test]
    fn steps_hold_to_the_end() {
        assert_eq!(PANEL.steps(&[(0.0, 500.0), (25.0, 250.0)]), "M0 0H500V500H2000");
        assert_eq!(PANEL.steps(&[]), "");
    }

    #[test]
    fn a_short_batch_is_still_seen() {
        assert_eq!(PANEL.stroke(10.0, 10.0), "M200 500H201");
        assert_eq!([PANEL.right(25.0), PANEL.down(100.0)], ["25%", "80%"]);
    }
}
