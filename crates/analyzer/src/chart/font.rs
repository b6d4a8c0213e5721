//! The bundled font: how wide a text is, and which pixels it covers.
//!
//! plotters' own `ab_glyph` text drops each letter's left bearing and rounds every advance, which spaces small text
//! unevenly, and keeps fonts in a process-wide table. Glyphs are placed here instead, from two static subsets.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

static REGULAR: &[u8] = include_bytes!("fonts/DejaVuSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("fonts/DejaVuSans-Bold.ttf");

/// What an SVG viewer is asked for: the same font, or one of about the same width.
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// Half the height of a capital, in ems: a text's baseline is this far below its middle.
pub(super) const HALF_CAPITAL_EM: f64 = 0.365;

/// How heavy the letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

fn face(weight: Weight) -> &'static FontRef<'static> {
    static FACES: OnceLock<[FontRef<'static>; 2]> = OnceLock::new();
    let faces = FACES.get_or_init(|| {
        [REGULAR, BOLD]
            .map(|bytes| FontRef::try_from_slice(bytes).expect("the bundled fonts are tested to parse"))
    });
    &faces[weight as usize]
}

/// ab_glyph scales by ascent less descent; sizes here are ems, as in CSS.
fn scale(face: &FontRef<'_>, size: u32) -> PxScale {
    let em = face.units_per_em().unwrap_or(2048.0);
    PxScale::from(size as f32 * face.height_unscaled() / em)
}

/// The width of a text in pixels, rounded up.
pub(super) fn width(text: &str, size: u32, weight: Weight) -> i32 {
    let face = face(weight);
    let scaled = face.as_scaled(scale(face, size));
    let width: f32 = text.chars().map(|letter| scaled.h_advance(scaled.glyph_id(letter))).sum();
    width.ceil() as i32
}

/// Whether the bundled font can draw a letter: it holds Latin, Greek and Cyrillic only.
pub(super) fn draws(letter: char) -> bool {
    letter.is_whitespace() || face(Weight::Regular).glyph_id(letter).0 != 0
}

/// Calls `dot` with each pixel a text covers and how much of it, for a baseline that starts at `origin`.
pub(super) fn rasterize(
    text: &str,
    size: u32,
    weight: Weight,
    origin: (i32, i32),
    mut dot: impl FnMut(i32, i32, f64),
) {
    let face = face(weight);
    let scale = scale(face, size);
    let scaled = face.as_scaled(scale);
    let mut pen = origin.0 as f32;
    for letter in text.chars() {
        let id = face.glyph_id(letter);
        let glyph = id.with_scale_and_position(scale, point(pen, origin.1 as f32));
        pen += scaled.h_advance(id);
        if let Some(outline) = face.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, share| {
                dot(corner.x as i32 + x as i32, corner.y as i32 + y as i32, f64::from(share).min(1.0));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_faces_parse_and_hold_the_symbols_we_use() {
        for weight in [Weight::Regular, Weight::Bold] {
            for letter in "aZ09 é…–−≈≥←→".chars() {
                assert_ne!(face(weight).glyph_id(letter).0, 0, "{letter}");
            }
        }
    }

    #[test]
    fn width_grows_with_text_and_size() {
        assert_eq!(width("", 20, Weight::Regular), 0);
        assert!(width("ab", 20, Weight::Regular) > width("a", 20, Weight::Regular));
        assert!(width("ab", 40, Weight::Regular) > width("ab", 20, Weight::Regular));
    }
}
