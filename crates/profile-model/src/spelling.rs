//! How the numbers of a field are mostly spelt.
//!
//! Where a number ends is where the next field begins. A processor that has to work that out waits with all that follows, but
//! it guesses how a comparison ends and goes on. So a number is compared with the spelling of those before it: so many
//! digits, the dot there. One that is spelt otherwise is read in the general way.

use crate::number::{self, DIGITS_AT_ONCE, EACH, POWERS, TENS, digits_and_others, joined};

/// The spelling of the last numbers of a field. Its numbers are all read as floats or all as whole ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    /// Letters of the number.
    length: usize,
    /// Of the letters that its last digits are among, up to the one behind it, the highest bits.
    looked_at: u64,
    /// Those of them that are no digits.
    others: u64,
    /// The letters before the dot, and where it is, in bits.
    before: u64,
    dot: u32,
    /// How far digits are moved so that zeros stand before them, in bits.
    padding: u32,
    /// What a float's digits are divided by.
    divisor: f64,
    /// What the first digits of a whole number are multiplied by; 0 where they are the last ones.
    tens: u64,
    /// A letter that it cannot begin with.
    never_first: u8,
    /// Whether the last number was spelt otherwise: one alone changes nothing.
    missed: bool,
}

impl Default for Spelling {
    /// That of no number.
    fn default() -> Self {
        Self {
            length: 0,
            looked_at: 0,
            others: 1,
            before: 0,
            dot: 0,
            padding: 0,
            divisor: 1.0,
            tens: 0,
            never_first: 0,
            missed: true,
        }
    }
}

impl Spelling {
    /// Reads a number as [`number::float`] does.
    #[inline(always)]
    pub(crate) fn float<'a>(&mut self, text: &'a [u8]) -> Option<(f64, &'a [u8])> {
        let Some(first) = text.first_chunk() else { return number::float(text) };
        let letters = u64::from_le_bytes(*first);
        let (digits, others) = digits_and_others(letters);
        if others & self.looked_at == self.others
            && (letters >> self.dot) as u8 == b'.'
            && letters as u8 != self.never_first
            && let Some(b',' | b'}') = text.get(self.length)
        {
            self.missed = false;
            return Some((self.float_of(digits), &text[self.length..]));
        }
        self.other_float(text)
    }

    /// Reads a number as [`number::whole`] does.
    #[inline(always)]
    pub(crate) fn whole<'a>(&mut self, text: &'a [u8]) -> Option<(u64, &'a [u8])> {
        let Some((first, rest)) = text.split_first_chunk() else { return number::whole(text) };
        let letters = u64::from_le_bytes(*first);
        let (mut digits, mut others) = digits_and_others(letters);
        let mut value = 0;
        if self.tens != 0 {
            let Some(last) = rest.first_chunk().filter(|_| others == 0) else {
                return self.other_whole(text);
            };
            value = joined(digits) * self.tens;
            (digits, others) = digits_and_others(u64::from_le_bytes(*last));
        }
        if others & self.looked_at == self.others
            && letters as u8 != self.never_first
            && let Some(b',' | b'}') = text.get(self.length)
        {
            self.missed = false;
            return Some((value + joined(digits << self.padding), &text[self.length..]));
        }
        self.other_whole(text)
    }

    /// The float that the digits of a number in this spelling make, its dot among them.
    #[inline(always)]
    fn float_of(&self, digits: u64) -> f64 {
        let without_dot = digits & self.before | digits >> 8 & !self.before;
        #[expect(clippy::cast_precision_loss, reason = "at most seven digits")]
        let digits = joined(without_dot << self.padding).cast_signed() as f64;
        digits / self.divisor
    }

    /// Reads a float that is known to be spelt like this, by the eight letters from its first on.
    #[inline(always)]
    pub(crate) fn known_float(&self, letters: u64) -> f64 {
        self.float_of(digits_and_others(letters).0)
    }

    /// Reads a whole number that is known to be spelt like this and to have eight digits at most.
    #[inline(always)]
    pub(crate) fn known_short(&self, letters: u64) -> u64 {
        joined(digits_and_others(letters).0 << self.padding)
    }

    /// The same of one of any length, by the sixteen letters from its first on.
    #[inline(always)]
    pub(crate) fn known_whole(&self, first: u64, second: u64) -> u64 {
        if self.tens == 0 {
            return self.known_short(first);
        }
        joined(digits_and_others(first).0) * self.tens + self.known_short(second)
    }

    /// That of a float of at most seven digits, or of a whole number of at most sixteen, whichever a text is. `None` where
    /// it is neither.
    pub(crate) fn of(number: &[u8]) -> Option<Self> {
        if number.iter().all(u8::is_ascii_digit) {
            return (1..=2 * DIGITS_AT_ONCE).contains(&number.len()).then(|| Self::of_whole(number.len()));
        }
        Self::of_float(number)
    }

    #[inline(never)]
    fn other_float<'a>(&mut self, text: &'a [u8]) -> Option<(f64, &'a [u8])> {
        let (value, rest) = number::float(text)?;
        self.missed(|| Self::of_float(&text[..text.len() - rest.len()]));
        Some((value, rest))
    }

    #[inline(never)]
    fn other_whole<'a>(&mut self, text: &'a [u8]) -> Option<(u64, &'a [u8])> {
        let (value, rest) = number::whole(text)?;
        self.missed(|| Some(Self::of_whole(text.len() - rest.len())));
        Some((value, rest))
    }

    /// Notes a number that was spelt otherwise, and takes the spelling of the second in a row.
    fn missed(&mut self, spelling: impl FnOnce() -> Option<Self>) {
        if self.missed {
            *self = spelling().unwrap_or_default();
        }
        self.missed = !self.missed;
    }

    /// That of a float with a dot and eight letters at most.
    fn of_float(number: &[u8]) -> Option<Self> {
        let dot = number.iter().position(|letter| *letter == b'.')?;
        let plain = number.iter().all(|letter| letter.is_ascii_digit() || *letter == b'.');
        let decimals = number.len() - dot - 1;
        (plain && dot > 0 && number.len() <= DIGITS_AT_ONCE).then(|| Self {
            others: Self::ending(number.len()).others | 0x80 << (8 * dot),
            before: (1 << (8 * dot)) - 1,
            dot: bits(dot),
            padding: bits(DIGITS_AT_ONCE + 1 - number.len()),
            divisor: POWERS[decimals],
            never_first: if dot > 1 { b'0' } else { 0 },
            length: number.len(),
            ..Self::ending(number.len())
        })
    }

    /// That of a whole number of so many digits.
    fn of_whole(length: usize) -> Self {
        let (first, last) = match length {
            0..=DIGITS_AT_ONCE => (0, length),
            _ => (DIGITS_AT_ONCE, length - DIGITS_AT_ONCE),
        };
        if last > DIGITS_AT_ONCE {
            return Self::default();
        }
        Self {
            padding: bits(DIGITS_AT_ONCE - last),
            tens: if first > 0 { TENS[last] } else { 0 },
            never_first: if length > 1 { b'0' } else { 0 },
            length,
            ..Self::ending(last)
        }
    }

    /// That of letters that are digits up to a place among the last ones.
    fn ending(place: usize) -> Self {
        let all = EACH * 0x80;
        let up_to = |place: usize| all & (1_u64.checked_shl(bits(place)).unwrap_or(0).wrapping_sub(1));
        let looked_at = up_to(place + 1);
        Self { looked_at, others: looked_at & !up_to(place), ..Self::default() }
    }
}

/// The bits of so many letters.
fn bits(letters: usize) -> u32 {
    8 * u32::try_from(letters).unwrap_or(u32::MAX / 8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn after_any_numbers_one_is_read_as_in_the_general_way(
            texts in prop::collection::vec("(-?[0-9]{1,9}(\\.[0-9]{0,9})?(e[0-9])?|[-+.e0-9]{0,4})[,}x]?.{0,9}", 1..30),
        ) {
            let (mut floats, mut wholes) = (Spelling::default(), Spelling::default());
            for text in &texts {
                let text = text.as_bytes();
                let bits = |found: Option<(f64, _)>| found.map(|(value, rest): (f64, &[u8])| (value.to_bits(), rest.len()));
                prop_assert_eq!(bits(floats.float(text)), bits(number::float(text)));
                prop_assert_eq!(wholes.whole(text), number::whole(text));
            }
        }
    }

    /// How often the general way is taken for the last of some numbers.
    fn is_known(numbers: &[&str]) -> bool {
        let mut spelling = Spelling::default();
        for number in numbers {
            let text = format!("{number},\"a\":1.5}}");
            if number.contains('.') {
                spelling.float(text.as_bytes()).map(drop)
            } else {
                spelling.whole(text.as_bytes()).map(drop)
            };
        }
        !spelling.missed
    }

    #[test]
    fn a_number_spelt_like_the_ones_before_is_known() {
        for known in [["1.5", "7.0"], ["12345.67", "98765.43"], ["500", "123"], ["12345678", "87654321"]] {
            assert!(is_known(&known), "{known:?}");
        }
        assert!(is_known(&["123456789", "987654321"]) && is_known(&["1234567812345678", "8765432187654321"]));
        assert!(is_known(&["1.5", "77.5", "2.5"]), "one alone changes nothing");
        assert!(is_known(&["1.5", "77.5", "77.5", "88.5"]), "two do");
        assert!(!is_known(&["1.5", "77.5"]) && !is_known(&["12", "123"]));
    }
}
