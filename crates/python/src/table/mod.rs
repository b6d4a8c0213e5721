//! Columns for notebooks and engines: plain lists, and Arrow without a copy.
//!
//! The Arrow crate is named here only. Columns are built once, as Arrow arrays; a caller of
//! the Arrow `PyCapsule` interface gets the arrays themselves.

mod cells;
mod columns;
mod input;
mod rows;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchIterator, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};

use crate::snapshot::datetime;

pub(crate) use cells::{Cells, Kind};
pub(crate) use columns::Columns;
pub(crate) use input::{Batches, is_arrow};
pub(crate) use rows::Rows;

/// Rows of equal columns. `polars.from_arrow(table)`, `pandas.DataFrame.from_arrow`,
/// `pyarrow.table(table)` and `DuckDB` take it as it is.
#[pyclass(frozen, module = "memtool")]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// Adds the rows of a table of the same columns.
    pub(crate) fn append(&mut self, more: Self) {
        self.batches.extend(more.batches.into_iter().filter(|batch| batch.num_rows() > 0));
    }

    /// The rows of tables one after the other, with the name of each in a first column.
    pub(crate) fn joined(named: &[(String, PyRef<'_, Self>)]) -> Result<Self, ArrowError> {
        let mut fields = vec![Field::new("profile", DataType::Utf8, true)];
        if let Some((_, first)) = named.first() {
            fields.extend(first.schema.fields().iter().map(|field| field.as_ref().clone()));
        }
        let schema = Arc::new(Schema::new(fields));
        let mut batches = Vec::new();
        for (name, table) in named {
            for batch in &table.batches {
                let names = std::iter::repeat_n(Some(name.as_str()), batch.num_rows());
                let mut arrays: Vec<ArrayRef> = vec![Arc::new(names.collect::<StringArray>())];
                arrays.extend(batch.columns().iter().cloned());
                batches.push(RecordBatch::try_new(Arc::clone(&schema), arrays)?);
            }
        }
        Ok(Self { schema, batches })
    }

    fn list<'py>(&self, py: Python<'py>, place: usize) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for batch in &self.batches {
            append(py, &list, batch.column(place))?;
        }
        Ok(list)
    }
}

fn append(py: Python<'_>, list: &Bound<'_, PyList>, column: &ArrayRef) -> PyResult<()> {
    match column.data_type() {
        DataType::Float64 => column.as_primitive::<Float64Type>().iter().try_for_each(|v| list.append(v)),
        DataType::Int64 => column.as_primitive::<Int64Type>().iter().try_for_each(|v| list.append(v)),
        DataType::Int32 => column.as_primitive::<Int32Type>().iter().try_for_each(|v| list.append(v)),
        DataType::List(_) => column.as_list::<i32>().iter().try_for_each(|values| {
            let Some(values) = values else { return list.append(py.None()) };
            let inner = PyList::empty(py);
            append(py, &inner, &values)?;
            list.append(inner)
        }),
        DataType::Boolean => column.as_boolean().iter().try_for_each(|v| list.append(v)),
        DataType::Utf8 => column.as_string::<i32>().iter().try_for_each(|v| list.append(v)),
        _ => column.as_primitive::<TimestampMicrosecondType>().iter().try_for_each(|micros| {
            let moment = micros.map(|micros| datetime(py, micros)).transpose()?;
            list.append(moment)
        }),
    }
}

/// Columns that are not what they must be are a wrong type; all else is a wrong value.
pub(crate) fn refused(error: &ArrowError) -> PyErr {
    match error {
        ArrowError::SchemaError(text) => PyTypeError::new_err(text.clone()),
        other => PyValueError::new_err(other.to_string()),
    }
}

#[pymethods]
impl Table {
    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// All columns as plain lists, by name.
    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let columns = PyDict::new(py);
        for (place, field) in self.schema.fields().iter().enumerate() {
            columns.set_item(field.name(), self.list(py, place)?)?;
        }
        Ok(columns)
    }

    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let place = self.schema.index_of(name).map_err(|_| {
            PyKeyError::new_err(format!("no column {name:?}; there are {}", self.column_names().join(", ")))
        })?;
        self.list(py, place)
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn __repr__(&self) -> String {
        format!("<memtool.Table: {} rows of {}>", self.__len__(), self.column_names().join(", "))
    }

    /// The table as an Arrow stream; the arrays are handed over, not copied.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A wish that need not be granted, by the interface's own words.
        let _ = requested_schema;
        let batches = self.batches.clone().into_iter().map(Ok);
        let reader = RecordBatchIterator::new(batches, Arc::clone(&self.schema));
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }
}

/// The rows of tables one after the other, with the name of each in a first column.
#[pyfunction]
pub(crate) fn join_tables(named: Vec<(String, PyRef<'_, Table>)>) -> PyResult<Table> {
    Table::joined(&named).map_err(|error| refused(&error))
}
