//! Under a real kernel limit: what is killed without the recorder finishes with it.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "figures and skips are shown with --nocapture")]

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use memtool_recorder::model::stream::read_stream;
use memtool_recorder::model::{Action, Run};

/// A control group of our own with a memory limit, removed at the end.
struct Group {
    path: PathBuf,
    v2: bool,
}

impl Group {
    /// `None` where control groups cannot be written.
    fn with_limit(name: &str, mebibytes: u64) -> Option<Self> {
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let v1 = own.lines().find_map(|line| line.split_once(":memory:").map(|(_, path)| path));
        let v2 = own.lines().find_map(|line| line.strip_prefix("0::"));
        let (root, below, limit_file) = match v1 {
            Some(path) => ("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes"),
            None => ("/sys/fs/cgroup", v2?, "memory.max"),
        };
        let parent = Path::new(root).join(below.trim_start_matches('/'));
        let parent = if parent.is_dir() { parent } else { PathBuf::from(root) };
        let path = parent.join(format!("memtool-test-{}-{name}", std::process::id()));
        fs::create_dir(&path).ok()?;
        let group = Self { path, v2: v1.is_none() };
        let written = fs::write(group.path.join(limit_file), (mebibytes << 20).to_string());
        // Swap would stretch the limit.
        if group.v2 {
            let _ = fs::write(group.path.join("memory.swap.max"), "0");
        }
        written.is_ok().then_some(group)
    }

    fn run(&self, program: &Path, args: &[&str]) -> Output {
        let script = r#"echo $$ > "$0/cgroup.procs" && exec "$@""#;
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(&self.path).arg(program).args(args);
        command.output().expect("sh starts")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The processes are gone; what remains is an empty group.
        let _ = fs::remove_dir(&self.path);
    }
}

/// The example is built beside the tests.
fn simulation() -> PathBuf {
    let deps = std::env::current_exe().expect("a test");
    let built = deps.parent().and_then(Path::parent).expect("target/PROFILE/deps");
    let program = built.join("examples/simulation");
    assert!(program.exists(), "{} is not built: run the tests of the whole crate", program.display());
    program
}

struct Job<'a> {
    group: &'a Group,
    limit: &'a str,
    work: &'a [&'a str],
}

impl Job<'_> {
    fn run(&self, sizes: &str, reports: &Path) -> Output {
        let reports = reports.to_str().expect("a plain path");
        let settings =
            ["--sizes", sizes, "--limit-mb", self.limit, "--interval", "0.005", "--reports", reports];
        self.group.run(&simulation(), &[self.work, &settings].concat())
    }

    fn killed(&self, sizes: &str) -> bool {
        let folder = tempfile::tempdir().expect("a folder");
        let output = self.run(sizes, folder.path());
        println!("{sizes}: {} {}", output.status, String::from_utf8_lossy(&output.stdout));
        output.status.signal() == Some(9)
    }

    fn finished(&self, sizes: &str) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let output = self.run(sizes, folder.path());
        let said = String::from_utf8_lossy(&output.stdout);
        println!("{sizes}: {} {said}", output.status);
        assert!(output.status.success(), "{sizes}: {}", String::from_utf8_lossy(&output.stderr));
        let stream = fs::read_dir(folder.path()).expect("there").next().expect("a stream").expect("readable");
        read_stream(&fs::read_to_string(stream.path()).expect("text")).expect("a run")
    }
}

fn figures(run: &Run) {
    let mut sizes: Vec<u64> = run.batches.iter().map(|batch| batch.items).collect();
    sizes.dedup();
    let peak =
        run.batches.iter().filter_map(|batch| batch.rss_peak).map(|peak| peak.get()).fold(0.0, f64::max);
    println!("  {} batches, sizes {sizes:?}, largest peak {peak:.1} MiB", run.batches.len());
}

#[test]
fn a_batch_size_that_is_killed_is_survived_by_prediction() {
    let Some(group) = Group::with_limit("returned", 120) else {
        println!("skipped: no control group can be made here");
        return;
    };
    let work = ["--employees", "3000", "--years", "1", "--record-kb", "150"];
    let job = Job { group: &group, limit: "120", work: &work };
    assert!(job.killed("none"), "1,000 records of 150 KiB do not fit into 120 MiB");
    let run = job.finished("predictive");
    figures(&run);
    let items: u64 = run.batches.iter().map(|batch| batch.items).sum();
    assert_eq!(items, 9_000);
    assert!(run.decisions.iter().any(|decision| matches!(decision.action, Action::Predict { .. })));
}

#[test]
fn memory_that_stays_is_survived_by_thresholds_and_by_prediction() {
    let Some(group) = Group::with_limit("kept", 160) else {
        println!("skipped: no control group can be made here");
        return;
    };
    let work = ["--employees", "3000", "--years", "2", "--record-kb", "100", "--kept-kb", "5"];
    let job = Job { group: &group, limit: "160", work: &work };
    assert!(job.killed("none"), "the kept records and a full batch do not fit together");
    for sizes in ["compatible", "predictive"] {
        let run = job.finished(sizes);
        figures(&run);
        assert_eq!(run.batches.iter().map(|batch| batch.items).sum::<u64>(), 18_000, "{sizes}");
    }
}
