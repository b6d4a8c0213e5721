//! The processor time this process has used.

/// Processor seconds of all threads of this process, in user and kernel mode; `None` where the
/// system does not report it. Children do not count.
#[must_use]
pub fn cpu_seconds() -> Option<f64> {
    process_clock()
}

#[cfg(unix)]
#[expect(clippy::cast_precision_loss, reason = "seconds and nanoseconds far below 2^53")]
fn process_clock() -> Option<f64> {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(used.tv_sec as f64 + used.tv_nsec as f64 / 1e9)
}

#[cfg(not(unix))]
fn process_clock() -> Option<f64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn work_uses_processor_time() {
        let before = cpu_seconds().expect("a clock");
        let mut sum = 0_u64;
        for i in 0..20_000_000_u64 {
            sum = std::hint::black_box(sum ^ i);
        }
        std::hint::black_box(sum);
        assert!(cpu_seconds().expect("a clock") > before);
    }
}
