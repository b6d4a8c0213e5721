//! A Kubernetes manifest or Compose file, its memory edited: no panic, and editing again changes nothing.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use memtool_job_config::edit_manifest;

fuzz_target!(|text: &str| {
    // A name of the seeds, and names that the fuzzer can write with few letters.
    let sizes = ["worker", "db", "a", ""].map(|name| (name.to_owned(), 512.0));
    let sizes = BTreeMap::from(sizes);
    let Ok(edited) = edit_manifest(text, &sizes) else { return };
    let again = edit_manifest(&edited.text, &sizes).expect("what was edited can be edited");
    assert_eq!((again.text, again.changed), (edited.text, 0));
});
