//! The reports of all runs: those after the first thousand are in a temporary file.

use std::borrow::Cow;
use std::env;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use super::report_figures::ReportFigures;
use super::run_report::ProfileReport;

/// Reports that stay in memory, where each takes 2 to 6 KiB.
const KEPT: usize = 1000;

/// The temporary file of reports could not be made, written or read.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot keep reports in a temporary file in {}, where a run takes 2 to 6 KiB; TMPDIR names another folder",
    folder.display()
)]
pub struct ReportsError {
    folder: PathBuf,
    source: io::Error,
}

impl From<io::Error> for ReportsError {
    fn from(source: io::Error) -> Self {
        Self { folder: env::temp_dir(), source }
    }
}

/// The reports of all runs, in order of path. In JSON they are a list.
#[derive(Debug)]
pub struct Reports {
    entries: Vec<Entry>,
    store: ReportStore,
}

impl Reports {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The report at a place.
    ///
    /// # Errors
    /// Where it cannot be read from the temporary file.
    ///
    /// # Panics
    /// Where there is none at this place.
    pub fn get(&self, at: usize) -> Result<Cow<'_, ProfileReport>, ReportsError> {
        self.store.report(&self.entries[at].place)
    }

    /// One report after the other.
    ///
    /// # Errors
    /// Where one cannot be read from the temporary file.
    pub fn iter(&self) -> impl Iterator<Item = Result<Cow<'_, ProfileReport>, ReportsError>> {
        self.entries.iter().map(|entry| self.store.report(&entry.place))
    }

    /// What totals need of each.
    pub(super) fn figures(&self) -> impl Iterator<Item = &ReportFigures> + Clone {
        self.entries.iter().map(|entry| &entry.figures)
    }

    /// Puts another report in the place of one.
    pub(super) fn replace(&mut self, at: usize, report: ProfileReport) -> Result<(), ReportsError> {
        self.entries[at] = self.store.put(report)?;
        Ok(())
    }
}

impl Serialize for Reports {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        for report in self.iter() {
            list.serialize_element(&*report.map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}

/// A report that was put into a store.
#[derive(Debug)]
pub(super) struct Entry {
    place: Place,
    figures: ReportFigures,
}

/// Where a report is.
#[derive(Debug)]
enum Place {
    Memory(Box<ProfileReport>),
    File { at: u64, bytes: usize },
}

/// Where reports go while runs are read, by several threads.
#[derive(Debug)]
pub(super) struct ReportStore {
    /// How many more stay in memory.
    room: AtomicUsize,
    /// The others, one after the other; made for the first. It has no name, so that it is gone with the program.
    file: Mutex<Option<File>>,
}

impl Default for ReportStore {
    fn default() -> Self {
        Self::with_room(KEPT)
    }
}

impl ReportStore {
    /// One that keeps this many reports in memory.
    pub(super) fn with_room(reports: usize) -> Self {
        Self { room: AtomicUsize::new(reports), file: Mutex::new(None) }
    }

    /// Keeps a report.
    ///
    /// # Errors
    /// Where there is no room for it.
    pub(super) fn put(&self, report: ProfileReport) -> Result<Entry, ReportsError> {
        let figures = ReportFigures::of(&report);
        let has_room = |room: usize| room.checked_sub(1);
        let place = match self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, has_room) {
            Ok(_) => Place::Memory(Box::new(report)),
            Err(_) => self.write(&report)?,
        };
        Ok(Entry { place, figures })
    }

    /// The reports that were kept, in an order.
    pub(super) fn reports(self, entries: Vec<Entry>) -> Reports {
        Reports { entries, store: self }
    }

    fn write(&self, report: &ProfileReport) -> Result<Place, ReportsError> {
        let text = serde_json::to_vec(report).map_err(io::Error::from)?;
        let mut file = self.file();
        let file = match &mut *file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let at = file.seek(SeekFrom::End(0))?;
        file.write_all(&text)?;
        Ok(Place::File { at, bytes: text.len() })
    }

    fn report<'a>(&self, place: &'a Place) -> Result<Cow<'a, ProfileReport>, ReportsError> {
        match place {
            Place::Memory(report) => Ok(Cow::Borrowed(report)),
            Place::File { at, bytes } => Ok(Cow::Owned(self.read(*at, *bytes)?)),
        }
    }

    fn read(&self, at: u64, bytes: usize) -> io::Result<ProfileReport> {
        let mut text = vec![0; bytes];
        let mut file = self.file();
        let file = file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    fn file(&self) -> MutexGuard<'_, Option<File>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
