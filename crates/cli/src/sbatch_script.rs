//! The `--mem` line of a batch script.

use anyhow::{Context, bail, ensure};

/// A directive of Slurm in a script: the place of its value in the text.
struct Directive<'a> {
    name: &'a str,
    value: &'a str,
    /// Bytes of the value.
    at: usize,
}

/// Sets `--mem` to the memory of the group that the script's job is called, or of the only one.
///
/// # Errors
/// If no group or several match, or memory is requested in another way.
pub(crate) fn edit_script(text: &str, sizes: &[(&str, f64)]) -> anyhow::Result<String> {
    let directives: Vec<Directive<'_>> = directives(text).collect();
    let find = |names: [&str; 2]| directives.iter().find(|directive| names.contains(&directive.name));
    let job = find(["--job-name", "-J"]).map(|directive| directive.value);
    let memory_mb = match (sizes, sizes.iter().find(|(group, _)| Some(*group) == job)) {
        (_, Some((_, memory_mb))) | ([(_, memory_mb)], None) => *memory_mb,
        _ => {
            bail!("expected a #SBATCH --job-name that is one of the groups, found {}", job.unwrap_or("none"))
        }
    };
    for other in ["--mem-per-cpu", "--mem-per-gpu"] {
        let stands = directives.iter().any(|directive| directive.name == other);
        ensure!(
            !stands,
            "the script sets memory by {other}, which depends on the processors: replace it by --mem"
        );
    }
    let value = format!("{memory_mb:.0}M");
    let mut edited = text.to_owned();
    if let Some(directive) = find(["--mem", "--mem"]) {
        edited.replace_range(directive.at..directive.at + directive.value.len(), &value);
        return Ok(edited);
    }
    let last = directives.last().context("expected a line that begins with #SBATCH, found none")?;
    let end = text[last.at..].find('\n').map_or(text.len(), |at| last.at + at + 1);
    let feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = if text[..end].ends_with('\n') { "" } else { feed };
    edited.insert_str(end, &format!("{before}#SBATCH --mem={value}{feed}"));
    Ok(edited)
}

/// The directives before the first command: Slurm reads none behind it.
fn directives(text: &str) -> impl Iterator<Item = Directive<'_>> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let begin = at;
        at += line.len();
        (begin, line)
    });
    let head = lines.take_while(|(_, line)| line.starts_with('#') || line.trim().is_empty());
    head.filter_map(|(begin, line)| {
        let rest = line.strip_prefix("#SBATCH")?.trim_end();
        let option = rest.trim_start();
        let split = option.find(['=', ' ', '\t'])?;
        let value = option[split + 1..].trim_start();
        let word = value.split([' ', '\t', '#']).next().unwrap_or(value);
        let at = begin + (value.as_ptr() as usize - line.as_ptr() as usize);
        Some(Directive { name: &option[..split], value: word, at })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "#!/bin/bash\n#SBATCH --job-name=align  # the name\n#SBATCH --mem 4G # enough\n#SBATCH -c 2\n\n\
        srun align\n#SBATCH --mem=1G\n";

    #[test]
    fn only_the_value_changes() {
        let edited = edit_script(SCRIPT, &[("sort", 9.0), ("align", 2400.0)]).expect("edited");
        assert_eq!(edited, SCRIPT.replace("--mem 4G #", "--mem 2400M #"));
    }

    #[test]
    fn a_script_without_the_line_gets_one() {
        let script = "#!/bin/bash\n#SBATCH -J x\nsrun x\n";
        let edited = edit_script(script, &[("any", 50.0)]).expect("edited");
        assert_eq!(edited, "#!/bin/bash\n#SBATCH -J x\n#SBATCH --mem=50M\nsrun x\n");
    }

    #[test]
    fn what_may_mean_something_else_is_refused() {
        let several = edit_script(SCRIPT, &[("a", 1.0), ("b", 2.0)]).expect_err("refused").to_string();
        assert!(several.contains("found align"), "{several}");
        let per_cpu = SCRIPT.replace("--mem 4G", "--mem-per-cpu=4G");
        assert!(edit_script(&per_cpu, &[("a", 1.0)]).is_err());
    }
}
