//! Which control groups a process belongs to, and where they are mounted.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// Where control groups are mounted.
pub(crate) const MOUNT: &str = "/sys/fs/cgroup";

/// The groups of a process that matter for memory, as `/proc/PID/cgroup` names them.
#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) struct Membership {
    /// In the version 1 hierarchy of the memory controller.
    v1_memory: Option<PathBuf>,
    /// In the version 2 hierarchy.
    unified: Option<PathBuf>,
}

impl Membership {
    pub(crate) fn read(path: &Path) -> Option<Self> {
        std::fs::read(path).ok().map(|text| Self::parse(&text))
    }

    /// Lines are `hierarchy:controllers:path`; version 2 is `0::path`.
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut found = Self::default();
        for line in text.split(|b| *b == b'\n') {
            let mut fields = line.splitn(3, |b| *b == b':');
            let (Some(hierarchy), Some(controllers), Some(path)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            if hierarchy == b"0" && controllers.is_empty() {
                found.unified = Some(path_of(path));
            } else if controllers.split(|b| *b == b',').any(|name| name == b"memory") {
                found.v1_memory = Some(path_of(path));
            }
        }
        found
    }
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(&*String::from_utf8_lossy(bytes)))
}

/// The process's version 1 memory group and the mount it lies in.
pub(crate) fn v1_folder(membership: &Membership, mount: &Path) -> Option<(PathBuf, PathBuf)> {
    let top = mount.join("memory");
    let path = membership.v1_memory.as_ref()?;
    top.is_dir().then(|| (below(&top, path), top))
}

/// The process's version 2 group and the mount it lies in: the whole mount, or `unified`
/// beside the version 1 controllers.
pub(crate) fn v2_folder(membership: &Membership, mount: &Path) -> Option<(PathBuf, PathBuf)> {
    let path = membership.unified.as_ref()?;
    let tops = [mount.to_owned(), mount.join("unified")];
    let top = tops.into_iter().find(|top| top.join("cgroup.controllers").exists())?;
    Some((below(&top, path), top))
}

/// The group below the mount, or the mount itself where a namespace hides the path.
fn below(top: &Path, path: &Path) -> PathBuf {
    let inside = path.strip_prefix("/").unwrap_or(path);
    let leads_out = inside.components().any(|part| !matches!(part, Component::Normal(_)));
    let folder = top.join(inside);
    if leads_out || !folder.is_dir() { top.to_owned() } else { folder }
}
