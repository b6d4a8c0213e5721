//! The group's code for the processor at hand.
//!
//! One source, compiled three times: for AVX-512, for AVX2, and for what every processor of the target has.
//! Fused multiply-add stays off, so that all three give the same bits.

use super::Laned;
use super::group::Group;
use crate::simulate::replay::Outcome;

/// One of the three.
pub(super) type Code = fn(&[Laned<'_>]) -> Vec<Outcome>;

/// Replays all tasks, with the widest code for this processor.
pub(super) fn run(tasks: &[Laned<'_>]) -> Vec<Outcome> {
    all().next().map_or_else(|| everywhere(tasks), |code| code(tasks))
}

/// The codes that this processor can run, the widest first.
pub(super) fn all() -> impl Iterator<Item = Code> {
    [avx512(), avx2(), Some(everywhere as Code)].into_iter().flatten()
}

fn everywhere(tasks: &[Laned<'_>]) -> Vec<Outcome> {
    Group::new(tasks).run()
}

#[cfg(target_arch = "x86_64")]
fn avx512() -> Option<Code> {
    let has = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq");
    #[expect(
        unsafe_code,
        reason = "compiled for more than the target's processor, called where that was seen"
    )]
    // SAFETY: the processor has just been seen to have these instructions.
    has.then_some(|tasks| unsafe { with_avx512(tasks) })
}

#[cfg(target_arch = "x86_64")]
fn avx2() -> Option<Code> {
    #[expect(
        unsafe_code,
        reason = "compiled for more than the target's processor, called where that was seen"
    )]
    // SAFETY: the processor has just been seen to have these instructions.
    is_x86_feature_detected!("avx2").then_some(|tasks| unsafe { with_avx2(tasks) })
}

#[cfg(not(target_arch = "x86_64"))]
fn avx512() -> Option<Code> {
    None
}

#[cfg(not(target_arch = "x86_64"))]
fn avx2() -> Option<Code> {
    None
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq")]
fn with_avx512(tasks: &[Laned<'_>]) -> Vec<Outcome> {
    Group::new(tasks).run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(tasks: &[Laned<'_>]) -> Vec<Outcome> {
    Group::new(tasks).run()
}
