//! A number that changes with any source of a few folders; the build script works it out.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// CRC-32 over the names and texts of all Rust files below the folders, in order of name.
///
/// Neither where the folders stand nor how a checkout ends its lines changes it.
///
/// # Errors
/// Where a folder or file cannot be read, or there is no Rust file in a folder.
pub(crate) fn of(folders: &[PathBuf]) -> io::Result<u32> {
    let mut sum = crc32fast::Hasher::new();
    for folder in folders {
        let mut sources = Vec::new();
        gather(folder, "", &mut sources)?;
        if sources.is_empty() {
            return Err(io::Error::new(ErrorKind::NotFound, format!("no sources in {}", folder.display())));
        }
        sources.sort();
        for (name, text) in sources {
            sum.update(name.as_bytes());
            sum.update(&[0]);
            sum.update(text.replace("\r\n", "\n").as_bytes());
            sum.update(&[0]);
        }
    }
    Ok(sum.finalize())
}

fn gather(folder: &Path, below: &str, sources: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{below}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &name, sources)?;
        } else if name.ends_with(".rs") {
            sources.push((name, fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(folder: &Path, name: &str, text: &str) {
        fs::create_dir_all(folder.join("detect")).expect("a folder");
        fs::write(folder.join(name), text).expect("written");
    }

    fn key(folder: &Path) -> u32 {
        of(&[folder.to_owned()]).expect("sources")
    }

    #[test]
    fn every_source_counts_by_name_and_text_and_nothing_else_does() {
        let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        source(one.path(), "lib.rs", "mod detect;\r\n");
        source(one.path(), "detect/leak.rs", "const LEAST: f64 = 0.9;\n");
        source(two.path(), "detect/leak.rs", "const LEAST: f64 = 0.9;\n");
        source(two.path(), "lib.rs", "mod detect;\n");
        source(two.path(), "notes.txt", "no rule");
        let before = key(one.path());
        assert_eq!(before, key(two.path()), "places and ends of lines are no rules");
        source(one.path(), "detect/leak.rs", "const LEAST: f64 = 0.8;\n");
        assert_ne!(before, key(one.path()));
        fs::rename(two.path().join("detect/leak.rs"), two.path().join("detect/churn.rs")).expect("renamed");
        assert_ne!(before, key(two.path()));
        assert!(of(&[one.path().join("none")]).is_err());
    }
}
