//! Draws a scene with plotters, to PNG or SVG bytes.
//!
//! In bitmaps plotters 0.3.7 draws false spikes where a path of three or more points is wider than one pixel
//! (plotters-rs/plotters#549), and leaves out the last pixels of a smoothed line that rises. Lines are therefore drawn
//! here, piece by piece and pixel by pixel; SVG has neither fault and gets whole paths.

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::error::ChartError;
use super::font::{self, FAMILY, HALF_CAPITAL_EM, Weight};
use super::format::Format;
use super::palette::{Ink, WHITE};
use super::scene::{Align, Area, Mark, Point, Scene, Text};

/// Draws a scene in the given format.
pub(super) fn paint(scene: &Scene, format: Format) -> Result<Vec<u8>, ChartError> {
    match format {
        Format::Png => paint_png(scene),
        Format::Svg => paint_svg(scene),
    }
}

fn paint_png(scene: &Scene) -> Result<Vec<u8>, ChartError> {
    let size = (scene.width, scene.height);
    let mut pixels = vec![255; size.0 as usize * size.1 as usize * 3];
    {
        let mut backend = BitMapBackend::with_buffer(&mut pixels, size);
        paint_marks(scene, &mut backend, bitmap_line, bitmap_text)?;
        backend.present().map_err(drawing)?;
    }
    encode_png(&pixels, size).map_err(|error| ChartError::Encoding(error.to_string()))
}

fn encode_png(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_filter(png::FilterType::NoFilter);
    encoder.set_compression(png::Compression::Default);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

fn paint_svg(scene: &Scene) -> Result<Vec<u8>, ChartError> {
    let mut text = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut text, (scene.width, scene.height));
        paint_marks(scene, &mut backend, svg_line, svg_text)?;
        backend.present().map_err(drawing)?;
    }
    Ok(text.into_bytes())
}

fn paint_marks<B: DrawingBackend>(
    scene: &Scene,
    backend: &mut B,
    line: impl Fn(&mut B, &[Point], ShapeStyle) -> Result<(), ChartError>,
    text: impl Fn(&mut B, &Text) -> Result<(), ChartError>,
) -> Result<(), ChartError> {
    let image = Area::new(0, 0, scene.width as i32, scene.height as i32);
    fill(backend, image, WHITE)?;
    for mark in &scene.marks {
        match mark {
            Mark::Rect { area, ink } => fill(backend, *area, *ink)?,
            Mark::Polygon { points, ink } => {
                backend.fill_polygon(points.iter().copied(), &style(*ink, 1)).map_err(drawing)?;
            }
            Mark::Line { points, ink, width } => line(backend, points, style(*ink, *width))?,
            Mark::Dot { centre, radius, ink } => {
                backend.draw_circle(*centre, *radius, &style(*ink, 1), true).map_err(drawing)?;
            }
            Mark::Text(mark) => text(backend, mark)?,
        }
    }
    Ok(())
}

fn fill<B: DrawingBackend>(backend: &mut B, area: Area, ink: Ink) -> Result<(), ChartError> {
    let (from, to) = ((area.left, area.top), (area.right - 1, area.bottom - 1));
    backend.draw_rect(from, to, &style(ink, 1), true).map_err(drawing)
}

fn bitmap_line<B: DrawingBackend>(
    backend: &mut B,
    points: &[Point],
    style: ShapeStyle,
) -> Result<(), ChartError> {
    points.windows(2).try_for_each(|pair| bitmap_segment(backend, pair[0], pair[1], style))
}

/// One straight, smoothed piece: for each pixel along its longer direction, the pixels across that it covers.
fn bitmap_segment<B: DrawingBackend>(
    backend: &mut B,
    from: Point,
    to: Point,
    style: ShapeStyle,
) -> Result<(), ChartError> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let steep = dy.abs() > dx.abs();
    let (along, across) = if steep { (dy, dx) } else { (dx, dy) };
    let slope = if along == 0 { 0.0 } else { f64::from(across) / f64::from(along) };
    let half = f64::from(style.stroke_width) / 2.0 * slope.hypot(1.0);
    // An even width lies between two pixels: half a pixel aside it is sharp.
    let aside = if style.stroke_width.is_multiple_of(2) { -0.5 } else { 0.0 };
    for step in 0..=along.abs() {
        let step = step * along.signum();
        let centre = f64::from(step) * slope + aside;
        for beside in (centre - half - 0.5).floor() as i32..=(centre + half + 0.5).ceil() as i32 {
            let share = (half + 0.5 - (f64::from(beside) - centre).abs()).clamp(0.0, 1.0);
            let pixel =
                if steep { (from.0 + beside, from.1 + step) } else { (from.0 + step, from.1 + beside) };
            if share > 0.0 {
                let colour = style.color.mix(share).to_backend_color();
                backend.draw_pixel(pixel, colour).map_err(drawing)?;
            }
        }
    }
    Ok(())
}

fn svg_line<B: DrawingBackend>(
    backend: &mut B,
    points: &[Point],
    style: ShapeStyle,
) -> Result<(), ChartError> {
    backend.draw_path(points.iter().copied(), &style).map_err(drawing)
}

fn bitmap_text<B: DrawingBackend>(backend: &mut B, text: &Text) -> Result<(), ChartError> {
    let baseline = text.at.1 + (f64::from(text.size) * HALF_CAPITAL_EM).round() as i32;
    let colour = style(text.ink, 1).color;
    let mut outcome = Ok(());
    font::rasterize(&text.text, text.size, text.weight, (text.left(), baseline), |x, y, share| {
        if outcome.is_ok() {
            outcome = backend.draw_pixel((x, y), colour.mix(share).to_backend_color()).map_err(drawing);
        }
    });
    outcome
}

/// plotters-svg divides the size by 1.24 and puts the baseline half an x-height (0.27 em) below the position.
fn svg_text<B: DrawingBackend>(backend: &mut B, text: &Text) -> Result<(), ChartError> {
    let weight = match text.weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    let anchor = match text.align {
        Align::Left => HPos::Left,
        Align::Centre => HPos::Center,
        Align::Right => HPos::Right,
    };
    let size = f64::from(text.size);
    let colour = style(text.ink, 1).color;
    let font = TextStyle::from((FAMILY, size * 1.24, weight).into_font())
        .color(&colour)
        .pos(Pos::new(anchor, VPos::Center));
    let drop = (size * (HALF_CAPITAL_EM - 0.27)).round() as i32;
    backend.draw_text(&text.text, &font, (text.at.0, text.at.1 + drop)).map_err(drawing)
}

fn style(ink: Ink, width: u32) -> ShapeStyle {
    let (red, green, blue) = ink.rgb;
    ShapeStyle { color: RGBColor(red, green, blue).mix(ink.alpha), filled: true, stroke_width: width }
}

fn drawing(error: impl std::fmt::Display) -> ChartError {
    ChartError::Drawing(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::palette::TEXT;

    #[test]
    fn svg_text_is_escaped() {
        let mut scene = Scene::new(200, 100);
        scene.text(Text::new("</text><script>&\"'", (10, 50), Align::Left, 20, TEXT));
        let svg = String::from_utf8(paint(&scene, Format::Svg).expect("paints")).expect("is text");
        assert!(svg.contains("&lt;/text&gt;&lt;script&gt;&amp;&quot;&apos;"), "{svg}");
        assert!(!svg.contains("<script"));
    }

    #[test]
    fn a_rising_line_has_no_holes() {
        for end in [(50, 10), (50, 47), (13, 10), (10, 10), (50, 50), (30, 55)] {
            let mut scene = Scene::new(60, 60);
            scene.line(vec![(10, 50), end], TEXT, 2);
            let mut pixels = vec![255; 60 * 60 * 3];
            {
                let mut backend = BitMapBackend::with_buffer(&mut pixels, (60, 60));
                paint_marks(&scene, &mut backend, bitmap_line, bitmap_text).expect("paints");
            }
            let dark = |x: i32, y: i32| pixels[(y * 60 + x) as usize * 3] < 140;
            assert!((10..=end.0).all(|x| (0..60).any(|y| dark(x, y))), "{end:?}");
            assert!((end.1.min(50)..=end.1.max(50)).all(|y| (0..60).any(|x| dark(x, y))), "{end:?}");
        }
    }

    #[test]
    fn a_wide_zigzag_stays_within_its_values() {
        let mut scene = Scene::new(60, 60);
        scene.line((0..30).map(|x| (10 + x, if x % 2 == 0 { 20 } else { 40 })).collect(), TEXT, 2);
        let mut pixels = vec![255; 60 * 60 * 3];
        {
            let mut backend = BitMapBackend::with_buffer(&mut pixels, (60, 60));
            paint_marks(&scene, &mut backend, bitmap_line, bitmap_text).expect("paints");
        }
        let touched = |row: usize| pixels[row * 180..(row + 1) * 180].iter().any(|&value| value != 255);
        assert!(touched(20) && touched(40));
        assert!((0..19).chain(43..60).all(|row| !touched(row)));
    }
}
