pub(crate) fn run(_args: &crate::args::Tune) -> anyhow::Result<crate::exit::Exit> {
    anyhow::bail!("pending")
}
