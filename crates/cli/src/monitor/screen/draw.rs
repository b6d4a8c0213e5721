//! The page, from top to bottom or, where there is room, with the words beside the curve.

use memtool_profile_model::PressureLevel;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Wrap};

use super::super::advice::{Urgency, advice};
use super::super::plain::trend;
use super::super::view::{Latest, View};
use super::chart::{self, Curve, colour_of};
use super::page::Page;
use crate::escape::control;
use crate::text::{count, mib, percent, span};

/// The smallest page that shows a curve.
const LEAST_WIDTH: u16 = 40;
const LEAST_HEIGHT: u16 = 10;
/// From this width on, text is beside the curve.
const WIDE: u16 = 110;
/// Columns of the words beside the curve.
const SIDE: u16 = 47;
/// Rows of the curve with its frame, where text is below it.
const LEAST_CURVE: u16 = 8;
/// Batches that are named.
const MOST_RUNNING: usize = 2;

pub(crate) fn draw(frame: &mut Frame, view: &View, page: &Page) {
    let area = frame.area();
    if area.width < LEAST_WIDTH || area.height < LEAST_HEIGHT {
        let text = format!("{} × {} is too small", area.width, area.height);
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
        return;
    }
    let [title, body, keys] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    frame.render_widget(title_line(view, page, usize::from(title.width)), title);
    frame.render_widget(key_line(view, page), keys);
    if area.width >= WIDE {
        let [left, side] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(SIDE)]).areas(body);
        draw_curve(frame, left, view, page);
        draw_words(frame, side, view, page);
    } else {
        let curve = LEAST_CURVE.max(body.height * 3 / 5);
        let words = wanted_rows(view).min(body.height.saturating_sub(curve));
        let [curve, lower] = Layout::vertical([Constraint::Fill(1), Constraint::Length(words)]).areas(body);
        draw_curve(frame, curve, view, page);
        draw_words(frame, lower, view, page);
    }
}

fn coloured(page: &Page, colour: Color) -> Style {
    if page.coloured { Style::new().fg(colour) } else { Style::new() }
}

fn title_line(view: &View, page: &Page, width: usize) -> Line<'static> {
    let process = view.header.as_ref().map(|header| &header.process);
    let pid = process.map_or_else(String::new, |process| format!(" · pid {}", process.pid));
    let time =
        view.latest.map_or_else(String::new, |latest| format!(" · {}", clock_span(latest.at.seconds())));
    let operation = view.operation.as_ref().map_or_else(String::new, |name| format!(" · {}", control(name)));
    let left = format!(" {}{pid}{time}{operation}", control(&view.name()));
    let state = state(view, page);
    let room = width.saturating_sub(state.0.chars().count() + 1);
    let left: String = left.chars().take(room).collect();
    let gap = " ".repeat(room.saturating_sub(left.chars().count()));
    let bold = Style::new().add_modifier(Modifier::BOLD);
    Line::from(vec![Span::styled(left, bold), Span::raw(gap), Span::styled(state.0, state.1)])
}

/// What becomes of the run.
fn state(view: &View, page: &Page) -> (String, Style) {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    if view.footer.is_some() {
        return ("ended".to_owned(), bold);
    }
    if page.cut_off {
        return ("cut off: its process is gone".to_owned(), bold.patch(coloured(page, Color::Red)));
    }
    match page.silent {
        Some(silence) => {
            let text = format!("silent for {}", span(silence.as_secs_f64()));
            (text, bold.patch(coloured(page, Color::Yellow)))
        }
        None => ("live".to_owned(), bold.patch(coloured(page, Color::Green))),
    }
}

fn key_line(view: &View, page: &Page) -> Line<'static> {
    let dim = Style::new().add_modifier(Modifier::DIM);
    let end = if view.footer.is_some() { ": the run has ended" } else { "" };
    Line::styled(format!(" q leave{end}   w window ({})", page.window.words()), dim)
}

fn draw_curve(frame: &mut Frame, area: Rect, view: &View, page: &Page) {
    let block = Block::bordered().title(curve_title(view, page));
    let inside = block.inner(area);
    frame.render_widget(block, area);
    match Curve::of(view, page) {
        Some(curve) => chart::draw(frame, inside, &curve, page),
        None => frame.render_widget(Paragraph::new("no samples yet"), inside),
    }
}

fn curve_title(view: &View, page: &Page) -> Line<'static> {
    let Some(latest) = view.latest else { return Line::from(" RSS ") };
    let level = latest.pressure.level;
    let mark = coloured(page, colour_of(level)).add_modifier(Modifier::BOLD);
    let mut parts = vec![
        Span::raw(format!(" RSS {} MiB ", mib(latest.rss.get()))),
        Span::styled(format!(" {} ", level.as_str()), mark.add_modifier(Modifier::REVERSED)),
    ];
    parts.extend(view.peak.map(|peak| Span::raw(format!("  peak {} ", mib(peak.get())))));
    if let Some(limit) = view.limit() {
        let share = percent(latest.rss.get() / limit.get().max(1.0));
        parts.push(Span::raw(format!(" {share} of the limit of {} ", mib(limit.get()))));
    }
    Line::from(parts)
}

/// Rows that the words would fill.
fn wanted_rows(view: &View) -> u16 {
    let rows = figures(view).len() + advice(view).len() + view.events.len().min(8) + 1;
    u16::try_from(rows).unwrap_or(u16::MAX)
}

fn draw_words(frame: &mut Frame, area: Rect, view: &View, page: &Page) {
    let width = usize::from(area.width.saturating_sub(1));
    let mut lines: Vec<Line> =
        figures(view).iter().flat_map(|text| fold(text, width)).map(Line::from).collect();
    for advice in advice(view) {
        let (mark, style) = match advice.urgency {
            Urgency::Bad => ("‼ ", coloured(page, Color::Red).add_modifier(Modifier::BOLD)),
            Urgency::Warn => ("! ", coloured(page, Color::Yellow)),
            Urgency::Note => ("· ", Style::new()),
        };
        let text = format!(" {mark}{}", control(&advice.text));
        lines.extend(fold(&text, width).into_iter().map(|line| Line::styled(line, style)));
    }
    let room = usize::from(area.height).saturating_sub(lines.len());
    // The newest first: what does not fit is the oldest.
    for event in view.events.iter().rev().take(room) {
        let text = format!(" {}  {}", view.clock(event.at), control(&event.text));
        let quiet = event.level < PressureLevel::High;
        let style = if quiet { Style::new() } else { coloured(page, colour_of(event.level)) };
        lines.push(Line::styled(text, style));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// A text in lines of a width, broken between words; lines after the first are indented.
fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        let long = line.chars().count() + word.trim_end().chars().count() > width;
        if long && !line.trim().is_empty() {
            lines.push(std::mem::take(&mut line));
            line.push_str("   ");
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// The figures beside the curve, a line each.
fn figures(view: &View) -> Vec<String> {
    let Some(latest) = view.latest else { return Vec::new() };
    let mut lines = vec![memory_figures(view, latest)];
    if view.is_outside() {
        lines.push(" measured from outside: no batch sizes, no collections".to_owned());
    } else {
        lines.push(batch_figures(view, latest));
    }
    for batch in view.running.iter().rev().take(MOST_RUNNING) {
        let name = batch.operation.as_deref().unwrap_or("batch");
        let seconds = (latest.at.seconds() - batch.since.seconds()).max(0.0);
        lines.push(format!(
            " running  {}, {} items for {}",
            control(name),
            count(batch.items),
            span(seconds)
        ));
    }
    lines
}

fn memory_figures(view: &View, latest: Latest) -> String {
    let mut parts = vec![format!(" {}", trend(view.trend()))];
    parts.extend(latest.available.map(|left| format!("available {} MiB", mib(left.get()))));
    parts.extend(
        latest
            .children
            .filter(|held| held.get() > 0.0)
            .map(|held| format!("children {} MiB", mib(held.get()))),
    );
    parts.join("   ")
}

fn batch_figures(view: &View, latest: Latest) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(latest.batch_size.map(|size| format!("batch size {}", count(size))));
    parts.push(format!("batches {}", count(view.batches)));
    let all = view.host_collections.map_or_else(String::new, |all| format!(" ({} in all)", count(all)));
    parts.push(format!("gc {}{all}", view.forced_collections));
    format!(" {}", parts.join("   "))
}

/// A duration as `1:02:03`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and saturates")]
fn clock_span(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::super::super::view::tests::{phases, view_of};
    use super::super::page::Window;
    use super::*;

    fn drawn(view: &View, page: &Page, width: u16, height: u16) -> (String, Vec<Color>) {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("in memory");
        terminal.draw(|frame| draw(frame, view, page)).expect("in memory");
        let buffer = terminal.backend().buffer();
        let rows = buffer.content().chunks(usize::from(width));
        let text = rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n").collect();
        (text, buffer.content().iter().map(|cell| cell.fg).collect())
    }

    fn page() -> Page {
        Page { coloured: true, ..Page::default() }
    }

    #[track_caller]
    fn assert_shows(text: &str, words: &[&str]) {
        for word in words {
            assert!(text.contains(word), "{word:?} is not in\n{text}");
        }
    }

    #[test]
    fn the_smallest_page_has_curve_figures_and_advice() {
        let (text, _) = drawn(&phases(usize::MAX), &page(), 60, 15);
        let words = ["phases", "ended", "RSS 148 MiB", "limit 660", "batch size 1,000", "gc 7", "freed less"];
        assert_shows(&text, &words);
        assert!(
            text.lines().any(|line| line.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c))),
            "{text}"
        );
    }

    #[test]
    fn an_ordinary_page_has_thresholds_and_decisions() {
        let (text, _) = drawn(&phases(usize::MAX), &page(), 80, 24);
        assert_shows(&text, &["limit 660", "high 495", "moderate 330", "memory low", "q leave"]);
        let (text, _) = drawn(&phases(usize::MAX), &page(), 120, 40);
        assert_shows(&text, &["critical 594", "batch 1,000 → 100, memory critical"]);
    }

    #[test]
    fn a_running_batch_and_its_silence_are_shown() {
        let snapshot = r#"{"type":"snapshot","t_ns":9000000000,"rss_mb":50,"batch_size":500}"#;
        let start =
            r#"{"type":"batch_start","t_ns":1,"batch":7,"operation":"hire","batch_size":500,"items":2000}"#;
        let silent = Page { silent: Some(Duration::from_secs(12)), ..page() };
        let (text, _) = drawn(&view_of(&[start, snapshot]), &silent, 80, 24);
        assert_shows(&text, &["silent for 12 s", "running  hire, 2,000 items for 9 s"]);
        let gone = Page { cut_off: true, ..page() };
        assert_shows(&drawn(&phases(50), &gone, 80, 24).0, &["cut off: its process is gone"]);
    }

    #[test]
    fn a_process_watched_from_outside_is_said_to_be() {
        let (text, _) = drawn(&view_of(&[r#"{"type":"snapshot","t_ns":1,"rss_mb":5}"#]), &page(), 80, 24);
        assert_shows(&text, &["measured from outside: no batch sizes"]);
        assert!(!text.contains("batch size "), "{text}");
    }

    #[test]
    fn without_colours_there_are_none() {
        let plain = Page::default();
        let (_, colours) = drawn(&phases(usize::MAX), &plain, 100, 30);
        assert!(colours.iter().all(|colour| *colour == Color::Reset));
        let (_, colours) = drawn(&phases(usize::MAX), &page(), 100, 30);
        assert!(colours.contains(&Color::Cyan) && colours.contains(&Color::Magenta));
    }

    #[test]
    fn no_size_and_no_moment_of_a_run_is_a_panic() {
        let views: Vec<View> = [0, 1, 2, 3, 40, 200].map(phases).into_iter().collect();
        for (width, height) in (1..140).flat_map(|w| [1, 2, 3, 5, 9, 10, 11, 15, 60].map(|h| (w, h))) {
            let page = Page { window: [Window::All, Window::OneMinute][usize::from(width % 2)], ..page() };
            let _ = drawn(&views[usize::from(width) % views.len()], &page, width, height);
        }
    }

    #[test]
    fn text_of_a_stream_cannot_steer_the_terminal() {
        let name = r#"{"type":"operation","t_ns":1,"name":"a\u001b[31mb"}"#;
        let (text, _) = drawn(&view_of(&[name]), &page(), 80, 24);
        assert!(!text.contains('\u{1b}') && text.contains(r"\u{1b}[31m"), "{text}");
    }

    #[test]
    fn long_words_are_folded_between_words() {
        assert_eq!(fold(" a bc def", 6), [" a bc ", "   def"]);
        assert_eq!(clock_span(3_723.9), "1:02:03");
        assert_eq!(clock_span(59.0), "0:59");
    }
}
