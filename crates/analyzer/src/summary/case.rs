//! The worst of many runs by some figure.

/// The largest value, and the run that had it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorstCase {
    /// The value.
    pub value: f64,
    /// Where the run is from.
    pub uri: String,
}

impl WorstCase {
    /// The worse of two; of equal ones the first by name, whatever the order they came in.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let larger = other.value.total_cmp(&self.value);
        if larger.then_with(|| self.uri.cmp(&other.uri)).is_gt() { other } else { self }
    }

    /// The worse of two that may be none.
    pub(super) fn worse_of(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.worse(other)),
            (one, other) => one.or(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(value: f64, uri: &str) -> WorstCase {
        WorstCase { value, uri: uri.to_owned() }
    }

    #[test]
    fn the_order_does_not_matter() {
        let (a, b) = (case(2.0, "b"), case(2.0, "a"));
        assert_eq!(a.clone().worse(b.clone()), b);
        assert_eq!(b.clone().worse(a), b);
        assert_eq!(case(1.0, "a").worse(case(3.0, "b")), case(3.0, "b"));
    }
}
