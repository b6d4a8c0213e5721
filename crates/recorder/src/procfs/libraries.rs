//! Loaded libraries with memory pools of their own.
//!
//! Some keep a pool of their own that fills up to a bound and is not given back: a reader of the
//! recording must not take that for a leak.

use std::fs;
use std::path::Path;

/// A part of a mapped file's name, and the library it belongs to.
const KNOWN: [(&str, &str); 9] = [
    ("duckdb", "duckdb"),
    ("libarrow", "arrow"),
    ("_polars_runtime", "polars"),
    ("polars.abi3", "polars"),
    ("libmimalloc", "mimalloc"),
    ("libjemalloc", "jemalloc"),
    ("libtcmalloc", "tcmalloc"),
    ("libtorch", "torch"),
    ("libjvm", "jvm"),
];

/// The known libraries that a process has mapped, each once; none where its maps may not be read.
pub(crate) fn loaded(pid: u32) -> Vec<&'static str> {
    let maps = fs::read(Path::new("/proc").join(pid.to_string()).join("maps")).unwrap_or_default();
    in_maps(&String::from_utf8_lossy(&maps))
}

fn in_maps(maps: &str) -> Vec<&'static str> {
    let files = maps.lines().filter_map(|line| line.rsplit_once('/')).map(|(_, file)| file);
    let mut found: Vec<&str> = Vec::new();
    for file in files.filter(|file| file.contains(".so")) {
        let names = KNOWN.iter().filter(|(part, _)| file.contains(part)).map(|(_, name)| *name);
        for name in names {
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_libraries_are_named_once_and_data_files_are_not() {
        let maps = "7f00-7f10 r-xp 00000000 fe:00 1 /usr/lib/python3/_duckdb.cpython-311-x86_64.so\n\
            7f10-7f20 r--p 00000000 fe:00 1 /usr/lib/python3/_duckdb.cpython-311-x86_64.so\n\
            7f20-7f30 r-xp 00000000 fe:00 2 /usr/lib/libarrow.so.2600\n\
            7f30-7f40 r--s 00000000 fe:00 3 /data/jobs.duckdb\n\
            7f40-7f50 rw-p 00000000 00:00 0 [heap]\n";
        assert_eq!(in_maps(maps), ["duckdb", "arrow"]);
        assert!(in_maps("").is_empty());
    }
}
