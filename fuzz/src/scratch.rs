//! A folder in memory for readers that want a file.

use std::fs;
use std::path::{Path, PathBuf};

/// A folder in memory, one a process, that is removed when it is dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    /// The folder; it may be there already.
    #[must_use]
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        Self(parent.join(format!("memtool-fuzz-{}", std::process::id())))
    }

    /// Writes a file below it, and says where.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        let parent = path.parent().unwrap_or(&self.0);
        fs::create_dir_all(parent).expect("a folder in memory");
        fs::write(&path, bytes).expect("a file in memory");
        path
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}
