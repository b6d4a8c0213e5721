//! A line of a stream: the fast reading says what serde's says, and what was read is written and read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use memtool_profile_model::stream::current::Record;
use memtool_profile_model::stream::{append_line, parse_line};

fuzz_target!(|line: &str| {
    let Ok(record) = parse_line(line) else { return };
    let plain: Record = serde_json::from_str(line).expect("what the fast reading takes, serde takes");
    assert_eq!(record, plain);
    let mut written = Vec::new();
    append_line(&mut written, &record).expect("a record has a JSON form");
    let written = String::from_utf8(written).expect("JSON is text");
    assert!(written.ends_with('\n') && written.lines().count() == 1);
    assert_eq!(parse_line(&written).expect("what was written reads back"), record);
});
