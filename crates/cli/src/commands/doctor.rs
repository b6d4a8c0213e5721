//! `memtool doctor`: whether this machine can be recorded on.

use serde::Serialize;

use crate::args::{Doctor, Format};
use crate::exit::Exit;
use crate::machine::Machine;
use crate::output;
use crate::table::{self, Field, Tone, text};

/// The shape of `doctor --format json`.
#[derive(Debug, Serialize)]
struct CheckUp {
    schema: &'static str,
    can_record: bool,
    machine: Machine,
}

pub(crate) fn run(args: &Doctor) -> anyhow::Result<Exit> {
    let machine = Machine::examine(&args.reports);
    let check_up = CheckUp { schema: "memtool.doctor/1", can_record: machine.can_record(), machine };
    match args.format {
        Format::Json => output::print_json(&check_up)?,
        Format::Text => output::print(&page(&check_up))?,
    }
    Ok(if check_up.can_record { Exit::Done } else { Exit::Findings })
}

fn page(check_up: &CheckUp) -> String {
    let row = |(name, value, good): (&'static str, String, bool)| {
        let tone = if good { Tone::Plain } else { Tone::Warn };
        vec![name.into(), Field(value, tone)]
    };
    let rows = check_up.machine.lines().into_iter().map(row).collect();
    let verdict =
        if check_up.can_record { "Jobs can be recorded here." } else { "Jobs cannot be recorded here." };
    format!("{}\n{verdict}\n", table::render(&[text("this machine"), text("")], rows))
}
