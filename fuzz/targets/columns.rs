//! Tables by a mapping of their columns: the first line is the mapping, the rest the table.
#![no_main]

use libfuzzer_sys::fuzz_target;
use memtool_formats::{Columns, Head, Limits, read_columns};
use memtool_fuzz::assert_sound;

const LIMITS: Limits = Limits { samples: 1000, runs: 100 };

fuzz_target!(|text: &str| {
    let Some((mapping, table)) = text.split_once('\n') else { return };
    let Ok(mapping) = mapping.parse::<Columns>() else { return };
    let _fits = mapping.fit(&Head::new(table.as_bytes()));
    let Ok(runs) = read_columns(&mapping, &mut table.as_bytes(), LIMITS) else { return };
    assert!((1..=LIMITS.runs).contains(&runs.len()), "{} runs", runs.len());
    runs.iter().for_each(assert_sound);
});
