//! A child made by `fork` has no recorder thread, and perhaps a lock that is never released.
#![cfg(unix)]
#![expect(unsafe_code, reason = "there is no safe way to fork, and what happens after it is the test")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use memtool_recorder::Recorder;
use memtool_recorder::model::metrics::MetricsForm;
use memtool_recorder::model::stream::read_stream;
use memtool_recorder::model::{AdaptiveConfig, Warning};

const FORKS: u32 = 300;

/// What a child may do with the handle it inherited. Returns its exit code.
fn child(recorder: Recorder) -> i32 {
    let inert = recorder.check(Some("child")).is_none()
        && recorder.statistics().is_none()
        && recorder.batch_size() > 0
        && recorder.metrics(MetricsForm::Prometheus).is_empty();
    recorder.operation("child");
    recorder.batch("child", 5).finish();
    drop(recorder);
    i32::from(!inert)
}

/// Waits for a child; `None` if it hangs.
fn wait_for(pid: libc::pid_t) -> Option<i32> {
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        let mut status = 0;
        // SAFETY: the pointer is to a local that outlives the call.
        if unsafe { libc::waitpid(pid, &raw mut status, libc::WNOHANG) } == pid {
            return libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status));
        }
        thread::sleep(Duration::from_millis(1));
    }
    // SAFETY: the child is ours and has not been waited for.
    unsafe { libc::kill(pid, libc::SIGKILL) };
    None
}

#[test]
fn a_forked_child_neither_writes_nor_hangs() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = AdaptiveConfig { monitoring_interval_seconds: 0.001, ..Default::default() };
    let recorder = Recorder::builder().config(config).reports_dir(folder.path()).start().expect("starts");
    let path = recorder.stream_path().expect("written").to_owned();
    let over = AtomicBool::new(false);
    let mut recorder = Some(recorder);
    thread::scope(|scope| {
        let busy = recorder.as_ref().map(|recorder| {
            // The locks are held at most moments.
            let copy = recorder;
            let over = &over;
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    copy.batch("parent", 1).finish();
                    copy.check(Some("parent"));
                }
            })
        });
        for number in 0..FORKS {
            // SAFETY: the child only uses the handle, which must be sound after a fork: that is
            // the test. It leaves by `_exit`, so that nothing of the parent's is run down.
            let pid = unsafe { libc::fork() };
            if pid == 0 {
                // SAFETY: the child's own copy of the handle; it is not used after this.
                let copy = unsafe { std::ptr::read(recorder.as_ref().expect("there")) };
                let code = child(copy);
                // SAFETY: ends the process.
                unsafe { libc::_exit(code) };
            }
            let ended = if pid > 0 { wait_for(pid) } else { None };
            if ended != Some(0) {
                // The busy thread must end, or the fault would not come to light.
                over.store(true, Ordering::Relaxed);
            }
            assert_eq!(ended, Some(0), "child {number} of process {pid} hung or did something");
        }
        over.store(true, Ordering::Relaxed);
        busy.expect("there").join().expect("no panic");
    });
    assert!(recorder.take().expect("there").stop());
    let text = std::fs::read_to_string(path).expect("readable");
    assert!(!text.contains("child"), "a child wrote into the parent's stream");
    let run = read_stream(&text).expect("reads back");
    // On a busy machine the queue may have been full: such a loss is reported, and no damage.
    let is_loss = |warning: &Warning| matches!(warning, Warning::LostRecords(_));
    assert!(run.warnings.iter().all(is_loss), "the parent's stream is whole: {:?}", run.warnings);
    assert!(!run.warnings.is_empty() || run.batches.iter().all(|batch| batch.end.is_some()));
}
