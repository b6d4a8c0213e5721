//! A file that is opened once and read from its start again and again.
//!
//! The kernel makes the text of its small files anew at each read from the start, so keeping
//! the file open saves the path walk, which costs more than the read itself.

use std::fs::File;
use std::io;
use std::path::Path;

/// A small file of the kernel, kept open.
#[derive(Debug)]
pub(crate) struct KernelFile(File);

impl KernelFile {
    /// Opens the file for reading.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        File::open(path).map(Self)
    }

    /// The text as it is now, in one read without allocation; what does not fit is cut off.
    pub(crate) fn read<'b>(&self, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
        loop {
            match read_from_start(&self.0, buffer) {
                Ok(length) => return Ok(&buffer[..length.min(buffer.len())]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(unix)]
fn read_from_start(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, 0)
}

#[cfg(windows)]
fn read_from_start(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_read_sees_the_text_of_now() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("statm");
        std::fs::write(&path, "one").expect("written");
        let kept = KernelFile::open(&path).expect("there");
        let mut buffer = [0; 8];
        assert_eq!(kept.read(&mut buffer).expect("read"), b"one");
        std::fs::write(&path, "two and more").expect("written");
        assert_eq!(kept.read(&mut buffer).expect("read"), b"two and ");
    }
}
