//! The one integration binary of the workspace.

mod architecture;
mod broken;
mod fixtures;
mod levels;
mod mutations;
mod records;
mod roundtrip;
