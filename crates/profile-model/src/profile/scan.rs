//! A profile from a file of any size, in one pass.
//!
//! The sections around the history are small and go through serde, the rows of the history one
//! by one through [`Layout`], or through serde where they are laid out in another way. Where
//! anything is not as it should be, the scan stops: the whole text then goes through
//! [`read_profile`](super::read_profile), which says what is wrong and where.

use std::io::{self, Read};
use std::mem;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::document::{ConfigSection, HistoryRow, MetadataSection, StatisticsSection};
use super::layout::Layout;
use super::row_block::{RowBlock, blank, next_row};
use super::sample::{Sample, Samples};
use crate::error::ReadError;
use crate::lookahead::Lookahead;
use crate::parallel::parse_blocks;
use crate::run::Recommendation;
use crate::time::Clock;

/// Rows are read where so much lies ahead: far more than a row of any writer.
const NEAR: usize = 4096;

/// A history of fewer bytes is read before threads would have started.
const FEW: usize = 2 << 20;

/// The sections of a profile.
pub(super) struct Sections {
    pub(super) config: ConfigSection,
    pub(super) statistics: Option<StatisticsSection>,
    pub(super) recommendations: Vec<Recommendation>,
    pub(super) samples: Samples,
    /// Whether the first row's time named its zone.
    pub(super) zoned: bool,
}

/// Why a scan stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The file could not be read on.
    Io(io::Error),
    /// Something is not as it should be.
    Fault,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a profile's sections, and keeps so many snapshots at most.
///
/// Up to so many threads beside this one parse the rows of a long history.
pub(super) fn scan<R: Read + Send>(
    input: &mut Lookahead<'_, R>,
    most: usize,
    helpers: usize,
) -> Result<Sections, Stop> {
    let mut scan = Scan { input, most, helpers };
    scan.expect(b'{')?;
    let (mut config, mut statistics, mut recommendations, mut history) = (None, None, None, None);
    while scan.peek()? != b'}' {
        let key: String = scan.value()?;
        scan.expect(b':')?;
        match key.as_str() {
            "metadata" => once(&mut config, scan.config()?)?,
            "statistics" => once(&mut statistics, scan.value::<Option<StatisticsSection>>()?)?,
            "recommendations" => once(&mut recommendations, scan.value::<Vec<Recommendation>>()?)?,
            "history" => once(&mut history, scan.history()?)?,
            _ => drop(scan.value::<IgnoredAny>()?),
        }
        // A comma must be followed by a key.
        if scan.peek()? != b'}' {
            scan.expect(b',')?;
            (scan.peek()? == b'"').then_some(()).ok_or(Stop::Fault)?;
        }
    }
    scan.expect(b'}')?;
    if scan.peek().is_ok() {
        return Err(Stop::Fault);
    }
    let (samples, zoned) = history.ok_or(Stop::Fault)?;
    Ok(Sections {
        config: config.ok_or(Stop::Fault)?,
        statistics: statistics.flatten(),
        recommendations: recommendations.unwrap_or_default(),
        samples: samples.counted_from_earliest().ok_or(Stop::Fault)?,
        zoned,
    })
}

fn once<T>(section: &mut Option<T>, value: T) -> Result<(), Stop> {
    section.replace(value).map_or(Ok(()), |_| Err(Stop::Fault))
}

struct Scan<'w, 'b, R> {
    input: &'w mut Lookahead<'b, R>,
    /// Snapshots that may be kept.
    most: usize,
    /// Threads that may parse rows.
    helpers: usize,
}

impl<R: Read + Send> Scan<'_, '_, R> {
    /// The next byte that is not blank.
    fn peek(&mut self) -> Result<u8, Stop> {
        loop {
            let ahead = self.input.ahead();
            let blank = blank(ahead);
            let found = ahead.get(blank).copied();
            self.input.pass(blank);
            match found {
                Some(byte) => return Ok(byte),
                None if self.input.more()? => {}
                None => return Err(Stop::Fault),
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        if self.peek()? != byte {
            return Err(Stop::Fault);
        }
        self.input.pass(1);
        Ok(())
    }

    /// The text of the whole value ahead.
    fn text(&mut self) -> Result<&[u8], Stop> {
        self.peek()?;
        let end = loop {
            let ahead = self.input.ahead();
            let mut values = serde_json::Deserializer::from_slice(ahead).into_iter::<IgnoredAny>();
            match values.next() {
                // A number that reaches to the edge of what was read may go on behind it.
                Some(Ok(_)) if values.byte_offset() < ahead.len() => break values.byte_offset(),
                Some(Err(error)) if !error.is_eof() => return Err(Stop::Fault),
                _ if self.input.more()? => {}
                _ => return Err(Stop::Fault),
            }
        };
        let text = &self.input.ahead()[..end];
        // serde does not look into texts that it leaves out.
        std::str::from_utf8(text).map(str::as_bytes).map_err(|_| Stop::Fault)
    }

    /// Gives the value ahead to `take`, through serde.
    fn value<T: DeserializeOwned>(&mut self) -> Result<T, Stop> {
        let text = self.text()?;
        let length = text.len();
        let value = serde_json::from_slice(text).map_err(|_| Stop::Fault)?;
        self.input.pass(length);
        Ok(value)
    }

    fn config(&mut self) -> Result<ConfigSection, Stop> {
        let text = self.text()?;
        let length = text.len();
        let MetadataSection { config, .. } = serde_json::from_slice(text).map_err(|_| Stop::Fault)?;
        self.input.pass(length);
        Ok(config)
    }

    fn history(&mut self) -> Result<(Samples, bool), Stop> {
        self.expect(b'[')?;
        let (mut samples, mut layout) = (None, None);
        let (mut clock, mut passed) = (Clock::default(), 0);
        while self.peek()? != b']' {
            if let Some((layout, (samples, _))) = layout.as_mut().zip(samples.as_mut()) {
                passed += self.like(layout, samples, &mut clock, FEW.saturating_sub(passed))?;
                if self.helpers > 0 && passed >= FEW && self.by_blocks(layout, samples)? {
                    continue;
                }
            }
            if layout.is_none() {
                self.input.fill(NEAR)?;
                layout = Layout::learn(self.input.ahead());
            }
            let most = self.most;
            let text = self.text()?;
            let length = text.len();
            take(&mut samples, most, &serde_json::from_slice(text).map_err(|_| Stop::Fault)?)?;
            self.input.pass(length);
            if self.peek()? == b',' {
                self.input.pass(1);
                (self.peek()? != b']').then_some(()).ok_or(Stop::Fault)?;
            } else if self.peek()? != b']' {
                return Err(Stop::Fault);
            }
        }
        self.expect(b']')?;
        samples.ok_or(Stop::Fault)
    }

    /// Takes rows as long as they are laid out alike, and tells how many bytes they have; stops before one that is not, at the
    /// end, and where other threads may go on after so many bytes.
    fn like(
        &mut self,
        layout: &mut Layout,
        samples: &mut Samples,
        clock: &mut Clock,
        few: usize,
    ) -> Result<usize, Stop> {
        let mut all = 0;
        loop {
            self.input.fill(NEAR)?;
            let ahead = self.input.ahead();
            let mut rest = ahead;
            let mut taken = false;
            while let Some((sample, after)) = layout.read(rest, clock) {
                // The last row, and what comes after it, is not for here.
                let Some(next) = next_row(after) else { break };
                samples.take(&sample).map_err(|_| Stop::Fault)?;
                rest = next;
                taken = true;
                if rest.len() < NEAR {
                    break;
                }
            }
            let passed = ahead.len() - rest.len();
            self.input.pass(passed);
            all += passed;
            if !taken || self.helpers > 0 && all >= few {
                return Ok(all);
            }
        }
    }

    /// Takes rows by several threads, up to one that is not as it should be, or the end. It is done once. False where the
    /// next row is not like the others: then none was taken.
    fn by_blocks(&mut self, layout: &Layout, samples: &mut Samples) -> Result<bool, Stop> {
        self.input.fill(NEAR)?;
        let Some(block) = RowBlock::learn(self.input.ahead(), layout, samples) else { return Ok(false) };
        let helpers = mem::take(&mut self.helpers);
        let (mut left, mut unread) = (Vec::new(), Vec::new());
        let beyond = parse_blocks(
            self.input,
            &mut left,
            helpers,
            || block.clone(),
            |block| {
                samples.append(block.samples());
                unread.extend_from_slice(block.unread());
                Ok::<_, Stop>(unread.is_empty())
            },
        )?;
        beyond.iter().for_each(|block| unread.extend_from_slice(block.text()));
        unread.append(&mut left);
        self.input.put_back(&unread);
        Ok(true)
    }
}

fn take(samples: &mut Option<(Samples, bool)>, most: usize, row: &HistoryRow<'_>) -> Result<(), Stop> {
    let fault = |_: ReadError| Stop::Fault;
    let index = samples.as_ref().map_or(0, |(samples, _)| samples.snapshots.len());
    let sample = Sample::of(row, index).map_err(fault)?;
    let (samples, _) = samples.get_or_insert_with(|| (Samples::new(sample.at.at, most), sample.at.zoned));
    samples.take(&sample).map_err(fault)
}
