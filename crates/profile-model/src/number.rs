//! Numbers as JSON spells them, exact and fast.
//!
//! Up to 15 digits fit a float without loss, and so do powers of ten up to 10^22: one division
//! then gives the float nearest to the text (Clinger 1990, "How to read floating point numbers
//! accurately"). What is longer or has an exponent goes to the standard library.

/// A value, and how many letters it has; of text that is no number, none.
type Found = (f64, usize);
const NONE: Found = (0.0, 0);

/// Letters with which a number goes on behind the first of its decimals.
const GOES_ON: [bool; 256] = {
    let mut letters = [false; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        letters[digit as usize] = true;
        digit += 1;
    }
    (letters[b'e' as usize], letters[b'E' as usize]) = (true, true);
    letters
};

/// Digits that a float holds whatever they are.
const EXACT_DIGITS: usize = 15;

/// Digits that are put together at once.
pub(crate) const DIGITS_AT_ONCE: usize = 8;

pub(crate) const POWERS: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

pub(crate) const TENS: [u64; EXACT_DIGITS + 1] = {
    let mut tens = [1; EXACT_DIGITS + 1];
    let mut power = 1;
    while power <= EXACT_DIGITS {
        tens[power] = tens[power - 1] * 10;
        power += 1;
    }
    tens
};

/// Reads a number at the beginning, and tells what follows it; `None` where JSON has none, and
/// where it is not finite.
#[inline(always)]
#[must_use]
pub fn float(text: &[u8]) -> Option<(f64, &[u8])> {
    let (value, length) = match short(text) {
        (_, 0) => any_length(text),
        found => found,
    };
    if length == 0 { None } else { Some((value, text.get(length..)?)) }
}

/// A number without a sign whose digits and dot are eight letters at most, in one step, and its length; 0 for any other.
///
/// Inlined, with a result in registers: a pair that goes through memory costs as much as the number.
#[inline(always)]
fn short(text: &[u8]) -> Found {
    let Some(first) = text.first_chunk::<8>() else { return NONE };
    let letters = u64::from_le_bytes(*first);
    let (digits, others) = digits_and_others(letters);
    let length = bytes_below(others);
    if length == 0 || length >= 7 || (letters >> (8 * length)) as u8 != b'.' {
        return NONE;
    }
    // The next letter that is no digit behind the dot.
    let end = bytes_below(others & (others - 1));
    let goes_on = text.get(end).is_some_and(|letter| GOES_ON[*letter as usize]);
    if goes_on || end == length + 1 || (length > 1 && letters as u8 == b'0') {
        return NONE;
    }
    // Without the dot.
    let before = (1 << (8 * length)) - 1;
    let mantissa = value_of(digits & before | digits >> 8 & !before, end - 1);
    #[expect(clippy::cast_precision_loss, reason = "at most seven digits")]
    let value = mantissa.cast_signed() as f64 / POWERS[end - 1 - length];
    (value, end)
}

/// Any number, and its length.
fn any_length(text: &[u8]) -> Found {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (whole, length) = run_of_digits(digits);
    if length == 0 || (length > 1 && digits[0] == b'0') {
        return NONE;
    }
    let mut rest = &digits[length..];
    let (mut mantissa, mut decimals) = (whole, 0);
    if let [b'.', fraction @ ..] = rest {
        let (value, found) = run_of_digits(fraction);
        if found == 0 {
            return NONE;
        }
        rest = &fraction[found..];
        if length + found <= EXACT_DIGITS {
            mantissa = whole * TENS[found] + value;
        }
        decimals = found;
    }
    if length + decimals > EXACT_DIGITS || matches!(rest, [b'e' | b'E', ..]) {
        return by_library(text).unwrap_or(NONE);
    }
    // By way of a signed number, which processors convert in one step.
    #[expect(clippy::cast_precision_loss, reason = "at most 15 digits")]
    let value = mantissa.cast_signed() as f64 / POWERS[decimals];
    (if negative { -value } else { value }, text.len() - rest.len())
}

/// Reads a whole number of at most 18 digits at the beginning.
#[inline(always)]
#[must_use]
pub fn whole(text: &[u8]) -> Option<(u64, &[u8])> {
    let (value, length) = run_of_digits(text);
    let plain = length == 1 || (length > 1 && length <= 18 && text[0] != b'0');
    let rest = text.get(length..)?;
    (plain && !matches!(rest, [b'.' | b'e' | b'E', ..])).then_some((value, rest))
}

/// The number that the digits at the beginning make, and how many they are; of more than 18 not
/// the number.
#[inline(always)]
fn run_of_digits(text: &[u8]) -> (u64, usize) {
    let Some(eight) = text.first_chunk::<8>() else { return one_by_one(text, 0, 0) };
    let (digits, others) = digits_and_others(u64::from_le_bytes(*eight));
    if others != 0 {
        let length = bytes_below(others);
        return (value_of(digits, length), length);
    }
    let first = value_of(digits, 8);
    let Some(eight) = text[8..].first_chunk::<8>() else { return one_by_one(text, first, 8) };
    let (digits, others) = digits_and_others(u64::from_le_bytes(*eight));
    let length = bytes_below(others);
    let value = first * TENS[length] + value_of(digits, length);
    if length < 8 { (value, 8 + length) } else { one_by_one(text, value, 16) }
}

/// Goes on behind so many digits that make a number.
fn one_by_one(text: &[u8], mut value: u64, mut length: usize) -> (u64, usize) {
    while let Some(digit) = text.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    (value, length)
}

/// One in each of eight bytes.
pub(crate) const EACH: u64 = 0x0101_0101_0101_0101;

/// Of eight letters, the first the lowest byte: digits as 0 to 9, and the highest bit of each byte that is none. What
/// is said of letters behind the first that is not ASCII does not hold.
#[inline]
pub(crate) const fn digits_and_others(letters: u64) -> (u64, u64) {
    let digits = letters ^ (EACH * 0x30);
    (digits, (digits.wrapping_add(EACH * 0x76) | digits) & (EACH * 0x80))
}

/// How many bytes stand below the lowest bit.
#[inline]
const fn bytes_below(bits: u64) -> usize {
    (bits.trailing_zeros() / 8) as usize
}

/// The number that the first of eight digits make, so many of them.
#[inline]
const fn value_of(digits: u64, count: usize) -> u64 {
    // Zeros come to stand before fewer digits; in two steps, as none may be left.
    joined(digits << (8 * (8 - count) / 2) << (8 * (8 - count) / 2))
}

/// The number that eight digits make, without a branch a digit: neighbours are put together by two, four and eight.
#[inline]
pub(crate) const fn joined(digits: u64) -> u64 {
    const BYTES: u64 = 0x0000_00ff_0000_00ff;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let first = (pairs & BYTES).wrapping_mul(100 + (1_000_000 << 32));
    let second = ((pairs >> 16) & BYTES).wrapping_mul(1 + (10_000 << 32));
    first.wrapping_add(second) >> 32
}

fn by_library(text: &[u8]) -> Option<Found> {
    let end = text.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))?;
    let number = &text[..end];
    let ends_in_digit = number.last().is_some_and(u8::is_ascii_digit);
    let value: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
    // The library also takes an exponent without a dot before it as JSON does, but not more.
    (ends_in_digit && value.is_finite()).then_some((value, end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> Option<f64> {
        serde_json::from_str(text).ok()
    }

    fn ours(text: &str) -> Option<f64> {
        float(format!("{text}\n").as_bytes()).filter(|(_, rest)| *rest == b"\n").map(|(value, _)| value)
    }

    proptest! {
        #[test]
        fn a_float_is_the_one_that_serde_reads(bits in any::<u64>(), cut in 0_usize..22) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            for text in [value.to_string(), format!("{value:e}"), format!("{:.3}", value % 1e6)] {
                let text = &text[..text.len().min(cut + 3)];
                prop_assert_eq!(ours(text).map(f64::to_bits), json(text).map(f64::to_bits), "{}", text);
            }
        }

        #[test]
        fn any_text_of_these_letters_is_read_as_serde_does(text in "[-+0-9.eE]{0,12}") {
            prop_assert_eq!(ours(&text).map(f64::to_bits), json(&text).map(f64::to_bits));
            let integer = whole(format!("{text},").as_bytes()).filter(|(_, rest)| *rest == b",").map(|(n, _)| n);
            prop_assert_eq!(integer, serde_json::from_str::<u64>(&text).ok());
        }
    }

    #[test]
    fn what_json_does_not_allow_is_none() {
        for text in ["", "-", "01", "-01", ".5", "1.", "1.e5", "+1", "1e", "1e400", "NaN", "Infinity", "inf"]
        {
            assert_eq!(ours(text), None, "{text}");
        }
        assert_eq!(ours("-0.0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
    }
}
