//! A straight line through input size and peak, the most that a peak lay above it, and a margin.
//!
//! Only for input that is known before the run. Beyond one and a half times the largest input seen the line
//! says nothing.

use crate::request::history::History;
use crate::request::request_rule::{Next, RequestRule};

fn line(history: &History, next: &Next, repeat: f64, share: f64) -> Option<f64> {
    let inputs = &history.inputs;
    let peak = inputs.value_at(next.input_bytes?)?;
    let beyond = (1.0 / (inputs.count() * next.risk * 0.5)).ln().max(0.0);
    let size = (peak + inputs.above) * (1.0 + repeat) + share * inputs.deviation() * beyond;
    (size > 0.0).then_some(size)
}

pub(super) const LINE: RequestRule =
    RequestRule { name: "line of input size + 1 %", size_mb: |history, next| line(history, next, 0.01, 0.2) };
pub(super) const LINE_WIDE: RequestRule =
    RequestRule { name: "line of input size + 5 %", size_mb: |history, next| line(history, next, 0.05, 0.4) };
