//! What is written reads back as it was.

use memtool_profile_model::profile::{Closing, read_document, read_profile, write_profile};
use memtool_profile_model::{Format, OptimizationLevel, Warning, read_run};
use serde_json::Value;

use crate::fixtures::{Fixture, runs};

fn profiles() -> impl Iterator<Item = Fixture> {
    runs().into_iter().filter(Fixture::is_profile)
}

/// JSON with every number as a float, and without the nulls that stand for a missing field.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64().expect("a number of a profile") + 0.0),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, normal(value))).collect())
        }
        other => other,
    }
}

#[test]
fn a_document_written_again_is_the_same_document() {
    for file in profiles() {
        let document = read_document(file.text()).expect("a profile");
        let written = serde_json::to_string(&document).expect("JSON");
        assert_eq!(read_document(&written).expect("what was written"), document, "{}", file.name);

        // And nothing of the file is lost on the way.
        let value = |text: &str| normal(serde_json::from_str(text).expect("JSON"));
        assert!(value(&written) == value(file.text()), "{}: a field is lost or changed", file.name);
    }
}

#[test]
fn a_run_written_again_is_the_same_run() {
    let mut eras = Vec::new();
    for file in profiles() {
        let mut run = read_profile(file.text()).expect("a profile");
        let closing = Closing::after(OptimizationLevel::default(), &run.config.batch_sizes);
        let written = write_profile(&run, &closing).expect("a calendar time");
        let again = read_profile(&written).expect("what was written");
        // The first reading sorts: the second finds nothing to sort.
        run.warnings.retain(|warning| !matches!(warning, Warning::OutOfOrder(_)));
        assert_eq!(again, run, "{}", file.name);
        eras.push(run.format);
    }
    assert!(eras.contains(&Format::ProfileNaive) && eras.contains(&Format::ProfileZoned));
}

/// A short stream with a label outside ASCII, and its lines.
fn short_stream() -> String {
    let file = runs().into_iter().find(|file| file.name.ends_with("_phases.ndjson")).expect("the stream");
    let mut lines: Vec<&str> = file.text().lines().collect();
    let footer = lines.pop().expect("a footer");
    lines.truncate(24);
    lines.push(r#"{"type":"snapshot","t_ns":900000000,"rss_mb":151.5,"operation":"büro – 負荷"}"#);
    lines.push(footer);
    lines.join("\n") + "\n"
}

#[test]
fn a_stream_cut_at_any_byte_keeps_its_whole_lines() {
    let stream = short_stream();
    let bytes = stream.as_bytes();
    let header = stream.find('\n').expect("a header");
    let (mut read, mut refused) = (0, 0);
    for cut in 0..=bytes.len() {
        // A line is whole without its line feed, too.
        let whole = stream.lines().scan(0, |end, line| {
            *end += line.len() + 1;
            Some((*end - 1, line))
        });
        let whole: Vec<(usize, &str)> = whole.take_while(|(end, _)| *end <= cut).collect();
        let snapshots = whole.iter().filter(|(_, line)| line.contains(r#""type":"snapshot""#)).count();
        let torn = whole.last().is_some_and(|(end, _)| cut > end + 1);
        match read_run(&bytes[..cut]) {
            Err(_) => {
                assert!(cut < header || snapshots == 0, "cut at {cut}: refused");
                refused += 1;
            }
            Ok(run) => {
                assert_eq!(run.snapshots.len(), snapshots, "cut at {cut}");
                let told = run.warnings.iter().any(|w| matches!(w, Warning::TornLastLine(_)));
                assert_eq!(told, torn, "cut at {cut}: {:?}", run.warnings);
                let open = run.warnings.contains(&Warning::EndedWithoutClosing);
                assert_eq!(open, cut + 1 < bytes.len(), "cut at {cut}");
                read += 1;
            }
        }
    }
    assert!(read > 2_000 && refused > header, "{read} cuts read, {refused} refused");
}
