//! The paths that a Rust source names: enough of its grammar to see imports.

use std::iter::Peekable;
use std::str::Chars;

/// A path such as `crate::frame::Series`, as it stands in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// Its segments; `*` for a glob.
    pub(super) segments: Vec<String>,
    /// The name that an import gives it.
    pub(super) alias: Option<String>,
    /// Whether it is an import that others see: `pub use`.
    pub(super) public: bool,
    /// Modules written out around it, from the outside.
    pub(super) inside: Vec<String>,
}

/// All paths of two segments or more, and all imports.
pub(super) fn references(text: &str) -> Vec<Reference> {
    let mut reader = Reader { tokens: tokens(text), at: 0, inside: Vec::new(), depth: 0, found: Vec::new() };
    reader.read();
    reader.found
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
    inside: Vec<(String, usize)>,
    depth: usize,
    found: Vec<Reference>,
}

impl Reader {
    fn token(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", String::as_str)
    }

    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match self.token(0) {
                "mod" if self.token(2) == "{" => {
                    self.inside.push((self.token(1).to_owned(), self.depth));
                    self.at += 1;
                }
                "{" => self.depth += 1,
                "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    self.inside.retain(|(_, depth)| *depth < self.depth);
                }
                "use" => {
                    let public = self.follows_pub();
                    self.at += 1;
                    self.tree(Vec::new(), public);
                    continue;
                }
                "extern" if self.token(1) == "crate" => {
                    self.at += 2;
                    self.tree(Vec::new(), false);
                    continue;
                }
                word if is_word(word) && self.token(1) == "::" => {
                    self.path();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Whether `pub` or `pub(…)` stands before the word.
    fn follows_pub(&self) -> bool {
        let before = self.tokens[..self.at].iter().rev();
        let mut words = before.map(String::as_str).take_while(|token| ![";", "{", "}"].contains(token));
        words.any(|token| token == "pub")
    }

    /// A path in code: words and nothing else.
    fn path(&mut self) {
        let mut segments = vec![self.token(0).to_owned()];
        self.at += 1;
        while self.token(0) == "::" && is_word(self.token(1)) {
            segments.push(self.token(1).to_owned());
            self.at += 2;
        }
        self.found(segments, None, false);
        self.at += usize::from(self.token(0) == "::");
    }

    /// A tree of imports, after what stands before it.
    fn tree(&mut self, mut segments: Vec<String>, public: bool) {
        loop {
            match self.token(0) {
                "::" => self.at += 1,
                "{" => {
                    self.at += 1;
                    while !["}", ""].contains(&self.token(0)) {
                        let before = self.at;
                        self.tree(segments.clone(), public);
                        self.at += usize::from(self.token(0) == "," || self.at == before);
                    }
                    self.at += 1;
                    return;
                }
                word if is_word(word) && word != "as" => {
                    segments.push(word.to_owned());
                    self.at += 1;
                }
                "*" => {
                    segments.push("*".to_owned());
                    self.at += 1;
                }
                _ => break,
            }
        }
        let alias = (self.token(0) == "as").then(|| self.token(1).to_owned());
        self.at += 2 * usize::from(alias.is_some());
        if !segments.is_empty() {
            self.found(segments, alias, public);
        }
    }

    fn found(&mut self, segments: Vec<String>, alias: Option<String>, public: bool) {
        let inside = self.inside.iter().map(|(name, _)| name.clone()).collect();
        self.found.push(Reference { segments, alias, public, inside });
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words and signs, without comments, texts and characters.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next().is_some_and(|c| c != '\n') {},
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '"' => skip_text(&mut rest),
            '\'' => skip_character(&mut rest),
            ':' if rest.peek() == Some(&':') => {
                rest.next();
                tokens.push("::".to_owned());
            }
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = c.to_string();
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                if ["r", "br", "cr"].contains(&word.as_str()) && matches!(rest.peek(), Some('"' | '#')) {
                    word = skip_raw_text(&mut rest).unwrap_or_default();
                }
                tokens.push(word);
            }
            c if c.is_whitespace() => {}
            c => tokens.push(c.to_string()),
        }
    }
    tokens
}

fn skip_comment(rest: &mut Peekable<Chars<'_>>) {
    let (mut depth, mut last) = (1, ' ');
    rest.next();
    while depth > 0 {
        let Some(c) = rest.next() else { return };
        match (last, c) {
            ('*', '/') => (depth, last) = (depth - 1, ' '),
            ('/', '*') => (depth, last) = (depth + 1, ' '),
            _ => last = c,
        }
    }
}

fn skip_text(rest: &mut Peekable<Chars<'_>>) {
    while let Some(c) = rest.next() {
        match c {
            '\\' => drop(rest.next()),
            '"' => return,
            _ => {}
        }
    }
}

/// A character, or a lifetime, whose word is then read as one.
fn skip_character(rest: &mut Peekable<Chars<'_>>) {
    let mut ahead = rest.clone();
    match (ahead.next(), ahead.next()) {
        (Some('\\'), _) => {
            rest.next();
            rest.next();
            while rest.next().is_some_and(|c| c != '\'') {}
        }
        (_, Some('\'')) => drop(rest.nth(1)),
        _ => {}
    }
}

/// Skips a raw text; gives the word of a raw name such as `r#type`.
fn skip_raw_text(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut hashes = 0;
    while rest.next_if_eq(&'#').is_some() {
        hashes += 1;
    }
    if rest.next_if_eq(&'"').is_none() {
        let mut word = String::new();
        while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
            word.push(c);
        }
        return Some(word);
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let mut seen = String::new();
    while !seen.ends_with(&end) {
        seen.push(rest.next()?);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        references(text).iter().map(|reference| reference.segments.join("::")).collect()
    }

    #[test]
    fn trees_are_taken_apart() {
        let text = "pub use a::{b, c::{D as E, *}, self}; use ::x; use {y::Z, w};";
        assert_eq!(paths(text), ["a::b", "a::c::D", "a::c::*", "a::self", "x", "y::Z", "w"]);
        assert_eq!(references(text)[1].alias.as_deref(), Some("E"));
    }

    #[test]
    fn what_is_handed_on_is_known() {
        let text = "pub(crate) use a::b; use c::d; mod m { pub use e::{f, g}; } fn h(pub_: u8) { i::j() }";
        let public: Vec<bool> = references(text).iter().map(|reference| reference.public).collect();
        assert_eq!(public, [true, false, true, true, false]);
    }

    #[test]
    fn paths_in_code_and_attributes_count() {
        let text =
            "#[derive(clap::Parser)] fn f<'a>(x: &'a crate::b::C) { g::h::<i::J>(); let k = 'l'; k.m() }";
        assert_eq!(paths(text), ["clap::Parser", "crate::b::C", "g::h", "i::J"]);
    }

    #[test]
    fn comments_and_texts_do_not_count() {
        let text = r##"// a::b
            /* c::d /* e::f */ g::h */ let x = ("i::j \" k::l", r#"m::n " o::p"#, b'\'', '"', q::r#type); s::t"##;
        assert_eq!(paths(text), ["q::type", "s::t"]);
    }

    #[test]
    fn modules_written_out_are_known() {
        let text = "use a::b; mod m { mod n { use c::d; } use e::f; } use g::h;";
        let inside: Vec<String> = references(text).iter().map(|r| r.inside.join("::")).collect();
        assert_eq!(inside, ["", "m::n", "m", ""]);
    }
}
