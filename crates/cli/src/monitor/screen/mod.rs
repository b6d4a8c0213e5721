//! The view on a terminal.
pub(crate) fn run(_: super::Feed, _: super::View, _: bool, _: &crate::signals::EndWish) -> anyhow::Result<()> { Ok(()) }
