//! Columns that are put together to a table.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{ArrowPrimitiveType, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::{ArrowError, Field, Schema};

use super::Table;

/// Columns that are put together to a table.
#[derive(Default)]
pub(crate) struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    fn with(mut self, name: &str, array: ArrayRef) -> Self {
        self.fields.push(Field::new(name, array.data_type().clone(), true));
        self.arrays.push(array);
        self
    }

    pub(crate) fn numbers(self, name: &str, values: impl Iterator<Item = Option<f64>>) -> Self {
        self.with(name, Arc::new(values.collect::<Float64Array>()))
    }

    pub(crate) fn counts(self, name: &str, values: impl Iterator<Item = Option<i64>>) -> Self {
        self.with(name, Arc::new(values.collect::<Int64Array>()))
    }

    pub(crate) fn switches(self, name: &str, values: impl Iterator<Item = Option<bool>>) -> Self {
        self.with(name, Arc::new(values.collect::<BooleanArray>()))
    }

    pub(crate) fn texts<'a>(self, name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Self {
        self.with(name, Arc::new(values.collect::<StringArray>()))
    }

    /// Moments as microseconds since 1970.
    pub(crate) fn moments(self, name: &str, values: impl Iterator<Item = Option<i64>>) -> Self {
        let moments = values.collect::<TimestampMicrosecondArray>().with_timezone("UTC");
        self.with(name, Arc::new(moments))
    }

    /// Lists of texts; a row may have none.
    pub(crate) fn text_lists<'a>(self, name: &str, rows: impl Iterator<Item = Option<Vec<&'a str>>>) -> Self {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in rows {
            let is_there = row.is_some();
            row.into_iter().flatten().for_each(|text| lists.values().append_value(text));
            lists.append(is_there);
        }
        self.with(name, Arc::new(lists.finish()))
    }

    /// Buckets of sketches and their counts, as two columns of lists.
    pub(crate) fn sketches(self, name: &str, rows: impl Iterator<Item = Vec<(i32, u64)>>) -> Self {
        let rows: Vec<_> = rows.collect();
        let buckets = rows.iter().map(|row| row.iter().map(|(bucket, _)| *bucket));
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let counts = rows.iter().map(|row| row.iter().map(move |(_, n)| count(*n)));
        let (buckets, counts) = (lists::<Int32Type>(buckets), lists::<Int64Type>(counts));
        self.with(&format!("{name}_buckets"), buckets).with(&format!("{name}_counts"), counts)
    }

    pub(crate) fn table(self) -> Result<Table, ArrowError> {
        let schema = Arc::new(Schema::new(self.fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), self.arrays)?;
        Ok(Table { schema, batches: vec![batch] })
    }
}

fn lists<T: ArrowPrimitiveType>(rows: impl Iterator<Item = impl Iterator<Item = T::Native>>) -> ArrayRef {
    let mut lists = ListBuilder::new(PrimitiveBuilder::<T>::new());
    for row in rows {
        row.for_each(|value| lists.values().append_value(value));
        lists.append(true);
    }
    Arc::new(lists.finish())
}
