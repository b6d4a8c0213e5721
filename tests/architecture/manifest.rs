//! The dependencies that a manifest names.

/// Names under every table of dependencies, with the packages behind renamed ones.
pub(super) fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.split(']').next().unwrap_or_default();
            let (before, last) = table.rsplit_once('.').unwrap_or(("", table));
            inside = last.ends_with("dependencies");
            if before.ends_with("dependencies") {
                names.push(plain(last));
            }
        } else if inside && !line.starts_with('#') && line.contains('=') {
            names.push(plain(line.split(['.', '=', ' ']).next().unwrap_or_default()));
        }
        if let Some((_, package)) = line.split_once("package = \"") {
            names.push(plain(package.split('"').next().unwrap_or_default()));
        }
    }
    names
}

fn plain(name: &str) -> String {
    name.trim_matches(['"', ' ']).to_owned()
}

#[test]
fn every_way_to_name_a_dependency_is_seen() {
    let manifest = r#"
        [package]
        name = "memtool-x"
        [dependencies]
        a.workspace = true
        b = "1" # not b2 = "1"
        # c = "1"
        d = { package = "real-d", version = "1" }
        [dev-dependencies]
        e = { path = "../e" }
        [target.'cfg(unix)'.build-dependencies]
        f = "1"
        [dependencies.g]
        version = "1"
        [features]
        h = []
    "#;
    assert_eq!(dependencies(manifest), ["a", "b", "d", "real-d", "e", "f", "g"]);
}
