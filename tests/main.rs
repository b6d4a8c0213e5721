//! The one integration binary of the workspace.

mod broken;
mod fixtures;
mod levels;
mod records;
mod roundtrip;
