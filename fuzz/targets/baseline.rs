//! A gate's baseline: read, written and read it is the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use memtool_analyzer::gate::Baseline;

fuzz_target!(|text: &str| {
    let Ok(baseline) = Baseline::read(text) else { return };
    let written = serde_json::to_string(&baseline).expect("a baseline has a JSON form");
    assert_eq!(Baseline::read(&written).expect("what was written reads back"), baseline);
});
