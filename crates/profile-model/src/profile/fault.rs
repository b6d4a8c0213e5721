//! What is wrong with a profile that is too large to be in memory as a whole.

use std::fmt;
use std::io::{BufReader, Read};
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, SeqAccess, Visitor};

use super::document::{ConfigSection, HistoryRow, StatisticsSection};
use super::sample::{Sample, Samples};
use crate::error::ReadError;
use crate::run::Recommendation;

/// Reads a profile row by row, each let go, up to the first fault.
pub(crate) fn find_fault(reader: impl Read) -> ReadError {
    let mut values = serde_json::Deserializer::from_reader(BufReader::new(reader));
    let read = Skeleton::deserialize(&mut values).and_then(|_| values.end());
    match read {
        Err(error) if error.is_io() => ReadError::Io(error.into()),
        Err(error) => ReadError::json(&error, "", 1),
        Ok(()) => ReadError::UnknownFormat("a section of it is there twice, or none can be used".to_owned()),
    }
}

/// A profile of which nothing is kept.
#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "only whether it can be read counts")]
struct Skeleton {
    metadata: Settings,
    #[serde(default)]
    statistics: Option<StatisticsSection>,
    history: Rows,
    #[serde(default)]
    recommendations: Each<Recommendation>,
}

#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "only whether it can be read counts")]
struct Settings {
    config: ConfigSection,
}

/// The rows of a history, checked one by one.
struct Rows;

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(values: D) -> Result<Self, D::Error> {
        values.deserialize_seq(Self)
    }
}

impl<'de> Visitor<'de> for Rows {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of samples")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Self, A::Error> {
        let mut samples = None;
        let mut index = 0;
        while let Some(row) = rows.next_element::<HistoryRow<'de>>()? {
            let sample = Sample::of(&row, index).map_err(A::Error::custom)?;
            // Room for one is enough: they are counted, not kept.
            let samples = samples.get_or_insert_with(|| Samples::new(sample.at.at, 1));
            samples.take(&sample).map_err(A::Error::custom)?;
            index += 1;
        }
        Ok(self)
    }
}

/// A list of which nothing is kept.
struct Each<T>(PhantomData<T>);

impl<T> Default for Each<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Each<T> {
    fn deserialize<D: Deserializer<'de>>(values: D) -> Result<Self, D::Error> {
        values.deserialize_seq(Self::default())
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Each<T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self, A::Error> {
        while values.next_element::<T>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"{"metadata":{"export_time":"t","config":{"thresholds_mb":{"moderate":1,"high":2,"critical":3},
        "batch_sizes":{"low":1,"medium":2,"high":3,"fallback":1},"monitoring_interval_seconds":1,"history_size":9}},
        "history":["#;

    fn found(rows: &str) -> String {
        find_fault(format!("{HEAD}\n{rows}").as_bytes()).to_string()
    }

    #[test]
    fn the_first_fault_is_told_with_its_place() {
        let row = r#"{"timestamp":"2026-01-01T00:00:00","rss_mb":5}"#;
        assert_eq!(
            found(&format!("{row},\n{row},\n{{\"rss_mb\":5}}]}}")),
            "line 6, column 12: missing field `timestamp`"
        );
        let huge = row.replace('5', "1e308");
        let told = found(&format!("{row},\n{huge}]}}"));
        assert!(told.contains("history[1].rss_mb: expected mebibytes from 0 to 1e9, found 1e308"), "{told}");
        assert!(found(&format!("{row},\n{row}")).contains("it ends within a list"), "{}", found(row));
    }
}
