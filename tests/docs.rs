//! Every `console` block of the README and the docs is run and its output compared.

use crate::fixtures::root;

#[test]
fn commands_in_readme_and_docs_print_what_is_shown() {
    // The blocks are written as typed at the repository's root.
    std::env::set_current_dir(root()).expect("the workspace");
    trycmd::TestCases::new()
        .register_bin("memtool", trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_memtool").into()))
        .case("README.md")
        .case("docs/*.md");
}
