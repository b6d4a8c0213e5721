//! The values of a column in any of Arrow's layouts.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{ArrowError, DataType};

/// What a column must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Bytes,
    Number,
    Count,
    Flag,
    /// Whole numbers in a list.
    Counts,
    /// A list of anything.
    List,
}

impl Kind {
    fn admits(self, found: &DataType) -> bool {
        use DataType as D;
        match self {
            Self::Text => matches!(found, D::Utf8 | D::LargeUtf8 | D::Utf8View),
            Self::Bytes => matches!(found, D::Binary | D::LargeBinary | D::BinaryView),
            Self::Number => matches!(found, D::Float64) || Self::Count.admits(found),
            Self::Count => matches!(found, D::Int64 | D::Int32),
            Self::Flag => matches!(found, D::Boolean),
            Self::Counts => {
                matches!(found, D::List(inner) | D::LargeList(inner) if Self::Count.admits(inner.data_type()))
            }
            Self::List => matches!(found, D::List(_) | D::LargeList(_)),
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Number => "numbers",
            Self::Count => "whole numbers",
            Self::Flag => "true or false",
            Self::Counts => "lists of whole numbers",
            Self::List => "lists",
        }
    }
}

/// A column of a batch, whose kind was checked.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'a>(&'a ArrayRef);

impl<'a> Cells<'a> {
    /// A column of a kind; `None` where it is all null.
    ///
    /// # Errors
    /// Where it holds something else, or breaks Arrow's rules.
    pub(super) fn of(name: &str, column: &'a ArrayRef, kind: Kind) -> Result<Option<Self>, ArrowError> {
        match column.data_type() {
            DataType::Null => Ok(None),
            found if kind.admits(found) => {
                // Whoever made it may have put text that is none, or places beyond the end.
                column.to_data().validate_full()?;
                Ok(Some(Self(column)))
            }
            found => {
                let wanted = kind.as_str();
                Err(ArrowError::SchemaError(format!("column {name}: expected {wanted}, found {found}")))
            }
        }
    }

    fn is_null(self, row: usize) -> bool {
        self.0.is_null(row)
    }

    pub(crate) fn text(self, row: usize) -> Option<&'a str> {
        (!self.is_null(row)).then(|| match self.0.data_type() {
            DataType::LargeUtf8 => self.0.as_string::<i64>().value(row),
            DataType::Utf8View => self.0.as_string_view().value(row),
            _ => self.0.as_string::<i32>().value(row),
        })
    }

    pub(crate) fn bytes(self, row: usize) -> Option<&'a [u8]> {
        (!self.is_null(row)).then(|| match self.0.data_type() {
            DataType::LargeBinary => self.0.as_binary::<i64>().value(row),
            DataType::BinaryView => self.0.as_binary_view().value(row),
            _ => self.0.as_binary::<i32>().value(row),
        })
    }

    pub(crate) fn number(self, row: usize) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "sizes and times are far below 2^53")]
        let whole = |count| count as f64;
        match self.0.data_type() {
            DataType::Float64 => {
                (!self.is_null(row)).then(|| self.0.as_primitive::<Float64Type>().value(row))
            }
            _ => self.count(row).map(whole),
        }
    }

    pub(crate) fn count(self, row: usize) -> Option<i64> {
        (!self.is_null(row)).then(|| whole(self.0, row))
    }

    pub(crate) fn flag(self, row: usize) -> Option<bool> {
        (!self.is_null(row)).then(|| self.0.as_boolean().value(row))
    }

    /// The whole numbers of a list.
    pub(crate) fn counts(self, row: usize) -> Vec<i64> {
        let list = self.list(row);
        list.iter().flat_map(|list| (0..list.len()).map(|at| whole(list, at))).collect()
    }

    /// How long a list is.
    pub(crate) fn length(self, row: usize) -> usize {
        self.list(row).map_or(0, |list| list.len())
    }

    fn list(self, row: usize) -> Option<ArrayRef> {
        (!self.is_null(row)).then(|| match self.0.data_type() {
            DataType::LargeList(_) => self.0.as_list::<i64>().value(row),
            _ => self.0.as_list::<i32>().value(row),
        })
    }
}

fn whole(column: &ArrayRef, row: usize) -> i64 {
    match column.data_type() {
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        _ => column.as_primitive::<Int64Type>().value(row),
    }
}
