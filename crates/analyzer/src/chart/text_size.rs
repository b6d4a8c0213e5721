//! The text sizes of all charts: legible when the image is shown at half its size.

pub(super) const TITLE: u32 = 30;
pub(super) const BODY: u32 = 21;
