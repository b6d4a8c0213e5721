//! Files of other tools with a truth beside each, in a folder outside this repository where there is one: beside the
//! repository as `shared/foreign`, or where `MEMTOOL_FOREIGN` says. `FILE.truth.json` or `NAME.truth.json` holds the
//! peak, the number of points and the duration that a reader must find.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use memtool_formats::{Head, Limits, find, read, refuse};
use memtool_profile_model::{Measure, Mib, ReadError, Run};
use serde_json::Value;

/// What is different about a tool's truths.
struct Tool {
    folder: &'static str,
    /// What its files may measure; none where nothing over time is in them.
    measures: &'static [Measure],
    /// Whether points are counted as samples are: not where each row is one process of several.
    counts: bool,
    /// Whether the duration is the file's: not where it is the job's, which the file began late in or ended before.
    times: bool,
}

const fn tool(folder: &'static str, measures: &'static [Measure], counts: bool, times: bool) -> Tool {
    Tool { folder, measures, counts, times }
}

const PROCESS: &[Measure] = &[Measure::ProcessRss];
const PROCESSES: &[Measure] = &[Measure::ProcessRss, Measure::TreeRss];
const TREE: &[Measure] = &[Measure::TreeRss];
const HEAP: &[Measure] = &[Measure::HeapUsed];
const MACHINE: &[Measure] = &[Measure::Machine];

const TOOLS: &[Tool] = &[
    tool("allocators", &[], false, false),
    tool("con_duct", TREE, false, false),
    tool("dask", TREE, true, false),
    tool("duckdb", HEAP, false, false),
    tool("gnu_time", PROCESS, true, false),
    tool("go", HEAP, true, true),
    tool("heaptrack", HEAP, true, true),
    tool("jvm", HEAP, true, true),
    tool("massif", HEAP, true, true),
    tool("memory_profiler", PROCESSES, true, true),
    tool("memray", HEAP, false, true),
    tool("node", HEAP, true, true),
    tool("pidstat", PROCESS, true, false),
    tool("procpath", PROCESSES, false, true),
    tool(
        "prometheus",
        &[Measure::ProcessRss, Measure::TreeRss, Measure::Container, Measure::Machine],
        true,
        true,
    ),
    tool("ps_loop", PROCESS, false, false),
    tool("psrecord", PROCESSES, true, true),
    tool("psutil_loop", PROCESSES, true, true),
    tool("pygc", &[], false, false),
    tool("sar", MACHINE, true, true),
    tool("scalene", HEAP, true, true),
    tool("slurm", TREE, false, false),
    tool("snakemake", TREE, true, true),
    tool("top", &[Measure::ProcessRss, Measure::Machine], true, false),
    tool("tracemalloc", &[], false, false),
];

/// The folder, where there is one.
fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/foreign");
    Some(env::var_os("MEMTOOL_FOREIGN").map_or(beside, PathBuf::from)).filter(|folder| folder.is_dir())
}

/// The file that a truth is of: its own name without the ending, or with another.
fn file_of(truth: &Path) -> Option<PathBuf> {
    let name = truth.to_string_lossy().strip_suffix(".truth.json")?.to_owned();
    let exact = PathBuf::from(&name);
    let others = || fs::read_dir(truth.parent()?).ok();
    let is_it = |path: &PathBuf| {
        path.to_string_lossy()
            .strip_prefix(&name)
            .is_some_and(|rest| rest.starts_with('.') && rest != ".truth.json")
    };
    if exact.is_file() { Some(exact) } else { others()?.flatten().map(|entry| entry.path()).find(is_it) }
}

fn open(path: &Path) -> Result<Vec<Run>, ReadError> {
    let bytes = fs::read(path)?;
    let head = Head::new(&bytes);
    match find(&head) {
        Some(reader) => read(reader, &mut &bytes[..], Limits::default()),
        None => Err(refuse(&head).unwrap_or(ReadError::Empty)),
    }
}

fn peak(runs: &[Run]) -> f64 {
    let sizes = runs.iter().flat_map(|run| {
        run.snapshots.iter().filter_map(|s| s.rss).chain(run.stated_peak.map(|peak| peak.rss))
    });
    sizes.map(Mib::get).fold(0.0, f64::max)
}

/// From the first sample to the last of all runs on one clock, or how long the longest took.
fn duration(runs: &[Run]) -> f64 {
    let dated = |run: &Run| {
        Some((run.known_start()?.as_duration().as_secs_f64(), run.snapshots.last()?.at.seconds()))
    };
    let spans: Vec<(f64, f64)> =
        runs.iter().filter_map(dated).map(|(start, long)| (start, start + long)).collect();
    let from = spans.iter().map(|span| span.0).fold(f64::INFINITY, f64::min);
    let together = spans.iter().map(|span| span.1 - from).fold(0.0, f64::max);
    let each = runs.iter().map(|run| {
        let first = run.snapshots.first().map_or(0.0, |s| s.at.seconds());
        let sampled = run.snapshots.last().map_or(0.0, |s| s.at.seconds()) - first;
        run.task.as_ref().and_then(|task| task.runtime_s).unwrap_or(sampled)
    });
    each.fold(together, f64::max)
}

/// What of a file differs from its truth.
fn differences(tool: &Tool, truth: &Value, found: Result<Vec<Run>, ReadError>) -> Vec<String> {
    let number = |names: &[&str]| names.iter().find_map(|name| truth[*name].as_f64());
    let expected = number(&["peak_mb_file", "peak_mb", "peak_mib"]).filter(|_| !tool.measures.is_empty());
    let runs = match (found, expected) {
        (Err(error), Some(_)) => return vec![format!("not read: {error}")],
        (Err(_), None) => return Vec::new(),
        (Ok(runs), _) => runs,
    };
    let mut wrong = Vec::new();
    let mut compare = |what: &str, expected: Option<f64>, found: f64, tolerance: f64| {
        if expected.is_some_and(|expected| (found - expected).abs() > tolerance) {
            wrong.push(format!("{what} {found:.2}, expected {:.2}", expected.unwrap_or_default()));
        }
    };
    let peak_mb = expected.unwrap_or_default();
    compare("peak", expected, peak(&runs), 0.001 * peak_mb + 0.06);
    let points = number(&["samples", "number_of_points"]).filter(|_| tool.counts);
    compare("points", points, runs.iter().map(|run| run.snapshots.len() as f64).sum(), 0.0);
    let long = number(&["duration_s"]).filter(|_| tool.times && duration(&runs) > 0.0);
    compare("duration", long, duration(&runs), 0.02 * long.unwrap_or_default() + 0.02);
    let measured = runs.iter().filter_map(|run| run.origin.as_ref()).map(|origin| origin.measure);
    wrong.extend(measured.filter(|m| !tool.measures.contains(m)).map(|m| format!("measures {m}")));
    wrong
}

/// The truth of this file counts a line of a block that repeats earlier ones, cut and glued to one another.
const COUNTED_TWICE: &str = "node20-oom-stdout-stderr.txt";

#[test]
#[expect(clippy::print_stderr, reason = "a test that did nothing says so")]
fn every_file_elsewhere_is_what_its_truth_says() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no folder shared/foreign beside the repository, and MEMTOOL_FOREIGN names none");
        return;
    };
    let (mut files, mut wrong) = (0, Vec::new());
    for tool in TOOLS {
        let Ok(entries) = fs::read_dir(folder.join(tool.folder)) else { continue };
        let truths = entries.flatten().map(|entry| entry.path());
        for path in truths.filter(|path| path.to_string_lossy().ends_with(".truth.json")) {
            let Some(file) = file_of(&path).filter(|file| !file.ends_with(COUNTED_TWICE)) else { continue };
            let truth: Value = serde_json::from_slice(&fs::read(&path).expect("a truth")).expect("JSON");
            files += 1;
            let name = file.display().to_string();
            wrong.extend(
                differences(tool, &truth, open(&file)).into_iter().map(|text| format!("{name}: {text}")),
            );
        }
    }
    wrong.sort();
    assert!(files > 0 && wrong.is_empty(), "of {files} files:\n{}", wrong.join("\n"));
}
