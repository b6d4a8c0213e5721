//! The probe for this platform.

use std::io;

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
        Some(pid) => LinuxProbe::of_pid(pid)?,
        None => LinuxProbe::of_self()?,
    };
    let probe = probe.with_children(options.include_children).with_pss(options.pss);
    Ok(Box::new(match options.limit {
        Some(limit) => probe.with_limit(limit),
        None => probe,
    }))
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
    fn the_systems_probe_sees_this_process() {
        let mut probe = system_probe(ProbeOptions::default()).expect("a probe");
        let reading = probe.read().expect("a reading");
        assert!(reading.rss > Some(Mib::ZERO) && reading.vms > reading.rss);
        assert!(probe.rss().expect("resident") > Mib::ZERO);
        assert!(system_probe(ProbeOptions { pid: Some(u32::MAX), ..Default::default() }).is_err());
    }
}
