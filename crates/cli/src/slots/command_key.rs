//! The name of a command in the journal: without its arguments, which may be secret.

use std::ffi::OsString;
use std::path::Path;

/// Programs whose first argument says more than their name.
const INTERPRETERS: [&str; 10] =
    ["python", "perl", "ruby", "node", "bash", "sh", "dash", "zsh", "Rscript", "java"];

/// Two names of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommandKey {
    /// The same for the same command line only: a sum over its words.
    pub(super) exact: String,
    /// The same for all uses of a program or script.
    pub(super) group: String,
}

impl CommandKey {
    /// The names of a command; `group` overrides the usual one.
    pub(super) fn of(command: &[OsString], group: Option<&str>) -> Self {
        let words: Vec<String> = command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let exact = format!("{:016x}", sum(&words));
        Self { exact, group: group.map_or_else(|| group_of(&words), str::to_owned) }
    }
}

/// FNV-1a over the words with a mark between them.
fn sum(words: &[String]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The program, and of an interpreter its script or module.
fn group_of(words: &[String]) -> String {
    let Some((program, arguments)) = words.split_first() else { return String::new() };
    let program = file_name(program);
    let is_interpreter = INTERPRETERS
        .iter()
        .any(|name| program.trim_end_matches(|c: char| ".0123456789".contains(c)) == *name);
    if !is_interpreter {
        return program;
    }
    match arguments {
        [option, text, ..] if option == "-c" => {
            let inner: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            group_of(&inner)
        }
        [option, module, ..] if option == "-m" => format!("{program} -m {module}"),
        _ => match arguments.iter().find(|word| !word.starts_with('-')) {
            Some(script) => format!("{program} {}", file_name(script)),
            None => program,
        },
    }
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(line: &[&str]) -> CommandKey {
        CommandKey::of(&line.iter().map(OsString::from).collect::<Vec<_>>(), None)
    }

    #[test]
    fn a_script_is_known_by_its_name_and_a_command_by_all_its_words() {
        let groups = [
            (&["/usr/bin/python3.11", "-u", "jobs/a.py", "--size", "5"][..], "python3.11 a.py"),
            (&["python", "-m", "pytest", "tests"], "python -m pytest"),
            (&["sh", "-c", "./sort.sh big | head"], "sort.sh"),
            (&["samtools", "sort"], "samtools"),
        ];
        for (line, group) in groups {
            assert_eq!(key(line).group, group);
        }
        assert_eq!(key(&["a", "b"]), key(&["a", "b"]));
        assert_ne!(key(&["a", "bc"]).exact, key(&["ab", "c"]).exact);
        assert_eq!(CommandKey::of(&["a".into()], Some("mine")).group, "mine");
    }
}
