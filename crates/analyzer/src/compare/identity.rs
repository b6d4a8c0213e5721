//! What makes runs comparable: one job, one kind of machine, one way of measuring.

use memtool_profile_model::{Measure, Mib, Run};
use serde::{Deserialize, Serialize};

/// Machines whose memory differs by no more than this share are of one kind: a kernel keeps some for itself.
const SAME_MEMORY: f64 = 0.02;

/// The machine that a run was made on, as far as memory depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineKind {
    /// Processors.
    pub cores: Option<u32>,
    /// Physical memory, in MiB.
    pub total_mb: Option<f64>,
    /// The memory the job may use, in MiB.
    pub limit_mb: Option<f64>,
}

/// What makes runs comparable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The job; null where the files name none.
    pub job: Option<String>,
    /// The machine.
    pub machine: MachineKind,
    /// What the figures measure.
    pub measure: Measure,
}

impl Identity {
    pub(crate) fn of(run: &Run, job: Option<&str>) -> Self {
        let machine = MachineKind {
            cores: run.host.cores,
            total_mb: run.host.total_mb.map(Mib::get),
            limit_mb: run.host.limit_mb.map(Mib::get),
        };
        Self { job: job.map(str::to_owned), machine, measure: run.measure() }
    }

    /// What differs from another, in words; nothing where the two can be compared.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let (own, its) = (&self.machine, &other.machine);
        let mut found = Vec::new();
        if self.measure != other.measure {
            found.push(format!("they measure {} and {}", self.measure, other.measure));
        }
        if let (Some(one), Some(two)) = (own.cores, its.cores)
            && one != two
        {
            found.push(format!("the machines have {one} and {two} processors"));
        }
        let sizes = [("memory", own.total_mb, its.total_mb), ("memory limit", own.limit_mb, its.limit_mb)];
        for (name, one, two) in sizes {
            if let (Some(one), Some(two)) = (one, two)
                && (one - two).abs() > SAME_MEMORY * one.max(two)
            {
                found.push(format!("the machines have a {name} of {one:.0} and {two:.0} MiB"));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(cores: u32, total_mb: f64, measure: Measure) -> Identity {
        let machine = MachineKind { cores: Some(cores), total_mb: Some(total_mb), limit_mb: None };
        Identity { job: Some("etl".to_owned()), machine, measure }
    }

    #[test]
    fn what_differs_is_named() {
        let own = identity(2, 8000.0, Measure::ProcessRss);
        assert_eq!(own.differences(&identity(2, 8100.0, Measure::ProcessRss)), [""; 0]);
        let found = own.differences(&identity(4, 16_000.0, Measure::TreePss));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("RSS of the process and PSS of the process tree"), "{found:?}");
        let unknown = Identity { machine: MachineKind::default(), ..own.clone() };
        assert_eq!(own.differences(&unknown), [""; 0], "what was not recorded is no difference");
    }
}
