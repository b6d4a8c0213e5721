//! The files under `fixtures/`, found by folder.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of a fixture folder.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Fixture {
    /// A profile that the existing system exported, not the corpus.
    pub(crate) fn is_managers(&self) -> bool {
        ["memory_profile_nav_", "memory_profile_head_"].iter().any(|start| self.name.starts_with(start))
    }

    pub(crate) fn is_profile(&self) -> bool {
        self.name.starts_with("memory_profile_")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("real runs are text")
    }
}

/// The real runs.
pub(crate) fn runs() -> Vec<Fixture> {
    let runs = files("runs", &["json", "ndjson"]);
    assert!(runs.len() > 20, "only {} fixtures found", runs.len());
    runs
}

/// The damaged files.
pub(crate) fn broken() -> Vec<Fixture> {
    files("broken", &["json", "ndjson", "gz"])
}

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &str, endings: &[&str]) -> Vec<Fixture> {
    let mut paths = Vec::new();
    walk(&root().join("fixtures").join(folder), &mut paths);
    paths.retain(|path| {
        path.extension().and_then(|e| e.to_str()).is_some_and(|ending| endings.contains(&ending))
    });
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a fixture folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { walk(&path, paths) } else { paths.push(path) }
    }
}

fn read(path: &Path) -> Fixture {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name").to_owned();
    Fixture { name, bytes: fs::read(path).expect("a readable fixture") }
}
