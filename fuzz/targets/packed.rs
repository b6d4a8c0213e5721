//! Packed files, damaged anywhere: `analyze`'s own way from a path to runs.
#![no_main]

use std::io::Write;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memtool_analyzer::load;
use memtool_fuzz::{Scratch, assert_sound};

static SCRATCH: LazyLock<Scratch> = LazyLock::new(Scratch::new);
const NAMES: [&str; 3] = ["memory_stream_fuzzed.ndjson.gz", "memory_profile_fuzzed.json.zst", "fuzzed.log"];

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text).expect("memory");
    packer.finish().expect("memory")
}

/// Bytes as they come, or packed well and then cut or with one byte changed.
fn packed(bytes: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let (way, at, with) = (bytes.int_in_range(0..=6)?, bytes.arbitrary::<u16>()?, bytes.arbitrary()?);
    let text = bytes.peek_bytes(bytes.len()).unwrap_or_default();
    let mut packed = match way {
        0 => return Ok(text.to_vec()),
        1..=3 => gzip(text),
        _ => zstd::encode_all(text, 1).expect("memory"),
    };
    let at = usize::from(at) % packed.len().max(1);
    match way % 3 {
        0 => packed.truncate(at),
        1 => packed[at] = with,
        _ => {}
    }
    Ok(packed)
}

fn read(bytes: &[u8]) -> Result<()> {
    let mut bytes = Unstructured::new(bytes);
    let name = bytes.choose(&NAMES)?;
    let path = SCRATCH.write(name, &packed(&mut bytes)?);
    let loaded = load(&[path], None, |_, _| {}, |_, run| assert_sound(&run));
    assert!(!loaded.values.is_empty() || loaded.skipped.len() == 1);
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let _used_up = read(bytes);
});
