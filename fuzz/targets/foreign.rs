//! Files of other tools: read by the reader that claims them, or by any, they are runs that can be or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use memtool_formats::{Head, Limits, READERS, find, read, refuse};
use memtool_fuzz::assert_sound;

const LIMITS: Limits = Limits { samples: 1000, runs: 100 };

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, text)) = bytes.split_first() else { return };
    let head = Head::new(text);
    let _reason = refuse(&head);
    // Most files go to the reader that claims them; a number names one that has to take what comes.
    let Some(reader) = READERS.get(usize::from(*choice)).or_else(|| find(&head)) else { return };
    let Ok(runs) = read(reader, &mut &text[..], LIMITS) else { return };
    assert!((1..=LIMITS.runs).contains(&runs.len()), "{}: {} runs", reader.name, runs.len());
    for run in &runs {
        assert!(!run.snapshots.is_empty() && run.origin.is_some(), "{}", reader.name);
        assert_sound(run);
    }
});
