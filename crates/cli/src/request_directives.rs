//! The memory to request, for schedulers and workflow engines.
//!
//! Nextflow's MB, Snakemake's mem_mb and Slurm's M are 2^20 bytes.

use memtool_analyzer::request::{GroupRequest, RequestReport};

/// The groups that have a figure, with it in MiB.
pub(crate) fn sized(report: &RequestReport) -> impl Iterator<Item = (&GroupRequest, f64)> {
    report.groups.iter().filter_map(|group| Some((group, group.memory_mb?)))
}

/// A name in double quotes, as YAML and JSON take it.
pub(crate) fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

/// A name that stays on its comment's line.
pub(crate) fn comment(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A text as a cell of CSV.
pub(crate) fn csv_text(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A row per group, figures in MiB and GB·h.
pub(crate) fn csv(report: &RequestReport) -> String {
    let mut text =
        String::from("group,runs,killed,largest_mb,memory_mb,rule,tested,failed,waste_gb_h,krr_waste_gb_h\n");
    for group in &report.groups {
        let memory = group.memory_mb.map_or_else(String::new, |memory| memory.to_string());
        let tested = group.backtest.map_or_else(
            || ",,,".to_owned(),
            |test| {
                let (own, krr) = (test.own, test.krr);
                format!("{},{},{:.4},{:.4}", test.runs, own.failed, own.waste_gb_h, krr.waste_gb_h)
            },
        );
        let name = csv_text(&group.group);
        let rule = group.rule.unwrap_or_default();
        text += &format!(
            "{name},{},{},{:.1},{memory},\"{rule}\",{tested}\n",
            group.runs, group.killed, group.largest_mb
        );
    }
    text
}

/// A config with the memory of each process.
pub(crate) fn nextflow(report: &RequestReport) -> String {
    let mut text = String::from("process {\n");
    for (group, memory) in sized(report) {
        let name = group.group.replace('\\', "\\\\").replace('\'', "\\'");
        text += &format!("    withName: '{}' {{ memory = '{memory:.0} MB' }}\n", comment(&name));
    }
    text + "}\n"
}

/// A profile with the memory of each rule.
pub(crate) fn snakemake(report: &RequestReport) -> String {
    let mut text = String::from("set-resources:\n");
    for (group, memory) in sized(report) {
        text += &format!("  {}:\n    mem_mb: {memory:.0}\n", quoted(&group.group));
    }
    text
}

/// A line for the batch script of each group.
pub(crate) fn sbatch(report: &RequestReport) -> String {
    let line = |(group, memory): (&GroupRequest, f64)| {
        format!("# {}\n#SBATCH --mem={memory:.0}M\n", comment(&group.group))
    };
    sized(report).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> RequestReport {
        let group = |name: &str, memory_mb| GroupRequest {
            group: name.to_owned(),
            runs: 3,
            killed: 0,
            unfinished: 0,
            memory_mb,
            rule: Some("max"),
            reason: String::new(),
            largest_mb: 10.0,
            measures: Vec::new(),
            alternatives: Vec::new(),
            backtest: None,
            containers: None,
        };
        let groups = vec![group("it's \"one\"\n# two", Some(12.0)), group("none", None)];
        RequestReport { schema: "memtool.request/1", risk: 0.01, groups, schedules: None }
    }

    #[test]
    fn names_cannot_leave_their_place() {
        let report = report();
        assert_eq!(
            nextflow(&report),
            "process {\n    withName: 'it\\'s \"one\" # two' { memory = '12 MB' }\n}\n"
        );
        assert_eq!(snakemake(&report), "set-resources:\n  \"it's \\\"one\\\"\\n# two\":\n    mem_mb: 12\n");
        assert_eq!(sbatch(&report), "# it's \"one\" # two\n#SBATCH --mem=12M\n");
        assert_eq!(csv(&report).lines().filter(|line| line.ends_with(",\"max\",,,,")).count(), 2);
    }
}
