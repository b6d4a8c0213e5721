//! The machine, and the limit it sets for a process.

use std::path::Path;

use memtool_policy::reserve_mb;
use memtool_profile_model::{Host, Mib};

use super::cgroup::Cgroup;
use super::source::{Limit, LimitSource};
use super::total_memory::total_memory;
use crate::procfs::text::{after, number};

/// The machine, and the limits of a process on it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HostFacts {
    /// Processors this process may use.
    pub cores: Option<u32>,
    /// Physical memory.
    pub total: Option<Mib>,
    /// The limit of the control group that binds.
    pub cgroup: Option<Limit>,
    /// The soft limit of the address space; `None` also where it is unlimited.
    pub address_space: Option<Mib>,
}

impl HostFacts {
    /// The facts for this process.
    #[must_use]
    pub fn of_self() -> Self {
        Self {
            cores: cores(),
            total: total_memory(),
            cgroup: Cgroup::of_self().as_ref().map(limit_of),
            address_space: own_address_space(),
        }
    }

    /// The facts for another process of this machine.
    #[must_use]
    pub fn of_pid(pid: u32) -> Self {
        let limits = std::fs::read(Path::new(&format!("/proc/{pid}/limits"))).ok();
        Self {
            cores: cores(),
            total: total_memory(),
            cgroup: Cgroup::of_pid(pid).as_ref().map(limit_of),
            address_space: limits.and_then(|text| address_space(&text)),
        }
    }

    /// The header's description of the machine, with the limit that was found.
    #[must_use]
    pub fn describe(&self, limit: Option<Limit>) -> Host {
        Host {
            cores: self.cores,
            total_mb: self.total,
            limit_mb: limit.map(|found| found.limit),
            limit_source: limit.map(|found| found.source.as_str().to_owned()),
            ..Host::default()
        }
    }
}

/// The smallest of all limits that are known; `None` where none is. Of equal ones the first of
/// physical memory, control group, address space, config is named.
///
/// A limit of 0 does not bind: nothing runs without memory, so it is a mistake or means
/// unlimited. The reserve is the rule of GKE's nodes; it takes all of a machine below 134 MiB,
/// which then has no physical limit.
#[must_use]
pub fn find_limit(config_limit: Option<Mib>, host: &HostFacts) -> Option<Limit> {
    let physical = host.total.map(|total| Mib::new(total.get() - reserve_mb(total.get())));
    let bound = |limit: Option<Mib>, source| limit.map(|limit| Limit { limit, source });
    [
        bound(physical, LimitSource::Physical),
        host.cgroup,
        bound(host.address_space, LimitSource::AddressSpace),
        bound(config_limit, LimitSource::Config),
    ]
    .into_iter()
    .flatten()
    .filter(|found| found.limit > Mib::ZERO)
    .reduce(|least, next| if next.limit < least.limit { next } else { least })
}

/// This machine, and the limit it sets without a config.
#[must_use]
pub fn host() -> Host {
    let facts = HostFacts::of_self();
    facts.describe(find_limit(None, &facts))
}

fn limit_of(group: &Cgroup) -> Limit {
    Limit { limit: group.limit(), source: group.source() }
}

fn cores() -> Option<u32> {
    std::thread::available_parallelism().ok().and_then(|cores| u32::try_from(cores.get()).ok())
}

#[cfg(unix)]
fn own_address_space() -> Option<Mib> {
    rustix::process::getrlimit(rustix::process::Resource::As).current.map(Mib::from_bytes)
}

#[cfg(not(unix))]
fn own_address_space() -> Option<Mib> {
    None
}

/// The soft limit in `/proc/PID/limits`.
fn address_space(limits: &[u8]) -> Option<Mib> {
    number(after(limits, b"Max address space")?).map(Mib::from_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> HostFacts {
        HostFacts { cores: Some(4), total: Some(Mib::from_gib(8.0)), cgroup: None, address_space: None }
    }

    fn group(mebibytes: f64) -> Option<Limit> {
        Some(Limit { limit: Mib::new(mebibytes), source: LimitSource::CgroupV2 })
    }

    fn found(config: Option<f64>, host: &HostFacts) -> Option<(f64, LimitSource)> {
        find_limit(config.map(Mib::new), host).map(|l| (l.limit.get().round(), l.source))
    }

    #[test]
    fn the_smallest_limit_wins_whatever_it_is() {
        let mut host = facts();
        assert_eq!(found(None, &host), Some((6249.0, LimitSource::Physical)));
        host.cgroup = group(4000.0);
        assert_eq!(found(None, &host), Some((4000.0, LimitSource::CgroupV2)));
        host.address_space = Some(Mib::new(3000.0));
        assert_eq!(found(None, &host), Some((3000.0, LimitSource::AddressSpace)));
        assert_eq!(found(Some(2000.0), &host), Some((2000.0, LimitSource::Config)));
        assert_eq!(found(Some(5000.0), &host), Some((3000.0, LimitSource::AddressSpace)));
    }

    #[test]
    fn what_is_unknown_or_nothing_does_not_bind() {
        assert_eq!(find_limit(None, &HostFacts::default()), None);
        assert_eq!(found(Some(0.0), &facts()), Some((6249.0, LimitSource::Physical)));
        assert_eq!(found(Some(f64::NAN), &facts()), Some((6249.0, LimitSource::Physical)));
        let tiny = HostFacts { total: Some(Mib::new(128.0)), ..HostFacts::default() };
        assert_eq!(find_limit(None, &tiny), None);
    }

    #[test]
    fn the_address_space_of_another_process_is_read() {
        let head = "Limit                     Soft Limit           Hard Limit           Units     \n";
        let text =
            format!("{head}Max address space         1048576              unlimited            bytes     \n");
        assert_eq!(address_space(text.as_bytes()), Some(Mib::new(1.0)));
        let text =
            format!("{head}Max address space         unlimited            unlimited            bytes     \n");
        assert_eq!(address_space(text.as_bytes()), None);
    }

    #[test]
    fn the_header_names_limit_and_source() {
        let host = facts().describe(group(100.0).as_ref().copied());
        assert_eq!((host.cores, host.total_mb), (Some(4), Some(Mib::new(8192.0))));
        assert_eq!((host.limit_mb, host.limit_source), (Some(Mib::new(100.0)), Some("cgroup v2".to_owned())));
        assert_eq!(facts().describe(None).limit_source, None);
    }

    #[test]
    fn this_machine_has_memory_and_a_limit_below_it() {
        let host = host();
        assert!(host.cores >= Some(1) && host.total_mb > Some(Mib::ZERO));
        assert!(host.limit_mb < host.total_mb);
        assert_eq!(HostFacts::of_pid(std::process::id()), HostFacts::of_self());
    }
}
