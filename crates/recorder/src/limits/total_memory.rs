//! Physical memory of the machine.

use memtool_profile_model::Mib;

/// Physical memory; `None` where the system does not report it.
#[cfg(target_os = "linux")]
pub(super) fn total_memory() -> Option<Mib> {
    use crate::procfs::KernelFile;
    use crate::procfs::text::{MEMINFO_BYTES, meminfo};

    let mut buffer = [0; MEMINFO_BYTES];
    let file = KernelFile::open(std::path::Path::new("/proc/meminfo")).ok()?;
    meminfo(file.read(&mut buffer).ok()?).total.map(|kib| Mib::from_bytes(kib.saturating_mul(1024)))
}

/// Physical memory; `None` where the system does not report it.
#[cfg(not(target_os = "linux"))]
pub(super) fn total_memory() -> Option<Mib> {
    use sysinfo::{MemoryRefreshKind, System};

    let mut system = System::new().ok()?;
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    Some(system.total_memory()).filter(|bytes| *bytes > 0).map(Mib::from_bytes)
}
