//! The name of a command: the script that an interpreter runs, without wrappers and arguments.
//!
//! `nice -n 5 python -u jobs/etl.py --key SECRET` is `etl.py`. Arguments never become a part of the name: they may
//! hold secrets.

use std::ffi::OsString;

/// A program that starts another one, given in its arguments.
struct Wrapper {
    name: &'static str,
    /// Options whose value is the next word.
    with_value: &'static [&'static str],
    /// Words of its own before the command.
    operands: usize,
}

const fn wrapper(name: &'static str, with_value: &'static [&'static str], operands: usize) -> Wrapper {
    Wrapper { name, with_value, operands }
}

const WRAPPERS: [Wrapper; 14] = [
    wrapper("env", &["-u", "--unset", "-C", "--chdir"], 0),
    wrapper("nice", &["-n", "--adjustment"], 0),
    wrapper("ionice", &["-c", "--class", "-n", "--classdata"], 0),
    wrapper("time", &["-f", "--format", "-o", "--output"], 0),
    wrapper("timeout", &["-k", "--kill-after", "-s", "--signal"], 1),
    wrapper("nohup", &[], 0),
    wrapper("setsid", &[], 0),
    wrapper("stdbuf", &["-i", "-o", "-e", "--input", "--output", "--error"], 0),
    wrapper("taskset", &[], 1),
    wrapper("numactl", &["-N", "-m", "-i", "-C", "-p"], 0),
    wrapper("sudo", &["-u", "-g", "-D", "-h", "-p"], 0),
    wrapper("uv", &["--with", "--python", "-p", "--project", "--directory", "--env-file"], 1),
    wrapper("poetry", &[], 1),
    wrapper("pipenv", &[], 1),
];

/// A program that runs a script, given in its arguments.
struct Interpreter {
    names: &'static [&'static str],
    /// Options whose value is the next word and no script.
    with_value: &'static [&'static str],
    /// Options whose value names what is run.
    naming: &'static [&'static str],
    /// The letters of options that take the program's text itself: it is no name.
    inline: &'static [char],
    /// Words of its own before the script, where they are written.
    subcommands: &'static [&'static str],
}

const INTERPRETERS: [Interpreter; 10] = [
    Interpreter {
        names: &["python", "pypy"],
        with_value: &["-W", "-X", "--check-hash-based-pycs"],
        naming: &["-m"],
        inline: &['c'],
        subcommands: &[],
    },
    Interpreter {
        names: &["sh", "bash", "dash", "zsh", "ksh"],
        with_value: &["-o", "-O", "+o", "+O", "--rcfile", "--init-file"],
        naming: &[],
        inline: &['c', 's'],
        subcommands: &[],
    },
    Interpreter {
        names: &["node", "nodejs"],
        with_value: &["-r", "--require", "--import", "--loader", "-C", "--conditions"],
        naming: &[],
        inline: &['e', 'p'],
        subcommands: &[],
    },
    Interpreter {
        names: &["deno", "bun"],
        with_value: &["-c", "--config"],
        naming: &[],
        inline: &['e'],
        subcommands: &["run"],
    },
    Interpreter {
        names: &["java"],
        with_value: &[
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--add-modules",
            "--add-opens",
        ],
        naming: &["-jar", "-m", "--module"],
        inline: &[],
        subcommands: &[],
    },
    Interpreter { names: &["Rscript"], with_value: &[], naming: &[], inline: &['e'], subcommands: &[] },
    Interpreter {
        names: &["R"],
        with_value: &["-g", "--gui", "-d", "--debugger"],
        naming: &["-f", "--file"],
        inline: &['e'],
        subcommands: &["CMD", "BATCH"],
    },
    Interpreter {
        names: &["ruby", "perl", "php"],
        with_value: &["-I", "-r"],
        naming: &[],
        inline: &['e', 'r'],
        subcommands: &[],
    },
    Interpreter {
        names: &["julia"],
        with_value: &["-J", "--sysimage", "-L", "--load", "-p", "-t", "--threads", "--procs"],
        naming: &[],
        inline: &['e', 'E'],
        subcommands: &[],
    },
    Interpreter {
        names: &["dotnet"],
        with_value: &["--fx-version", "--roll-forward"],
        naming: &[],
        inline: &[],
        subcommands: &["exec"],
    },
];

/// The name of the job that a command runs: its script, module, archive or class, or else its program. `None` of an empty
/// command.
#[must_use]
pub fn program_name(command: &[OsString]) -> Option<String> {
    let words: Vec<String> = command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let words = unwrapped(&words);
    let program = base_name(words.first()?);
    let script = interpreter(program).and_then(|interpreter| script(interpreter, &words[1..]));
    Some(script.unwrap_or_else(|| program.to_owned())).filter(|name| !name.is_empty())
}

/// The command behind its wrappers; as it is where a wrapper stands alone.
fn unwrapped(words: &[String]) -> &[String] {
    let mut words = words;
    while let Some((first, rest)) = words.split_first() {
        let Some(wrapper) = WRAPPERS.iter().find(|wrapper| wrapper.name == base_name(first)) else { break };
        let from = options(rest, wrapper.with_value) + wrapper.operands;
        // `uv run --with pandas job.py`
        let from = from + options(rest.get(from..).unwrap_or_default(), wrapper.with_value);
        let assigned = |word: &&String| word.contains('=') && wrapper.name == "env";
        let from = from + rest.iter().skip(from).take_while(assigned).count();
        let Some(command) = rest.get(from..).filter(|command| !command.is_empty()) else { break };
        words = command;
    }
    words
}

/// How many words at the start are options and their values.
fn options(words: &[String], with_value: &[&str]) -> usize {
    let mut place = 0;
    while let Some(word) = words.get(place).filter(|word| word.starts_with('-')) {
        place += 1 + usize::from(with_value.contains(&word.as_str()));
        if word == "--" {
            break;
        }
    }
    place
}

fn interpreter(program: &str) -> Option<&'static Interpreter> {
    let bare = program.strip_suffix(".exe").unwrap_or(program);
    let bare = bare.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.iter().find(|interpreter| interpreter.names.contains(&bare))
}

/// What an interpreter runs; `None` where its arguments hold the text itself, or nothing.
fn script(interpreter: &Interpreter, arguments: &[String]) -> Option<String> {
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let (option, attached) = word.split_once('=').map_or((word, None), |(o, value)| (o, Some(value)));
        if interpreter.naming.contains(&option) {
            return attached.or_else(|| words.next()).and_then(named);
        } else if interpreter.with_value.contains(&word) {
            words.next();
        } else if is_inline(interpreter, word) {
            return None;
        } else if !word.starts_with(['-', '+']) && !interpreter.subcommands.contains(&word) {
            return named(word);
        }
    }
    None
}

/// Whether an option, or a few in one word such as `-lc`, says that the program's text follows.
fn is_inline(interpreter: &Interpreter, word: &str) -> bool {
    let letters = word.strip_prefix('-').filter(|letters| (1..=3).contains(&letters.len()));
    word == "-" || letters.is_some_and(|letters| letters.ends_with(interpreter.inline))
}

/// The last part of a path; a package's `__main__.py` is called by its folder.
fn named(path: &str) -> Option<String> {
    let name = base_name(path);
    let name = if name == "__main__.py" { base_name(path.strip_suffix(name)?) } else { name };
    (!name.is_empty() && !name.starts_with('.')).then(|| name.to_owned())
}

fn base_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(command: &str) -> String {
        let words: Vec<OsString> = command.split(' ').map(OsString::from).collect();
        program_name(&words).unwrap_or_default()
    }

    #[test]
    fn a_script_names_the_job_and_its_arguments_do_not() {
        let cases = [
            ("python job.py --key SECRET", "job.py"),
            ("/usr/bin/python3.11 -u -X dev -W ignore jobs/etl.py", "etl.py"),
            ("python -m pkg.mod run", "pkg.mod"),
            ("python pkg/__main__.py", "pkg"),
            ("python pkg/", "pkg"),
            ("bash -eu x.sh", "x.sh"),
            ("bash -o pipefail ./x.sh", "x.sh"),
            ("node --max-old-space-size=4096 -r dotenv/config server.js", "server.js"),
            ("deno run --allow-read main.ts", "main.ts"),
            ("java -Xmx2g -cp a.jar:b.jar com.acme.Job --in x", "com.acme.Job"),
            ("java -Xmx2g -jar build/libs/etl.jar in.csv", "etl.jar"),
            ("Rscript --vanilla fit.R 7", "fit.R"),
            ("R --no-save --file=fit.R", "fit.R"),
            ("R CMD BATCH fit.R", "fit.R"),
            ("julia -t 4 sim.jl", "sim.jl"),
            ("dotnet app.dll", "app.dll"),
            ("./target/release/etl input", "etl"),
        ];
        for (command, expected) in cases {
            assert_eq!(name(command), expected, "{command}");
        }
    }

    #[test]
    fn wrappers_are_no_part_of_it() {
        let cases = [
            ("env -u HOME A=1 B=2 python job.py", "job.py"),
            ("nice -n 10 python job.py", "job.py"),
            ("/usr/bin/time -v -o out.txt nice python job.py", "job.py"),
            ("timeout -k 5 3600 bash x.sh", "x.sh"),
            ("taskset -c 0-3 stdbuf -oL ./etl", "etl"),
            ("uv run --with pandas job.py", "job.py"),
            ("nohup poetry run python -m mod", "mod"),
            ("env", "env"),
            ("timeout 5", "timeout"),
        ];
        for (command, expected) in cases {
            assert_eq!(name(command), expected, "{command}");
        }
    }

    #[test]
    fn a_program_given_as_text_is_called_by_its_interpreter() {
        let cases = [
            ("python -c import_this", "python"),
            ("python3 -", "python3"),
            ("python", "python"),
            ("bash -lc make", "bash"),
            ("node -e 1", "node"),
            ("Rscript -e 1", "Rscript"),
        ];
        for (command, expected) in cases {
            assert_eq!(name(command), expected, "{command}");
        }
        assert_eq!(program_name(&[]), None);
    }
}
