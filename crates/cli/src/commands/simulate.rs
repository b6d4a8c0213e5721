pub(crate) fn run(_args: &crate::args::Simulate) -> anyhow::Result<crate::exit::Exit> {
    anyhow::bail!("pending")
}
