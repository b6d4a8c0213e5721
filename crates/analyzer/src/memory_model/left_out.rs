//! What the memory model leaves out of the runs, with the count and the rule.

use memtool_profile_model::{Batch, Run};

/// What is left out of runs, one sentence per rule; empty where all of it is used.
#[must_use]
pub fn left_out(runs: &[&Run]) -> Vec<String> {
    let unreadable = runs.iter().filter(|run| run.snapshots.iter().all(|s| s.rss.is_none())).count();
    let batches = || runs.iter().flat_map(|run| &run.batches);
    let of_batches = |holds: fn(&Batch) -> bool| batches().filter(|batch| holds(batch)).count();
    let all = batches().count();
    [
        rule(unreadable, runs.len(), "run", "no readable memory"),
        rule(
            of_batches(|batch| batch.overlapping),
            all,
            "batch",
            "another batch ran beside it, so that the peak is not its own",
        ),
        rule(of_batches(|batch| batch.items == 0), all, "batch", "it had no items"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `2 of 9 batches left out: …`, or nothing.
fn rule(count: usize, of: usize, what: &str, why: &str) -> Option<String> {
    let many = if of == 1 { what.to_owned() } else { format!("{what}{}", plural(what)) };
    (count > 0).then(|| format!("{count} of {of} {many} left out: {why}"))
}

fn plural(what: &str) -> &'static str {
    if what.ends_with("ch") { "es" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(items: u64, overlapping: bool) -> Batch {
        Batch { size: 10, items, overlapping, ..Batch::default() }
    }

    #[test]
    fn what_is_left_out_is_counted_by_rule() {
        let run = Run { batches: vec![batch(5, false), batch(5, true), batch(0, false)], ..Run::default() };
        let notes = left_out(&[&run]);
        assert_eq!(
            notes,
            [
                "1 of 1 run left out: no readable memory",
                "1 of 3 batches left out: another batch ran beside it, so that the peak is not its own",
                "1 of 3 batches left out: it had no items",
            ]
        );
        assert!(left_out(&[]).is_empty());
    }
}
