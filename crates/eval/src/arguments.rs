//! The command-line arguments.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};

const USAGE: &str = "usage: memtool-eval [DIR]… [--programs DIR]… [--part choose|report] [--program NAME]… [--setting PREFIX]… [--worst N]";

/// The half of the programs that is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProgramPart {
    /// Constants are chosen on these.
    Choose,
    /// Figures are reported on these.
    Report,
}

impl ProgramPart {
    /// The part a program belongs to, by an FNV-1a hash of its name: new programs move no other.
    pub(crate) fn of(program: &str) -> Self {
        let hash = program
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        // The low bit of FNV-1a is a parity of the letters; a higher one mixes better.
        if hash >> 16 & 1 == 0 { Self::Choose } else { Self::Report }
    }
}

/// The command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) folders: Vec<PathBuf>,
    /// Folders of programs recorded in all ways, with their parts A and B.
    pub(crate) drawn: Vec<PathBuf>,
    pub(crate) part: Option<ProgramPart>,
    /// Only these programs, unless empty.
    pub(crate) programs: Vec<String>,
    /// Only runs whose settings' name begins with one of these, unless empty.
    pub(crate) settings: Vec<String>,
    /// Worst predictions to list.
    pub(crate) worst: usize,
}

impl Arguments {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// Unknown options, missing values, no folder.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut parsed = Self {
            folders: Vec::new(),
            drawn: Vec::new(),
            part: None,
            programs: Vec::new(),
            settings: Vec::new(),
            worst: 0,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value; {USAGE}"));
            match word.as_str() {
                "--programs" => parsed.drawn.push(value()?.into()),
                "--part" => parsed.part = Some(part(&value()?)?),
                "--program" => parsed.programs.push(value()?),
                "--setting" => parsed.settings.push(value()?),
                "--worst" => parsed.worst = value()?.parse().context("--worst takes a number")?,
                other if other.starts_with('-') => bail!("unknown option {other}; {USAGE}"),
                folder => parsed.folders.push(folder.into()),
            }
        }
        ensure!(!parsed.folders.is_empty() || !parsed.drawn.is_empty(), "no folder given; {USAGE}");
        Ok(parsed)
    }

    /// Whether a program's run under some settings is selected, whatever its part.
    pub(crate) fn wants(&self, program: &str, settings: &str) -> bool {
        let named = self.programs.is_empty() || self.programs.iter().any(|name| name == program);
        named && (self.settings.is_empty() || self.settings.iter().any(|begin| settings.starts_with(begin)))
    }

    /// Whether a program of the corpus belongs to the selected part.
    pub(crate) fn in_part(&self, program: &str) -> bool {
        self.part.is_none_or(|part| part == ProgramPart::of(program))
    }

    /// The selected parts of the drawn programs: constants are chosen on A.
    pub(crate) fn drawn_parts(&self) -> &'static [&'static str] {
        match self.part {
            None => &["A", "B"],
            Some(ProgramPart::Choose) => &["A"],
            Some(ProgramPart::Report) => &["B"],
        }
    }
}

fn part(text: &str) -> anyhow::Result<ProgramPart> {
    match text {
        "choose" => Ok(ProgramPart::Choose),
        "report" => Ok(ProgramPart::Report),
        _ => bail!("--part is choose or report, not {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> anyhow::Result<Arguments> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_and_folders_may_be_mixed() {
        let arguments = parsed("a --part report --program p b --worst 3").expect("sound");
        assert_eq!(arguments.folders, [PathBuf::from("a"), PathBuf::from("b")]);
        assert_eq!((arguments.part, arguments.worst), (Some(ProgramPart::Report), 3));
        assert_eq!(arguments.programs, ["p"]);
    }

    #[test]
    fn usage_errors_are_named() {
        for line in ["", "a --part both", "a --worst", "a --worst x", "a --quite"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn drawn_programs_need_no_other_folder() {
        assert_eq!(parsed("--programs p").expect("sound").drawn_parts(), ["A", "B"]);
        let both = parsed("--programs p --programs q --part report").expect("sound");
        assert_eq!(both.drawn, [PathBuf::from("p"), PathBuf::from("q")]);
        assert_eq!(both.drawn_parts(), ["B"]);
    }

    #[test]
    fn a_program_is_in_one_part() {
        let choose = parsed("a --part choose").expect("sound");
        let report = parsed("a --part report").expect("sound");
        let names: Vec<String> = (0..40).map(|n| format!("program_{n}")).collect();
        assert!(names.iter().all(|name| choose.in_part(name) != report.in_part(name)));
        let chosen = names.iter().filter(|name| choose.in_part(name)).count();
        assert!((10..=30).contains(&chosen), "{chosen} of 40");
    }
}
