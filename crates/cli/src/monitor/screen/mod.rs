//! The view on a terminal. Only this module uses ratatui.

mod chart;
mod draw;
mod page;

use std::io;
use std::time::{Duration, Instant};

use anyhow::Context;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{DefaultTerminal, try_init, try_restore};

use self::page::Page;
use super::feed::Feed;
use super::plain::silent;
use super::view::View;
use crate::signals::EndWish;

/// How long a key or a new line waits to be seen.
const POLL: Duration = Duration::from_millis(100);
/// Without news, the page is drawn so often for its clocks.
const REDRAW: Duration = Duration::from_secs(1);

/// Shows the view until a key ends it. The terminal is as it was before, also after a panic.
pub(crate) fn run(mut feed: Feed, mut view: View, coloured: bool, wish: &EndWish) -> anyhow::Result<()> {
    feed.catch_up(&mut view)?;
    wish.end_at_hang_up()?;
    let terminal = try_init().context("cannot draw on this terminal: try --plain")?;
    let shown = show(terminal, &mut feed, &mut view, coloured, wish);
    let restored = try_restore().context("cannot restore the terminal");
    shown.and(restored)
}

fn show(
    mut terminal: DefaultTerminal,
    feed: &mut Feed,
    view: &mut View,
    coloured: bool,
    wish: &EndWish,
) -> anyhow::Result<()> {
    let mut page = Page { coloured, ..Page::default() };
    let mut drawn: Option<Instant> = None;
    while !wish.is_there() {
        let news = feed.poll(view)?;
        page.silent = silent(feed, view);
        page.cut_off = feed.is_cut_off(view);
        if news || drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW) {
            terminal.draw(|frame| draw::draw(frame, view, &page))?;
            drawn = Some(Instant::now());
        }
        match key()? {
            Key::Leave => break,
            Key::Window => page.window = page.window.next(),
            Key::Redraw => {}
            Key::None => continue,
        }
        drawn = None;
    }
    Ok(())
}

/// What was typed.
enum Key {
    Leave,
    Window,
    /// The terminal has another size.
    Redraw,
    None,
}

fn key() -> io::Result<Key> {
    if !event::poll(POLL)? {
        return Ok(Key::None);
    }
    Ok(match event::read()? {
        Event::Key(key) if key.kind != KeyEventKind::Release => meaning(key),
        Event::Resize(..) => Key::Redraw,
        _ => Key::None,
    })
}

fn meaning(key: KeyEvent) -> Key {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c') if control => Key::Leave,
        KeyCode::Char('q') | KeyCode::Esc => Key::Leave,
        KeyCode::Char('w') => Key::Window,
        KeyCode::Char('l') if control => Key::Redraw,
        _ => Key::None,
    }
}
