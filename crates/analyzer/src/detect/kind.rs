//! The kinds of findings, made from the registry.

use serde::{Deserialize, Serialize};

use super::registry::finding_kinds;

macro_rules! kinds {
    ($($file:ident $kind:ident,)*) => {
        /// What is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum FindingKind {
            $(#[doc = concat!("See docs/findings/", stringify!($file), ".md.")] $kind,)*
        }

        impl FindingKind {
            /// Every kind, in order.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The name in output, and of the page in docs/findings.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => stringify!($file)),* }
            }
        }
    };
}

finding_kinds!(kinds);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_name_everywhere() {
        for kind in FindingKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("JSON"), kind.as_str());
        }
    }
}
