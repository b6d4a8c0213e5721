//! Exact peaks between samples: the kernel's own high-water mark of resident memory.
//!
//! A sampler at 10 Hz misses up to 8 % of a batch's peak, at 1 Hz up to 21 %; the kernel misses
//! nothing. Writing `5` to `/proc/self/clear_refs` lowers the mark to what is resident now,
//! and `VmHWM` in `/proc/self/status` is the mark.
//!
//! - The mark is of this process alone, not of its children, and counts resident pages, so
//!   memory that went to swap in between is not in it.
//! - There is one mark for the process: batches that overlap in several threads share it.
//! - A reset also lowers what `getrusage` and `time -v` report at the end; [`HighWater::highest`]
//!   keeps the largest mark that was seen.
//! - A reset costs about 1 µs and a reading of the mark 7, whatever the process holds.
//! - After a fork the files still belong to the parent; they are opened again in the child.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use memtool_profile_model::Mib;

use crate::probe::rounded;
use crate::procfs::KernelFile;
use crate::procfs::text::number_after;

/// The mark is within the first kibibyte, unless the process is in hundreds of groups.
const STATUS_BYTES: usize = 4096;

/// Whether peaks between two moments can be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeakAccess {
    /// The mark can be reset.
    Exact,
    /// The mark can be read but not reset, and why: it is the largest of the whole life.
    ReadOnly(String),
}

/// The high-water mark of this process.
#[derive(Debug)]
pub struct HighWater {
    folder: PathBuf,
    pid: u32,
    status: KernelFile,
    clear: Result<File, String>,
    highest: Mib,
    has_swapped: bool,
}

impl HighWater {
    /// Opens the mark of this process and resets it once, to know that this works; `None` where
    /// the system has no mark.
    #[must_use]
    pub fn open() -> Option<Self> {
        Self::at(Path::new("/proc/self"))
    }

    fn at(folder: &Path) -> Option<Self> {
        let status = KernelFile::open(&folder.join("status")).ok()?;
        let (highest, swapped) = marks(&status).ok()?;
        let clear = resettable(&folder.join("clear_refs"), &status);
        Some(Self {
            folder: folder.to_owned(),
            pid: std::process::id(),
            status,
            clear,
            highest,
            has_swapped: swapped > 0,
        })
    }

    /// Whether the mark can be reset.
    #[must_use]
    pub fn access(&self) -> PeakAccess {
        match &self.clear {
            Ok(_) => PeakAccess::Exact,
            Err(reason) => PeakAccess::ReadOnly(reason.clone()),
        }
    }

    /// Lowers the mark to what is resident now.
    ///
    /// # Errors
    /// If the mark cannot be reset, with the reason.
    pub fn reset(&mut self) -> io::Result<()> {
        self.follow_fork()?;
        match &self.clear {
            Ok(file) => write_reset(file),
            Err(reason) => Err(io::Error::new(io::ErrorKind::Unsupported, reason.clone())),
        }
    }

    /// The most that was resident since the last reset, or since the process began where the
    /// mark cannot be reset; rounded to 0.01 MiB.
    ///
    /// # Errors
    /// If the mark cannot be read.
    pub fn peak(&mut self) -> io::Result<Mib> {
        self.follow_fork()?;
        let (peak, swapped) = marks(&self.status)?;
        self.has_swapped = swapped > 0;
        if peak > self.highest {
            self.highest = peak;
        }
        Ok(peak)
    }

    /// Whether memory of the process was swapped out when the mark was read last: it is not in the mark.
    #[must_use]
    pub const fn has_swapped(&self) -> bool {
        self.has_swapped
    }

    /// The largest mark seen, with what the process had reached before the first reset.
    #[must_use]
    pub const fn highest(&self) -> Mib {
        self.highest
    }

    /// In a forked child the open files still read and reset the parent's mark.
    fn follow_fork(&mut self) -> io::Result<()> {
        if self.pid != std::process::id() {
            *self = Self::at(&self.folder).ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(())
    }
}

/// The file that resets the mark, if it really does.
fn resettable(path: &Path, status: &KernelFile) -> Result<File, String> {
    let describe = |what: &str, error: &io::Error| format!("{}: {what}: {error}", path.display());
    let file =
        OpenOptions::new().write(true).open(path).map_err(|error| describe("cannot be opened", &error))?;
    write_reset(&file).map_err(|error| describe("cannot be written", &error))?;
    let mut buffer = [0; STATUS_BYTES];
    let text = status.read(&mut buffer).map_err(|error| describe("the mark cannot be read back", &error))?;
    let figures = number_after(text, b"VmHWM:").zip(number_after(text, b"VmRSS:"));
    match figures {
        Some((mark, resident)) if mark <= resident + RESET_SLACK_KIB => Ok(file),
        _ => Err(format!("{}: was written, but the mark stayed", path.display())),
    }
}

/// Other threads allocate and free between the reset and the reading.
const RESET_SLACK_KIB: u64 = 64 << 10;

/// Lowers the mark of the process whose file that is to what is resident now.
pub(crate) fn write_reset(mut file: &File) -> io::Result<()> {
    file.write_all(b"5")
}

/// The mark; an error of kind `InvalidData` where the process has ended.
pub(crate) fn mark(status: &KernelFile) -> io::Result<Mib> {
    marks(status).map(|(mark, _)| mark)
}

/// The mark, and the memory in swap in KiB.
fn marks(status: &KernelFile) -> io::Result<(Mib, u64)> {
    let mut buffer = [0; STATUS_BYTES];
    let text = status.read(&mut buffer)?;
    let kib = number_after(text, b"VmHWM:");
    let kib = kib.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no VmHWM in the status file"))?;
    Ok((rounded(kib.saturating_mul(1024)), number_after(text, b"VmSwap:").unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const STATUS: &str = "Name:\tx\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n";

    fn folder(status: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("status"), status).expect("written");
        folder
    }

    #[test]
    fn a_system_without_the_reset_has_a_reason() {
        let folder = folder(STATUS);
        let mut high = HighWater::at(folder.path()).expect("a mark");
        let PeakAccess::ReadOnly(reason) = high.access() else { panic!("not exact") };
        assert!(reason.contains("clear_refs: cannot be opened"), "{reason}");
        assert_eq!(high.reset().map_err(|e| e.to_string()), Err(reason));
        assert_eq!(high.peak().expect("read"), Mib::new(200.0));
        assert_eq!(high.highest(), Mib::new(200.0));
    }

    #[test]
    fn a_reset_that_does_nothing_is_found_out() {
        let folder = folder(STATUS);
        fs::write(folder.path().join("clear_refs"), "").expect("written");
        let high = HighWater::at(folder.path()).expect("a mark");
        let PeakAccess::ReadOnly(reason) = high.access() else { panic!("not exact") };
        assert!(reason.contains("the mark stayed"), "{reason}");
    }

    #[test]
    fn a_reset_that_works_is_known() {
        let folder = folder("VmHWM:\t  102500 kB\nVmRSS:\t  102400 kB\n");
        fs::write(folder.path().join("clear_refs"), "").expect("written");
        let mut high = HighWater::at(folder.path()).expect("a mark");
        assert_eq!(high.access(), PeakAccess::Exact);
        high.reset().expect("written");
        assert_eq!(fs::read(folder.path().join("clear_refs")).expect("there"), b"55");
    }

    #[test]
    fn in_a_forked_child_its_own_files_are_opened() {
        let folder = folder(STATUS);
        let mut high = HighWater::at(folder.path()).expect("a mark");
        high.pid = 0;
        fs::remove_file(folder.path().join("status")).expect("gone");
        fs::write(folder.path().join("status"), "VmHWM:\t  1024 kB\n").expect("written");
        assert_eq!(high.peak().expect("read"), Mib::new(1.0));
        assert_eq!((high.highest(), high.pid), (Mib::new(1.0), std::process::id()));
    }

    #[test]
    fn no_mark_is_none() {
        assert!(HighWater::at(folder("Name:\tx\n").path()).is_none());
        assert!(HighWater::at(Path::new("/nowhere")).is_none());
    }
}
