//! Numbers as JSON spells them, exact and fast.
//!
//! Up to 15 digits fit a float without loss, and so do powers of ten up to 10^22: one division
//! then gives the float nearest to the text (Clinger 1990, "How to read floating point numbers
//! accurately"). What is longer or has an exponent goes to the standard library.

/// Digits that a float holds whatever they are.
const EXACT_DIGITS: usize = 15;

const POWERS: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

const TENS: [u64; EXACT_DIGITS + 1] = {
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
#[inline]
#[must_use]
pub fn float(text: &[u8]) -> Option<(f64, &[u8])> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (whole, length) = run_of_digits(digits);
    if length == 0 || (length > 1 && digits[0] == b'0') {
        return None;
    }
    let mut rest = &digits[length..];
    let (mut mantissa, mut decimals) = (whole, 0);
    if let [b'.', fraction @ ..] = rest {
        let (value, found) = run_of_digits(fraction);
        if found == 0 {
            return None;
        }
        rest = &fraction[found..];
        if length + found <= EXACT_DIGITS {
            mantissa = whole * TENS[found] + value;
        }
        decimals = found;
    }
    if length + decimals > EXACT_DIGITS || matches!(rest, [b'e' | b'E', ..]) {
        return by_library(text);
    }
    // By way of a signed number, which processors convert in one step.
    #[expect(clippy::cast_precision_loss, reason = "at most 15 digits")]
    let value = mantissa.cast_signed() as f64 / POWERS[decimals];
    Some((if negative { -value } else { value }, rest))
}

/// Reads a whole number of at most 18 digits at the beginning.
#[inline]
#[must_use]
pub fn whole(text: &[u8]) -> Option<(u64, &[u8])> {
    let (value, length) = run_of_digits(text);
    let plain = length > 0 && length <= 18 && (length == 1 || text[0] != b'0');
    let ends = !matches!(text.get(length), Some(b'.' | b'e' | b'E'));
    (plain && ends).then(|| (value, &text[length..]))
}

/// The number that the digits at the beginning make, and how many they are; of more than 18 not
/// the number.
#[inline]
fn run_of_digits(text: &[u8]) -> (u64, usize) {
    let (mut value, mut length) = (0_u64, 0);
    if let Some((first, _)) = text.split_first_chunk::<8>() {
        (value, length) = up_to_eight(u64::from_le_bytes(*first));
        if length < 8 {
            return (value, length);
        }
    }
    while let Some(digit) = text.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    (value, length)
}

/// The same of eight letters at once, without a branch a digit: the first letter is the lowest
/// byte. Digits become 0 to 9, the first byte above ends them, and neighbours are put together
/// by two, four and eight.
#[inline]
fn up_to_eight(letters: u64) -> (u64, usize) {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const BYTES: u64 = 0x0000_00ff_0000_00ff;
    let digits = letters ^ (EACH * 0x30);
    let others = (digits.wrapping_add(EACH * 0x76) | digits) & (EACH * 0x80);
    let length = (others.trailing_zeros() / 8) as usize;
    if length == 0 {
        return (0, 0);
    }
    // Zeros come to stand before fewer digits.
    let padded = digits << (64 - 8 * length);
    let pairs = padded.wrapping_mul(10).wrapping_add(padded >> 8);
    let first = (pairs & BYTES).wrapping_mul(100 + (1_000_000 << 32));
    let second = ((pairs >> 16) & BYTES).wrapping_mul(1 + (10_000 << 32));
    (first.wrapping_add(second) >> 32, length)
}

fn by_library(text: &[u8]) -> Option<(f64, &[u8])> {
    let end = text.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))?;
    let (number, rest) = text.split_at(end);
    let ends_in_digit = number.last().is_some_and(u8::is_ascii_digit);
    let value: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
    // The library also takes an exponent without a dot before it as JSON does, but not more.
    (ends_in_digit && value.is_finite()).then_some((value, rest))
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
