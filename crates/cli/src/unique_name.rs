//! Unique names of output files.

use std::collections::BTreeSet;

/// Bytes of a name, which leaves room for a number and an ending in the 255 that file systems take.
const LONGEST: usize = 200;

/// A file name that is not taken yet; letters that a file system may refuse are replaced.
pub(crate) fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let allowed = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let mut plain = String::new();
    for c in name.chars().map(allowed) {
        if plain.len() + c.len_utf8() > LONGEST {
            break;
        }
        plain.push(c);
    }
    let mut candidate = plain.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{plain}_{number}");
        number += 1;
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_and_fit_a_file_system() {
        let mut taken = BTreeSet::new();
        let long = "日本".repeat(100);
        let [one, other] = [(); 2].map(|()| unique(&long, &mut taken));
        assert!(one != other && other.len() < 255, "{other}");
        assert_eq!(unique("a/b:c", &mut taken), "a_b_c");
    }
}
