//! The memory of containers and services in a Kubernetes manifest or a Compose file, edited in place.
//!
//! As in `edit`, only the bytes of a value are replaced, and the text before and after is read to refuse an edit that
//! changes anything else.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;

use serde_yaml::Value;
use yaml_edit::{Document, Mapping, Sequence, YamlNode};

use crate::error::ConfigError;
use crate::insert::{Splice, at_end, replace};
use crate::locate::{PlaceKind, entry, line_of};
use crate::parse::{guard, without_bom};

/// What takes memory in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemoryForm {
    /// A container of Kubernetes: `resources.requests.memory` and `resources.limits.memory` in `Mi`.
    Container,
    /// A service of Compose: `deploy.resources`, or `mem_limit` where that is there, in `M`.
    Service,
}

/// An edited manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct EditedManifest {
    /// The whole text after the edit.
    pub text: String,
    /// Values that were changed or added.
    pub changed: usize,
    /// Containers and services that no size was given for.
    pub not_asked: Vec<(MemoryForm, String)>,
}

/// Where a container or service stands.
struct Place {
    form: MemoryForm,
    name: String,
    mapping: Mapping,
    /// Its path, as `flatten` writes it.
    path: String,
    /// The names of sizes that are meant for it: its own, and `namespace/workload/name` of the object that it stands in.
    size_names: Vec<String>,
}

impl Place {
    /// The size that is meant for it.
    fn size(&self, sizes: &BTreeMap<String, f64>) -> Option<f64> {
        self.size_names.iter().find_map(|name| sizes.get(name)).copied()
    }
}

/// Sets the memory of the containers and services that have these names, in MiB; a container is also called
/// `namespace/workload/container`, by the object that it stands in. Comments, order and all other lines stay.
///
/// # Errors
/// If the text is no YAML, none of the names stands in it, or a value cannot be set without changing something else.
pub fn edit_manifest(text: &str, sizes: &BTreeMap<String, f64>) -> Result<EditedManifest, ConfigError> {
    let body = without_bom(text);
    guard(body)?;
    let mut edited = text[..text.len() - body.len()].to_owned();
    let (mut changed, mut found, mut not_asked) = (0, 0, Vec::new());
    for range in documents(body) {
        let document = &body[range.clone()];
        let line = line_of(body, range.start) - 1;
        let mut places = places(document, line)?;
        name_by_object(&mut places, document, line, sizes)?;
        let (asked, others): (Vec<Place>, Vec<Place>) =
            places.into_iter().partition(|place| place.size(sizes).is_some());
        found += asked.len();
        not_asked.extend(others.into_iter().map(|place| (place.form, place.name)));
        let (text, count) = edit_document(document, &asked, sizes, line)?;
        edited.push_str(&text);
        changed += count;
    }
    if found == 0 {
        return Err(ConfigError::NoContainer { names: sizes.keys().cloned().collect() });
    }
    not_asked.sort();
    not_asked.dedup();
    Ok(EditedManifest { text: edited, changed, not_asked })
}

/// The bytes of each document, separators at the beginning of the one they open.
fn documents(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && line.trim_end() == "---" {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn read(document: &str, line: usize) -> Result<Value, ConfigError> {
    serde_yaml::from_str(document).map_err(|error| {
        let (at, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
        ConfigError::Syntax { line: line + at, column, message: error.to_string() }
    })
}

/// The containers and services of a document.
fn places(document: &str, line: usize) -> Result<Vec<Place>, ConfigError> {
    read(document, line)?;
    let root = Document::from_str(document).ok().and_then(|document| document.as_mapping());
    let mut places = Vec::new();
    if let Some(root) = root {
        let is_manifest = entry(&root, "apiVersion").is_some();
        match entry(&root, "services").map(|services| services.kind) {
            Some(PlaceKind::Mapping(services)) if !is_manifest => add_services(&services, &mut places),
            _ => add_containers(&root, "", &mut places),
        }
    }
    Ok(places)
}

/// Adds the names that containers have by their object's. One without a namespace is meant by a size of any namespace,
/// where only one fits.
fn name_by_object(
    places: &mut [Place],
    document: &str,
    line: usize,
    sizes: &BTreeMap<String, f64>,
) -> Result<(), ConfigError> {
    let root = read(document, line)?;
    let about = |key: &str| root.get("metadata")?.get(key)?.as_str();
    let Some(workload) = about("name") else { return Ok(()) };
    for place in places.iter_mut().filter(|place| place.form == MemoryForm::Container) {
        let below = format!("{workload}/{}", place.name);
        let named = match about("namespace") {
            Some(namespace) => Some(format!("{namespace}/{below}")),
            None => {
                let fits = |name: &&String| name.split_once('/').is_some_and(|(_, rest)| rest == below);
                let mut fitting = sizes.keys().filter(fits);
                fitting.next().filter(|_| fitting.next().is_none()).cloned()
            }
        };
        place.size_names.extend(named);
    }
    Ok(())
}

fn add_services(services: &Mapping, places: &mut Vec<Place>) {
    for (key, value) in services.iter() {
        let Some(name) = key.as_scalar().map(yaml_edit::Scalar::as_string) else { continue };
        if let YamlNode::Mapping(mapping) = value {
            let path = format!(".services.{name}");
            let size_names = vec![name.clone()];
            places.push(Place { form: MemoryForm::Service, name, mapping, path, size_names });
        }
    }
}

/// Looks for lists of containers at any depth: pods stand in many kinds of objects.
fn add_containers(mapping: &Mapping, path: &str, places: &mut Vec<Place>) {
    for (key, value) in mapping.iter() {
        let Some(name) = key.as_scalar().map(yaml_edit::Scalar::as_string) else { continue };
        let path = format!("{path}.{name}");
        match value {
            YamlNode::Mapping(inner) => add_containers(&inner, &path, places),
            YamlNode::Sequence(items) => add_items(&items, &name, &path, places),
            _ => {}
        }
    }
}

fn add_items(items: &Sequence, key: &str, path: &str, places: &mut Vec<Place>) {
    for (place, item) in items.values().enumerate() {
        let YamlNode::Mapping(mapping) = item else { continue };
        let path = format!("{path}.{place}");
        let named = ["containers", "initContainers"].contains(&key).then(|| name_of(&mapping)).flatten();
        match named {
            Some(name) => {
                let size_names = vec![name.clone()];
                places.push(Place { form: MemoryForm::Container, name, mapping, path, size_names });
            }
            None => add_containers(&mapping, &path, places),
        }
    }
}

fn name_of(container: &Mapping) -> Option<String> {
    let (_, value) =
        container.iter().find(|(key, _)| key.as_scalar().is_some_and(|key| key.as_string() == "name"))?;
    value.as_scalar().map(yaml_edit::Scalar::as_string)
}

/// The paths below a place that hold memory.
fn targets(place: &Place) -> Vec<&'static [&'static str]> {
    match place.form {
        MemoryForm::Container => {
            vec![&["resources", "requests", "memory"], &["resources", "limits", "memory"]]
        }
        MemoryForm::Service if entry(&place.mapping, "mem_limit").is_some() => vec![&["mem_limit"]],
        MemoryForm::Service => vec![
            &["deploy", "resources", "limits", "memory"],
            &["deploy", "resources", "reservations", "memory"],
        ],
    }
}

/// Sets one value after another: each is searched in the text that the one before left.
fn edit_document(
    document: &str,
    asked: &[Place],
    sizes: &BTreeMap<String, f64>,
    line: usize,
) -> Result<(String, usize), ConfigError> {
    let mut edited = document.to_owned();
    let mut expected = BTreeMap::new();
    if asked.is_empty() {
        return Ok((edited, 0));
    }
    flatten(&read(document, line)?, "", &mut expected);
    let mut changed = 0;
    for place in asked {
        let unit = if place.form == MemoryForm::Container { "Mi" } else { "M" };
        let size = place.size(sizes).unwrap_or_default();
        let new = format!("{size:.0}{unit}");
        for target in targets(place) {
            let path = format!("{}.{}", place.path, target.join("."));
            if expected.insert(path.clone(), new.clone()).as_deref() == Some(new.as_str()) {
                continue;
            }
            let now = places(&edited, line)?.into_iter().find(|other| other.path == place.path);
            let refused = |reason: &'static str| ConfigError::NotEditable {
                line: None,
                path: path.trim_start_matches('.').to_owned(),
                reason,
                add: format!("{}: {new}", target.join(".")),
            };
            let now = now.ok_or_else(|| refused("its place in the text was not found"))?;
            let splice = splice(&edited, &now.mapping, target, &new).map_err(refused)?;
            edited.replace_range(splice.at, &splice.with);
            changed += 1;
        }
    }
    verify(&edited, &expected, line)?;
    Ok((edited, changed))
}

/// The change that sets a value below a mapping.
fn splice(text: &str, mapping: &Mapping, path: &[&str], new: &str) -> Result<Splice, &'static str> {
    let Some((key, below)) = path.split_first() else { return Err("it has no name") };
    match entry(mapping, key) {
        None => at_end(text, mapping, path, new),
        Some(place) if below.is_empty() => replace(text, &place, new),
        Some(place) => match place.kind {
            PlaceKind::Mapping(inner) => splice(text, &inner, below, new),
            _ => Err("what stands above it is no mapping"),
        },
    }
}

/// Refuses an edited document that means anything but the old one with the new values.
fn verify(edited: &str, expected: &BTreeMap<String, String>, line: usize) -> Result<(), ConfigError> {
    let mut found = BTreeMap::new();
    flatten(&read(edited, line)?, "", &mut found);
    let differs = |path: &&String| expected.get(*path) != found.get(*path);
    match expected.keys().chain(found.keys()).find(differs) {
        Some(path) => Err(ConfigError::Unintended { path: path.trim_start_matches('.').to_owned() }),
        None => Ok(()),
    }
}

/// Every scalar of a value by its path; an empty mapping or list is one, too.
fn flatten(value: &Value, path: &str, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Mapping(mapping) if !mapping.is_empty() => {
            for (key, inner) in mapping {
                let key = key.as_str().map_or_else(|| format!("{key:?}"), str::to_owned);
                flatten(inner, &format!("{path}.{key}"), into);
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for (place, inner) in items.iter().enumerate() {
                flatten(inner, &format!("{path}.{place}"), into);
            }
        }
        Value::String(text) => {
            into.insert(path.to_owned(), text.clone());
        }
        other => {
            into.insert(path.to_owned(), format!("{other:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPLOYMENT: &str = "# the shop\napiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      \
        - name: web # front\n        resources:\n          limits:\n            memory: \"1Gi\" # guessed\n            cpu: 1\n      \
        - name: side\n        image: side:1\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";

    fn edit(text: &str, sizes: &[(&str, f64)]) -> Result<EditedManifest, ConfigError> {
        edit_manifest(text, &sizes.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect())
    }

    #[test]
    fn a_container_has_request_and_limit_and_all_else_stays() {
        let edited = edit(DEPLOYMENT, &[("web", 300.0)]).expect("edited");
        let expected = DEPLOYMENT.replace("\"1Gi\"", "300Mi").replace(
            "            cpu: 1\n",
            "            cpu: 1\n          requests:\n            memory: 300Mi\n",
        );
        assert_eq!(edited.text, expected);
        assert_eq!(edited.changed, 2);
        assert_eq!(edited.not_asked, [(MemoryForm::Container, "side".to_owned())]);
        let again = edit(&edited.text, &[("web", 300.0)]).expect("edited");
        assert_eq!((again.text, again.changed), (expected, 0));
    }

    #[test]
    fn a_container_without_resources_gets_them() {
        let edited = edit(DEPLOYMENT, &[("side", 64.0)]).expect("edited");
        let added = "        image: side:1\n        resources:\n          requests:\n            memory: 64Mi\n          limits:\n            \
            memory: 64Mi\n";
        assert_eq!(edited.text, DEPLOYMENT.replace("        image: side:1\n", added));
    }

    #[test]
    fn a_service_of_compose_in_both_spellings() {
        let old = "services:\n  web:\n    mem_limit: 1g\n  db:\n    image: db\n";
        let edited = edit(old, &[("web", 300.0), ("db", 80.0)]).expect("edited").text;
        assert!(
            edited.starts_with("services:\n  web:\n    mem_limit: 300M\n  db:\n    image: db\n    deploy:\n"),
            "{edited}"
        );
        assert!(edited.ends_with("        reservations:\n          memory: 80M\n"), "{edited}");
    }

    #[test]
    fn a_container_is_also_called_by_its_object() {
        let object = |namespace: &str| {
            DEPLOYMENT.replacen("spec:", &format!("metadata:\n  name: shop\n{namespace}spec:"), 1)
        };
        let changed = |text: &str, sizes: &[(&str, f64)]| edit(text, sizes).map(|edited| edited.changed).ok();
        let here = object("  namespace: prod\n");
        assert_eq!(changed(&here, &[("prod/shop/web", 300.0), ("prod/other/side", 5.0)]), Some(2));
        assert_eq!(changed(&here, &[("test/shop/web", 300.0)]), None);
        let anywhere = object("");
        assert_eq!(changed(&anywhere, &[("test/shop/web", 300.0)]), Some(2));
        assert_eq!(changed(&anywhere, &[("test/shop/web", 300.0), ("prod/shop/web", 1.0)]), None);
    }

    #[test]
    fn what_would_change_something_else_is_refused() {
        let shared = "apiVersion: v1\nspec:\n  containers:\n  - name: a\n    resources: &r\n      limits:\n        memory: 1Gi\n      \
            requests:\n        memory: 1Gi\n  - name: b\n    resources: *r\n";
        for name in ["a", "b"] {
            assert!(edit(shared, &[(name, 5.0)]).is_err(), "{name}");
        }
        let error = edit(DEPLOYMENT, &[("db", 5.0)]).expect_err("refused").to_string();
        assert!(error.contains("db"), "{error}");
        let template = edit("a: {{ .Values.a }\n", &[("a", 1.0)]).expect_err("refused").to_string();
        assert!(template.starts_with("line "), "{template}");
    }
}
