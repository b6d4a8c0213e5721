//! The live view: records come from a feed, a view is built from them, a face shows it.

mod advice;
mod feed;
mod find;
mod follow;
pub(crate) mod plain;
mod points;
pub(crate) mod screen;
mod trend;
mod view;

pub(crate) use feed::{Feed, watched};
pub(crate) use find::{in_folder, is_running};
pub(crate) use follow::Follower;
pub(crate) use view::View;
