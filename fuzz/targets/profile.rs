//! Profiles: the fast reading of rows by their layout gives the run that serde's gives.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use memtool_fuzz::assert_sound;
use memtool_profile_model::profile::read_profile;
use memtool_profile_model::read_run_from;

thread_local! {
    /// As a command keeps it from file to file: new memory for each was a sixth to a third of the time.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fuzz_target!(|text: &str| {
    let fast = BUFFER.with_borrow_mut(|buffer| read_run_from(|| Ok(text.as_bytes()), buffer, usize::MAX, 0));
    let Ok(fast) = fast else { return };
    assert_sound(&fast);
    if let Ok(plain) = read_profile(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        assert_eq!(fast, plain);
    }
});
