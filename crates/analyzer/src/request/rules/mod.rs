//! Rules that say how much memory the next run needs: one file a family, one line each here.

mod decayed;
mod input;
mod largest;
mod quantile;
mod recent;
mod spread;

use super::request_rule::RequestRule;

/// All rules. The first is taken where none has shown enough.
pub const RULES: &[RequestRule] = &[
    spread::WIDE,
    spread::USUAL,
    spread::NARROW,
    spread::TIGHT,
    largest::MAX,
    largest::MAX_2,
    largest::MAX_5,
    largest::KRR,
    recent::LAST_10,
    recent::LAST_10_WIDE,
    recent::LAST_30,
    recent::LAST_30_WIDE,
    quantile::P90,
    quantile::P90_WIDE,
    quantile::P95,
    quantile::P95_WIDE,
    quantile::P98,
    quantile::P98_WIDE,
    decayed::VPA,
    input::LINE,
    input::LINE_WIDE,
];

/// The rule that KRR uses, for comparison.
pub const KRR: &RequestRule = &largest::KRR;
/// The rule that VPA uses, for comparison.
pub const VPA: &RequestRule = &decayed::VPA;
