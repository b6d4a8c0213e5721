//! The shapes of whole snapshot lines: all letters but the digits of numbers.
//!
//! Most lines of a stream differ from one of the lines before in digits alone. Then the places of all numbers are known, and
//! one comparison of wide words tells that nothing else changed: neither names nor the ends of numbers are looked for.

use super::snapshot_field::{Field, TAG};
use crate::snapshot_columns::SnapshotColumns;
use crate::spelling::Spelling;
use crate::units::{Mib, Offset};

/// Letters that are compared at once; no number has more.
const WIDE: usize = 16;

/// Longer lines have no shape: a snapshot of all fields has 300 letters.
const LONGEST: usize = 512;

/// Shapes that are known at a time: sizes of one digit more or less, and those that end in a zero, which is not written.
const MOST: usize = 8;

/// A shape is taken from each so manieth line of none that is known: where lines have none, looking for it costs little.
const EVERY: usize = 16;

/// The shapes of the lines so far.
#[derive(Debug, Default)]
pub(super) struct LineShapes {
    shapes: Vec<LineShape>,
    /// That of the last line.
    last: usize,
    /// Lines of no known shape.
    others: usize,
}

impl LineShapes {
    /// Reads the line that a text begins with into the next row of columns, and tells its length. `None` where its shape
    /// is not known, or the text ends soon: then no column changes.
    #[inline(always)]
    pub(super) fn read(&mut self, text: &[u8], columns: &mut SnapshotColumns) -> Option<usize> {
        if !self.shapes.get(self.last)?.fits(text) {
            self.last = self.shapes.iter().position(|shape| shape.fits(text))?;
        }
        self.shapes[self.last].read(text, columns)
    }

    /// Notes a line of no known shape that was read in the general way, by where it stands in a text.
    #[inline(never)]
    pub(super) fn note(&mut self, text: &[u8], from: usize, end: usize) {
        // One at the end of a text may be of a known shape.
        if text.len() < end + 2 * WIDE {
            return;
        }
        self.others += 1;
        if !self.others.is_multiple_of(EVERY) {
            return;
        }
        let Some(shape) = LineShape::of(&text[from..end]) else { return };
        if self.shapes.len() < MOST {
            self.shapes.push(shape);
        } else {
            self.shapes[self.others / EVERY % MOST] = shape;
        }
    }
}

/// The shape of a line.
#[derive(Debug)]
struct LineShape {
    /// Letters of the line with its line feed.
    length: usize,
    /// For each place the least letter that may stand there, and how many more may.
    letters: Vec<([u8; WIDE], [u8; WIDE])>,
    numbers: Vec<Number>,
}

/// A number of a line.
#[derive(Debug)]
struct Number {
    field: Field,
    place: usize,
    spelling: Spelling,
}

impl LineShape {
    /// That of a line; `None` where a value has no column or is no plain number.
    fn of(line: &[u8]) -> Option<Self> {
        let numbers = numbers(line).filter(|_| line.ends_with(b"\n") && line.len() <= LONGEST)?;
        Some(Self { length: line.len(), letters: letters(line, &numbers), numbers })
    }

    /// Whether a text begins with a line of this shape, and goes on for a while.
    #[inline(always)]
    fn fits(&self, text: &[u8]) -> bool {
        text.get(self.length - 1) == Some(&b'\n')
            && text.len() >= (self.letters.len() + 1) * WIDE
            && self.has_letters(text)
    }

    /// Apart from the rest, as compilers make a mess of it among other code.
    #[inline(never)]
    fn has_letters(&self, text: &[u8]) -> bool {
        let mut beyond = [0; WIDE];
        for (letters, (least, more)) in text.as_chunks::<WIDE>().0.iter().zip(&self.letters) {
            let allowed = letters.iter().zip(least.iter().zip(more));
            for (beyond, (letter, (least, more))) in beyond.iter_mut().zip(allowed) {
                *beyond |= letter.wrapping_sub(*least).saturating_sub(*more);
            }
        }
        beyond.iter().fold(0, |all, letter| all | letter) == 0
    }

    /// Reads a line that fits.
    #[inline(always)]
    fn read(&self, text: &[u8], columns: &mut SnapshotColumns) -> Option<usize> {
        let row = columns.len();
        for Number { field, place, spelling } in &self.numbers {
            let first = eight(text, *place)?;
            let column = match field {
                Field::Time => {
                    let at = spelling.known_whole(first, eight(text, place + 8)?);
                    columns.at.push(Offset::from_nanos(at.cast_signed()));
                    continue;
                }
                Field::Collections => {
                    let count = Some(spelling.known_short(first));
                    SnapshotColumns::put(&mut columns.gc_collections, row, count);
                    continue;
                }
                Field::BatchSize => {
                    let size = u32::try_from(spelling.known_short(first)).ok();
                    SnapshotColumns::put(&mut columns.batch_size, row, size);
                    continue;
                }
                Field::Rss => &mut columns.rss,
                Field::Children => &mut columns.children_rss,
                Field::Shared => &mut columns.shared,
                Field::Pss => &mut columns.pss,
                Field::Vms => &mut columns.vms,
                _ => &mut columns.available,
            };
            let mb = spelling.known_float(first);
            // Without any resident memory the probe failed.
            let known = mb > 0.0 || *field != Field::Rss;
            SnapshotColumns::put(column, row, known.then(|| Mib::new(mb)));
        }
        Some(self.length)
    }
}

/// The numbers of a line; `None` where a value has no column or is no plain number.
fn numbers(line: &[u8]) -> Option<Vec<Number>> {
    let (mut numbers, mut rest) = (Vec::new(), line.get(TAG.len()..)?);
    loop {
        let (field, value) = Field::ALL.into_iter().find_map(|field| Some((field, field.strip(rest)?)))?;
        let length = value.iter().position(|letter| matches!(letter, b',' | b'}'))?;
        let (number, after) = value.split_at(length);
        let is_whole = number.iter().all(u8::is_ascii_digit);
        let fits = match field {
            Field::Time => is_whole,
            // Of so few digits no count is too large.
            Field::Collections | Field::BatchSize => is_whole && length <= WIDE / 2,
            Field::Rss | Field::Children | Field::Shared | Field::Pss | Field::Vms | Field::Available => {
                !is_whole
            }
            _ => false,
        };
        let spelling = Spelling::of(number).filter(|_| fits)?;
        numbers.push(Number { field, place: line.len() - value.len(), spelling });
        match after {
            [b',', next @ ..] => rest = next,
            _ => return Some(numbers),
        }
    }
}

/// Which letters may stand at each place of lines like one with these numbers.
fn letters(line: &[u8], numbers: &[Number]) -> Vec<([u8; WIDE], [u8; WIDE])> {
    let mut allowed: Vec<(u8, u8)> = line.iter().map(|letter| (*letter, 0)).collect();
    for number in numbers {
        let several = line[number.place + 1].is_ascii_digit();
        let letters = line[number.place..].iter().take_while(|letter| !matches!(letter, b',' | b'}'));
        for (place, _) in letters.enumerate().filter(|(_, letter)| letter.is_ascii_digit()) {
            // No number of several digits begins with a zero.
            let least = u8::from(several && place == 0);
            allowed[number.place + place] = (b'0' + least, 9 - least);
        }
    }
    allowed.resize(line.len().next_multiple_of(WIDE), (0, u8::MAX));
    let split = |some: &[(u8, u8); WIDE]| (some.map(|(least, _)| least), some.map(|(_, more)| more));
    allowed.as_chunks().0.iter().map(split).collect()
}

/// Eight letters of a text.
#[inline(always)]
fn eight(text: &[u8], place: usize) -> Option<u64> {
    text.get(place..)?.first_chunk().map(|letters| u64::from_le_bytes(*letters))
}

#[cfg(test)]
mod tests {
    use super::super::line::parse;
    use super::super::v1::Record;
    use super::*;

    /// The shape of a line, known as from a stream of such lines.
    fn known(line: &str) -> LineShapes {
        let (mut shapes, text) = (LineShapes::default(), line.to_owned() + &" ".repeat(2 * WIDE));
        for _ in 0..EVERY {
            assert_eq!(shapes.read(text.as_bytes(), &mut SnapshotColumns::default()), None);
            shapes.note(text.as_bytes(), 0, line.len());
        }
        shapes
    }

    #[test]
    fn whatever_letter_changes_a_line_of_a_known_shape_is_what_serde_says() {
        let line = "{\"type\":\"snapshot\",\"t_ns\":101000000,\"rss_mb\":225.48,\"shared_mb\":0.5,\
                    \"available_mb\":12774.52,\"gc_collections\":7,\"batch_size\":500}\n";
        let (mut shapes, mut read) = (known(line), 0);
        for (place, letter) in
            (0..line.len()).flat_map(|place| (0..=u8::MAX).map(move |letter| (place, letter)))
        {
            let mut text = line.as_bytes().to_vec();
            text[place] = letter;
            text.resize(text.len() + 2 * WIDE, b'\"');
            let mut columns = SnapshotColumns::default();
            let Some(length) = shapes.read(&text, &mut columns) else {
                assert!(columns.is_empty(), "no column changes");
                continue;
            };
            let Ok(Record::Snapshot(record)) = parse(&text[..length - 1], 1) else {
                panic!("{}", String::from_utf8_lossy(&text))
            };
            let found = columns.rows(0..1).snapshot(0);
            assert_eq!((length, found.at, found.rss), (line.len(), record.t_ns, record.rss_mb));
            assert_eq!((found.shared, found.available), (record.shared_mb, record.available_mb));
            assert_eq!((found.gc_collections, found.batch_size), (record.gc_collections, record.batch_size));
            read += 1;
        }
        // Of 9 + 5 + 2 + 7 + 1 + 3 digits all others, but for zeros that four of the numbers would begin with, and each
        // line as it was once for each place.
        assert_eq!(read, 27 * 9 - 4 + line.len());
    }

    #[test]
    fn a_line_with_a_value_without_a_column_or_a_number_of_another_kind_has_no_shape() {
        for fields in
            ["\"operation\":\"load\"", "\"rss_mb\":null", "\"rss_mb\":5", "\"rss_mb\":1e3", "\"percent\":5.5"]
        {
            let line = format!("{{\"type\":\"snapshot\",\"t_ns\":1,{fields}}}\n");
            assert!(known(&line).shapes.is_empty(), "{line}");
        }
    }
}
