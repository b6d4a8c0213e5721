//! Streams: read whole, in parts and passed on they are the same run, and written as a stream they read back.
#![no_main]

use std::cell::RefCell;
use std::io::Read;

use libfuzzer_sys::fuzz_target;
use memtool_fuzz::assert_sound;
use memtool_profile_model::stream::{read_stream, stream_text};
use memtool_profile_model::{
    AdaptiveConfig, Operations, Run, SnapshotRows, pass_stream, read_run, read_run_from,
};

thread_local! {
    /// As a command keeps it from file to file.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A reader that gives few bytes at a time.
struct Dripping<'a>(&'a [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let few = buffer.len().min(37);
        self.0.read(&mut buffer[..few])
    }
}

fn assert_round_trip(run: &Run) {
    let text = stream_text(run).expect("a run has a JSON form");
    let back = read_stream(&text).expect("what was written reads back");
    let rss =
        |run: &Run| run.snapshots.iter().map(|snapshot| (snapshot.at, snapshot.rss)).collect::<Vec<_>>();
    assert_eq!(rss(&back), rss(run));
    assert_eq!((back.started, &back.config), (run.started, &run.config));
}

fn assert_passed(bytes: &[u8], run: &Run) {
    let mut passed = Vec::new();
    let mut keep =
        |_: &AdaptiveConfig, _: &Operations, some: &SnapshotRows<'_>| passed.extend(some.snapshots());
    let passing = |buffer: &mut Vec<u8>| pass_stream(bytes, buffer, usize::MAX, 0, &mut keep);
    let answer = BUFFER.with_borrow_mut(passing).expect("it reads");
    if answer.is_some() {
        assert_eq!(passed, run.snapshots);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let whole = read_run(bytes);
    let dripping = |buffer: &mut Vec<u8>| read_run_from(|| Ok(Dripping(bytes)), buffer, usize::MAX, 0);
    let dripped = BUFFER.with_borrow_mut(dripping);
    assert_eq!(whole.is_ok(), dripped.is_ok(), "{whole:?} {dripped:?}");
    let (Ok(whole), Ok(dripped)) = (whole, dripped) else { return };
    assert_eq!(whole, dripped);
    assert_sound(&whole);
    assert_passed(bytes, &whole);
    assert_round_trip(&whole);
});
