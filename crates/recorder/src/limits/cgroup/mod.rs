//! Control groups, version 1 and 2.

mod group;
mod layout;
mod membership;
mod v1;
mod v2;

pub use group::Cgroup;
pub(crate) use membership::{MOUNT, Membership, v2_folder};
