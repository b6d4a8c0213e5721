//! The kinds of images.

/// The kind of image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A bitmap.
    Png,
    /// Vector graphics; text stays text.
    Svg,
}
