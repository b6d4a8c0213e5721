//! The manual page.

use clap_mangen::Man;

/// The program's page, then each command's.
pub(super) fn render(mut command: clap::Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    command.build();
    Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let man = Man::new(sub.clone().display_name(format!("memtool {}", sub.get_name())));
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_options_section(&mut page)?;
        man.render_extra_section(&mut page)?;
    }
    Ok(page)
}
