//! The probe for this platform.

use std::io;
#[cfg(target_os = "linux")]
use std::path::Path;

#[cfg(target_os = "linux")]
use super::linux::LinuxProbe;
#[cfg(not(target_os = "linux"))]
use super::portable::PortableProbe;
use super::reading::{Probe, ProbeOptions};

/// The probe for this platform.
///
/// # Errors
/// If there is no such process or it may not be sampled.
#[cfg(target_os = "linux")]
pub fn system_probe(options: ProbeOptions) -> io::Result<Box<dyn Probe>> {
    let probe = match options.pid {
        Some(pid) => {
            require_own_proc(Path::new("/proc/self"))?;
            LinuxProbe::of_pid(pid)?
        }
        None => LinuxProbe::of_self()?,
    };
    let probe = probe.with_children(options.include_children).with_pss(options.pss);
    Ok(Box::new(match options.limit {
        Some(limit) => probe.with_limit(limit),
        None => probe,
    }))
}

/// Whether process ids mean there what they mean here: a namespace of processes whose `/proc` is not mounted sees none, or
/// others under the same ids.
#[cfg(target_os = "linux")]
fn require_own_proc(own: &Path) -> io::Result<()> {
    let problem = match std::fs::read_link(own) {
        Ok(id) if id.as_os_str() == std::process::id().to_string().as_str() => return Ok(()),
        Ok(_) => "/proc is that of another namespace of processes: mount its own (unshare --mount-proc)",
        Err(_) => "/proc is not mounted",
    };
    Err(io::Error::new(io::ErrorKind::Unsupported, problem))
}

/// The probe for this platform.
///
/// # Errors
/// If there is no such process or it may not be sampled.
#[cfg(not(target_os = "linux"))]
pub fn system_probe(options: ProbeOptions) -> io::Result<Box<dyn Probe>> {
    Ok(Box::new(PortableProbe::open(options)?))
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Mib;

    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn processes_of_another_namespace_are_not_taken_for_these() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = folder.path().join("self");
        let problem = || require_own_proc(&own).expect_err("refused").to_string();
        assert_eq!(problem(), "/proc is not mounted");
        std::os::unix::fs::symlink("1", &own).expect("a link");
        assert!(problem().starts_with("/proc is that of another namespace of processes"), "{}", problem());
        require_own_proc(Path::new("/proc/self")).expect("its own");
    }

    #[test]
    fn the_systems_probe_sees_this_process() {
        let mut probe = system_probe(ProbeOptions::default()).expect("a probe");
        let reading = probe.read().expect("a reading");
        assert!(reading.rss > Some(Mib::ZERO) && reading.vms > reading.rss);
        assert!(probe.rss().expect("resident") > Mib::ZERO);
        assert!(system_probe(ProbeOptions { pid: Some(u32::MAX), ..Default::default() }).is_err());
    }
}
