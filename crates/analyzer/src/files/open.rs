//! A file's bytes, unpacked where it is compressed.

use std::borrow::Cow;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// No file may unpack to more: a small archive must not eat the machine.
const LARGEST_UNPACKED: u64 = 4 << 30;

/// How much of a file is unpacked to find out its kind.
pub(super) const START_BYTES: usize = 64 << 10;

/// What a pipe or a device gives is kept in memory, since it gives it once.
const LARGEST_PIPED: u64 = 512 << 20;

/// The path that stands for what is piped in.
pub(super) const STDIN: &str = "-";

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

/// A file that can be read from its beginning, more than once.
pub(super) enum FileBytes<'a> {
    /// A plain file or a compressed one.
    File(PathBuf, Packing),
    /// What a pipe gave, as it came: it gives it once. Or what the caller has read.
    Bytes(Cow<'a, [u8]>, Packing),
}

impl<'a> FileBytes<'a> {
    /// A file that the caller has read.
    pub(super) fn in_memory(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes), packing(bytes))
    }

    /// Finds out how a file is packed; what is no file on a disk is read here.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        if path == Path::new(STDIN) {
            let mut bytes = Vec::new();
            kept(&mut io::stdin().lock(), LARGEST_PIPED, &mut bytes)?;
            let packing = packing(&bytes);
            return Ok(Self::Bytes(bytes.into(), packing));
        }
        let mut file = File::open(path)?;
        let mut start = Vec::new();
        if file.metadata()?.is_file() {
            file.take(4).read_to_end(&mut start)?;
            return Ok(Self::File(path.to_owned(), packing(&start)));
        }
        kept(&mut file, LARGEST_PIPED, &mut start)?;
        let packing = packing(&start);
        Ok(Self::Bytes(start.into(), packing))
    }

    /// What stands in it, unpacked, from the beginning.
    pub(super) fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        match self {
            Self::File(path, packing) => Self::unpacked(*packing, File::open(path)?),
            Self::Bytes(bytes, packing) => Self::unpacked(*packing, &bytes[..]),
        }
    }

    fn unpacked<'r>(
        packing: Packing,
        packed: impl Read + Send + 'r,
    ) -> io::Result<Box<dyn Read + Send + 'r>> {
        Ok(match packing {
            Packing::None => Box::new(packed),
            packing => Box::new(Unpacked {
                inner: decoder(packing, BufReader::new(packed))?,
                left: LARGEST_UNPACKED,
            }),
        })
    }
}

/// Keeps all that a pipe gives, up to the most that is allowed.
fn kept(pipe: &mut impl Read, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    if pipe.take(most + 1).read_to_end(bytes)? as u64 > most {
        let limit = format!("it is no file and gives more than {} MiB: write it to a file first", most >> 20);
        return Err(io::Error::new(io::ErrorKind::InvalidData, limit));
    }
    Ok(())
}

/// What a packed file unpacks to, up to the most that is allowed.
struct Unpacked<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let damaged = |error: &dyn Display| format!("compressed file is damaged or too large: {error}");
        let read = self.inner.read(bytes).map_err(|error| io::Error::new(error.kind(), damaged(&error)))?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(damaged(&format_args!("it unpacks to more than {} GiB", LARGEST_UNPACKED >> 30)))
        })?;
        Ok(read)
    }
}

/// What the beginning of a compressed file unpacks to, as far as it goes.
pub(super) fn unpack_start(packing: Packing, start: &[u8]) -> Vec<u8> {
    let mut unpacked = vec![0; START_BYTES];
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

fn decoder<'a>(packing: Packing, packed: impl BufRead + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    Ok(match packing {
        Packing::None => Box::new(packed),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
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
        for packed in [gzip, zstd] {
            assert_eq!(unpacked(&packed, LARGEST_UNPACKED).expect("whole"), text);
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let zstd = zstd::encode_all(&vec![0_u8; 1 << 20][..], 1).expect("memory");
        let error = unpacked(&zstd, 1 << 10).expect_err("too large");
        assert!(error.to_string().contains("unpacks to more than"), "{error}");
    }

    #[test]
    fn a_pipe_without_an_end_is_refused() {
        let mut bytes = Vec::new();
        kept(&mut &[0_u8; 1 << 20][..], 1 << 20, &mut bytes).expect("just fits");
        let error = kept(&mut io::repeat(0), 1 << 20, &mut Vec::new()).expect_err("no end");
        assert!(error.to_string().contains("gives more than 1 MiB"), "{error}");
    }

    fn unpacked(packed: &[u8], left: u64) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        Unpacked { inner: decoder(packing(packed), packed)?, left }.read_to_end(&mut plain)?;
        Ok(plain)
    }
}
