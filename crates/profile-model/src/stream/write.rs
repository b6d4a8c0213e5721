//! From records to lines.

use std::io::{self, Write};

use super::v1::{DecisionRecord, Record};
use crate::decision::{Action, Decision};
use crate::operation::Operations;
use crate::pressure::{Observation, Pressure};
use crate::units::Offset;

/// Room for a usual line.
const USUAL_LINE: usize = 256;

/// Writes one record as one complete line.
///
/// # Errors
/// What the writer answers. The line goes out in one call, so that a reader never sees half
/// of it unless the writer itself was cut off.
pub fn write_record(mut out: impl Write, record: &Record) -> io::Result<()> {
    let mut line = Vec::with_capacity(USUAL_LINE);
    append_line(&mut line, record)?;
    out.write_all(&line)
}

/// Appends one record as one complete line to a buffer, which a recorder keeps and reuses.
///
/// # Errors
/// If the record has no JSON form; the buffer is as before then.
pub fn append_line(buffer: &mut Vec<u8>, record: &Record) -> io::Result<()> {
    let before = buffer.len();
    if let Err(error) = serde_json::to_writer(&mut *buffer, record) {
        buffer.truncate(before);
        return Err(error.into());
    }
    buffer.push(b'\n');
    Ok(())
}

impl DecisionRecord {
    /// The record of an act, with what the policy saw; the operation is named where the act
    /// holds for one only.
    #[must_use]
    pub fn new(
        at: Offset,
        action: Action,
        seen: Observation,
        pressure: Pressure,
        operation: Option<&str>,
    ) -> Self {
        Self {
            t_ns: at,
            action: action.into(),
            operation: operation.map(str::to_owned),
            rss_mb: seen.rss,
            available_mb: seen.available,
            pressure_level: pressure.level,
            cause: pressure.cause,
        }
    }

    /// What was done. A line by itself cannot refer to an operation: it stands beside.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action.action(None)
    }
}

impl From<(&Decision, &Operations)> for DecisionRecord {
    fn from((decision, operations): (&Decision, &Operations)) -> Self {
        let operation = match decision.action {
            Action::Predict { operation, .. } => operation.map(|id| operations.name(id)),
            Action::Collect | Action::ChangeLevel { .. } => None,
        };
        let seen = Observation { at: decision.at, rss: decision.rss, available: decision.available };
        let pressure = Pressure { level: decision.pressure, cause: decision.cause };
        Self::new(decision.at, decision.action, seen, pressure, operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::SizeRule;
    use crate::level::PressureLevel;
    use crate::pressure::Cause;
    use crate::stream::v1::{Note, SnapshotRecord};
    use crate::units::Mib;

    fn line(record: &Record) -> String {
        let mut buffer = Vec::new();
        append_line(&mut buffer, record).expect("JSON");
        String::from_utf8(buffer).expect("text")
    }

    #[test]
    fn a_usual_snapshot_is_a_short_line() {
        let day_three = Offset::from_seconds(200_000.123_456);
        let mut snapshot = SnapshotRecord {
            t_ns: day_three.rounded_to_micros(),
            rss_mb: Some(Mib::new(12_345.678).rounded()),
            available_mb: Some(Mib::new(12_345.678).rounded()),
            batch_size: Some(1000),
            ..SnapshotRecord::default()
        };
        assert!(line(&Record::Snapshot(snapshot.clone())).len() <= 110);
        snapshot.shared_mb = Some(Mib::new(123.456).rounded());
        snapshot.vms_mb = Some(Mib::new(2_345.678).rounded());
        let found = line(&Record::Snapshot(snapshot));
        assert!(found.len() <= 140 && found.contains(r#""rss_mb":12345.68,"shared_mb":123.46,"#), "{found}");
    }

    #[test]
    fn lines_are_appended_whole_to_what_stands_before() {
        let note = |text: &str| {
            Record::Note(Note {
                t_ns: Offset::START,
                text: text.into(),
                thinning: Some(2),
                ..Note::default()
            })
        };
        let mut buffer = b"before\n".to_vec();
        append_line(&mut buffer, &note("a\nb")).expect("JSON");
        append_line(&mut buffer, &note("c")).expect("JSON");
        let mut written = b"before\n".to_vec();
        write_record(&mut written, &note("a\nb")).expect("memory takes it");
        write_record(&mut written, &note("c")).expect("memory takes it");
        assert_eq!(buffer, written);
        let text = String::from_utf8(buffer).expect("text");
        assert_eq!(text.lines().nth(2), Some(r#"{"type":"note","t_ns":0,"text":"c","thinning":2}"#));
    }

    /// Counts calls.
    struct Calls(usize);

    impl Write for Calls {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_record_is_one_write() {
        let mut calls = Calls(0);
        write_record(&mut calls, &Record::Snapshot(SnapshotRecord::default())).expect("written");
        assert_eq!(calls.0, 1);
    }

    #[test]
    fn a_predicted_size_names_its_operation() {
        let action = Action::Predict {
            operation: None,
            old_size: 500,
            new_size: 1000,
            predicted_peak: Some(Mib::new(812.5)),
            ceiling: Some(Mib::new(900.0)),
            rule: SizeRule::Growing,
        };
        let seen = Observation { at: Offset::START, rss: Mib::new(100.0), available: None };
        let pressure = Pressure { level: PressureLevel::Low, cause: Cause::Rss };
        let record = DecisionRecord::new(seen.at, action, seen, pressure, Some("load"));
        assert_eq!(
            line(&Record::Decision(record)).trim_end(),
            concat!(
                r#"{"type":"decision","t_ns":0,"action":"predict","old_batch_size":500,"new_batch_size":1000,"#,
                r#""predicted_peak_mb":812.5,"ceiling_mb":900.0,"rule":"growing","operation":"load","#,
                r#""rss_mb":100.0,"pressure_level":"low","cause":"rss"}"#
            )
        );
    }
}
