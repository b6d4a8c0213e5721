//! The probability of a kill: the spread of the replays, and the model's error, which no draw has.
//!
//! Most predictions are right to 2 %, one in ten is off by 19 %: a share of replays alone is too sure of
//! itself. So each replay's memory is blurred in its logarithm by a Student t of three degrees of freedom,
//! and counts with the probability that it reaches the limit then. Most of the replays decide whether a kill is
//! likelier than not; the blur says how sure that is.

/// The share of replays that reach the limit; `None` without a replay.
#[expect(clippy::cast_precision_loss, reason = "a count of replays")]
pub(super) fn share(charged: &[f64], limit: f64) -> Option<f64> {
    let killed = charged.iter().filter(|mb| **mb >= limit).count();
    (!charged.is_empty()).then(|| killed as f64 / charged.len() as f64)
}

/// The probability of a kill; `None` without a replay. `scale` is that of the blur, by the evidence (`calibration`).
#[expect(clippy::cast_precision_loss, reason = "a count of replays")]
pub(super) fn probability(charged: &[f64], limit: f64, scale: f64) -> Option<f64> {
    let reaches = |mb: &f64| if *mb > 0.0 { student((mb / limit).ln() / scale) } else { 0.0 };
    let blurred = charged.iter().map(reaches).sum::<f64>() / charged.len().max(1) as f64;
    let killed = share(charged, limit)? >= 0.5;
    Some(if killed { blurred.max(0.5) } else { blurred.min(0.5_f64.next_down()) })
}

/// Distribution function of Student's t of three degrees of freedom.
fn student(t: f64) -> f64 {
    if t.is_infinite() {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    let x = t / 3.0_f64.sqrt();
    (0.5 + (x.atan() + x / (1.0 + x * x)) / std::f64::consts::PI).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_is_students() {
        // Tables: 95 % at 2.353, 99 % at 4.541.
        assert!((student(2.353) - 0.95).abs() < 1e-4 && (student(4.541) - 0.99).abs() < 1e-4);
        assert!((student(-2.353) - 0.05).abs() < 1e-4);
    }

    #[test]
    fn just_below_the_limit_nothing_is_sure() {
        let at = |mb| probability(&[mb; 10], 100.0, 0.06).expect("replays");
        assert!((at(100.0) - 0.5).abs() < 1e-9 && at(95.0) > 0.05 && at(60.0) < 0.01 && at(160.0) > 0.99);
        assert!(probability(&[80.0], 100.0, 0.3) > probability(&[80.0], 100.0, 0.06));
        assert_eq!(probability(&[], 100.0, 0.06), None);
    }
}
