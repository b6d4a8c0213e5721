//! A memory limit and what set it.

use memtool_profile_model::Mib;

/// What sets a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitSource {
    /// Physical memory, less what the rest of the machine needs.
    Physical,
    /// A control group of version 2.
    CgroupV2,
    /// A control group of version 1.
    CgroupV1,
    /// The address space the process may map, `RLIMIT_AS`.
    AddressSpace,
    /// The job's config, `memory_limit_gb`.
    Config,
}

impl LimitSource {
    /// The name in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Physical => "physical memory less reserve",
            Self::CgroupV2 => "cgroup v2",
            Self::CgroupV1 => "cgroup v1",
            Self::AddressSpace => "address space limit",
            Self::Config => "memory_limit_gb",
        }
    }
}

/// The memory a job may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The limit.
    pub limit: Mib,
    /// What set it.
    pub source: LimitSource,
}
