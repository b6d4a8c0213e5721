//! Title and subtitle of a chart.

use super::font::Weight;
use super::label;
use super::palette::{QUIET_TEXT, TEXT};
use super::scene::{Align, Scene, Text};
use super::text_size::{BODY, TITLE};

/// Air between the text and the image's edge.
pub(super) const MARGIN: i32 = 24;

/// Draws title and subtitle, which every chart has, and returns where the next row's middle is.
pub(super) fn heading(scene: &mut Scene, title: &str, subtitle: &str) -> i32 {
    let room = scene.width as i32 - 2 * MARGIN;
    let title = label::fit(title, room, TITLE, Weight::Bold);
    scene.text(Text::new(title, (MARGIN, 34), Align::Left, TITLE, TEXT).bold());
    let subtitle = label::fit(subtitle, room, BODY, Weight::Regular);
    let below = if subtitle.is_empty() { 76 } else { 110 };
    scene.text(Text::new(subtitle, (MARGIN, 72), Align::Left, BODY, QUIET_TEXT));
    below
}
