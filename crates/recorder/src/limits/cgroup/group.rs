//! The control group whose memory limit binds a process.
//!
//! A kernel kills a process in a container when the *group's* charged memory reaches its
//! limit and none of it can be reclaimed. Clean file cache can be, whether it is in the active or
//! in the inactive list: a file that was read twice, or mapped, is in the active one. What is left
//! is therefore the limit less the working set: usage without clean file cache. Pages that must be
//! written to disk first count, and so do shared memory and tmpfs, which are in neither list.
//! Memory of neighbours in the same group counts too.
//!
//! The limit is the smallest on the way from the process's group up to the root, since each
//! ancestor's limit holds for all below it; of equal limits the outermost binds, because it
//! is charged with more.
//!
//! - Hybrid systems mount both versions; the memory controller lives in only one of them.
//! - In a container the path in `/proc/self/cgroup` may not exist below the mount: the
//!   mount's root is then the container's own group.
//! - A limit of 0 or `max`, or version 1's 2^63 rounded down to a page, is no limit.
//!
//! Not seen: limits above a container's namespace (the mount does not show them), swap
//! limits, and a limit that is changed later.
//!
//! Cost on a version 1 group: the usage file about 1 µs, `memory.stat` about seven times that;
//! the costly file is read only where it can matter, see `Cgroup::left`.

use std::path::{Path, PathBuf};

use memtool_profile_model::Mib;

use super::layout::Layout;
use super::membership::{MOUNT, Membership, v1_folder, v2_folder};
use super::{v1, v2};
use crate::limits::source::LimitSource;
use crate::procfs::KernelFile;
use crate::procfs::text::{number, number_after};

/// Both versions' `memory.stat` stay below 2 KiB today.
const STAT_BYTES: usize = 4096;

/// The group whose limit binds, with its files kept open.
#[derive(Debug)]
pub struct Cgroup {
    source: LimitSource,
    folder: PathBuf,
    limit_bytes: u64,
    usage: KernelFile,
    stat: KernelFile,
    layout: &'static Layout,
}

impl Cgroup {
    /// The group that binds this process; `None` where no group limits its memory.
    #[must_use]
    pub fn of_self() -> Option<Self> {
        Self::find(Path::new("/proc/self/cgroup"), Path::new(MOUNT))
    }

    /// The group that binds another process.
    #[must_use]
    pub fn of_pid(pid: u32) -> Option<Self> {
        Self::find(Path::new(&format!("/proc/{pid}/cgroup")), Path::new(MOUNT))
    }

    /// The group that binds a process, by its membership file and the folder where groups are
    /// mounted.
    #[must_use]
    pub fn find(membership: &Path, mount: &Path) -> Option<Self> {
        let membership = Membership::read(membership)?;
        v1_folder(&membership, mount)
            .and_then(|(folder, top)| Self::binding(&v1::LAYOUT, &folder, &top))
            .or_else(|| {
                let (folder, top) = v2_folder(&membership, mount)?;
                Self::binding(&v2::LAYOUT, &folder, &top)
            })
    }

    /// The group with the smallest limit from the folder up to the mount.
    fn binding(layout: &'static Layout, folder: &Path, top: &Path) -> Option<Self> {
        let way_up = folder.ancestors().take_while(|group| group.starts_with(top));
        let limits = way_up
            .filter(|group| *group == folder || (layout.binds_below)(group))
            .filter_map(|group| Some(((layout.limit)(group)?, group)));
        let (limit, group) = limits.reduce(|least, next| if next.0 <= least.0 { next } else { least })?;
        Self::open(layout, group, limit)
    }

    fn open(layout: &'static Layout, folder: &Path, limit_bytes: u64) -> Option<Self> {
        Some(Self {
            source: layout.source,
            folder: folder.to_owned(),
            limit_bytes,
            usage: KernelFile::open(&folder.join(layout.usage_file)).ok()?,
            stat: KernelFile::open(&folder.join("memory.stat")).ok()?,
            layout,
        })
    }

    /// The limit, as it was when the group was opened.
    #[must_use]
    pub fn limit(&self) -> Mib {
        Mib::from_bytes(self.limit_bytes)
    }

    /// Which version the group is of.
    #[must_use]
    pub const fn source(&self) -> LimitSource {
        self.source
    }

    /// The group's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The working set: what the group is charged with, less clean file cache. `None` where
    /// one of the two cannot be read.
    #[must_use]
    pub fn usage(&self) -> Option<Mib> {
        self.charged().and_then(|charged| self.working_set(charged)).map(Mib::from_bytes)
    }

    /// Shared memory and tmpfs that the group is charged with, of all its processes.
    #[must_use]
    pub fn shared_memory(&self) -> Option<Mib> {
        let mut buffer = [0; STAT_BYTES];
        let stat = self.stat.read(&mut buffer).ok()?;
        let keys: [&[u8]; 2] = [b"total_shmem", b"shmem"];
        keys.into_iter().find_map(|key| number_after(stat, key)).map(Mib::from_bytes)
    }

    /// What is left below the limit, in bytes, or more than `enough` where that is all the
    /// caller wants to know: the working set is never above the usage, so a usage that leaves
    /// enough by itself saves reading the costlier file.
    pub(crate) fn left(&self, enough: u64) -> Option<u64> {
        let charged = self.charged()?;
        let surely = self.limit_bytes.saturating_sub(charged);
        if surely >= enough {
            return Some(surely);
        }
        Some(self.limit_bytes.saturating_sub(self.working_set(charged)?))
    }

    fn charged(&self) -> Option<u64> {
        let mut buffer = [0; 32];
        number(self.usage.read(&mut buffer).ok()?)
    }

    fn working_set(&self, charged: u64) -> Option<u64> {
        let mut buffer = [0; STAT_BYTES];
        let stat = self.stat.read(&mut buffer).ok()?;
        let sum = |keys: [&[u8]; 2]| keys.into_iter().filter_map(|key| number_after(stat, key)).sum::<u64>();
        // A text without the first key is not the file that was expected.
        number_after(stat, self.layout.file_cache[0])?;
        let clean = sum(self.layout.file_cache).saturating_sub(sum(self.layout.unwritten));
        Some(charged.saturating_sub(clean))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    /// A synthetic tree of groups.
    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(membership: &str) -> Self {
            let tree = Self(tempfile::tempdir().expect("a folder"));
            tree.file("proc", membership)
        }

        fn file(self, path: &str, text: &str) -> Self {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
            self
        }

        fn v2_root(self) -> Self {
            self.file("mount/cgroup.controllers", "cpu memory\n")
        }

        fn v2(self, group: &str, limit: &str, usage_mb: u64) -> Self {
            self.file(&format!("mount/{group}/memory.max"), &format!("{limit}\n"))
                .file(&format!("mount/{group}/memory.current"), &format!("{}\n", usage_mb << 20))
                .file(&format!("mount/{group}/memory.stat"), STAT)
        }

        fn v1(self, group: &str, limit: u64, usage_mb: u64) -> Self {
            self.file(&format!("mount/memory/{group}/memory.limit_in_bytes"), &format!("{limit}\n"))
                .file(
                    &format!("mount/memory/{group}/memory.usage_in_bytes"),
                    &format!("{}\n", usage_mb << 20),
                )
                .file(&format!("mount/memory/{group}/memory.stat"), STAT)
        }

        fn find(&self) -> Option<Cgroup> {
            Cgroup::find(&self.0.path().join("proc"), &self.0.path().join("mount"))
        }
    }

    /// Version 1: 10 MiB of this group's own, 30 MiB with the groups below it.
    const STAT: &str = "anon 1\ninactive_file 10485760\nactive_file 0\ntotal_inactive_file 31457280\n";
    const UNLIMITED: u64 = 9_223_372_036_854_771_712;

    fn mib(bytes: u64) -> Mib {
        Mib::from_bytes(bytes)
    }

    #[test]
    fn shared_memory_is_that_of_the_group_and_those_below() {
        let stat = "cache 9\nshmem 5\ntotal_cache 9\ntotal_shmem 314572800\n";
        let tree = Tree::new("4:memory:/job\n")
            .v1("job", 104_857_600, 64)
            .file("mount/memory/job/memory.stat", stat);
        assert_eq!(tree.find().and_then(|group| group.shared_memory()), Some(mib(300 << 20)));
        let tree = Tree::new("0::/job\n").v2_root().v2("job", "104857600", 64);
        let tree = tree.file("mount/job/memory.stat", "anon 1\nfile 2\nshmem 10485760\n");
        assert_eq!(tree.find().and_then(|group| group.shared_memory()), Some(mib(10 << 20)));
    }

    #[test]
    fn version_2_has_limit_and_working_set() {
        let tree = Tree::new("0::/job\n").v2_root().v2("job", "104857600", 64);
        let group = tree.find().expect("a limit");
        assert_eq!((group.limit(), group.source()), (mib(100 << 20), LimitSource::CgroupV2));
        assert_eq!(group.usage(), Some(mib(54 << 20)));
        assert_eq!(group.left(u64::MAX), Some(46 << 20));
    }

    #[test]
    fn clean_file_cache_is_available_whichever_list_it_is_in() {
        let tree = Tree::new("0::/job\n").v2_root().v2("job", "104857600", 90);
        let stat = "inactive_file 10485760\nactive_file 52428800\nfile_dirty 2097152\nfile_writeback 1048576\nshmem 5\n";
        let tree = tree.file("mount/job/memory.stat", stat);
        assert_eq!(tree.find().expect("a limit").usage(), Some(mib((90 - 10 - 50 + 2 + 1) << 20)));
        let tree = Tree::new("4:memory:/job\n").v1("job", 100 << 20, 90);
        let stat =
            "active_file 9\ntotal_inactive_file 1048576\ntotal_active_file 52428800\ntotal_dirty 2097152\n";
        let tree = tree.file("mount/memory/job/memory.stat", stat);
        assert_eq!(tree.find().expect("a limit").usage(), Some(mib((90 - 1 - 50 + 2) << 20)));
    }

    #[test]
    fn version_1_counts_the_groups_below() {
        let tree = Tree::new("4:memory:/job\n1:cpu:/other\n").v1("job", 100 << 20, 64);
        let group = tree.find().expect("a limit");
        assert_eq!((group.limit(), group.source()), (mib(100 << 20), LimitSource::CgroupV1));
        assert_eq!(group.usage(), Some(mib(34 << 20)));
    }

    #[test]
    fn a_usage_that_leaves_enough_is_the_whole_answer() {
        let tree = Tree::new("0::/job\n").v2_root().v2("job", "104857600", 64);
        let tree = tree.file("mount/job/memory.stat", "garbage");
        let group = tree.find().expect("a limit");
        assert_eq!(group.left(36 << 20), Some(36 << 20));
        assert_eq!(group.left((36 << 20) + 1), None, "only the stat file has it");
        assert_eq!(group.usage(), None);
    }

    #[test]
    fn figures_are_those_of_now() {
        let tree = Tree::new("0::/job\n").v2_root().v2("job", "104857600", 64);
        let group = tree.find().expect("a limit");
        let tree = tree.file("mount/job/memory.current", "94371840\n");
        assert_eq!(group.usage(), Some(mib(80 << 20)));
        drop(tree);
    }

    #[test]
    fn the_smallest_limit_on_the_way_up_binds() {
        let nested = || Tree::new("0::/a/b/c\n").v2_root();
        let tree = nested().v2("a", "300000000", 90).v2("a/b", "200000000", 80).v2("a/b/c", "max", 70);
        let group = tree.find().expect("a limit");
        assert!(group.folder().ends_with("a/b"), "{:?}", group.folder());
        let tree = nested().v2("a", "200000000", 90).v2("a/b", "200000000", 80).v2("a/b/c", "max", 70);
        assert!(tree.find().expect("a limit").folder().ends_with("mount/a"), "of equal ones the outermost");
    }

    #[test]
    fn throttling_comes_before_the_limit() {
        let tree = Tree::new("0::/job\n").v2_root().v2("job", "104857600", 64);
        let tree = tree.file("mount/job/memory.high", "94371840\n");
        assert_eq!(tree.find().expect("a limit").limit(), mib(90 << 20));
    }

    #[test]
    fn a_version_1_ancestor_without_hierarchy_binds_only_itself() {
        let tree = Tree::new("4:memory:/a/b\n").v1("a", 100 << 20, 1).v1("a/b", 200 << 20, 1);
        assert_eq!(tree.find().expect("a limit").limit(), mib(100 << 20));
        let tree = tree.file("mount/memory/a/memory.use_hierarchy", "0\n");
        assert_eq!(tree.find().expect("a limit").limit(), mib(200 << 20));
    }

    #[test]
    fn no_limit_is_none() {
        assert!(Tree::new("0::/job\n").v2_root().v2("job", "max", 1).find().is_none());
        assert!(Tree::new("0::/job\n").v2_root().v2("job", "0", 1).find().is_none());
        assert!(Tree::new("0::/job\n").v2_root().v2("job", "lots", 1).find().is_none());
        assert!(Tree::new("0::/job\n").v2_root().find().is_none());
        for page in [4096, 16_384, 65_536] {
            let unlimited = (1_u64 << 63) - page;
            assert!(Tree::new("4:memory:/job\n").v1("job", unlimited, 1).find().is_none(), "{page}");
        }
    }

    #[test]
    fn a_hybrid_system_has_its_memory_in_version_1() {
        let tree = Tree::new("4:memory:/job\n0::/user\n")
            .file("mount/unified/cgroup.controllers", "hugetlb\n")
            .file("mount/unified/user/cgroup.procs", "")
            .v1("job", 100 << 20, 64);
        assert_eq!(tree.find().expect("a limit").source(), LimitSource::CgroupV1);
    }

    #[test]
    fn a_hybrid_system_may_have_its_memory_in_version_2() {
        let tree = Tree::new("4:cpu:/job\n0::/user\n")
            .file("mount/unified/cgroup.controllers", "memory\n")
            .v2("unified/user", "104857600", 64);
        assert_eq!(tree.find().expect("a limit").source(), LimitSource::CgroupV2);
    }

    #[test]
    fn a_path_that_a_namespace_hides_means_the_mounts_root() {
        for path in ["/docker/0123", "/../../pod/x", "/.."] {
            let tree = Tree::new(&format!("4:memory:{path}\n")).v1(".", 100 << 20, 64);
            assert_eq!(tree.find().map(|group| group.limit()), Some(mib(100 << 20)), "{path}");
            let tree = Tree::new(&format!("0::{path}\n")).v2_root().v2(".", "104857600", 64);
            assert_eq!(tree.find().map(|group| group.limit()), Some(mib(100 << 20)), "{path}");
        }
    }

    #[test]
    fn a_path_does_not_lead_out_of_the_mount() {
        let tree =
            Tree::new("0::/../outside\n").v2_root().v2("../outside", "1000", 1).v2(".", "104857600", 64);
        assert_eq!(tree.find().map(|group| group.limit()), Some(mib(100 << 20)));
    }

    #[test]
    fn the_way_up_does_not_leave_the_mount() {
        let tree = Tree::new("4:memory:/job\n").v1("job", UNLIMITED, 1);
        let tree = tree.file("mount/memory.limit_in_bytes", "1000\n").file("memory.limit_in_bytes", "1000\n");
        assert!(tree.find().is_none());
    }

    #[test]
    fn this_system_is_read_without_harm() {
        if let Some(group) = Cgroup::of_self() {
            assert!(group.limit() > Mib::ZERO && group.usage() > Some(Mib::ZERO));
        }
        assert!(Cgroup::of_pid(u32::MAX).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn garbage_is_no_limit_and_no_panic(
            membership in prop::collection::vec(any::<u8>(), 0..80),
            max in "[0-9max \n-]{0,24}",
            stat in "(inactive_file )?[0-9a-z \n]{0,40}",
        ) {
            let _ = Membership::parse(&membership);
            let tree = Tree::new("0::/job\n").v2_root().v2("job", &max, 5).file("mount/job/memory.stat", &stat);
            if let Some(group) = tree.find() {
                prop_assert!(group.limit() > Mib::ZERO);
                let _ = (group.usage(), group.left(u64::MAX));
            }
        }
    }
}
