//! The colours of the charts, after Okabe and Ito's colour-blind-safe set.
//!
//! No meaning rests on colour alone: every line and band is also labelled, dashed or placed differently.

/// A colour and how opaque it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ink {
    pub(super) rgb: (u8, u8, u8),
    pub(super) alpha: f64,
}

impl Ink {
    const fn opaque(red: u8, green: u8, blue: u8) -> Self {
        Self { rgb: (red, green, blue), alpha: 1.0 }
    }

    /// The same colour, see-through.
    pub(super) const fn alpha(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }
}

pub(super) const WHITE: Ink = Ink::opaque(255, 255, 255);
pub(super) const TEXT: Ink = Ink::opaque(28, 28, 28);
pub(super) const QUIET_TEXT: Ink = Ink::opaque(85, 85, 85);
pub(super) const FRAME: Ink = Ink::opaque(120, 120, 120);
pub(super) const GRID: Ink = Ink::opaque(0, 0, 0).alpha(0.09);

/// Measured memory: Okabe-Ito blue.
pub(super) const MEASURED: Ink = Ink::opaque(0, 90, 156);
/// Predicted memory: Okabe-Ito reddish purple, darkened to stand on the bands.
pub(super) const PREDICTED: Ink = Ink::opaque(158, 48, 112);
/// The fitted trend and its interval.
pub(super) const TREND: Ink = Ink::opaque(28, 28, 28);
/// Collections: Okabe-Ito bluish green, darkened.
pub(super) const GC: Ink = Ink::opaque(0, 120, 88);
/// The heap beside a process's memory: Okabe-Ito vermillion, darkened.
pub(super) const HEAP: Ink = Ink::opaque(176, 74, 0);
/// Fallback spans.
pub(super) const FALLBACK: Ink = Ink::opaque(70, 70, 90);
/// The memory limit.
pub(super) const LIMIT: Ink = Ink::opaque(0, 0, 0);
/// Operations.
pub(super) const OPERATION: Ink = Ink::opaque(85, 85, 85);
/// Bars of the overview: Okabe-Ito sky blue.
pub(super) const BAR: Ink = Ink::opaque(86, 180, 233);
/// A bar that reaches its limit: Okabe-Ito vermillion.
pub(super) const OVER_LIMIT: Ink = Ink::opaque(213, 94, 0);

/// Fills of the bands that begin at the moderate, high and critical threshold.
pub(super) const BANDS: [Ink; 3] = [
    Ink::opaque(240, 228, 66).alpha(0.22),
    Ink::opaque(230, 159, 0).alpha(0.26),
    Ink::opaque(213, 94, 0).alpha(0.30),
];
/// Lines and labels of the same three thresholds, dark enough to be read on white.
pub(super) const THRESHOLDS: [Ink; 3] =
    [Ink::opaque(122, 104, 0), Ink::opaque(156, 92, 0), Ink::opaque(170, 60, 0)];
