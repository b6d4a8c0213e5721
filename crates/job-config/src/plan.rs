//! What an edit is to change, checked.

use memtool_profile_model::{AdaptiveConfig, Scalar, Setting};
use serde_yaml::{Mapping, Value};

use crate::change::ConfigChange;
use crate::error::ConfigError;
use crate::literal::scalar_text;
use crate::locate::Locator;
use crate::suggest::suggest;

/// A change that has been checked, with the value as text.
pub(crate) struct Planned<'a> {
    pub(crate) setting: &'static Setting,
    pub(crate) segments: Vec<&'a str>,
    pub(crate) old: Option<String>,
    pub(crate) new: String,
}

/// The settings to change, each once, with a value of its kind.
pub(crate) fn checked(changes: &[ConfigChange]) -> Result<Vec<(&'static Setting, Scalar)>, ConfigError> {
    let mut checked: Vec<(&'static Setting, Scalar)> = Vec::new();
    for ConfigChange { path, value } in changes {
        let Some(setting) = Setting::find(path) else {
            let meant = suggest(path).map(str::to_owned);
            return Err(ConfigError::UnknownSetting { path: path.clone(), meant });
        };
        let fits = setting.set(&mut AdaptiveConfig::default(), *value);
        if !fits || value.as_number().is_some_and(|number| !number.is_finite()) {
            let expected = if fits { "a finite number" } else { setting.expected() };
            let found = scalar_text(*value, false);
            return Err(ConfigError::WrongChange { path: path.clone(), expected, found });
        }
        checked.retain(|(other, _)| other.path != setting.path);
        checked.push((setting, *value));
    }
    Ok(checked)
}

/// What to write for each change that changes something.
pub(crate) fn plan<'a>(
    text: &str,
    before: &Mapping,
    block: &[&'a str],
    changes: &[(&'static Setting, Scalar)],
) -> Vec<Planned<'a>> {
    let locator = Locator::new(text);
    let mut planned = Vec::new();
    for &(setting, value) in changes {
        let segments: Vec<&str> = block.iter().copied().chain(setting.path.split('.')).collect();
        if value_at(before, &segments).is_some_and(|current| is_same(current, value)) {
            continue;
        }
        let old = locator.find(&segments).and_then(|place| text.get(place.value)).map(str::to_owned);
        let was_whole = old.as_deref().is_some_and(|old| old.parse::<i64>().is_ok());
        let new = scalar_text(value, setting.writes_whole() || was_whole);
        planned.push(Planned { setting, segments, old, new });
    }
    planned
}

fn value_at<'a>(mapping: &'a Mapping, path: &[&str]) -> Option<&'a Value> {
    let (leaf, parents) = path.split_last()?;
    let mut mapping = mapping;
    for key in parents {
        mapping = mapping.get(*key)?.as_mapping()?;
    }
    mapping.get(*leaf)
}

fn is_same(current: &Value, value: Scalar) -> bool {
    match value {
        Scalar::Bool(value) => current.as_bool() == Some(value),
        number => current.as_f64().is_some() && current.as_f64() == number.as_number(),
    }
}
