//! Opening the place where a stream goes.

use std::io;
use std::path::{Path, PathBuf};

use memtool_profile_model::stream::append_line;
use memtool_profile_model::stream::current::{Header, Record};

use super::file::StreamFile;
use super::sink::Sink;

/// Where the stream goes.
pub(crate) enum Destination {
    Folder(PathBuf),
    File(PathBuf),
    Sink(Box<dyn Sink>),
    Nowhere,
}

/// An open destination.
#[derive(Default)]
pub(crate) struct Opened {
    pub(crate) sink: Option<Box<dyn Sink>>,
    pub(crate) path: Option<PathBuf>,
}

impl Destination {
    /// Writes the header; a file in a folder is named `memory_stream_<stamp>_<pid>.ndjson`.
    ///
    /// # Errors
    /// If the file exists already, or the folder or file cannot be written.
    pub(crate) fn open(self, header: Header, stamp: &str) -> io::Result<Opened> {
        let file = match self {
            Self::Nowhere => return Ok(Opened::default()),
            Self::Sink(mut sink) => {
                let mut line = Vec::new();
                append_line(&mut line, &Record::Header(header))?;
                sink.write(&line);
                return Ok(Opened { sink: Some(sink), path: None });
            }
            Self::File(path) => StreamFile::create(&path, header).map_err(|error| at(&path, &error)),
            Self::Folder(folder) => {
                let stem = format!("memory_stream_{stamp}_{}", header.process.pid);
                StreamFile::create_in(&folder, &stem, &header).map_err(|error| at(&folder, &error))
            }
        }?;
        let path = file.path().map(Path::to_owned);
        Ok(Opened { sink: Some(Box::new(file)), path })
    }
}

/// The error with the path that it is about.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
