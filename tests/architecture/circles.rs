//! Files of a crate that import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Reference, references};

/// From a file to the files that it imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// A module's place in its crate: the words of its path, none for the root.
type Module = Vec<String>;

/// The circles among the files of each crate: every set of files that reach each other, sorted.
///
/// What a file only hands on (`pub use`) is no import of it, and a name that was handed on is
/// followed to the file that holds it. Tests may import what they like.
pub(super) fn circles(sources: &[(String, String)]) -> Vec<Vec<String>> {
    let mut crates: BTreeMap<&str, Vec<&(String, String)>> = BTreeMap::new();
    for source in sources.iter().filter(|(path, _)| !path.ends_with("/tests.rs")) {
        let (root, _) = source.0.split_once("/src/").unwrap_or_default();
        crates.entry(root).or_default().push(source);
    }
    crates.values().flat_map(|files| strongly_connected(&imports(files))).collect()
}

/// One source file.
struct File<'s> {
    path: &'s str,
    module: Module,
    references: Vec<Reference>,
}

impl<'s> File<'s> {
    fn new(path: &'s str, text: &str) -> Self {
        let (_, below) = path.split_once("/src/").unwrap_or_default();
        let words = below.trim_end_matches(".rs").split('/');
        let module = words.filter(|word| !["lib", "main", "mod"].contains(word)).map(str::to_owned);
        let mut references = references(text);
        references.retain(|reference| !reference.inside.iter().any(|name| name == "tests"));
        Self { path, module: module.collect(), references }
    }
}

/// All files of one crate by their modules.
struct Crate<'s>(BTreeMap<Module, File<'s>>);

fn imports(files: &[&(String, String)]) -> Imports {
    let files = files.iter().map(|(path, text)| File::new(path, text));
    let files = Crate(files.map(|file| (file.module.clone(), file)).collect());
    files.0.values().map(|file| (file.path.to_owned(), files.imported_by(file))).collect()
}

impl Crate<'_> {
    fn imported_by(&self, file: &File<'_>) -> BTreeSet<String> {
        let own = file.references.iter().filter(|reference| !reference.public);
        let targets = own.filter_map(|reference| self.place(file, reference));
        let paths = targets.filter_map(|place| self.holder(&place, MOST_HANDS));
        paths.filter(|path| *path != file.path).map(str::to_owned).collect()
    }

    /// Where a reference leads, from the crate's root; nothing for other crates and local names.
    fn place(&self, file: &File<'_>, reference: &Reference) -> Option<Module> {
        let mut base = [file.module.as_slice(), reference.inside.as_slice()].concat();
        let mut rest = reference.segments.as_slice();
        match rest.first()?.as_str() {
            "crate" => (base, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            child => {
                let module = [base.as_slice(), &[child.to_owned()]].concat();
                self.0.get(&module)?;
            }
        }
        Some([base.as_slice(), rest].concat())
    }

    /// The file that holds what stands at a place, followed through at most `hands` files that re-export it.
    fn holder(&self, place: &[String], hands: usize) -> Option<&str> {
        let depth = (0..=place.len()).rev().find(|depth| self.0.contains_key(&place[..*depth]))?;
        let file = &self.0[&place[..depth]];
        let name = place.get(depth);
        let handed_on = name.and_then(|name| file.references.iter().find(|r| is_named(r, name)));
        let source = handed_on.filter(|_| hands > 0).and_then(|reference| self.place(file, reference));
        source.and_then(|place| self.holder(&place, hands - 1)).or(Some(file.path))
    }
}

/// Files that may hand a name on before it is taken to stand where it was last seen.
const MOST_HANDS: usize = 8;

/// Whether an import gives its file this name.
fn is_named(reference: &Reference, name: &str) -> bool {
    let own = reference.alias.as_ref().or(reference.segments.last());
    reference.public && own.is_some_and(|own| own == name)
}

/// Sets of two or more files that reach each other, by Tarjan's algorithm.
fn strongly_connected(imports: &Imports) -> Vec<Vec<String>> {
    let mut walk = Walk { imports, seen: BTreeMap::new(), open: Vec::new(), found: Vec::new() };
    for file in imports.keys() {
        if !walk.seen.contains_key(file.as_str()) {
            walk.visit(file);
        }
    }
    walk.found
}

struct Walk<'i> {
    imports: &'i Imports,
    /// When a file was reached first.
    seen: BTreeMap<&'i str, usize>,
    /// Files whose set is not complete.
    open: Vec<&'i str>,
    found: Vec<Vec<String>>,
}

impl<'i> Walk<'i> {
    /// Visits a file and all that it reaches; answers the earliest open file it leads back to.
    fn visit(&mut self, file: &'i str) -> usize {
        let number = self.seen.len();
        self.seen.insert(file, number);
        self.open.push(file);
        let mut earliest = number;
        for target in &self.imports[file] {
            let back = match self.seen.get(target.as_str()) {
                None => self.visit(target),
                Some(number) if self.open.contains(&target.as_str()) => *number,
                Some(_) => continue,
            };
            earliest = earliest.min(back);
        }
        if earliest == number {
            self.close(file);
        }
        earliest
    }

    fn close(&mut self, file: &str) {
        let begin = self.open.iter().position(|open| *open == file).unwrap_or_default();
        let mut set: Vec<String> = self.open.drain(begin..).map(str::to_owned).collect();
        if set.len() > 1 {
            set.sort();
            self.found.push(set);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<(String, String)> =
            files.iter().map(|(name, text)| (format!("crates/x/src/{name}"), (*text).to_owned())).collect();
        let names = |set: &Vec<String>| set.join(" ").replace("crates/x/src/", "");
        circles(&sources).iter().map(names).collect()
    }

    #[test]
    fn files_that_import_each_other_are_found() {
        let two =
            [("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "fn f() { super::a::g() }")];
        assert_eq!(found(&two), ["a.rs b.rs"]);
        let three =
            [("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;"), ("c.rs", "use crate::a::A;")];
        assert_eq!(found(&three), ["a.rs b.rs c.rs"]);
    }

    #[test]
    fn a_circle_through_a_name_that_was_handed_on_is_found() {
        let files = [
            ("lib.rs", "mod deep; mod a; pub use deep::Thing;"),
            ("deep/mod.rs", "mod thing; pub use thing::{Thing, Other};"),
            ("deep/thing.rs", "use crate::a::A;"),
            ("a.rs", "use crate::Thing;"),
        ];
        assert_eq!(found(&files), ["a.rs deep/thing.rs"]);
    }

    #[test]
    fn a_module_that_holds_types_and_conducts_is_found() {
        let files =
            [("m/mod.rs", "mod child; fn f() { child::g() } struct T;"), ("m/child.rs", "use super::T;")];
        assert_eq!(found(&files), ["m/child.rs m/mod.rs"]);
        let holds = [("m/mod.rs", "mod child; pub use child::C; struct T;"), ("m/child.rs", "use super::T;")];
        assert_eq!(found(&holds), [""; 0]);
    }

    #[test]
    fn one_way_and_tests_are_fine() {
        let files = [
            ("lib.rs", "mod a; mod b; mod tests;"),
            ("a.rs", "use crate::b::B; use std::fmt; use other::a::b;"),
            ("b.rs", "mod tests { use crate::a::A; use super::*; }"),
            ("tests.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }
}
