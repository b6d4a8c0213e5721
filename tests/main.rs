//! The one integration binary of the workspace.

mod analysis;
mod architecture;
mod broken;
mod ci_steps;
mod command;
mod dependencies;
mod docs;
mod doctor;
mod finding_pages;
mod fit;
mod fixtures;
mod fleet;
mod formats;
#[cfg(target_os = "linux")]
mod hostile_jobs;
mod levels;
#[cfg(target_os = "linux")]
mod live;
mod made_docs;
mod many_files;
mod mutations;
mod prometheus;
mod recorded;
mod records;
mod request;
mod roundtrip;
mod schemas;
mod tables;
#[cfg(target_os = "linux")]
mod units;
mod workloads;
