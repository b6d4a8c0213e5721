//! Arrow data that a caller passes by the `PyCapsule` interface.

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use super::refused;
use super::rows::Rows;

const STREAM: &str = "__arrow_c_stream__";
const ARRAY: &str = "__arrow_c_array__";

/// Record batches, as they come.
pub(crate) enum Batches {
    Stream(RecordBatchStreamReader),
    One(Option<RecordBatch>),
}

/// Whether an object hands over Arrow data.
pub(crate) fn is_arrow(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.hasattr(STREAM)? || object.hasattr(ARRAY)?)
}

impl Batches {
    /// The batches of a table, a frame, a stream, or one batch.
    ///
    /// # Errors
    /// Where the object has neither method of the interface, or breaks its rules.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if object.hasattr(STREAM)? {
            let capsule = object.call_method0(STREAM)?.cast_into::<PyCapsule>()?;
            return stream(&capsule).map(Self::Stream);
        }
        if !object.hasattr(ARRAY)? {
            let found = object.get_type().name()?;
            return Err(PyTypeError::new_err(format!(
                "expected Arrow data (pyarrow, polars, pandas, DuckDB: an object with {STREAM}), found {found}"
            )));
        }
        let pair = object.call_method0(ARRAY)?.cast_into::<PyTuple>()?;
        let (schema, array) = (pair.get_item(0)?.cast_into()?, pair.get_item(1)?.cast_into()?);
        Ok(Self::One(Some(batch(&schema, &array)?)))
    }
}

impl Iterator for Batches {
    type Item = Result<Rows, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Stream(reader) => reader.next().map(|batch| batch.map(Rows::from)),
            Self::One(batch) => batch.take().map(|batch| Ok(batch.into())),
        }
    }
}

#[expect(unsafe_code, reason = "the interface is one of C: a capsule of this name holds such a structure")]
fn stream(capsule: &Bound<'_, PyCapsule>) -> PyResult<RecordBatchStreamReader> {
    let stream = capsule.pointer_checked(Some(c"arrow_array_stream"))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: the name was checked. Ownership moves here, and an empty structure stays behind, as the interface wants.
    unsafe { RecordBatchStreamReader::from_raw(stream.as_ptr()) }.map_err(|error| refused(&error))
}

#[expect(unsafe_code, reason = "as above")]
fn batch(schema: &Bound<'_, PyCapsule>, array: &Bound<'_, PyCapsule>) -> PyResult<RecordBatch> {
    let schema = schema.pointer_checked(Some(c"arrow_schema"))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(c"arrow_array"))?.cast::<FFI_ArrowArray>();
    // SAFETY: the names were checked; both move here as above.
    let data = unsafe {
        let schema = FFI_ArrowSchema::from_raw(schema.as_ptr());
        from_ffi(FFI_ArrowArray::from_raw(array.as_ptr()), &schema)
    };
    let data = data.map_err(|error| refused(&error))?;
    if !matches!(data.data_type(), DataType::Struct(_)) {
        return Err(PyTypeError::new_err(format!(
            "expected rows of columns, found an array of {}",
            data.data_type()
        )));
    }
    Ok(RecordBatch::from(StructArray::from(data)))
}
