//! Eight numbers that move together, without a branch.
//!
//! Plain arrays and loops of a fixed length (closures handed to `array::map` are compiled on their own, for
//! the least processor): inside a function that is compiled for AVX2 or AVX-512 each
//! operation is two instructions or one, elsewhere it is what the processor has. No operation is fused or
//! reordered, so that each lane holds, bit for bit, what the plain replay computes.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Not, Sub};

/// Lanes in a group: one register of AVX-512, two of AVX2.
pub(super) const LANES: usize = 8;

/// One number for each lane.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub(super) struct Lanes(pub(super) [f64; LANES]);

/// For each lane all bits set, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Mask([u64; LANES]);

impl Lanes {
    #[inline(always)]
    pub(super) const fn all(value: f64) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    fn zip(mut self, other: Self, of: impl Fn(f64, f64) -> f64) -> Self {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a = of(*a, *b);
        }
        self
    }

    #[inline(always)]
    fn compare(self, other: Self, of: impl Fn(f64, f64) -> bool) -> Mask {
        let mut mask = Mask::NONE;
        for (bits, (a, b)) in mask.0.iter_mut().zip(self.0.iter().zip(&other.0)) {
            *bits = if of(*a, *b) { u64::MAX } else { 0 };
        }
        mask
    }

    #[inline(always)]
    pub(super) fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    pub(super) fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    pub(super) fn at_least(self, other: Self) -> Mask {
        self.compare(other, |a, b| a >= b)
    }

    #[inline(always)]
    pub(super) fn below(self, other: Self) -> Mask {
        self.compare(other, |a, b| a < b)
    }

    #[inline(always)]
    pub(super) fn differs(self, other: Self) -> Mask {
        self.compare(other, |a, b| a != b)
    }

    #[inline(always)]
    pub(super) fn ceil(mut self) -> Self {
        for value in &mut self.0 {
            *value = value.ceil();
        }
        self
    }

    #[inline(always)]
    pub(super) fn trunc(mut self) -> Self {
        for value in &mut self.0 {
            *value = value.trunc();
        }
        self
    }
}

impl Mask {
    pub(super) const NONE: Self = Self([0; LANES]);

    #[inline(always)]
    pub(super) fn only(lane: usize) -> Self {
        let mut only = Self::NONE;
        only.set(lane, true);
        only
    }

    #[inline(always)]
    pub(super) fn set(&mut self, lane: usize, on: bool) {
        self.0[lane] = if on { u64::MAX } else { 0 };
    }

    #[inline(always)]
    pub(super) fn has(self, lane: usize) -> bool {
        self.0[lane] != 0
    }

    #[inline(always)]
    pub(super) fn any(self) -> bool {
        let mut any = 0;
        for bits in &self.0 {
            any |= bits;
        }
        any != 0
    }

    /// The first value where set, the other one elsewhere.
    #[inline(always)]
    pub(super) fn choose(self, mut on: Lanes, off: Lanes) -> Lanes {
        for (mask, (on, off)) in self.0.iter().zip(on.0.iter_mut().zip(&off.0)) {
            *on = f64::from_bits((on.to_bits() & mask) | (off.to_bits() & !mask));
        }
        on
    }

    /// The value where set, zero elsewhere.
    #[inline(always)]
    pub(super) fn keep(self, value: Lanes) -> Lanes {
        self.choose(value, Lanes::all(0.0))
    }

    #[inline(always)]
    fn zip(mut self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a = of(*a, *b);
        }
        self
    }
}

impl BitAnd for Mask {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }
}

impl BitOr for Mask {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }
}

impl Not for Mask {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        self.zip(self, |a, _| !a)
    }
}

macro_rules! arithmetic {
    ($($trait:ident $method:ident),+) => {
        $(impl $trait for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |a, b| a.$method(b))
            }
        })+
    };
}

arithmetic!(Add add, Sub sub, Mul mul, Div div);
