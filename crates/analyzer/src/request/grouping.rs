//! Which runs belong to one group and get one size.

use std::convert::Infallible;
use std::path::Path;
use std::str::FromStr;

use memtool_profile_model::Run;

/// What runs are grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupBy {
    /// The framework's own kind of task: a process of Nextflow, a rule of Snakemake, a job's name in Slurm.
    Task,
    /// The job's name.
    Job,
    /// The program.
    Command,
    /// The job's version.
    Version,
    /// The machine.
    Host,
    /// The file's name without its endings.
    File,
    /// The folder.
    Folder,
    /// The job's operations: each is sized by itself.
    Operation,
    /// A label of the series, such as `container` or `namespace`.
    Label(String),
}

impl FromStr for GroupBy {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(match name.trim().to_ascii_lowercase().as_str() {
            "task" | "process" | "rule" | "step" => Self::Task,
            "job" => Self::Job,
            "command" | "program" => Self::Command,
            "version" => Self::Version,
            "host" | "machine" | "node" => Self::Host,
            "file" | "run" => Self::File,
            "folder" => Self::Folder,
            "operation" | "phase" => Self::Operation,
            _ => Self::Label(name.trim().to_owned()),
        })
    }
}

impl GroupBy {
    /// The group of a run; `None` where its file does not tell, or where the run has several.
    pub(super) fn key(&self, run: &Run, path: &Path) -> Option<String> {
        let task = || run.task.as_ref()?.group.clone();
        let found = match self {
            Self::Task => task(),
            Self::Job => run.process.job.clone().or_else(task),
            Self::Command => run.process.command.clone(),
            Self::Version => run.process.version.clone(),
            Self::Host => run.host.name.clone(),
            Self::File => Some(stem(path)),
            Self::Folder => path.parent()?.file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Operation => None,
            Self::Label(name) => {
                of_container(run, name).or_else(|| label(run.origin.as_ref()?.part.as_deref()?, name))
            }
        };
        found.filter(|name| !name.is_empty())
    }
}

/// The usual group: the framework's task, else the job, the command or the file.
pub(super) fn usual(run: &Run, path: &Path) -> String {
    let order = [GroupBy::Task, GroupBy::Job, GroupBy::Command, GroupBy::File];
    order.iter().find_map(|by| by.key(run, path)).unwrap_or_default()
}

/// A part of a container's place in its cluster.
fn of_container(run: &Run, name: &str) -> Option<String> {
    let container = run.container.as_ref()?;
    match name {
        "namespace" => Some(container.namespace.clone()),
        "workload" => Some(format!("{}/{}", container.namespace, container.workload.name)),
        "container" => Some(container.name.clone()),
        "pod" => Some(container.pod.clone()),
        _ => None,
    }
}

/// The file's name up to the ending of its format.
fn stem(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let packed = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    let stem = packed.rsplit_once('.').map_or(packed, |(stem, _)| stem);
    let stem = stem.strip_suffix(".profile").unwrap_or(stem);
    stem.strip_prefix("memory_profile_").unwrap_or(stem).to_owned()
}

/// The value of a label in `metric{name="value",other="…"}`.
fn label(selector: &str, name: &str) -> Option<String> {
    let labels = &selector[selector.find('{')? + 1..];
    let opening = format!("{name}=\"");
    let at = labels
        .match_indices(&opening)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || labels.as_bytes()[*at - 1] == b',')?;
    let mut value = String::new();
    let mut escaped = false;
    for c in labels[at + opening.len()..].chars() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return Some(value),
            c => {
                value.push(c);
                escaped = false;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{Origin, Process, Task};

    use super::*;

    fn by(name: &str) -> GroupBy {
        name.parse().unwrap_or(GroupBy::File)
    }

    #[test]
    fn a_group_is_found_by_every_name() {
        let process = Process { job: Some("etl".to_owned()), ..Process::default() };
        let task = Some(Task { group: Some("ALIGN".to_owned()), ..Task::default() });
        let run = Run { process, task, ..Run::default() };
        let key = |name: &str| by(name).key(&run, Path::new("runs/monday/a.ndjson.gz"));
        let found = ["process", "job", "file", "folder", "host"].map(key);
        assert_eq!(found.map(|name| name.unwrap_or_default()), ["ALIGN", "etl", "a", "monday", ""]);
        assert_eq!(usual(&run, Path::new("x")), "ALIGN");
        assert_eq!(usual(&Run::default(), Path::new("b/x.json")), "x");
    }

    #[test]
    fn a_label_is_read_with_its_escapes() {
        let part = Some(r#"memory{pod="a",container="it's \"one\"",xcontainer="b"}"#.to_owned());
        let run = Run { origin: Some(Origin { part, ..Origin::default() }), ..Run::default() };
        let key = |name: &str| by(name).key(&run, Path::new(""));
        assert_eq!(key("container").as_deref(), Some("it's \"one\""));
        assert_eq!((key("pod").as_deref(), key("tainer")), (Some("a"), None));
    }
}
