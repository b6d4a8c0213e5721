//! Where a series turns by more than a given swing.

/// Where RSS turns by `swing`, each way in turn; the last one may still go on.
///
/// The turns by a larger swing are among those by a smaller one: one pass over all samples will do.
pub(super) fn turning_points(rss: &[f64], among: impl Iterator<Item = usize>, swing: f64) -> Vec<usize> {
    let mut among = among.peekable();
    let Some(first) = among.peek().copied() else { return Vec::new() };
    // A fall is a rise of the negative values.
    let (mut found, mut sign, mut extreme, mut at) = (Vec::new(), -1.0, -rss[first], first);
    for i in among {
        let value = sign * rss[i];
        if value <= extreme - swing {
            found.push(at);
            (sign, extreme, at) = (-sign, -value, i);
        } else {
            // Not by a branch, which a processor guesses wrong as often as not.
            let further = value > extreme;
            (extreme, at) = (if further { value } else { extreme }, if further { i } else { at });
        }
    }
    found.push(at);
    found
}

/// Where RSS stops falling before it rises by `swing`, of turns by less; the last one may still be
/// falling.
pub(super) fn troughs(rss: &[f64], among: &[usize], swing: f64) -> Vec<usize> {
    // They begin with a fall, so every other turn is a trough.
    turning_points(rss, among.iter().copied(), swing).into_iter().step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_by_a_larger_swing_are_among_those_by_a_smaller() {
        let rss: Vec<f64> = crate::series::shapes::noise(5, 3000)
            .iter()
            .scan(0.0, |at, e| {
                *at += e;
                Some(*at)
            })
            .collect();
        let fine = turning_points(&rss, 0..rss.len(), 1.5);
        for swing in [1.5, 2.0, 5.0, 20.0] {
            assert_eq!(
                turning_points(&rss, fine.iter().copied(), swing),
                turning_points(&rss, 0..rss.len(), swing),
                "{swing}"
            );
        }
        assert_eq!(turning_points(&[5.0, 1.0, 9.0, 3.0, 8.0], 0..5, 4.0), [1, 2, 3, 4]);
        assert_eq!(troughs(&[5.0, 1.0, 9.0, 3.0], &[1, 2, 3], 4.0), [1, 3], "the last still falls");
        assert_eq!(turning_points(&[], 0..0, 1.0), [0_usize; 0]);
    }
}
