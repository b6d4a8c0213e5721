//! The curve of resident memory with the thresholds and the limit.

use memtool_profile_model::PressureLevel;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::canvas::{Canvas, Context, Line as Stroke};

use super::super::points::Span;
use super::super::view::View;
use super::page::Page;
use crate::text::{mib, span};

/// A threshold further above the peak than this would flatten the curve.
const FAR_ABOVE: f64 = 2.0;
/// Room above the highest thing shown.
const HEADROOM: f64 = 1.08;
/// Columns of the scale on the left.
const SCALE: u16 = 8;
/// Columns of the names on the right.
const NAMES: u16 = 15;

/// A horizontal line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) at: f64,
    colour: Color,
}

pub(crate) const fn colour_of(level: PressureLevel) -> Color {
    match level {
        PressureLevel::Low => Color::Green,
        PressureLevel::Moderate => Color::Yellow,
        PressureLevel::High => Color::LightRed,
        PressureLevel::Critical => Color::Red,
    }
}

/// What is drawn, in the units of the run.
#[derive(Debug, PartialEq)]
pub(crate) struct Curve {
    spans: Vec<Span>,
    pub(crate) rules: Vec<Rule>,
    from: f64,
    to: f64,
    pub(crate) top: f64,
}

impl Curve {
    /// What is drawn of a view; `None` before the first sample.
    pub(crate) fn of(view: &View, page: &Page) -> Option<Self> {
        let spans = view.points.last(page.window.seconds());
        let (first, last) = (spans.first()?.from, spans.last()?.from);
        let to = view.latest.map_or(last, |latest| latest.at.seconds()).max(first + 1.0);
        let from = page.window.seconds().map_or(first, |seconds| (to - seconds).max(0.0));
        let most = spans.iter().map(|span| span.most).fold(1.0, f64::max);
        let rules = rules(view, most);
        let top = rules.iter().map(|rule| rule.at).fold(most, f64::max) * HEADROOM;
        Some(Self { spans, rules, from, to, top })
    }
}

/// The thresholds and the limit that lie near the curve.
fn rules(view: &View, most: f64) -> Vec<Rule> {
    let thresholds = view.config().thresholds;
    let level =
        |name, at: memtool_profile_model::Mib, level| Rule { name, at: at.get(), colour: colour_of(level) };
    let mut rules = vec![
        level("moderate", thresholds.moderate_mb, PressureLevel::Moderate),
        level("high", thresholds.high_mb, PressureLevel::High),
        level("critical", thresholds.critical_mb, PressureLevel::Critical),
    ];
    rules.extend(view.limit().map(|limit| Rule { name: "limit", at: limit.get(), colour: Color::Magenta }));
    rules.retain(|rule| rule.at > 0.0 && rule.at <= most * FAR_ABOVE);
    rules
}

/// Draws the curve, its scale on the left, the names of the lines on the right and the time below.
pub(crate) fn draw(frame: &mut Frame, area: Rect, curve: &Curve, page: &Page) {
    let [scale, plot, names, time] = parts(area);
    if plot.width < 8 || plot.height < 2 {
        return;
    }
    let paint = |colour| if page.coloured { colour } else { Color::Reset };
    let rules = apart(&curve.rules, plot, curve.top);
    let canvas = Canvas::default()
        .marker(Marker::Braille)
        .x_bounds([curve.from, curve.to])
        .y_bounds([0.0, curve.top])
        .paint(|context| {
            for rule in &rules {
                let (x1, x2, y) = (curve.from, curve.to, rule.at);
                context.draw(&Stroke { x1, y1: y, x2, y2: y, color: paint(rule.colour) });
            }
            context.layer();
            strokes(context, curve, paint(Color::Cyan));
        });
    frame.render_widget(canvas, plot);
    draw_scale(frame, scale, curve.top);
    for rule in &rules {
        let style = Style::new().fg(paint(rule.colour));
        let text = format!(" {} {}", rule.name, mib(rule.at));
        put(frame, names, row(names, rule.at, curve.top), &text, style);
    }
    let ago = format!("{} ago", span(curve.to - curve.from));
    let width = usize::from(time.width).saturating_sub(ago.chars().count());
    let line = Line::from(format!("{ago}{:>width$}", "now"));
    frame.render_widget(line, time);
}

fn parts(area: Rect) -> [Rect; 4] {
    let height = area.height.saturating_sub(1);
    let width = area.width.saturating_sub(SCALE + NAMES);
    let rect = |x, width| Rect { x, y: area.y, width, height };
    let plot = rect(area.x + SCALE.min(area.width), width);
    let names = rect(plot.x + width, area.width.saturating_sub(SCALE + width));
    let time = Rect { y: area.y + height, height: area.height - height, ..plot };
    [rect(area.x, SCALE.min(area.width)), plot, names, time]
}

/// The lines that have rows of their own: the limit, then the highest thresholds.
fn apart(rules: &[Rule], plot: Rect, top: f64) -> Vec<Rule> {
    let mut kept: Vec<Rule> = Vec::new();
    for rule in rules.iter().rev() {
        let place = row(plot, rule.at, top);
        if kept.iter().all(|other| row(plot, other.at, top).abs_diff(place) > 1) {
            kept.push(*rule);
        }
    }
    kept
}

/// From each span to the next, its extremes as an upright stroke.
fn strokes(context: &mut Context, curve: &Curve, color: Color) {
    for span in &curve.spans {
        let (x1, x2, y1, y2) = (span.from, span.from, span.least, span.most);
        context.draw(&Stroke { x1, y1, x2, y2, color });
    }
    for pair in curve.spans.windows(2) {
        let (x1, y1, x2, y2) = (pair[0].from, pair[0].most, pair[1].from, pair[1].most);
        context.draw(&Stroke { x1, y1, x2, y2, color });
    }
}

fn draw_scale(frame: &mut Frame, area: Rect, top: f64) {
    for share in [0.0, 0.5, 1.0] {
        let at = top * share;
        let text = format!("{:>width$}", mib(at), width = usize::from(area.width.saturating_sub(1)));
        put(frame, area, row(area, at, top), &text, Style::new());
    }
}

/// The row of a size, from the top of an area: where the canvas puts its dots, four a row.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the area's height")]
fn row(area: Rect, at: f64, top: f64) -> u16 {
    let dots = f64::from(area.height) * 4.0 - 1.0;
    ((1.0 - (at / top).clamp(0.0, 1.0)) * dots).round().max(0.0) as u16 / 4
}

/// Puts a text on a row, if nothing of another name is there already.
fn put(frame: &mut Frame, area: Rect, row: u16, text: &str, style: Style) {
    if row >= area.height || area.width == 0 {
        return;
    }
    let taken = (0..area.width).any(|x| {
        frame.buffer_mut().cell((area.x + x, area.y + row)).is_some_and(|cell| cell.symbol() != " ")
    });
    if !taken {
        frame.buffer_mut().set_stringn(area.x, area.y + row, text, usize::from(area.width), style);
    }
}
