//! A key of the rules: a report that stands in a table is used while the key is the same.

#[path = "src/table/rules_key.rs"]
mod rules_key;

use std::path::PathBuf;
use std::{env, io};

fn main() -> io::Result<()> {
    let of = |name: &str| env::var(name).unwrap_or_default();
    // What a report says is decided here and where files become runs.
    let folders = [PathBuf::from("src"), PathBuf::from(of("DEP_MEMTOOL_PROFILE_MODEL_SOURCES"))];
    for folder in &folders {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    println!("cargo::rustc-env=MEMTOOL_RULES={}-{:08x}", of("CARGO_PKG_VERSION"), rules_key::of(&folders)?);
    Ok(())
}
