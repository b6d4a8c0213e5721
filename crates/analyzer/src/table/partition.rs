//! The folder of a run's files.

use std::path::{Component, Path, PathBuf};

use memtool_profile_model::Run;

/// What engines take for no value in the name of a folder.
pub(crate) const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

const SNAPSHOTS: &str = "snapshots";
const BATCHES: &str = "batches";
const FINDINGS: &str = "findings";

/// The place of a run's files below each table's folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Partition(PathBuf);

impl Partition {
    /// By the day of its start in UTC, its job, and the name of the file it came from.
    #[must_use]
    pub fn of(run: &Run, name: &str) -> Self {
        let day = format!("day={}", run.started.strftime("%Y-%m-%d"));
        let job = run.process.job.as_deref().filter(|job| !job.is_empty());
        let job = format!("job={}", job.map_or_else(|| NO_VALUE.to_owned(), escaped));
        Self([day, job, format!("{}.parquet", escaped(name))].iter().collect())
    }

    /// The file of its snapshots in a folder of tables.
    #[must_use]
    pub fn snapshots(&self, folder: &Path) -> PathBuf {
        folder.join(SNAPSHOTS).join(&self.0)
    }

    /// The file of its batches.
    #[must_use]
    pub fn batches(&self, folder: &Path) -> PathBuf {
        folder.join(BATCHES).join(&self.0)
    }

    /// The file of its findings.
    #[must_use]
    pub fn findings(&self, folder: &Path) -> PathBuf {
        folder.join(FINDINGS).join(&self.0)
    }
}

/// Whether a path ends as that of a table of snapshots does.
pub(crate) fn is_snapshots(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "parquet") && table_of(path) == Some(SNAPSHOTS)
}

/// The batches that belong to a file of snapshots.
pub(super) fn batches_beside(snapshots: &Path) -> Option<PathBuf> {
    let (below, folder) = (snapshots.ancestors().nth(2)?, snapshots.ancestors().nth(3)?);
    let place = snapshots.strip_prefix(below.parent()?).ok()?;
    (folder.file_name()? == SNAPSHOTS).then(|| folder.with_file_name(BATCHES).join(place))
}

fn table_of(path: &Path) -> Option<&str> {
    match path.ancestors().nth(3)?.components().next_back()? {
        Component::Normal(name) => name.to_str(),
        _ => None,
    }
}

/// Bytes of a name that file systems take, less those of `job=` and `.parquet` and of a temporary name's end.
const LONGEST_NAME: usize = 220;

/// A text as a part of a path: letters, digits and a few signs stay, other bytes become `%XX`. One that would be
/// too long for a file system is cut and ends in a checksum of all of it.
pub(crate) fn escaped(text: &str) -> String {
    let escaped = percent_encoded(text);
    if escaped.len() <= LONGEST_NAME {
        return escaped;
    }
    let sum = format!("-{:08x}", crc32fast::hash(text.as_bytes()));
    let mut kept = &escaped[..LONGEST_NAME - sum.len()];
    // No half of a `%XX` stays.
    if let Some(start) = kept.rfind('%').filter(|start| kept.len() - start < 3) {
        kept = &kept[..start];
    }
    format!("{kept}{sum}")
}

fn percent_encoded(text: &str) -> String {
    let stays = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_ .".contains(byte);
    let mut escaped = String::new();
    for byte in text.as_bytes() {
        if stays(byte) && !(escaped.is_empty() && *byte == b'.') {
            escaped.push(char::from(*byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_stays_its_own_and_within_what_file_systems_take() {
        let [one, other] = ["a", "b"].map(|last| escaped(&("日".repeat(120) + last)));
        assert!(one.len() <= LONGEST_NAME && one != other, "{one}");
        assert!(one.split('%').skip(1).all(|part| part.len() >= 2), "{one}");
        assert_eq!(escaped(&"x".repeat(LONGEST_NAME)), "x".repeat(LONGEST_NAME));
    }

    #[test]
    fn a_name_never_leads_out_of_its_folder() {
        assert_eq!(escaped("../a/b"), "%2E.%2Fa%2Fb");
        assert_eq!(escaped("büro 7"), "b%C3%BCro 7");
    }

    #[test]
    fn batches_stand_in_the_same_place_of_their_table() {
        let snapshots = Path::new("out/snapshots/day=2026-01-01/job=a/run.parquet");
        assert!(is_snapshots(snapshots));
        assert_eq!(
            batches_beside(snapshots),
            Some(PathBuf::from("out/batches/day=2026-01-01/job=a/run.parquet"))
        );
        assert!(!is_snapshots(Path::new("out/findings/day=2026-01-01/job=a/run.parquet")));
        assert_eq!(batches_beside(Path::new("run.parquet")), None);
    }
}
