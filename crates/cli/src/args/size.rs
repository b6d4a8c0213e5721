//! Amounts of memory, as they are typed.

use memtool_profile_model::Mib;

/// MiB in each unit. Memory is sold and meant in powers of 1,024, so `MB` is read as `MiB`.
const UNITS: [(&str, f64); 5] =
    [("k", 1.0 / 1024.0), ("m", 1.0), ("g", 1024.0), ("t", 1024.0 * 1024.0), ("b", 1.0 / Mib::BYTES)];

/// The largest amount that makes sense, in MiB.
const LARGEST: f64 = 1e9;

/// Reads `600MiB`, `600m`, `1.5 GiB` or a plain number of MiB. The result is in MiB.
///
/// # Errors
/// The expected form, where the text is no amount above 0.
pub(crate) fn mebibytes(text: &str) -> Result<f64, String> {
    amount(text, 1.0).ok_or_else(|| {
        "expected an amount of memory above 0 and up to 950TiB, such as 600MiB or 2GiB".to_owned()
    })
}

/// Reads `8gb`, `8GiB`, `16384MiB` or a plain number of GiB. The result is in GiB.
///
/// # Errors
/// The expected form, where the text is no amount above 0.
pub(super) fn gibibytes(text: &str) -> Result<f64, String> {
    let mebibytes = amount(text, 1024.0);
    mebibytes
        .map(|size| size / 1024.0)
        .ok_or_else(|| "expected a size above 0 and up to 950TiB, such as 8gb".to_owned())
}

/// An amount in MiB; a number without a unit is multiplied by `plain`.
fn amount(text: &str, plain: f64) -> Option<f64> {
    let lower = text.trim().to_ascii_lowercase();
    let end = lower.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(lower.len());
    let (digits, unit) = lower.split_at(end);
    let size = digits.trim().parse::<f64>().ok()? * factor(unit, plain)?;
    (size > 0.0 && size <= LARGEST).then_some(size)
}

fn factor(unit: &str, plain: f64) -> Option<f64> {
    if unit.is_empty() {
        return Some(plain);
    }
    let short = unit.strip_suffix("ib").or_else(|| unit.strip_suffix('b')).filter(|short| !short.is_empty());
    let short = short.unwrap_or(unit);
    UNITS.iter().find(|(name, _)| *name == short).map(|(_, factor)| *factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        for (text, size) in [
            ("600", 600.0),
            ("600MiB", 600.0),
            (" 600 mb ", 600.0),
            ("600M", 600.0),
            ("1.5GiB", 1536.0),
            ("2g", 2048.0),
            ("1TB", 1_048_576.0),
            ("512KiB", 0.5),
            ("1048576B", 1.0),
        ] {
            assert_eq!(mebibytes(text), Ok(size), "{text}");
        }
    }

    #[test]
    fn machine_sizes_are_read_in_every_spelling() {
        for (text, size) in
            [("8gb", 8.0), ("16GB", 16.0), ("1.5 GiB", 1.5), ("4", 4.0), ("8g", 8.0), ("512MiB", 0.5)]
        {
            assert_eq!(gibibytes(text), Ok(size), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "0", "-4gb", "nan", "inf", "big", "4 apples", "MiB", "1e300", "600 MiB MiB", "4ib"] {
            assert!(mebibytes(text).is_err(), "{text}");
            assert!(gibibytes(text).is_err(), "{text}");
        }
    }
}
