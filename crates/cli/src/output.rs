//! Where results go: standard output, or a file that is complete or not there.

use std::env;
use std::fs;
use std::io::{self, BufWriter, IsTerminal, Seek, Write};
use std::path::Path;

use anyhow::Context;
use tempfile::SpooledTempFile;

use crate::escape;
use crate::temporary::Temporary;

/// Width of a text that goes to a file or a pipe.
const PLAIN_WIDTH: u16 = 80;

/// Bytes of a result that are kept in memory until it is whole; of a larger one none.
const MOST_IN_MEMORY: usize = 8 << 20;

/// What is wrong where a disk behind standard output is full.
const UNPRINTED: &str = "cannot write to standard output";

/// Writes a file under a temporary name beside it, then renames it into place.
///
/// A file that is replaced keeps its rights; a new one has those that any new file would have.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let write = || -> io::Result<()> {
        let mut temporary = Temporary::new_in(folder)?;
        let file = temporary.file()?;
        file.write_all(bytes)?;
        if let Ok(about) = fs::metadata(path) {
            file.set_permissions(about.permissions())?;
        }
        file.sync_all()?;
        temporary.persist(path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Prints a result.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context(UNPRINTED)
}

/// Prints a result that is written piece by piece, once it is whole: of 100,000 runs it is larger than they are.
pub(crate) fn print_whole(write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut whole = SpooledTempFile::new(MOST_IN_MEMORY);
    let mut buffer = BufWriter::new(&mut whole);
    let written = write(&mut buffer).and_then(|()| Ok(buffer.flush()?));
    written.with_context(|| {
        format!("cannot write the output to a temporary file in {}", env::temp_dir().display())
    })?;
    drop(buffer);
    let mut out = io::stdout().lock();
    let printed = whole.rewind().and_then(|()| io::copy(&mut whole, &mut out)).and_then(|_| out.flush());
    printed.context(UNPRINTED)
}

/// A value as JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Prints a value as JSON, which is never held as a whole: of 100,000 runs it is larger than they are.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    // A closed pipe stays one, so that it is no failure.
    let written = serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from);
    written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).context(UNPRINTED)
}

/// Prints a message of memtool's own to standard error, one line, beside the result.
pub(crate) fn message(text: &str) {
    line(&format!("memtool: {}", escape::control(text)));
}

/// Prints a line to standard error.
pub(crate) fn line(text: &str) {
    // A closed standard error has no reader.
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
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/result.txt");
        write_file(&path, b"first, and longer").expect("written");
        write_file(&path, b"second").expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"second");
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("there").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn rights_are_kept_and_new_files_have_the_usual_ones() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let [usual, private] = ["usual", "private"].map(|name| folder.path().join(name));
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        fs::write(&usual, "made by the standard library").expect("written");
        fs::write(&private, "").expect("written");
        fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).expect("set");
        write_file(&private, b"secret").expect("written");
        let new = folder.path().join("new");
        write_file(&new, b"").expect("written");
        assert_eq!([&private, &new].map(|path| mode(path)), [0o600, mode(&usual)]);
    }
}
