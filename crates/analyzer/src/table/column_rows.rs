//! Rows of a column: chosen, put behind others, read back.

use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};

use super::TableError;
use super::cell::text;
use super::column::{Column, Values};
use super::file::TableFile;

/// Texts of a column, below which each is kept by itself.
const FEW_TEXTS: usize = 64;

/// Calls `$act` on the values, whatever their type.
macro_rules! each_kind {
    ($values:expr, $found:ident => $act:expr) => {
        match $values {
            Values::Double($found) => Values::Double($act),
            Values::Long($found) => Values::Long($act),
            Values::Int($found) => Values::Int($act),
            Values::Bool($found) => Values::Bool($act),
            Values::Text($found) => Values::Text($act),
        }
    };
}

impl Column {
    /// Where the value of each row stands among those that are there.
    fn places(&self) -> Option<Vec<Option<usize>>> {
        let mut next = 0;
        let place = |level: &i16| {
            let place = (*level == 1).then_some(next);
            next += usize::from(place.is_some());
            place
        };
        self.levels.as_ref().map(|levels| levels.iter().map(place).collect())
    }

    /// Some of its rows, in the given order.
    pub(super) fn chosen(&self, rows: &[usize]) -> Self {
        let Some(places) = self.places() else {
            let values = each_kind!(&self.values, values => rows.iter().filter_map(|row| values.get(*row).cloned()).collect());
            return Self { name: self.name, kind: self.kind, values, levels: None };
        };
        let levels = rows.iter().map(|row| i16::from(places[*row].is_some())).collect();
        let kept = || rows.iter().filter_map(|row| places[*row]);
        let values = each_kind!(&self.values, values => kept().filter_map(|place| values.get(place).cloned()).collect());
        Self { name: self.name, kind: self.kind, values, levels: Some(levels) }
    }

    /// Puts the rows of the same column of another file behind its own.
    pub(super) fn append(&mut self, other: Self) {
        match (&mut self.values, other.values) {
            (Values::Double(own), Values::Double(more)) => own.extend(more),
            (Values::Long(own), Values::Long(more)) => own.extend(more),
            (Values::Int(own), Values::Int(more)) => own.extend(more),
            (Values::Bool(own), Values::Bool(more)) => own.extend(more),
            (Values::Text(own), Values::Text(more)) => own.extend(more),
            // Both are read by the same list of columns.
            _ => {}
        }
        if let (Some(own), Some(more)) = (&mut self.levels, other.levels) {
            own.extend(more);
        }
    }

    /// The column of this name and type in a file. One that was added since the file was written has no value there.
    ///
    /// # Errors
    /// Where the file's column is of another type or damaged, or it has none and every row must have a value.
    pub(super) fn read(&self, table: &TableFile) -> Result<Self, TableError> {
        if self.levels.is_some() && !table.has(self.name) {
            let rows = (0..table.groups()).map(|group| table.rows(group)).sum();
            return Ok(Self { levels: Some(vec![0; rows]), ..self.chosen(&[]) });
        }
        let mut levels = self.levels.is_some().then(Vec::new);
        let values = match &self.values {
            Values::Double(_) => Values::Double(values::<DoubleType>(table, self.name, levels.as_mut())?),
            Values::Long(_) => Values::Long(values::<Int64Type>(table, self.name, levels.as_mut())?),
            Values::Int(_) => Values::Int(values::<Int32Type>(table, self.name, levels.as_mut())?),
            Values::Bool(_) => Values::Bool(values::<BoolType>(table, self.name, levels.as_mut())?),
            Values::Text(_) => Values::Text(values::<ByteArrayType>(table, self.name, levels.as_mut())?),
        };
        let mut values = values;
        if let Values::Text(texts) = &mut values {
            texts.iter().try_for_each(|value| text(value).map(|_| ()))?;
            // A text is a part of the page that it was read from: of 100,000 small files all bytes would stay.
            if texts.len() < FEW_TEXTS {
                texts.iter_mut().for_each(|value| *value = ByteArray::from(value.data().to_vec()));
            }
        }
        Ok(Self { name: self.name, kind: self.kind, values, levels })
    }

    /// Its values row by row, as `of` makes them of those that are there.
    pub(super) fn by_row<T>(&self, of: impl Fn(usize) -> Option<T>) -> Vec<Option<T>> {
        match self.places() {
            Some(places) => places.into_iter().map(|place| of(place?)).collect(),
            None => (0..self.rows()).map(of).collect(),
        }
    }

    /// Its text in each row.
    pub(super) fn texts_by_row(&self) -> Vec<Option<&str>> {
        let Values::Text(values) = &self.values else { return vec![None; self.rows()] };
        self.by_row(|place| text(&values[place]).ok())
    }

    pub(super) fn rows(&self) -> usize {
        let values = match &self.values {
            Values::Double(values) => values.len(),
            Values::Long(values) => values.len(),
            Values::Int(values) => values.len(),
            Values::Bool(values) => values.len(),
            Values::Text(values) => values.len(),
        };
        self.levels.as_ref().map_or(values, Vec::len)
    }
}

/// The values of a column over all groups of a file; `levels` takes which rows have one, where some may not.
fn values<T: DataType>(
    table: &TableFile,
    name: &str,
    mut levels: Option<&mut Vec<i16>>,
) -> Result<Vec<T::T>, TableError> {
    let mut values = Vec::new();
    for group in 0..table.groups() {
        let rows = table.rows(group);
        let Some(mut reader) = table.column::<T>(group, name)? else {
            if let Some(levels) = levels.as_deref_mut() {
                levels.resize(levels.len() + rows, 0);
            }
            continue;
        };
        let mut read = 0;
        while read < rows {
            let (records, _, _) =
                reader.read_records(rows - read, levels.as_deref_mut(), None, &mut values)?;
            if records == 0 {
                return Err(TableError::Form(format!("{name} ends after {read} of {rows} rows")));
            }
            read += records;
        }
    }
    Ok(values)
}
