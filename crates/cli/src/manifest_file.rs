//! The file that `request --apply` changes: a manifest in place, a batch script in place, or a snippet beside it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use memtool_analyzer::request::RequestReport;
use memtool_job_config::{MemoryForm, edit_manifest};

use crate::edited_file::EditedFile;
use crate::request_directives::{nextflow, sized, snakemake};
use crate::sbatch_script::edit_script;
use crate::{escape, output};

/// A file that takes the memory to ask for, read before the long work.
pub(crate) struct ManifestFile {
    file: EditedFile,
    kind: Kind,
}

/// How a file is changed.
enum Kind {
    Manifest,
    BatchScript,
    /// It is a program, which cannot be edited safely, so the memory goes into a file beside it.
    Program(Snippet),
}

/// A file beside a workflow's own, and how the workflow reads it.
struct Snippet {
    path: PathBuf,
    text: fn(&RequestReport) -> String,
    how: &'static str,
}

impl ManifestFile {
    /// Reads the file.
    ///
    /// # Errors
    /// Where it cannot be read, or is of no known kind.
    pub(crate) fn read(name: &Path) -> anyhow::Result<Self> {
        let file = EditedFile::read(name)?;
        let kind = kind(name, &file.text).with_context(|| {
            format!(
                "{}: expected a Kubernetes or Compose YAML file, a batch script with #SBATCH lines, a Nextflow config or \
                 a Snakefile",
                file.name
            )
        })?;
        Ok(Self { file, kind })
    }

    /// Sets the memory of the groups that the file names.
    pub(crate) fn apply(&self, report: &RequestReport, dry_run: bool) -> anyhow::Result<()> {
        match &self.kind {
            Kind::Manifest => self.edit(report, dry_run),
            Kind::BatchScript => {
                let sizes: Vec<(&str, f64)> =
                    sized(report).map(|(group, memory)| (group.group.as_str(), memory)).collect();
                let edited = edit_script(&self.file.text, &sizes).with_context(|| self.file.name.clone())?;
                self.file.show(&edited, std::iter::empty())?;
                self.file.put(&edited, usize::from(edited != self.file.text), dry_run)
            }
            Kind::Program(snippet) => snippet.write(report, dry_run),
        }
    }

    fn edit(&self, report: &RequestReport, dry_run: bool) -> anyhow::Result<()> {
        let sizes = sized(report).map(|(group, memory)| (group.group.clone(), memory)).collect();
        let edited = edit_manifest(&self.file.text, &sizes).with_context(|| self.file.name.clone())?;
        let forms = |form: MemoryForm| match form {
            MemoryForm::Container => "container",
            MemoryForm::Service => "service",
        };
        let named = edited.not_asked.iter();
        let notes =
            named.map(|(form, name)| format!("no figure for {} {}", forms(*form), escape::control(name)));
        self.file.show(&edited.text, notes)?;
        self.file.put(&edited.text, edited.changed, dry_run)
    }
}

fn kind(name: &Path, text: &str) -> Option<Kind> {
    let ending =
        name.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let file = name.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = |path: &str| name.with_file_name(path);
    match ending.as_str() {
        "yaml" | "yml" => Some(Kind::Manifest),
        "config" => Some(Kind::Program(Snippet {
            path: beside("memory.config"),
            text: nextflow,
            how: "nextflow run -c memory.config",
        })),
        _ if ending == "smk" || file.starts_with("Snakefile") => Some(Kind::Program(Snippet {
            path: beside("memory-profile").join("config.yaml"),
            text: snakemake,
            how: "snakemake --profile memory-profile",
        })),
        _ => text.lines().any(|line| line.starts_with("#SBATCH")).then_some(Kind::BatchScript),
    }
}

impl Snippet {
    fn write(&self, report: &RequestReport, dry_run: bool) -> anyhow::Result<()> {
        let text = (self.text)(report);
        if self.path.exists() {
            let file = EditedFile::read(&self.path)?;
            file.show(&text, std::iter::empty())?;
            return file.put(&text, usize::from(text != file.text), dry_run);
        }
        output::print(&escape::lines(&text))?;
        let name = escape::control(&self.path.display().to_string());
        if dry_run {
            output::message(&format!("{name} is not written"));
            return Ok(());
        }
        output::write_file(&self.path, text.as_bytes())?;
        output::message(&format!("written to {name}: {}", self.how));
        Ok(())
    }
}
