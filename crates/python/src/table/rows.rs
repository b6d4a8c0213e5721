//! Rows that a caller passes.

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use super::cells::{Cells, Kind};

/// A batch of rows, whose columns are found by name.
pub(crate) struct Rows(RecordBatch);

impl From<RecordBatch> for Rows {
    fn from(batch: RecordBatch) -> Self {
        Self(batch)
    }
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.0.num_rows()
    }

    /// The column that has one of the names; `None` where there is none, or where it is all null.
    ///
    /// # Errors
    /// Where it holds something else.
    pub(crate) fn find(&self, names: &[&str], kind: Kind) -> Result<Option<Cells<'_>>, ArrowError> {
        let found = names.iter().find_map(|name| Some((name, self.0.column_by_name(name)?)));
        found.map_or(Ok(None), |(name, column)| Cells::of(name, column, kind))
    }

    /// The same where there must be one.
    pub(crate) fn required(&self, names: &[&str], kind: Kind) -> Result<Cells<'_>, ArrowError> {
        self.find(names, kind)?.ok_or_else(|| {
            let schema = self.0.schema();
            let found: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            let (names, wanted, found) = (names.join(" or "), kind.as_str(), found.join(", "));
            ArrowError::SchemaError(format!(
                "expected a column {names} of {wanted}, found the columns {found}"
            ))
        })
    }
}
