//! A lake from the command line: added to, compacted, read, deleted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::fixtures::root;

fn memtool(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
    command.args(args).current_dir(root()).output().expect("memtool starts")
}

fn printed(args: &[&str]) -> String {
    let output = memtool(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The files below a folder, with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_owned();
                found.insert(name, fs::read(path).expect("read"));
            }
        }
    }
    found
}

#[test]
fn the_lake_of_the_fixtures_is_what_its_runs_make() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().to_str().expect("text");
    printed(&["convert", "fixtures/recorded", "--lake", lake]);
    printed(&["lake", "compact", lake]);
    let fleet = |lake: &str| printed(&["fleet", lake, "--format", "json"]);
    assert_eq!(fleet(lake), fleet("fixtures/lake"), "fixtures/README.md says how to make it anew");
}

#[test]
fn a_run_that_is_added_again_adds_nothing_before_and_after_compaction() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().to_str().expect("text");
    let add = || printed(&["convert", "fixtures/recorded", "--lake", lake]);
    let first = add();
    assert!(!first.contains("already"), "{first}");
    let loose = files(folder.path());
    assert!(add().starts_with("0 runs added"));
    assert_eq!(files(folder.path()), loose);
    let fleet = || printed(&["fleet", lake, "--format", "json", "--by", "operation"]);
    let before = fleet();

    assert!(printed(&["lake", "compact", lake]).contains(" are now "));
    let compacted = files(folder.path());
    assert!(compacted.len() * 3 < loose.len(), "{} of {}", compacted.len(), loose.len());
    assert_eq!(fleet(), before, "the same runs");
    printed(&["lake", "compact", lake]);
    assert_eq!(files(folder.path()), compacted, "nothing is left to put together");
    assert!(add().starts_with("0 runs added"));
    assert_eq!(files(folder.path()), compacted);
}

#[test]
fn a_run_that_went_on_takes_its_own_place_and_a_broken_off_compaction_shows_no_run_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let (lake, stream) = (folder.path().join("lake"), folder.path().join("run.ndjson"));
    let lake = lake.to_str().expect("text");
    let whole =
        fs::read_to_string(root().join("fixtures/recorded/memory_stream_fixed_250.ndjson")).expect("read");
    let lines: Vec<&str> = whole.lines().collect();
    fs::write(&stream, lines[..lines.len() / 2].join("\n") + "\n").expect("written");
    let add = || printed(&["convert", stream.to_str().expect("text"), "--lake", lake]);
    add();
    fs::copy(
        root().join("fixtures/recorded/memory_stream_fixed_1000.ndjson"),
        folder.path().join("b.ndjson"),
    )
    .expect("copied");
    printed(&["convert", folder.path().join("b.ndjson").to_str().expect("text"), "--lake", lake]);
    printed(&["lake", "compact", lake]);
    fs::write(&stream, &whole).expect("written");
    assert!(add().starts_with("1 run added"), "the run went on");
    let samples = || {
        let report: Value =
            serde_json::from_str(&printed(&["fleet", lake, "--format", "json"])).expect("JSON");
        report["totals"]["runs"].as_u64()
    };
    assert_eq!(samples(), Some(2), "both files hold it");
    printed(&["lake", "compact", lake]);
    assert_eq!(samples(), Some(2));
    let rows = memtool_analyzer::lake::read_runs(
        Path::new(lake),
        memtool_analyzer::lake::RunFilter::default(),
        &["run", "samples"],
        |error| panic!("{error}"),
    );
    let rows = rows.expect("a lake").rows.expect("rows");
    assert_eq!(rows.count(), 2, "the shorter recording is gone");
}

#[test]
fn old_days_go_and_runs_without_a_date_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().to_str().expect("text");
    printed(&["convert", "fixtures/fleet", "fixtures/foreign", "--lake", lake]);
    let before = files(folder.path());
    assert!(
        printed(&["lake", "delete", lake, "--older-than", "0d", "--dry-run"]).contains("would be deleted")
    );
    assert_eq!(files(folder.path()), before);
    assert!(printed(&["lake", "delete", lake, "--older-than", "36500"]).starts_with("0 days"));
    assert_eq!(files(folder.path()), before);

    // The fleet has twelve days from 2026-11-02 on: some of them are kept.
    let first_kept = "2026-11-09";
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let age = (today - first_kept.parse::<jiff::civil::Date>().expect("a day")).get_days().to_string();
    printed(&["lake", "delete", lake, "--older-than", &age]);
    let kept = |path: &Path| {
        let parts = path.iter().filter_map(|part| part.to_str()?.strip_prefix("day="));
        parts.into_iter().all(|day| day >= first_kept)
    };
    let after = files(folder.path());
    assert!(after.keys().any(|path| kept(path) && path.starts_with("samples/day=2026-11-09")));
    let expected: BTreeMap<_, _> = before.into_iter().filter(|(path, _)| kept(path)).collect();
    assert_eq!(after, expected, "all of the older days, all tables, and nothing else");
    printed(&["lake", "delete", lake, "--older-than", "0"]);
    assert!(files(folder.path()).keys().any(|path| path.starts_with("runs/day=__HIVE_DEFAULT_PARTITION__")));
}

#[test]
fn many_writers_and_a_compaction_at_once_lose_no_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().to_str().expect("text");
    printed(&["convert", "fixtures/recorded", "--lake", lake]);
    let inputs = ["fixtures/fleet", "fixtures/fleet", "fixtures/foreign", "fixtures/runs/workforce"];
    let mut children: Vec<_> = inputs.iter().map(|input| vec!["convert", input, "--lake", lake]).collect();
    children.extend([vec!["lake", "compact", lake], vec!["lake", "compact", lake]]);
    let started = children.iter().map(|args| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_memtool"));
        command.args(args).current_dir(root()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().expect("memtool starts")
    });
    for child in started.collect::<Vec<_>>() {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let alone = tempfile::tempdir().expect("a folder");
    let one = alone.path().to_str().expect("text");
    for input in ["fixtures/recorded"].iter().chain(&inputs) {
        printed(&["convert", input, "--lake", one]);
    }
    assert_eq!(groups(&["fleet", lake]), groups(&["fleet", one]));
    printed(&["lake", "compact", lake]);
    assert_eq!(groups(&["fleet", lake]), groups(&["fleet", one]));
}

#[test]
fn many_small_files_are_said_to_want_compaction() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().to_str().expect("text");
    printed(&["convert", "fixtures/recorded", "--lake", lake]);
    let said = || String::from_utf8(memtool(&["fleet", lake]).stderr).expect("text");
    assert_eq!(said(), "");
    let (path, bytes) =
        files(folder.path()).into_iter().find(|(path, _)| path.starts_with("runs")).expect("one");
    for copy in 0..500 {
        fs::write(folder.path().join(&path).with_file_name(format!("{copy}.parquet")), &bytes)
            .expect("written");
    }
    assert!(said().contains(&format!("`memtool lake compact {lake}`")), "{}", said());
    printed(&["lake", "compact", lake]);
    assert_eq!(said(), "");
}

#[test]
fn a_lake_without_limits_wastes_nothing_and_a_day_must_be_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().to_str().expect("text");
    printed(&["convert", "fixtures/runs/workforce", "--lake", lake]);
    assert!(printed(&["fleet", lake, "--since", "2026-11-01"]).contains(", 0 GB·h held"));
    let output = memtool(&["fleet", lake, "--since", "yesterday"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("expected a day, such as 2026-11-01"), "{said}");
}

#[test]
fn what_is_no_lake_is_said_and_a_damaged_file_is_skipped() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("text");
    for args in [
        ["fleet", path].as_slice(),
        &["lake", "compact", path],
        &["lake", "delete", path, "--older-than", "1d"],
    ] {
        let output = memtool(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("expected a lake"), "{args:?}");
    }
    printed(&["convert", "fixtures/recorded", "--lake", path]);
    let day =
        fs::read_dir(folder.path().join("runs")).expect("days").next().expect("one").expect("one").path();
    fs::write(day.join("damaged.parquet"), "PAR1 and no table PAR1").expect("written");
    let output = memtool(&["fleet", path]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("damaged.parquet"));
    let output = memtool(&["lake", "compact", path]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 unreadable file left"), "{output:?}");
}

/// The groups of a report by name.
fn groups(args: &[&str]) -> BTreeMap<String, Value> {
    let report: Value =
        serde_json::from_str(&printed(&[args, &["--format", "json"]].concat())).expect("JSON");
    let groups = report["groups"].as_array().expect("a list").clone();
    groups.into_iter().map(|group| (group["group"].as_str().unwrap_or_default().to_owned(), group)).collect()
}

#[test]
fn files_are_a_fleet_as_their_lake_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().to_str().expect("text");
    printed(&["convert", "fixtures/fleet", "--lake", lake]);
    assert_eq!(groups(&["fleet", "fixtures/fleet"]), groups(&["fleet", lake]));
    let since = ["fleet", "fixtures/fleet", "--since", "2026-11-09", "--job", "etl"];
    assert_eq!(groups(&since), groups(&["fleet", lake, "--since", "2026-11-09", "--job", "etl"]));
}

#[test]
fn a_lake_that_lacks_the_newest_columns_is_read_compacted_and_added_to() {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files(&root().join("fixtures/lake")) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    let lake = folder.path().to_str().expect("text");
    printed(&["convert", "fixtures/kubernetes/range.json", "--lake", lake]);
    let found = groups(&["fleet", lake, "--by", "namespace"]);
    assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), ["", "batch", "shop"]);
    assert_eq!(found[""]["runs"], 5, "those of a lake that has no column for it");
    printed(&["lake", "compact", lake]);
    assert_eq!(groups(&["fleet", lake, "--by", "namespace"]), found);
}

#[test]
fn each_life_of_a_container_is_a_run_with_its_limit_and_its_end() {
    let found = groups(&["fleet", "fixtures/kubernetes/range.json"]);
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let expected =
        ["batch/night/report", "shop/db/postgres", "shop/orders/app", "shop/web/app", "shop/web/proxy"];
    assert_eq!(names, expected, "neither pods as a whole nor the pause container");
    let orders = &found["shop/orders/app"];
    assert_eq!((&orders["runs"], &orders["killed"], &orders["restarts"]), (&3.into(), &2.into(), &2.into()));
    assert_eq!(orders["limit_mb"], 256.0);
    let web = &found["shop/web/app"];
    assert_eq!((&web["runs"], &web["killed"], &web["restarts"]), (&2.into(), &0.into(), &0.into()));
    let held = web["waste_gb_h"].as_f64().expect("a figure");
    // Two pods hold 1024 MiB each for four hours and use about 210.
    assert!((held - 2.0 * 4.0 * (1024.0 - 216.0) * 1.048_576e-3).abs() < 0.1, "{held}");
    let versions = groups(&["fleet", "fixtures/kubernetes/range.json", "--by", "version"]);
    assert!(versions.contains_key("1.4.2") && versions.contains_key("16.4"), "{:?}", versions.keys());
    let workloads = groups(&["fleet", "fixtures/kubernetes/range.json", "--by", "workload"]);
    assert_eq!(workloads["shop/web"]["runs"], 4);
}

#[test]
fn one_figure_a_container_is_enough() {
    let found = groups(&["fleet", "fixtures/kubernetes/instant.json"]);
    let orders = &found["shop/orders/app"];
    assert_eq!((&orders["runs"], &orders["killed"], &orders["restarts"]), (&1.into(), &1.into(), &2.into()));
    assert_eq!(found["batch/night/report"]["killed"], 0);
}

#[test]
fn a_series_that_goes_on_is_cut_where_the_container_restarts() {
    let text = fs::read_to_string(root().join("fixtures/kubernetes/range.json")).expect("read");
    let (memory, state) = text.split_once('\n').expect("lines");
    let mut memory: Value = serde_json::from_str(memory).expect("JSON");
    let mut joined: BTreeMap<[String; 3], Vec<Value>> = BTreeMap::new();
    for series in memory["data"]["result"].as_array().expect("a list") {
        let label = |name: &str| series["metric"][name].as_str().unwrap_or_default().to_owned();
        let place = ["namespace", "pod", "container"].map(label);
        if !["", "POD"].contains(&place[2].as_str()) {
            let values = series["values"].as_array().expect("a list").clone();
            joined.entry(place).or_default().extend(values);
        }
    }
    let series = joined.into_iter().map(|([namespace, pod, container], values)| {
        let metric = serde_json::json!({ "namespace": namespace, "pod": pod, "container": container });
        serde_json::json!({ "metric": metric, "values": values })
    });
    memory["data"]["result"] = series.collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cluster.json");
    fs::write(&path, format!("{memory}\n{state}")).expect("written");
    let without_ids = groups(&["fleet", path.to_str().expect("text")]);
    let with_ids = groups(&["fleet", "fixtures/kubernetes/range.json"]);
    assert_eq!(without_ids["shop/orders/app"], with_ids["shop/orders/app"]);
    assert_eq!(without_ids.len(), with_ids.len());
}
