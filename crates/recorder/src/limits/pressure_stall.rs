//! How long tasks wait for memory: the kernel's pressure stall information (PSI).
//!
//! It warns before memory runs out: a machine that reclaims and refaults all the time stalls
//! while its free memory still samples steady. The figures are of the process's own control
//! group where version 2 reports them, else of the whole machine. A read costs 2 to 15 µs; kernels
//! before 4.20, and those booted with it off, have none.

use std::path::Path;

use crate::limits::cgroup::{MOUNT, Membership, v2_folder};
use crate::procfs::KernelFile;
use crate::procfs::text::after;

/// Shares of the last ten seconds that were lost waiting for memory, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PressureStall {
    /// At least one task waited.
    pub some_avg10: f64,
    /// All tasks waited at once.
    pub full_avg10: f64,
}

/// The file with the figures, kept open for a sampler.
#[derive(Debug)]
pub struct PressureStallFile(KernelFile);

impl PressureStallFile {
    /// Opens the figures that concern this process; `None` where the kernel has none.
    #[must_use]
    pub fn open() -> Option<Self> {
        Self::find(Path::new("/proc"), Path::new(MOUNT))
    }

    fn find(proc: &Path, mount: &Path) -> Option<Self> {
        Self::of_group(&proc.join("self/cgroup"), mount)
            .or_else(|| Self::readable(&proc.join("pressure/memory")))
    }

    /// The root group's figures are the machine's, so it is passed over.
    fn of_group(membership: &Path, mount: &Path) -> Option<Self> {
        let (folder, top) = v2_folder(&Membership::read(membership)?, mount)?;
        (folder != top).then(|| Self::readable(&folder.join("memory.pressure"))).flatten()
    }

    /// A kernel with the figures switched off has the file but refuses to read it.
    fn readable(path: &Path) -> Option<Self> {
        let file = Self(KernelFile::open(path).ok()?);
        file.read().map(|_| file)
    }

    /// The figures as they are now.
    #[must_use]
    pub fn read(&self) -> Option<PressureStall> {
        let mut buffer = [0; 256];
        parse(self.0.read(&mut buffer).ok()?)
    }
}

/// The figures of now; a sampler keeps a [`PressureStallFile`] instead.
#[must_use]
pub fn memory_pressure() -> Option<PressureStall> {
    PressureStallFile::open()?.read()
}

fn parse(text: &[u8]) -> Option<PressureStall> {
    Some(PressureStall {
        some_avg10: percent(after(text, b"some avg10=")?)?,
        full_avg10: percent(after(text, b"full avg10=")?)?,
    })
}

fn percent(text: &[u8]) -> Option<f64> {
    let word = text.split(|b| *b == b' ').next()?;
    let value: f64 = std::str::from_utf8(word).ok()?.parse().ok()?;
    (0.0..=100.0).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    const QUIET: &str =
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
    const BUSY: &str =
        "some avg10=12.50 avg60=3.00 avg300=0.70 total=9\nfull avg10=4.25 avg60=1.00 avg300=0.20 total=5\n";

    #[test]
    fn both_shares_are_read() {
        assert_eq!(parse(BUSY.as_bytes()), Some(PressureStall { some_avg10: 12.5, full_avg10: 4.25 }));
        assert_eq!(parse(b"some avg10=1.00 avg60=0.00\n"), None);
        assert_eq!(parse(b"some avg10=nan \nfull avg10=1 \n"), None);
        assert_eq!(parse(b""), None);
    }

    #[test]
    fn the_own_groups_figures_come_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let (proc, mount) = (folder.path().join("proc"), folder.path().join("mount"));
        for made in [proc.join("self"), proc.join("pressure"), mount.join("job")] {
            fs::create_dir_all(made).expect("made");
        }
        assert!(PressureStallFile::find(&proc, &mount).is_none());
        fs::write(proc.join("pressure/memory"), QUIET).expect("written");
        fs::write(proc.join("self/cgroup"), "0::/job\n").expect("written");
        fs::write(mount.join("cgroup.controllers"), "memory\n").expect("written");
        let some = || PressureStallFile::find(&proc, &mount).and_then(|f| f.read()).map(|p| p.some_avg10);
        assert_eq!(some(), Some(0.0));
        fs::write(mount.join("job/memory.pressure"), BUSY).expect("written");
        assert_eq!(some(), Some(12.5));
    }

    #[test]
    fn this_systems_figures_are_read() {
        let has_figures = fs::read("/proc/pressure/memory").is_ok();
        assert!(!has_figures || memory_pressure().is_some());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in prop::collection::vec(any::<u8>(), 0..200), near in "(some|full) avg10=[0-9.e-]{0,6}[ \n]{0,2}") {
            let _ = (parse(&text), parse(near.as_bytes()));
        }
    }
}
