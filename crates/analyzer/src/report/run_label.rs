//! The name of a run in output.

use std::path::Path;

use memtool_profile_model::{Container, Run};

/// The run's job and its start to the second, as `etl · 2026-11-23 14:05:07`; or the name of its
/// file, without what all such names share, where no job is known. A container is called by its pod, of which there may
/// be several of one job.
pub(crate) fn run_label(path: &Path, run: &Run) -> String {
    let origin = run.origin.as_ref();
    let start = run.started.strftime("%Y-%m-%d %H:%M:%S");
    if let Some(Container { namespace, pod, name, .. }) = &run.container {
        return format!("{namespace}/{pod}/{name} · {start}");
    }
    if let Some(part) = origin.and_then(|origin| origin.part.as_deref()) {
        return format!("{} · {part}", file_label(path));
    }
    job(run).filter(|_| origin.is_none()).map_or_else(|| file_label(path), |job| format!("{job} · {start}"))
}

/// The job that a run is one of: its name, or else its command.
pub(super) fn job(run: &Run) -> Option<&str> {
    let named = |name: &&str| !name.is_empty();
    let job = run.process.job.as_deref().filter(named);
    job.or(run.process.command.as_deref().filter(named))
}

/// Letters of a commit that stand for it.
const SHORT_COMMIT: usize = 12;

/// The job's version: its owner's word for it, else the commit.
pub(super) fn version(run: &Run) -> Option<String> {
    let short = |commit: &String| commit.chars().take(SHORT_COMMIT).collect();
    run.process.version.clone().or_else(|| run.process.commit.as_ref().map(short))
}

/// The part of a file's name that distinguishes a run from its neighbours.
pub(super) fn file_label(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let packed = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    let stem = [".json", ".ndjson", ".parquet"].into_iter().find_map(|ending| packed.strip_suffix(ending));
    let stem = stem.unwrap_or(packed);
    let stem = stem.strip_suffix(".profile").unwrap_or(stem);
    stem.strip_prefix("memory_profile_").unwrap_or(stem).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_job_is_named_by_its_file() {
        let name = |path: &str| file_label(Path::new(path));
        assert_eq!(name("a/memory_profile_20260101_000000.json.gz"), "20260101_000000");
        assert_eq!(name("phases__fixed__r1.profile.json"), "phases__fixed__r1");
    }
}
