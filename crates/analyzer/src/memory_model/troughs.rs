//! Where a series turns: its troughs, ignoring ripples.
//!
//! A batch's memory rises and falls. Without batch records its start is the trough before the
//! rise. Ripples smaller than a share of the usual swing are not troughs: first all swings of
//! more than the noise are found, then those of at least [`RIPPLE_SHARE`] of a large one kept.

use super::interval::quantile_of;

/// Smaller movements are noise of the probe, in MiB.
const NOISE_MB: f64 = 2.0;
/// A movement below this share of a large swing is a ripple inside a batch.
const RIPPLE_SHARE: f64 = 0.3;

/// The positions of a series' troughs, the first sample always among them.
pub(super) fn troughs(values: &[f64]) -> Vec<usize> {
    let fine = turning_points(values, NOISE_MB);
    let swings = fine.windows(2).map(|w| (values[w[1]] - values[w[0]]).abs());
    let ripple = quantile_of(swings, 0.9).map_or(NOISE_MB, |large| (large * RIPPLE_SHARE).max(NOISE_MB));
    let turns = turning_points(values, ripple);
    let mut troughs: Vec<usize> = Vec::new();
    for (place, &index) in turns.iter().enumerate() {
        let rises_after = turns.get(place + 1).is_some_and(|&next| values[next] > values[index]);
        if place == 0 || rises_after {
            troughs.push(index);
        }
    }
    troughs
}

/// The first sample, every turn followed by a movement of at least `least` the other way, and
/// the extreme that was reached last.
fn turning_points(values: &[f64], least: f64) -> Vec<usize> {
    let mut turns = Vec::new();
    let mut rising: Option<bool> = None;
    let (mut lowest, mut highest) = (0, 0);
    for (index, &value) in values.iter().enumerate() {
        if value < values[lowest] {
            lowest = index;
        }
        if value > values[highest] {
            highest = index;
        }
        if rising != Some(true) && value - values[lowest] >= least {
            push_new(&mut turns, lowest);
            (rising, highest) = (Some(true), index);
        } else if rising != Some(false) && values[highest] - value >= least {
            push_new(&mut turns, highest);
            (rising, lowest) = (Some(false), index);
        }
    }
    if turns.first() != Some(&0) && !values.is_empty() {
        turns.insert(0, 0);
    }
    match rising {
        Some(true) => push_new(&mut turns, highest),
        Some(false) => push_new(&mut turns, lowest),
        None => {}
    }
    turns
}

fn push_new(turns: &mut Vec<usize>, index: usize) {
    if turns.last() != Some(&index) {
        turns.push(index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sawtooth_has_a_trough_before_each_rise() {
        let values = [10.0, 60.0, 110.0, 10.0, 60.0, 110.0, 12.0, 60.0, 110.0, 10.0];
        assert_eq!(troughs(&values), [0, 3, 6]);
    }

    #[test]
    fn a_ripple_inside_a_batch_is_not_a_trough() {
        let values = [10.0, 80.0, 70.0, 110.0, 10.0, 80.0, 70.0, 110.0, 10.0];
        assert_eq!(troughs(&values), [0, 4]);
    }

    #[test]
    fn a_flat_series_has_one_and_nothing_none() {
        assert_eq!(troughs(&[5.0; 4]), [0]);
        assert_eq!(troughs(&[]), Vec::<usize>::new());
    }
}
