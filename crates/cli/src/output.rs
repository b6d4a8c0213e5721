//! Where results go: standard output, or a file that is complete or not there.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use tempfile::NamedTempFile;

/// Width of a text that goes to a file or a pipe.
const PLAIN_WIDTH: u16 = 80;

/// Writes a file under a temporary name beside it, then renames it into place.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let write = || -> io::Result<()> {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        readable_by_all(&file)?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// A temporary file is private; a result has the rights that any new file here would have.
#[cfg(unix)]
fn readable_by_all(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}

/// Prints a result.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Prints a value as JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(&text)
}

/// Says something about the work, beside the result.
pub(crate) fn say(text: &str) {
    // Nobody is left to be told where standard error is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Columns that a text may take.
pub(crate) fn width() -> u16 {
    if io::stdout().is_terminal() {
        terminal_size::terminal_size().map_or(PLAIN_WIDTH, |(width, _)| width.0.max(60))
    } else {
        PLAIN_WIDTH
    }
}

/// Whether colours help: on a terminal, unless `NO_COLOR` is set.
pub(crate) fn colours() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Text from a file, made harmless: control characters become a visible sign.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Several lines made harmless; their line feeds stay.
pub(crate) fn harmless_lines(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| line.trim_end_matches(['\r', '\n']))
        .map(|line| harmless(line) + "\n")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_pass() {
        assert_eq!(harmless("a\u{1b}[31mb\u{9b}c\n"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/result.txt");
        write_file(&path, b"first, and longer").expect("written");
        write_file(&path, b"second").expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"second");
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("there").count(), 1);
    }
}
