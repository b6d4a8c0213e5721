//! The largest and the least of many values.

/// How many are compared side by side: each comparison waits for the one before it in its lane only.
const LANES: usize = 8;

/// The largest of values from 0 on; 0 without any.
#[must_use]
pub fn largest(values: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let blocks = values.chunks_exact(LANES);
    let rest = blocks.remainder();
    for block in blocks {
        for (lane, value) in lanes.iter_mut().zip(block) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    lanes.iter().chain(rest).copied().fold(0.0, f64::max)
}

/// The least of values; `None` without any.
#[must_use]
pub fn least(values: &[f64]) -> Option<f64> {
    let mut lanes = [*values.first()?; LANES];
    let blocks = values.chunks_exact(LANES);
    let rest = blocks.remainder();
    for block in blocks {
        for (lane, value) in lanes.iter_mut().zip(block) {
            *lane = if *value < *lane { *value } else { *lane };
        }
    }
    lanes.iter().chain(rest).copied().reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_wherever_it_stands() {
        assert_eq!((largest(&[]), least(&[])), (0.0, None));
        for n in 1..40 {
            for at in 0..n {
                let values: Vec<f64> = (0..n).map(|i| if i == at { 100.5 } else { f64::from(i) }).collect();
                assert_eq!(largest(&values), 100.5);
                let values: Vec<f64> = values.iter().map(|value| -value).collect();
                assert_eq!(least(&values), Some(-100.5));
            }
        }
    }
}
