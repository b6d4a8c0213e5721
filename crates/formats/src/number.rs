//! Numbers and sizes as tools print them, whatever the locale.

use memtool_profile_model::Mib;

/// A kibibyte, in bytes.
pub(crate) const KIB: f64 = 1024.0;
/// A mebibyte, in bytes.
pub(crate) const MIB: f64 = Mib::BYTES;

/// A number with a decimal point, or the comma that other locales print; finite.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let parsed = text.parse().or_else(|_| text.replacen(',', ".", 1).parse());
    parsed.ok().filter(|value: &f64| value.is_finite() && !text.starts_with('+'))
}

/// Mebibytes that any machine may have, from a number of some unit in bytes.
pub(crate) fn sized(value: f64, unit: f64) -> Option<Mib> {
    let mebibytes = value * (unit / MIB);
    (0.0..=1e9).contains(&mebibytes).then(|| Mib::new(mebibytes))
}

/// A size in KiB, without a unit.
pub(crate) fn kib(text: &str) -> Option<Mib> {
    sized(number(text)?, KIB)
}

/// A size with a unit, such as `87.3M`, `224552K`, `1,1g`, `9.4Gi`, `35.3 MB` or `12 GiB`; one without
/// a unit (`2048`, `3e+09`) counts in units of `bare` bytes. Units are powers of 1024: so these tools mean them.
pub(crate) fn size(text: &str, bare: f64) -> Option<Mib> {
    let text = text.trim();
    if let Some(value) = number(text) {
        return sized(value, bare);
    }
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let named = text[end..].to_ascii_lowercase();
    let prefix = named.strip_suffix('b').unwrap_or(&named);
    let unit = match prefix.strip_suffix('i').unwrap_or(prefix) {
        "" if named == "b" => 1.0,
        "k" => KIB,
        "m" => MIB,
        "g" => KIB * MIB,
        "t" => MIB * MIB,
        "p" => KIB * MIB * MIB,
        _ => return None,
    };
    sized(number(&text[..end])?, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_every_spelling() {
        let cases = [
            ("87.3M", 87.3),
            ("224552K", 224_552.0 / 1024.0),
            ("1,5g", 1536.0),
            ("35.3 MB", 35.3),
            ("12 GiB", 12288.0),
            ("1.5Gi", 1536.0),
            ("2048", 2.0),
            ("2e+06", 2e6 / 1024.0),
            ("1E3 ", 1e3 / 1024.0),
            ("1048576 B", 1.0),
            ("0", 0.0),
        ];
        for (text, mebibytes) in cases {
            assert_eq!(size(text, KIB), Some(Mib::new(mebibytes)), "{text}");
        }
        for text in ["", "-1", "M", "12 X", "12 i", "12 iB", "nan", "inf", "1e300", "--"] {
            assert_eq!(size(text, KIB), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_other_locales() {
        assert_eq!(
            [number("9,08"), number(" 9.08 "), number("1,234,5"), number("NaN")],
            [Some(9.08), Some(9.08), None, None]
        );
    }
}
