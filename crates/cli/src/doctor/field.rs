//! Where plants grow: each in a process of its own, so that none disturbs another's memory.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use memtool_profile_model::Mib;

use super::plant::length;
use crate::args::Plant;
use crate::signals::EndWish;

/// How often plants are looked at.
const POLL: Duration = Duration::from_millis(50);
/// A plant that takes so many times its length hangs.
const PATIENCE: u32 = 6;
/// All grow at once where so many times their memory is to be had.
const ROOM: f64 = 1.5;

/// The folder with the recordings; it goes when it is dropped, unless it was asked for.
pub(crate) struct Field {
    folder: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Field {
    /// A field in a folder that stays, or in a temporary one.
    pub(crate) fn new(keep: Option<&Path>) -> anyhow::Result<Self> {
        let Some(folder) = keep else {
            let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
            return Ok(Self { folder: temporary.path().to_owned(), _temporary: Some(temporary) });
        };
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let field = Self { folder: folder.to_owned(), _temporary: None };
        for path in Plant::ALL.map(|plant| field.stream(plant)) {
            anyhow::ensure!(!path.exists(), "{} exists already", path.display());
        }
        Ok(field)
    }

    /// The recording of a plant.
    pub(crate) fn stream(&self, plant: Plant) -> PathBuf {
        self.folder.join(format!("{}.ndjson", plant.as_str()))
    }

    /// Grows all plants, side by side where there is memory for that; answers for each why it
    /// failed, if it did.
    ///
    /// # Errors
    /// Where there is no room, or somebody wishes an end: the temporary folder then goes too.
    pub(crate) fn grow(&self, available: Option<Mib>, wish: &EndWish) -> anyhow::Result<Vec<Option<String>>> {
        let program = std::env::current_exe().context("cannot find memtool itself")?;
        let needed = Plant::ALL.iter().map(|plant| plant.holds()).sum::<usize>() as f64;
        let most = Plant::ALL.iter().map(|plant| plant.holds()).max().unwrap_or_default() as f64;
        let has = |needed: f64| available.is_none_or(|available| available.get() >= needed * ROOM);
        anyhow::ensure!(has(most), "too little memory is available: {:.0} MiB are needed", most * ROOM);
        let together = if has(needed) { Plant::ALL.len() } else { 1 };
        let mut failures = Vec::new();
        for plants in Plant::ALL.chunks(together) {
            let growing: Vec<_> = plants.iter().map(|plant| self.sow(&program, *plant)).collect();
            failures
                .extend(growing.into_iter().map(|child| child.map_or_else(Some, |child| child.end(wish))));
            anyhow::ensure!(!wish.is_there(), "interrupted");
        }
        Ok(failures)
    }

    fn sow(&self, program: &Path, plant: Plant) -> Result<Growing, String> {
        let mut command = Command::new(program);
        command.args(["doctor", "--plant", plant.as_str(), "--stream"]).arg(self.stream(plant));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
        Ok(Growing { child, since: Instant::now() })
    }
}

/// A plant's process; it does not outlive this.
struct Growing {
    child: Child,
    since: Instant,
}

impl Growing {
    /// Waits until it ends; why it failed, if it did.
    fn end(mut self, wish: &EndWish) -> Option<String> {
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return None,
                Ok(Some(status)) => return Some(self.last_words().unwrap_or_else(|| status.to_string())),
                Ok(None) if self.since.elapsed() > length() * PATIENCE => return Some("hangs".to_owned()),
                Ok(None) if wish.is_there() => return Some("interrupted".to_owned()),
                Ok(None) => thread::sleep(POLL),
                Err(error) => return Some(error.to_string()),
            }
        }
    }

    fn last_words(&mut self) -> Option<String> {
        let mut words = String::new();
        self.child.stderr.take()?.read_to_string(&mut words).ok()?;
        let last = words.lines().last()?;
        Some(last.strip_prefix("memtool: ").unwrap_or(last).to_owned())
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        // One that has ended is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
