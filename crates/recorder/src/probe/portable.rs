//! The probe where there is no `/proc`: figures from the system's process list.
//!
//! It reads neither file and shared memory nor proportional memory, and every reading costs
//! some hundred microseconds, more with children, since the whole list is read then.

use std::io;

use memtool_profile_model::Mib;
use sysinfo::{MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use super::figures::{left_below, rounded, used_percent};
use super::reading::{Probe, ProbeOptions, Reading};
use crate::limits::Limit;

/// A probe on the system's process list.
#[derive(Debug)]
pub(crate) struct PortableProbe {
    system: System,
    pid: Pid,
    include_children: bool,
    limit: Option<Limit>,
}

impl PortableProbe {
    /// A probe of this process or another.
    pub(crate) fn open(options: ProbeOptions) -> io::Result<Self> {
        let pid = Pid::from_u32(options.pid.unwrap_or_else(std::process::id));
        let ProbeOptions { include_children, limit, .. } = options;
        let system = System::new().map_err(io::Error::other)?;
        let mut probe = Self { system, pid, include_children, limit };
        probe.rss()?;
        Ok(probe)
    }

    fn refresh(&mut self, which: ProcessesToUpdate<'_>) {
        let memory = ProcessRefreshKind::nothing().with_memory().without_tasks();
        self.system.refresh_processes_specifics(which, true, memory);
    }

    /// Resident and mapped bytes of the process itself.
    fn own(&self) -> io::Result<(u64, u64)> {
        let ended = || io::Error::new(io::ErrorKind::NotFound, format!("there is no process {}", self.pid));
        let process = self.system.process(self.pid).ok_or_else(ended)?;
        Ok((process.memory(), process.virtual_memory()))
    }

    /// Resident bytes of all descendants.
    fn children(&self) -> u64 {
        let mut tree = vec![self.pid];
        let mut sum = 0;
        let mut next = 0;
        while let Some(&parent) = tree.get(next) {
            next += 1;
            for (pid, process) in self.system.processes() {
                if process.parent() == Some(parent) && !tree.contains(pid) {
                    tree.push(*pid);
                    sum += process.memory();
                }
            }
        }
        sum
    }
}

impl Probe for PortableProbe {
    fn read(&mut self) -> io::Result<Reading> {
        let pids = [self.pid];
        let all = self.include_children;
        self.refresh(if all { ProcessesToUpdate::All } else { ProcessesToUpdate::Some(&pids) });
        self.system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let (resident, mapped) = self.own()?;
        let children = all.then(|| self.children());
        let total = resident.saturating_add(children.unwrap_or(0));
        // Where the system does not report it, the crate returns 0.
        let available = Some(self.system.available_memory()).filter(|bytes| *bytes > 0);
        let left = self.limit.and_then(|limit| left_below(limit, total, mapped));
        Ok(Reading {
            rss: Some(rounded(resident)),
            vms: Some(rounded(mapped)),
            shared: None,
            children_rss: children.map(rounded),
            available: available.into_iter().chain(left).min().map(rounded),
            system_percent: available.and_then(|free| used_percent(self.system.total_memory(), free)),
            ..Reading::default()
        })
    }

    fn rss(&mut self) -> io::Result<Mib> {
        let pids = [self.pid];
        self.refresh(ProcessesToUpdate::Some(&pids));
        Ok(rounded(self.own()?.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_such_process_is_not_found() {
        let opened = PortableProbe::open(ProbeOptions { pid: Some(4_000_000_000), ..Default::default() });
        assert_eq!(opened.map(drop).map_err(|e| e.kind()), Err(io::ErrorKind::NotFound));
    }

    #[test]
    fn what_it_cannot_see_is_none() {
        let mut probe = PortableProbe::open(ProbeOptions::default()).expect("a probe");
        let reading = probe.read().expect("a reading");
        assert_eq!((reading.shared, reading.pss, reading.children_rss), (None, None, None));
        assert!(reading.rss > Some(Mib::ZERO) && reading.available > Some(Mib::ZERO));
    }
}
