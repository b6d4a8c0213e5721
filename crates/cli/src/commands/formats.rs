//! `memtool formats`: which files of other tools are read.

use anyhow::Context;
use memtool_formats::{Caution, READERS, Reader};
use serde::Serialize;

use crate::args::{Format, Formats};
use crate::escape;
use crate::exit::Exit;
use crate::output;
use crate::text::wrapped;

/// The shape of `formats --format json`, schema `memtool.formats/1`.
#[derive(Debug, Serialize)]
struct Listing {
    schema: &'static str,
    formats: Vec<Row>,
}

/// One format.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    tool: &'static str,
    versions: &'static str,
    record: &'static str,
    tells: &'static str,
    cannot_tell: &'static str,
    warnings: Vec<WarningRow>,
}

/// What its reader warns of.
#[derive(Debug, Serialize)]
struct WarningRow {
    code: &'static str,
    text: &'static str,
    seen: &'static str,
}

pub(crate) fn run(args: &Formats) -> anyhow::Result<Exit> {
    let readers: Vec<&Reader> = match &args.name {
        None => READERS.iter().collect(),
        Some(name) => vec![named(name)?],
    };
    match args.format {
        Format::Json => {
            let formats = readers.into_iter().map(row).collect();
            output::print_json(&Listing { schema: "memtool.formats/1", formats })?;
        }
        Format::Text => {
            let with_warnings = args.name.is_some();
            let page: String = readers.into_iter().map(|reader| paragraph(reader, with_warnings)).collect();
            output::print(&page)?;
        }
    }
    Ok(Exit::Done)
}

fn named(name: &str) -> anyhow::Result<&'static Reader> {
    READERS.iter().find(|reader| reader.name == name).with_context(|| {
        let names: Vec<&str> = READERS.iter().map(|reader| reader.name).collect();
        format!("no format {:?}; those read are {}", escape::control(name), names.join(", "))
    })
}

fn row(reader: &Reader) -> Row {
    let warning =
        |caution: &Caution| WarningRow { code: caution.code, text: caution.text, seen: caution.seen };
    Row {
        name: reader.name,
        tool: reader.tool,
        versions: reader.versions,
        record: reader.record,
        tells: reader.tells,
        cannot_tell: reader.cannot_tell,
        warnings: reader.cautions.iter().map(warning).collect(),
    }
}

fn paragraph(reader: &Reader, with_warnings: bool) -> String {
    let mut page = format!("{} ({}, {})\n", reader.name, reader.tool, reader.versions);
    let mut line = |name: &str, text: &str| {
        page.push_str(&wrapped(&format!("  {name:<12}"), text));
    };
    line("record", reader.record);
    line("tells", reader.tells);
    line("cannot tell", reader.cannot_tell);
    for caution in reader.cautions.iter().filter(|_| with_warnings) {
        line("warns", &format!("{}: {} (seen with {})", caution.code, caution.text, caution.seen));
    }
    page
}
