//! From a run to the bytes of its files.

use std::sync::Arc;

use memtool_profile_model::Run;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::Result;
use parquet::file::metadata::{ColumnChunkMetaData, KeyValue};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use super::column::Column;
use super::rows::{self, FindingRow};
use super::{
    BATCHES_KEY, FORM, FORM_KEY, REPORT_KEY, RULES_KEY, RUN_KEY, SUMS_KEY, TableError, VERSION, checksum,
};

/// Rows that are written, and read back, at once.
const GROUP: usize = 1 << 20;

/// The fastest level: a higher one makes files a few percent smaller.
const ZSTD_LEVEL: i32 = 1;
/// Rows from which columns are compressed: of fewer a frame is hardly shorter, and the library makes a compressor and a
/// decompressor for each column that it reads, both of which ask what the processor can. In a virtual machine that ends in
/// the host, and took half of the time over 20,000 files of a row.
const COMPRESSED_FROM: usize = 32;

/// Sizes that every analysis of a table reads: unpacking them takes longer than reading a file that is larger by a third.
const READ_OFTEN: [&str; 5] = ["rss_mb", "children_rss_mb", "shared_mb", "pss_mb", "available_mb"];

/// The file of a run's snapshots; what the run has beside them stands in its metadata, and so
/// does the report, as JSON, that rules of a version made of it.
///
/// # Errors
/// Only where the run cannot be put into JSON.
pub fn snapshots_table(
    name: &str,
    run: &Run,
    rules: &str,
    report: String,
) -> std::result::Result<Vec<u8>, TableError> {
    let about = [
        (FORM_KEY, FORM.to_owned()),
        (RUN_KEY, serde_json::to_string(run)?),
        (BATCHES_KEY, run.batches.len().to_string()),
        (REPORT_KEY, report),
        (RULES_KEY, rules.to_owned()),
    ];
    let groups = run.snapshots.chunks(GROUP).map(|some| rows::snapshots(name, run, some));
    Ok(table(groups, &about, &READ_OFTEN)?)
}

/// The file of a run's batches.
///
/// # Errors
/// Only where the library fails.
pub fn batches_table(name: &str, run: &Run) -> std::result::Result<Vec<u8>, TableError> {
    let groups = run.batches.chunks(GROUP).map(|some| rows::batches(name, run, some));
    Ok(table(groups, &[(FORM_KEY, FORM.to_owned())], &[])?)
}

/// The file of a run's findings.
///
/// # Errors
/// Only where the library fails.
pub fn findings_table(name: &str, findings: &[FindingRow]) -> std::result::Result<Vec<u8>, TableError> {
    Ok(table(std::iter::once(rows::findings(name, findings)), &[(FORM_KEY, FORM.to_owned())], &[])?)
}

/// The bytes of a table; columns of the names `read_often` are not compressed.
pub(super) fn table(
    groups: impl Iterator<Item = Vec<Column>>,
    about: &[(&str, String)],
    read_often: &[&str],
) -> Result<Vec<u8>> {
    let mut groups = groups.peekable();
    let columns = groups.peek().map_or(&[][..], Vec::as_slice);
    let fields: String = columns.iter().map(Column::schema).collect();
    let schema = Arc::new(parse_message_type(&format!("message memtool {{ {fields} }}"))?);
    let properties = Arc::new(properties(columns, about, read_often)?);
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema, properties)?;
    let mut sums = Vec::new();
    for columns in groups {
        let mut group = file.next_row_group()?;
        for column in &columns {
            column.write(&mut group)?;
        }
        let written = group.close()?;
        file.flush()?;
        sums.extend(written.columns().iter().map(|column| sum(file.inner(), column)));
    }
    file.append_key_value_metadata(KeyValue::new(SUMS_KEY.to_owned(), sums.join(" ")));
    file.close()?;
    checksum::seal(&mut bytes);
    Ok(bytes)
}

fn sum(file: &[u8], column: &ColumnChunkMetaData) -> String {
    let range =
        checksum::range(column).and_then(|(start, length)| Some((usize::try_from(start).ok()?, length)));
    range.and_then(|(start, length)| file.get(start..start + length)).map(checksum::sum).unwrap_or_default()
}

fn properties(columns: &[Column], about: &[(&str, String)], read_often: &[&str]) -> Result<WriterProperties> {
    let about = about.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone()));
    let are_few = columns.first().is_none_or(|column| column.rows() < COMPRESSED_FROM);
    let compression =
        if are_few { Compression::UNCOMPRESSED } else { Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?) };
    let mut properties = WriterProperties::builder()
        .set_compression(compression)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_created_by(format!("memtool {VERSION}"))
        .set_key_value_metadata(Some(about.collect()));
    for column in columns {
        let path = || ColumnPath::from(column.name);
        if column.repeats() {
            // Short as it is: unpacking it would cost more than reading it.
            properties = properties
                .set_column_dictionary_enabled(path(), true)
                .set_column_compression(path(), Compression::UNCOMPRESSED);
        } else if column.grows() {
            // Packed by their steps, they hardly get shorter.
            properties = properties
                .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED)
                .set_column_compression(path(), Compression::UNCOMPRESSED);
        } else if read_often.contains(&column.name) {
            properties = properties
                .set_column_dictionary_enabled(path(), column.has_few_figures())
                .set_column_compression(path(), Compression::UNCOMPRESSED);
        }
    }
    Ok(properties.build())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use memtool_profile_model::{Mib, Offset, Snapshot};
    use parquet::file::metadata::ParquetMetaDataReader;

    use super::*;
    use crate::table::read_table;

    #[test]
    fn sizes_that_are_read_often_are_not_compressed_and_read_back_as_those_that_are() {
        let mb = |value: u32| Some(Mib::new(f64::from(value) / 4.0));
        let snapshot = |index: u32| Snapshot {
            at: Offset::from_seconds(f64::from(index)),
            rss: mb(index * 37),
            available: mb(index % 7),
            children_rss: mb(index).filter(|_| index.is_multiple_of(3)),
            ..Snapshot::default()
        };
        let run = Run { snapshots: (0..400).map(snapshot).collect(), ..Run::default() };
        let (of_run, none) = (serde_json::to_string(&run).expect("plain data"), "0".to_owned());
        let about = [(FORM_KEY, FORM.to_owned()), (RUN_KEY, of_run), (BATCHES_KEY, none)];
        let folder = tempfile::tempdir().expect("a folder");
        let written = |read_often: &[&str]| {
            let rows = std::iter::once(rows::snapshots("a", &run, &run.snapshots));
            let (bytes, path) =
                (table(rows, &about, read_often).expect("a table"), folder.path().join("a.parquet"));
            std::fs::write(&path, &bytes).expect("written");
            let metadata =
                ParquetMetaDataReader::new().parse_and_finish(&Bytes::from(bytes)).expect("metadata");
            let packed = ["rss_mb", "available_mb", "children_rss_mb"].map(|name| {
                let mut columns = metadata.row_group(0).columns().iter();
                let column = columns.find(|column| column.column_path().string() == name).expect("a column");
                (column.compression() != Compression::UNCOMPRESSED, column.dictionary_page_offset().is_some())
            });
            (packed, read_table(&path, usize::MAX).expect("a run").snapshots)
        };
        let (packed, snapshots) = written(&READ_OFTEN);
        assert_eq!(packed, [(false, false), (false, true), (false, false)]);
        assert!(snapshots == run.snapshots);
        let (packed, snapshots) = written(&[]);
        assert_eq!(packed, [(true, false); 3], "as earlier versions wrote them");
        assert!(snapshots == run.snapshots);
    }
}
