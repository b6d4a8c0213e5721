//! A job's YAML, read, edited and read: only what was asked for changes, and asking again changes nothing.
#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memtool_job_config::{ConfigChange, edit_config, read_config};
use memtool_profile_model::{SETTINGS, Scalar, Setting};

fn change(bytes: &mut Unstructured<'_>) -> Result<(&'static Setting, ConfigChange)> {
    let setting = bytes.choose(&SETTINGS)?;
    let number = bytes.arbitrary::<u16>()?;
    let value = match setting.get(&Default::default()) {
        Scalar::Bool(_) => Scalar::Bool(number % 2 == 0),
        Scalar::Count(_) => Scalar::Count(number.into()),
        Scalar::Number(_) => Scalar::Number(f64::from(number) / 8.0),
    };
    Ok((setting, ConfigChange::new(setting.path, value)))
}

/// Up to three changes, from the first bytes; the text is what follows.
fn asked<'a>(bytes: &mut Unstructured<'a>) -> Result<(Vec<(&'static Setting, ConfigChange)>, &'a str)> {
    let count = bytes.int_in_range(1..=3)?;
    let changes = (0..count).map(|_| change(bytes)).collect::<Result<_>>()?;
    Ok((changes, std::str::from_utf8(bytes.peek_bytes(bytes.len()).unwrap_or_default()).unwrap_or_default()))
}

fuzz_target!(|bytes: &[u8]| {
    let Ok((asked, text)) = asked(&mut Unstructured::new(bytes)) else { return };
    let changes: Vec<ConfigChange> = asked.iter().map(|(_, change)| change.clone()).collect();
    let Ok(edited) = edit_config(text, &changes) else { return };
    let after = read_config(&edited.text).expect("what was edited can be read");
    for (setting, change) in &asked {
        let is_last = changes.iter().rev().find(|other| other.path == change.path) == Some(change);
        assert!(!is_last || setting.get(&after.config).as_number() == change.value.as_number(), "{change:?}");
    }
    // A text that could not be read may be one by the edit: its bad value was replaced.
    if let Ok(before) = read_config(text) {
        let mut expected = before.config;
        for (setting, change) in &asked {
            setting.set(&mut expected, change.value);
        }
        assert_eq!(after.config, expected);
    }
    let again = edit_config(&edited.text, &changes).expect("what was edited can be edited");
    assert_eq!((again.text, again.changed.len()), (edited.text, 0));
});
