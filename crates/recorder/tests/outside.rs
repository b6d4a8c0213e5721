//! Watching another process: nothing of batches, and a clean end with it.

use std::io;
use std::sync::{Arc, Mutex};

use memtool_profile_model::stream::read_stream;
use memtool_profile_model::{Mib, Run};
use memtool_recorder::fake::FakeProbe;
use memtool_recorder::{Recorder, Sink, Written};

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Sink for Memory {
    fn write(&mut self, lines: &[u8]) -> Written {
        self.0.lock().expect("no panic").extend_from_slice(lines);
        Written::default()
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Samples at a size that is critical, then at a process without memory, then at none; returns the run, the
/// stream's text, and whether the recorder saw the end.
fn recorded(outside: bool) -> (Run, String, bool) {
    let (probe, memory) = FakeProbe::with_rss(Mib::new(3_600.0));
    let stream = Memory::default();
    let builder = Recorder::builder().probe(Box::new(probe)).sink(Box::new(stream.clone())).background(false);
    let builder = if outside { builder.watch(std::process::id()) } else { builder };
    let recorder = builder.start().expect("started");
    memory.set_rss(Mib::ZERO);
    assert!(recorder.check(None).is_none());
    memory.fail(Some(io::ErrorKind::NotFound));
    assert!(recorder.check(None).is_none());
    let ended = recorder.has_ended();
    assert!(recorder.stop());
    let text = String::from_utf8(stream.0.lock().expect("no panic").clone()).expect("text");
    (read_stream(&text).expect("a run"), text, ended)
}

#[test]
fn a_process_that_ended_is_no_failure_and_asks_for_no_batch_size() {
    let (run, text, ended) = recorded(true);
    assert!(ended);
    assert!(
        text.contains(r#""probe_failures":0"#) && text.contains(r#""batch_size_adjustments":0"#),
        "{text}"
    );
    assert_eq!((run.snapshots.len(), run.snapshots[0].batch_size), (1, None));
    assert!(run.decisions.is_empty() && run.warnings.is_empty(), "{:?}", run.warnings);
}

#[test]
fn an_own_probe_that_fails_is_counted() {
    let (run, text, ended) = recorded(false);
    assert!(!ended);
    assert!(text.contains(r#""probe_failures":2"#), "{text}");
    assert_eq!((run.snapshots.len(), run.snapshots[0].batch_size), (3, Some(500)));
}
