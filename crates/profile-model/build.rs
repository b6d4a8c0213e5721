//! Tells crates that build on this one where its sources stand.

fn main() {
    println!("cargo::rerun-if-changed=src");
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo::metadata=SOURCES={folder}/src");
}
