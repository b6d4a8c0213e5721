//! A check-up: what the recorder can do on this machine, and whether planted ways to use memory
//! get the verdicts they should.

mod field;
mod machine;
mod plant;
mod verdict;

pub(crate) use field::Field;
pub(crate) use machine::Machine;
pub(crate) use plant::grow;
pub(crate) use verdict::{Found, Outcome, judge};
