//! Labels as Python gives them.

use std::convert::Infallible;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// A job's label: any object, as text. What is not valid Unicode (a file name that was not UTF-8) has
/// replacement characters; a label never raises in the job.
pub(crate) struct Label(String);

impl Label {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl<'py> FromPyObject<'_, 'py> for Label {
    type Error = Infallible;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> Result<Self, Infallible> {
        if let Ok(text) = object.cast::<PyString>() {
            return Ok(Self(text.to_string_lossy().into_owned()));
        }
        let text = object.str().map_or_else(|_| "?".to_owned(), |text| text.to_string_lossy().into_owned());
        Ok(Self(text))
    }
}
