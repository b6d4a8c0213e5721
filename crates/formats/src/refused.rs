//! Files that are known, and that nothing over time can be read from.

use memtool_profile_model::ReadError;

use crate::columns;
use crate::head::Head;
use crate::number::size;
use crate::ps;

/// A kind of file that is known and not read.
struct Known {
    what: &'static str,
    advice: &'static str,
    sniff: fn(&Head<'_>) -> bool,
}

const AS_TEXT: &str = "write it as CSV or JSON lines, and say its columns with --columns";

const KNOWN: &[Known] = &[
    Known {
        what: "sysstat's binary data file",
        advice: "print its memory with `sadf -j FILE -- -r > sar.json`",
        sniff: |head| head.bytes().starts_with(b"\x96\xd5"),
    },
    Known {
        what: "sysstat's data in a form for its authors (sadf -r, -g or -H)",
        advice: "print the memory with `sadf -j FILE -- -r > sar.json`",
        sniff: |head| {
            head.has_all(&["; kbmemfree; "])
                || head.has_all(&["<svg", "kbmemused"])
                || head.has_all(&["System activity data file: "])
        },
    },
    Known {
        what: "sacct's table without the names of its columns",
        advice: "print it again without --noheader (-n)",
        sniff: |head| head.lines().take(20).filter(|line| is_step(line)).count() >= 2,
    },
    Known {
        what: "statistics of jemalloc",
        advice: "it shows one instant; record the process over time, for example with `memtool record --pid`",
        sniff: |head| {
            head.has_all(&["Begin jemalloc statistics"]) || head.has_all(&["\"jemalloc\"", "\"stats\""])
        },
    },
    Known {
        what: "malloc_info of glibc",
        advice: "it shows one instant; record the process over time, for example with `memtool record --pid`",
        sniff: |head| head.has_all(&["<malloc version="]),
    },
    Known {
        what: "statistics of mimalloc",
        advice: "they show one instant; record the process over time, for example with `memtool record --pid`",
        sniff: |head| head.has_all(&["heap stats:", "peak", "total", "freed"]),
    },
    Known {
        what: "a tracemalloc listing",
        advice: "it shows one instant; record the process over time, for example with `memtool record --pid`",
        sniff: |head| {
            head.lines().any(|line| {
                line.contains(": size=") && line.contains(", count=") && line.contains(", average=")
            })
        },
    },
    Known {
        what: "the debug output of Python's collector",
        advice: "it counts objects, and holds neither bytes nor times; record with `memtool record -- python …`",
        sniff: |head| head.lines().any(|line| line.starts_with("gc: collecting generation")),
    },
    Known {
        what: "what ms_print made of a massif file",
        advice: "read the file that valgrind wrote, massif.out.PID",
        sniff: |head| head.has_all(&["ms_print arguments:", "useful-heap(B)"]),
    },
    Known {
        what: "a report of memray",
        advice: "make a readable file of the recording with `memray stats --json FILE`",
        sniff: |head| {
            let page = head.has_all(&["<html", "memray"]);
            page || head.first_line().starts_with('┏') && head.has_all(&["Total", "Own", "Allo"])
        },
    },
    Known {
        what: "a heap profile of jemalloc or gperftools",
        advice: "it shows one instant; record the process over time, for example with `memtool record --pid`",
        sniff: |head| {
            head.first_line().starts_with("heap_v2/") || head.first_line().starts_with("heap profile: ")
        },
    },
    Known {
        what: "a recording of heaptrack",
        advice: "export the course over time with `heaptrack_print -M job.massif FILE` and read that",
        sniff: |head| {
            head.lines().next().is_some_and(|line| line.starts_with("v ") && line.split(' ').count() == 3)
                && head.has_line("X ")
        },
    },
    Known {
        what: "a recording of memray",
        advice: "make a readable file with `memray stats --json FILE` (writes memray-stats-….json)",
        // Packed as it is: the magic word stands behind the packing's own.
        sniff: |head| {
            head.bytes().iter().take(64).copied().collect::<Vec<u8>>().windows(7).any(|w| w == b"memray\0")
        },
    },
    Known {
        what: "an Arrow or Feather table",
        advice: "write it as CSV, `python -c \"import pandas; pandas.read_feather('FILE').to_csv('FILE.csv', index=False)\"`, and say its \
                 columns with --columns",
        sniff: |head| head.bytes().starts_with(b"ARROW1") || head.bytes().starts_with(b"FEA1"),
    },
    Known {
        what: "a Parquet table whose name does not end in .parquet",
        advice: "name it so if memtool wrote it; else write it as CSV, `duckdb -c \"COPY (FROM read_parquet('FILE')) TO 'FILE.csv'\"`, and say its \
                 columns with --columns",
        sniff: |head| head.bytes().starts_with(b"PAR1"),
    },
    Known {
        what: "a pickle of Python",
        advice: AS_TEXT,
        sniff: |head| matches!(head.bytes(), [0x80, 2..=5, ..]),
    },
    Known { what: "an HDF5 file", advice: AS_TEXT, sniff: |head| head.bytes().starts_with(b"\x89HDF") },
    Known {
        what: "a zip archive, or a workbook or array packed in one",
        advice: "unpack it; of a workbook or an array, write CSV or JSON lines, and say its columns with --columns",
        sniff: |head| head.bytes().starts_with(b"PK\x03\x04"),
    },
    Known {
        what: "an SQLite database without Procpath's table of records",
        advice: AS_TEXT,
        sniff: |head| head.bytes().starts_with(b"SQLite format 3\0"),
    },
    Known {
        what: "memory_profiler's listing by line",
        advice: "it has neither times nor the peak between its lines: record with `mprof run -C python job.py`",
        sniff: |head| head.has_all(&["Line #", "Mem usage", "Increment"]),
    },
    Known {
        what: "a file of results of pyperf",
        advice: "it holds one figure a worker: record the benchmark with `memtool record -- python bench.py`",
        sniff: |head| head.is_json() && head.has_all(&["\"benchmarks\"", "\"metadata\"", "\"runs\""]),
    },
    Known {
        what: "a job's efficiency as seff prints it, to three digits",
        advice: "print it with `sacct -P --noconvert -o JobID,JobName,State,ExitCode,Start,Elapsed,MaxRSS,ReqMem -j JOB`",
        sniff: |head| head.has_all(&["Job ID: ", "Memory Utilized: "]),
    },
    Known {
        what: "Grid Engine's accounting of a job, whose maxvmem is virtual memory",
        advice: "run the job with `memtool record -- CMD`, or with `/usr/bin/time -v CMD`",
        sniff: |head| head.has_line("qname ") && head.has_line("jobnumber ") && head.has_line("maxvmem "),
    },
    Known {
        what: "a log of atop in another form than its rows of PRM or MEM",
        advice: "print the processes with `atop -r FILE -P PRM > atop.txt`",
        sniff: |head| {
            head.first_line().starts_with("ATOP - ")
                || head.first_line() == "RESET"
                    && head.lines().nth(1).is_some_and(|line| line.split(' ').count() > 6)
        },
    },
    Known {
        what: "a log of collectl",
        advice: "record the machine with `sar -r 1 > sar.txt`, or the job with `memtool record`",
        sniff: |head| {
            let names = head.lines().find(|line| line.starts_with('#')).unwrap_or_default();
            names.contains("[MEM]Used") || names.starts_with("#Date Time PID ") && names.contains(" VmRSS ")
        },
    },
    Known {
        what: "a listing of smem",
        advice: "record the processes with `memtool record --pid`, or print /proc/PID/smaps_rollup in a loop, each \
                 behind its `date +%s`",
        sniff: |head| {
            head.lines().take(5).any(|line| {
                let names: Vec<&str> = line.split_ascii_whitespace().collect();
                names.first() == Some(&"PID") && ["USS", "PSS", "RSS"].iter().all(|name| names.contains(name))
            })
        },
    },
    Known {
        what: "the output of a shell's `time`, which tells nothing of memory",
        advice: "measure with `/usr/bin/time -v -o time.txt CMD`, or record with `memtool record -- CMD`",
        sniff: |head| {
            let times = |line: &str| {
                let mut words = line.split_ascii_whitespace();
                matches!(words.next(), Some("real" | "user" | "sys"))
                    && words.next().is_some_and(|time| time.starts_with(|c: char| c.is_ascii_digit()))
            };
            head.lines().filter(|line| times(line)).count() == 3
        },
    },
    Known {
        what: "whole numbers without a name, as `time -f %M` prints them",
        advice: "name the figure, with -f 'elapsed=%e maxrss=%M'; or put a name over the numbers and a second column beside them, and say \
                 --columns peak=NAME:KiB",
        sniff: |head| {
            let mut lines = head.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
            lines.peek().is_some() && lines.all(|line| line.parse::<u64>().is_ok_and(|number| number >= 512))
        },
    },
    Known {
        what: "a process's memory map as vmmap or footprint prints it: one instant and a peak, to three digits",
        advice: "measure with `/usr/bin/time -l CMD`, or record the process with `top -l 60 -s 1 -pid PID -stats pid,command,mem`",
        sniff: |head| {
            head.lines().any(|line| line.starts_with("Physical footprint (peak):"))
                || head.has_all(&["Footprint: ", "phys_footprint"])
        },
    },
    Known {
        what: "a summary of a kubelet, which shows one instant",
        advice: "ask for it in a loop, as lines of `kubectl top pod --containers`, each behind its `date +%s`",
        sniff: |head| head.is_json() && head.has_all(&["\"podRef\"", "\"workingSetBytes\""]),
    },
    Known {
        what: "a log of stamps and sizes whose unit nothing tells",
        advice: "they are no whole pages in KiB or bytes: put names over the columns, such as time,rss, parted as the \
                 rows are, and say the unit with --columns time=time,rss=rss:MiB",
        sniff: ps::is_without_unit,
    },
    Known {
        what: "a core of a program or a binary",
        advice: "memory over time is not in it",
        sniff: |head| head.bytes().starts_with(b"\x7fELF"),
    },
];

/// Whether a line is a step of a job with a size: `4711.batch|…|386764K|…`.
fn is_step(line: &str) -> bool {
    let mut cells = line.split('|').map(str::trim);
    let (job, step) = cells.next().and_then(|id| id.split_once('.')).unwrap_or_default();
    let is_id = job.starts_with(|c: char| c.is_ascii_digit())
        && (step.bytes().all(|byte| byte.is_ascii_digit())
            || ["batch", "extern", "interactive"].contains(&step));
    is_id
        && !step.is_empty()
        && cells.any(|cell| cell.ends_with(['K', 'M', 'G']) && size(cell, 1.0).is_some())
}

/// Why a file that no reader knows is not read, and what to do.
#[must_use]
pub fn refuse(head: &Head<'_>) -> Option<ReadError> {
    let known = KNOWN.iter().find(|known| (known.sniff)(head));
    known
        .map(|known| ReadError::Refused { what: known.what.to_owned(), advice: known.advice.to_owned() })
        .or_else(|| columns::found(head).map(|names| columns::refuse(&names, &head.document())))
}

/// Why a file that is no text is not read, whatever is said of its columns.
#[must_use]
pub fn refuse_binary(head: &Head<'_>) -> Option<ReadError> {
    let known = KNOWN.iter().filter(|_| head.bytes().contains(&0)).find(|known| (known.sniff)(head));
    known.map(|known| ReadError::Refused { what: known.what.to_owned(), advice: known.advice.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(start: &[u8]) -> String {
        refuse(&Head::new(start)).map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn files_of_other_kinds_say_what_to_do() {
        let cases: [(&[u8], &str); 12] = [
            (b"ARROW1\0\0", "an Arrow or Feather table: write it as CSV, `python"),
            (b"PAR1\x15\0", "whose name does not end in .parquet: name it so"),
            (b"\x80\x04\x95\0", "a pickle of Python: write it as CSV"),
            (b"\x89HDF\r\n", "an HDF5 file"),
            (b"PK\x03\x04", "a zip archive"),
            (b"SQLite format 3\0", "an SQLite database without Procpath"),
            (b"Line #    Mem usage    Increment  Occurrences   Line Contents\n", "record with `mprof run"),
            (
                b"\nreal\t0m3.348s\nuser\t0m0.101s\nsys\t0m0.050s\n",
                "nothing of memory: measure with `/usr/bin/time",
            ),
            (b"1795976224 2528\n1795976225 2531\n", "whose unit nothing tells"),
            (
                b"=====\nqname        all.q\njobnumber    4711\nru_maxrss    386.781KB\nmaxvmem      1.150GB\n",
                "Grid Engine's accounting",
            ),
            (b"  PID User     Command     Swap      USS      PSS      RSS \n 7 root job 0 1 2 3\n", "smem: record"),
            (b"#Date Time [MEM]Tot [MEM]Used [MEM]Free\n20261130 21:45:19 24684084 21842900 2841184\n", "collectl"),
        ];
        for (start, said) in cases {
            assert!(refusal(start).contains(said), "{said}: {}", refusal(start));
        }
        assert_eq!(refusal(b"anything else\n"), "");
        assert!(refuse_binary(&Head::new(b"PAR1\x15\0")).is_some(), "a mapping makes no table of it");
        assert!(refuse_binary(&Head::new(b"time,rss\n1,2\n")).is_none());
    }
}
