//! What is worth saying while a job still runs. The careful findings are `analyze`'s.

use memtool_policy as policy;
use memtool_profile_model::{Mib, PressureLevel};

use super::trend::Trend;
use super::view::View;
use crate::text::{mib, percent, span};

/// How pressing something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// To be acted on.
    Bad,
    /// Worth attention.
    Warn,
    /// To be known.
    Note,
}

/// Something worth saying.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Remark {
    pub(crate) urgency: Urgency,
    pub(crate) text: String,
}

/// Share of the limit that is close.
const CLOSE: f64 = 0.9;
/// Seconds that a trend must last before it is carried on into the future.
const STEADY_SECONDS: f64 = 100.0;
/// Share of the variance that a steady rise explains.
const STEADY: f64 = 0.8;
/// A limit further away than this is nothing to warn of, in minutes.
const FAR_MINUTES: f64 = 240.0;

/// What is worth saying, the most pressing first.
pub(crate) fn advice(view: &View) -> Vec<Remark> {
    let mut all: Vec<Remark> = [
        close_to_limit(view),
        critical(view),
        rising(view),
        losses(view),
        view.note.clone().map(|text| Remark { urgency: Urgency::Note, text }),
    ]
    .into_iter()
    .flatten()
    .chain(of_policy(view))
    .collect();
    all.sort_by_key(|advice| advice.urgency);
    all
}

fn close_to_limit(view: &View) -> Option<Remark> {
    let (latest, limit) = (view.latest?, view.limit()?);
    let share = latest.rss.get() / limit.get();
    (share >= CLOSE).then(|| Remark {
        urgency: Urgency::Bad,
        text: format!("{} of the limit of {} MiB is in use", percent(share), mib(limit.get())),
    })
}

fn critical(view: &View) -> Option<Remark> {
    let latest = view.latest.filter(|latest| latest.pressure.level == PressureLevel::Critical)?;
    let config = view.config();
    let above = config.thresholds.critical_mb;
    let text = match latest.available {
        Some(available) if latest.rss < above => {
            format!("critical: only {} MiB are left", mib(available.get()))
        }
        _ => format!("critical: memory is above critical_mb, {} MiB", mib(above.get())),
    };
    Some(Remark { urgency: Urgency::Bad, text })
}

fn rising(view: &View) -> Option<Remark> {
    let (latest, limit) = (view.latest?, view.limit()?);
    let minutes = minutes_to(limit, latest.rss, view.trend()?)?;
    Some(Remark {
        urgency: if minutes < 30.0 { Urgency::Bad } else { Urgency::Warn },
        text: format!("at this rate the limit is reached in about {}", span(minutes * 60.0)),
    })
}

/// Minutes until a steady rise reaches the limit, if that is near enough to speak of.
fn minutes_to(limit: Mib, rss: Mib, trend: Trend) -> Option<f64> {
    let steady = trend.seconds >= STEADY_SECONDS && trend.explained >= STEADY && trend.per_minute > 0.0;
    let minutes = (limit.get() - rss.get()) / trend.per_minute;
    (steady && minutes > 0.0 && minutes <= FAR_MINUTES).then_some(minutes)
}

/// The advice that the job's own recorder gives as well.
fn of_policy(view: &View) -> impl Iterator<Item = Remark> {
    policy::advice(&view.observed()).into_iter().map(|advice| Remark {
        urgency: Urgency::Warn,
        text: format!("{}. {}", advice.description, advice.action),
    })
}

fn losses(view: &View) -> Option<Remark> {
    let lost = view.footer.as_ref().map_or(0, |footer| footer.lost_records);
    let parts = [
        (view.failed_samples, "samples failed"),
        (view.damaged, "lines could not be read"),
        (lost, "records were lost"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    (!said.is_empty()).then(|| Remark { urgency: Urgency::Note, text: said.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{phases, view_of};
    use super::*;

    fn texts(view: &View) -> Vec<String> {
        advice(view).into_iter().map(|advice| advice.text).collect()
    }

    #[test]
    fn a_quiet_run_needs_no_word() {
        assert_eq!(texts(&view_of(&[r#"{"type":"snapshot","t_ns":1,"rss_mb":5,"batch_size":9}"#])), [""; 0]);
    }

    #[test]
    fn collections_in_vain_are_told() {
        let said = texts(&phases(usize::MAX));
        assert_eq!(
            said,
            [
                "the last 7 forced collections each freed less than 2 % of memory. Raise gc_trigger_mb above what the \
                 job holds for good, or set memtool.gc_cooldown_share"
            ]
        );
    }

    #[test]
    fn a_full_memory_comes_first() {
        let line = r#"{"type":"snapshot","t_ns":1,"rss_mb":3600,"batch_size":9}"#;
        let mut view = View::new(Some(Mib::new(3800.0)));
        let header = view_of(&[]).header.expect("one");
        view.take(memtool_profile_model::stream::current::Record::Header(header));
        view.take(memtool_profile_model::stream::parse_line(line).expect("a record"));
        view.damaged = 2;
        let said = advice(&view);
        let expected = [
            "95 % of the limit of 3,800 MiB is in use",
            "critical: memory is above critical_mb, 3,500 MiB",
            "2 lines could not be read",
        ];
        assert_eq!(said.iter().map(|advice| advice.text.as_str()).collect::<Vec<_>>(), expected);
        assert_eq!(said[0].urgency, Urgency::Bad);
    }

    #[test]
    fn a_steady_rise_is_carried_on_to_the_limit_and_a_short_one_is_not() {
        let trend = Trend { per_minute: 10.0, explained: 0.95, seconds: 110.0 };
        let minutes = |trend| minutes_to(Mib::new(1000.0), Mib::new(700.0), trend);
        assert_eq!(minutes(trend), Some(30.0));
        assert_eq!(minutes(Trend { seconds: 60.0, ..trend }), None);
        assert_eq!(minutes(Trend { explained: 0.5, ..trend }), None);
        assert_eq!(minutes(Trend { per_minute: -10.0, ..trend }), None);
        assert_eq!(minutes(Trend { per_minute: 1.0, ..trend }), None);
    }

    #[test]
    fn much_time_under_high_pressure_is_told() {
        let line = |second: u64, rss: u64| {
            format!(
                r#"{{"type":"snapshot","t_ns":{},"rss_mb":{rss},"batch_size":9}}"#,
                second * 1_000_000_000
            )
        };
        let lines: Vec<String> = (0..100).map(|s| line(s, if s < 50 { 3100 } else { 1500 })).collect();
        let view = view_of(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(
            texts(&view).iter().any(|text| {
                text.starts_with(
                    "51 % of the last 99 s under high pressure, 2308 MiB on average. Use smaller batches",
                )
            }),
            "{:?}",
            texts(&view)
        );
    }
}
