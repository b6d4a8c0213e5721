//! The view as lines, one an interval, for files and pipes.

use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

use super::feed::Feed;
use super::trend::Trend;
use super::view::View;
use crate::escape::control;
use crate::signals::EndWish;
use crate::text::{count, counted, mib, span, took};

/// How often the feed is polled between two lines.
const POLL: Duration = Duration::from_millis(50);
/// A stream without a new line for this many of its intervals is silent.
const SILENT_INTERVALS: f64 = 5.0;
const SILENT_LEAST: Duration = Duration::from_secs(5);

/// Prints a line now and one at each interval, until the run ends.
pub(crate) fn run(mut feed: Feed, mut view: View, interval: Duration, wish: &EndWish) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    feed.catch_up(&mut view)?;
    let mut print = |line: &str| -> io::Result<()> {
        writeln!(out, "{}", control(line))?;
        out.flush()
    };
    let mut next = Instant::now();
    loop {
        let cut_off = feed.is_cut_off(&view);
        let ended = view.footer.is_some() || cut_off;
        if (Instant::now() >= next || ended) && view.latest.is_some() {
            print(&line(&view, silent(&feed, &view)))?;
            next = (next + interval).max(Instant::now());
        }
        if ended {
            return Ok(print(&last_line(&view, cut_off))?);
        }
        if wish.is_there() {
            return Ok(());
        }
        thread::sleep(POLL.min(interval));
        feed.poll(&mut view)?;
    }
}

/// How long nothing was heard, where that is longer than it should be.
pub(super) fn silent(feed: &Feed, view: &View) -> Option<Duration> {
    let usual = Duration::from_secs_f64(view.config().monitoring_interval_seconds.clamp(0.01, 3600.0));
    let silence = feed.silence();
    let silent = silence > SILENT_LEAST.max(usual.mul_f64(SILENT_INTERVALS));
    (silent && view.footer.is_none()).then_some(silence)
}

/// The run right now.
fn line(view: &View, silent: Option<Duration>) -> String {
    let Some(latest) = view.latest else { return String::new() };
    let mut parts = vec![
        view.clock(latest.at),
        format!("rss {} MiB", mib(latest.rss.get())),
        latest.pressure.level.as_str().to_owned(),
    ];
    if let Some(size) = latest.batch_size {
        parts.push(format!("batch {}", count(size)));
    }
    if !view.is_outside() {
        parts.push(format!("gc {}", view.forced_collections));
    }
    parts.push(trend(view.trend()));
    parts.extend(silent.map(|silence| format!("silent for {}", span(silence.as_secs_f64()))));
    parts.join("  ")
}

/// A rate with its sign, where there is one.
pub(super) fn trend(trend: Option<Trend>) -> String {
    match trend {
        None => "trend unknown yet".to_owned(),
        Some(trend) if !trend.is_clear() => "no clear trend".to_owned(),
        Some(Trend { per_minute, .. }) if per_minute.abs() < 0.5 => "steady".to_owned(),
        Some(Trend { per_minute, .. }) => {
            let sign = if per_minute > 0.0 { "+" } else { "" };
            format!("{sign}{} MiB/min", mib(per_minute))
        }
    }
}

/// How the run ended.
fn last_line(view: &View, cut_off: bool) -> String {
    let word = if cut_off { "cut off: its process is gone" } else { "ended" };
    let at = view.footer.as_ref().map(|footer| footer.t_ns).or(view.latest.map(|latest| latest.at));
    let at = at.unwrap_or_default();
    let peak = view.peak.map_or("no samples".to_owned(), |peak| format!("peak {} MiB", mib(peak.get())));
    let samples = counted(usize::try_from(view.samples).unwrap_or(usize::MAX), "sample");
    format!("{}  {word}: {peak}, {samples}, {}", view.clock(at), took(at.seconds()))
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{phases, view_of};
    use super::*;

    #[test]
    fn a_line_has_the_figures_that_the_run_has() {
        let said = line(&phases(usize::MAX), None);
        assert!(said.ends_with("  rss 148 MiB  low  batch 1,000  gc 7  trend unknown yet"), "{said}");
        let outside = view_of(&[r#"{"type":"snapshot","t_ns":1,"rss_mb":1204}"#]);
        let said = line(&outside, Some(Duration::from_secs(12)));
        assert!(said.ends_with("  rss 1,204 MiB  low  trend unknown yet  silent for 12 s"), "{said}");
    }

    #[test]
    fn a_trend_is_told_where_there_is_one() {
        let clear = Trend { per_minute: 12.3, explained: 0.9, seconds: 60.0 };
        assert_eq!(trend(Some(clear)), "+12 MiB/min");
        assert_eq!(trend(Some(Trend { per_minute: -1234.0, ..clear })), "-1,234 MiB/min");
        assert_eq!(trend(Some(Trend { per_minute: -0.1, ..clear })), "steady");
        assert_eq!(trend(Some(Trend { explained: 0.2, ..clear })), "no clear trend");
    }

    #[test]
    fn the_last_line_says_how_it_ended() {
        assert!(last_line(&phases(usize::MAX), false).contains("ended: peak 659 MiB, "));
        assert!(last_line(&phases(20), true).contains("cut off: its process is gone: "));
    }
}
