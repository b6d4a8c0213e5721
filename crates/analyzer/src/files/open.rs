//! A file's bytes, unpacked where it is compressed.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// No file may unpack to more: a small archive must not eat the machine.
const LARGEST_UNPACKED: u64 = 4 << 30;

/// How a file is compressed, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Gzip,
    Zstd,
}

pub(super) fn packing(start: &[u8]) -> Packing {
    match start {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
        _ => Packing::None,
    }
}

/// Reads a whole file into `bytes`, which is cleared first and keeps its memory for the next.
pub(super) fn read_into(path: &Path, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    File::open(path)?.read_to_end(bytes)?;
    match packing(bytes) {
        Packing::None => Ok(()),
        packed => {
            *bytes = unpack(packed, bytes, LARGEST_UNPACKED).map_err(|error| {
                io::Error::new(error.kind(), format!("compressed file is damaged or too large: {error}"))
            })?;
            Ok(())
        }
    }
}

/// What the beginning of a compressed file unpacks to, as far as it goes.
pub(super) fn unpack_start(packing: Packing, start: &[u8]) -> Vec<u8> {
    let mut unpacked = vec![0; 4096];
    let filled = decoder(packing, start).map_or(0, |mut reader| {
        let mut filled = 0;
        while let Ok(read @ 1..) = reader.read(&mut unpacked[filled..]) {
            filled += read;
        }
        filled
    });
    unpacked.truncate(filled);
    unpacked
}

fn unpack(packing: Packing, packed: &[u8], most: u64) -> io::Result<Vec<u8>> {
    let mut unpacked = Vec::new();
    decoder(packing, packed)?.take(most + 1).read_to_end(&mut unpacked)?;
    if unpacked.len() as u64 > most {
        return Err(io::Error::other(format!("it unpacks to more than {} GiB", most >> 30)));
    }
    Ok(unpacked)
}

fn decoder(packing: Packing, packed: &[u8]) -> io::Result<Box<dyn Read + '_>> {
    Ok(match packing {
        Packing::None => Box::new(packed),
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(packed)),
        Packing::Zstd => Box::new(zstd::Decoder::with_buffer(packed)?),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn both_packings_read_back() {
        let text = b"{\"history\": []}".repeat(40);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).expect("memory");
        let gzip = gzip.finish().expect("memory");
        let zstd = zstd::encode_all(&text[..], 1).expect("memory");
        assert_eq!(unpack(packing(&gzip), &gzip, 1 << 20).expect("gzip"), text);
        assert_eq!(unpack(packing(&zstd), &zstd, 1 << 20).expect("zstd"), text);
    }

    #[test]
    fn a_bomb_is_refused() {
        let zstd = zstd::encode_all(&vec![0_u8; 1 << 20][..], 1).expect("memory");
        let error = unpack(Packing::Zstd, &zstd, 1 << 10).expect_err("too large");
        assert!(error.to_string().contains("unpacks to more than"), "{error}");
    }
}
