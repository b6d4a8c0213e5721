//! Numbers of JSON: the fast reading gives the bits that serde's gives, and refuses what it refuses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use memtool_profile_model::number::{float, whole};

/// A byte stands for one of these, so that every input is near a number.
const LETTERS: &[u8; 16] = b"0123456789-+.eE0";
const LONGEST: usize = 40;

fuzz_target!(|bytes: &[u8]| {
    let mut text = [b','; LONGEST + 1];
    let length = bytes.len().min(LONGEST);
    for (letter, byte) in text.iter_mut().zip(&bytes[..length]) {
        *letter = LETTERS[usize::from(byte & 15)];
    }
    let number = &text[..length];
    let ends = |rest: &[u8]| rest.len() == 1;
    let read = float(&text[..=length]).filter(|(_, rest)| ends(rest)).map(|(value, _)| value.to_bits());
    let plain = serde_json::from_slice::<f64>(number).ok().map(f64::to_bits);
    assert_eq!(read, plain);
    if length <= 18 {
        let read = whole(&text[..=length]).filter(|(_, rest)| ends(rest)).map(|(value, _)| value);
        assert_eq!(read, serde_json::from_slice::<u64>(number).ok());
    }
});
