//! What is to be drawn, as plain data in pixels.
//!
//! The charts build a scene and `paint` draws it, so that layout can be tested (nothing clipped, no two texts on each
//! other) without looking at pixels, and PNG and SVG cannot differ in content.

use super::font::{self, Weight};
use super::palette::Ink;

/// A pixel position: right, then down.
pub(super) type Point = (i32, i32);

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

impl Area {
    pub(super) const fn new(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self { left, top, right, bottom }
    }

    pub(super) fn width(&self) -> i32 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> i32 {
        self.bottom - self.top
    }
}

/// Which point of a text its position names; vertically it is always the middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// One line of text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) at: Point,
    pub(super) align: Align,
    pub(super) size: u32,
    pub(super) weight: Weight,
    pub(super) ink: Ink,
    pub(super) text: String,
}

impl Text {
    pub(super) fn new(text: impl Into<String>, at: Point, align: Align, size: u32, ink: Ink) -> Self {
        Self { at, align, size, weight: Weight::Regular, ink, text: text.into() }
    }

    pub(super) fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }

    pub(super) fn width(&self) -> i32 {
        font::width(&self.text, self.size, self.weight)
    }

    /// The left end of the text.
    pub(super) fn left(&self) -> i32 {
        match self.align {
            Align::Left => self.at.0,
            Align::Centre => self.at.0 - self.width() / 2,
            Align::Right => self.at.0 - self.width(),
        }
    }

    /// The box the text covers.
    pub(super) fn bounds(&self) -> Area {
        let (left, half) = (self.left(), self.size as i32 / 2);
        Area::new(left, self.at.1 - half, left + self.width(), self.at.1 + half)
    }
}

/// One thing to draw.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    Rect { area: Area, ink: Ink },
    Polygon { points: Vec<Point>, ink: Ink },
    Line { points: Vec<Point>, ink: Ink, width: u32 },
    Dot { centre: Point, radius: u32, ink: Ink },
    Text(Text),
}

/// An image to be painted, mark after mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) marks: Vec<Mark>,
}

impl Scene {
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self { width, height, marks: Vec::new() }
    }

    pub(super) fn rect(&mut self, area: Area, ink: Ink) {
        if area.width() > 0 && area.height() > 0 {
            self.marks.push(Mark::Rect { area, ink });
        }
    }

    pub(super) fn polygon(&mut self, points: Vec<Point>, ink: Ink) {
        self.marks.push(Mark::Polygon { points, ink });
    }

    pub(super) fn line(&mut self, points: Vec<Point>, ink: Ink, width: u32) {
        self.marks.push(Mark::Line { points, ink, width });
    }

    /// A straight line of dashes: the pixels drawn, and the pixels left out.
    pub(super) fn dashes(&mut self, from: Point, to: Point, pattern: (f64, f64), ink: Ink, width: u32) {
        self.dashed_path(&[from, to], pattern, ink, width);
    }

    /// A path in dashes, whose pattern goes on around its corners.
    pub(super) fn dashed_path(&mut self, path: &[Point], (dash, gap): (f64, f64), ink: Ink, width: u32) {
        let mut phase = 0.0;
        let mut stroke: Vec<Point> = Vec::new();
        for pair in path.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
            let length = dx.hypot(dy);
            let at = |along: f64| {
                let share = along / length;
                (from.0 + (dx * share).round() as i32, from.1 + (dy * share).round() as i32)
            };
            let mut along = 0.0;
            while along < length {
                let drawn = phase < dash;
                let next = (along + if drawn { dash } else { dash + gap } - phase).min(length);
                if drawn {
                    if stroke.is_empty() {
                        stroke.push(at(along));
                    }
                    stroke.push(at(next));
                }
                phase += next - along;
                if phase >= dash - 1e-9 && !stroke.is_empty() {
                    self.line(std::mem::take(&mut stroke), ink, width);
                    phase = phase.max(dash);
                }
                if phase >= dash + gap - 1e-9 {
                    phase = 0.0;
                }
                along = if next > along { next } else { length };
            }
        }
        if stroke.len() > 1 {
            self.line(stroke, ink, width);
        }
    }

    pub(super) fn dot(&mut self, centre: Point, radius: u32, ink: Ink) {
        self.marks.push(Mark::Dot { centre, radius, ink });
    }

    pub(super) fn text(&mut self, text: Text) {
        if !text.text.is_empty() {
            self.marks.push(Mark::Text(text));
        }
    }

    /// The outline of a panel.
    pub(super) fn frame(&mut self, area: Area, ink: Ink) {
        let Area { left, top, right, bottom } = area;
        let corners = vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        self.line(corners, ink, 1);
    }
}

/// Faults a reader would see: texts outside the image or on top of each other.
#[cfg(test)]
pub(super) fn faults(scene: &Scene) -> Vec<String> {
    let texts: Vec<(&Text, Area)> = scene
        .marks
        .iter()
        .filter_map(|mark| if let Mark::Text(text) = mark { Some((text, text.bounds())) } else { None })
        .collect();
    let image = Area::new(0, 0, scene.width as i32, scene.height as i32);
    let mut found = Vec::new();
    for (index, (text, area)) in texts.iter().enumerate() {
        if area.left < image.left
            || area.top < image.top
            || area.right > image.right
            || area.bottom > image.bottom
        {
            found.push(format!("clipped: {}", text.text));
        }
        for (other, taken) in &texts[..index] {
            let apart = area.left >= taken.right
                || taken.left >= area.right
                || area.top >= taken.bottom
                || taken.top >= area.bottom;
            if !apart {
                found.push(format!("overlap: {} / {}", text.text, other.text));
            }
        }
    }
    found
}
