//! The recorder's clock, which also notices jumps of the wall clock.
//!
//! Offsets come from the monotonic clock. On Linux it stops while the machine sleeps,
//! so a laptop that was shut for an hour leaves no gap in the offsets; the wall clock does
//! show it. Setting the wall clock, in turn, does not touch the offsets. [`ClockWatch`]
//! compares the two; the sampling thread writes a note into the stream.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use memtool_profile_model::Offset;

/// Where time comes from.
pub trait Clock: Debug + Send + Sync {
    /// Monotonic time since the clock's start.
    fn now(&self) -> Offset;

    /// The wall clock.
    fn wall(&self) -> Timestamp;

    /// How long the machine has slept since it was booted; `None` where that is not known.
    fn slept(&self) -> Option<Duration> {
        None
    }
}

/// The system's clock; it starts when it is made.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::start()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Offset {
        Offset::from_nanos(nanos(self.start.elapsed()))
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn slept(&self) -> Option<Duration> {
        boot_minus_monotonic()
    }
}

/// The boot clock goes on while the machine sleeps, the monotonic one does not.
#[cfg(target_os = "linux")]
fn boot_minus_monotonic() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    let monotonic = Duration::try_from(clock_gettime(ClockId::Monotonic)).ok()?;
    let boot = Duration::try_from(clock_gettime(ClockId::Boottime)).ok()?;
    Some(boot.saturating_sub(monotonic))
}

#[cfg(not(target_os = "linux"))]
fn boot_minus_monotonic() -> Option<Duration> {
    None
}

/// A clock that a test moves; clones share their time.
#[derive(Debug, Clone)]
pub struct FakeClock {
    times: Arc<FakeTimes>,
}

#[derive(Debug)]
struct FakeTimes {
    now: AtomicI64,
    wall: AtomicI64,
    slept: AtomicI64,
}

impl FakeClock {
    /// A clock at offset 0 whose wall shows the given time.
    #[must_use]
    pub fn at(wall: Timestamp) -> Self {
        let wall = i64::try_from(wall.as_nanosecond()).unwrap_or(i64::MAX);
        let times =
            FakeTimes { now: AtomicI64::new(0), wall: AtomicI64::new(wall), slept: AtomicI64::new(0) };
        Self { times: Arc::new(times) }
    }

    /// Lets time pass on both clocks.
    pub fn advance(&self, by: Duration) {
        self.times.now.fetch_add(nanos(by), Ordering::SeqCst);
        self.times.wall.fetch_add(nanos(by), Ordering::SeqCst);
    }

    /// Lets the machine sleep: only the wall clock goes on.
    pub fn sleep(&self, by: Duration) {
        self.times.wall.fetch_add(nanos(by), Ordering::SeqCst);
        self.times.slept.fetch_add(nanos(by), Ordering::SeqCst);
    }

    /// Sets the wall clock forward, or back where the seconds are below 0.
    pub fn shift_wall(&self, seconds: i64) {
        self.times.wall.fetch_add(seconds.saturating_mul(1_000_000_000), Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    /// A clock whose wall shows the beginning of 1970.
    fn default() -> Self {
        Self::at(Timestamp::UNIX_EPOCH)
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Offset {
        Offset::from_nanos(self.times.now.load(Ordering::SeqCst))
    }

    fn wall(&self) -> Timestamp {
        let wall = self.times.wall.load(Ordering::SeqCst);
        Timestamp::from_nanosecond(i128::from(wall)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn slept(&self) -> Option<Duration> {
        u64::try_from(self.times.slept.load(Ordering::SeqCst)).ok().map(Duration::from_nanos)
    }
}

/// A jump of the wall clock against the monotonic one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockJump {
    /// How far the wall clock went beyond the monotonic one; below 0 it was set back.
    pub seconds: f64,
    /// How much of it the machine slept; `None` where that is not known.
    pub slept_seconds: Option<f64>,
}

/// Compares the progress of the two clocks from check to check.
///
/// A clock that is slewed (at most 0.5 ms a second) stays below the tolerance at any usual
/// interval, and since each check starts anew, slewing does not add up to a jump.
#[derive(Debug, Clone)]
pub struct ClockWatch {
    now: Offset,
    wall: Timestamp,
    slept: Option<Duration>,
}

/// A smaller difference is a thread that was held up between reading one clock and the other.
const TOLERANCE_SECONDS: f64 = 2.0;

impl ClockWatch {
    /// Begins to watch.
    #[must_use]
    pub fn start(clock: &dyn Clock) -> Self {
        Self { now: clock.now(), wall: clock.wall(), slept: clock.slept() }
    }

    /// The jump since the last check, if there was one of 2 s or more.
    pub fn check(&mut self, clock: &dyn Clock) -> Option<ClockJump> {
        let before = std::mem::replace(self, Self::start(clock));
        let wall = self.wall.duration_since(before.wall).as_secs_f64();
        let seconds = wall - (self.now.seconds() - before.now.seconds());
        let slept = self.slept.zip(before.slept).map(|(after, before)| after.saturating_sub(before));
        let slept_seconds = slept.map(|slept| slept.as_secs_f64());
        (seconds.abs() >= TOLERANCE_SECONDS).then_some(ClockJump { seconds, slept_seconds })
    }
}

/// Nanoseconds, or the most that fit, 292 years.
fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_passes_is_no_jump() {
        let clock = FakeClock::default();
        let mut watch = ClockWatch::start(&clock);
        for _ in 0..3 {
            clock.advance(Duration::from_hours(1));
            assert_eq!(watch.check(&clock), None);
        }
    }

    #[test]
    fn sleep_shows_once_and_as_sleep() {
        let clock = FakeClock::default();
        let mut watch = ClockWatch::start(&clock);
        clock.advance(Duration::from_secs(1));
        clock.sleep(Duration::from_mins(1));
        assert_eq!(watch.check(&clock), Some(ClockJump { seconds: 60.0, slept_seconds: Some(60.0) }));
        clock.advance(Duration::from_secs(1));
        assert_eq!(watch.check(&clock), None);
        assert_eq!(clock.now(), Offset::from_nanos(2_000_000_000));
    }

    #[test]
    fn a_clock_set_back_jumps_below_zero() {
        let clock = FakeClock::default();
        let mut watch = ClockWatch::start(&clock);
        clock.advance(Duration::from_secs(10));
        clock.shift_wall(-3600);
        assert_eq!(watch.check(&clock), Some(ClockJump { seconds: -3600.0, slept_seconds: Some(0.0) }));
    }

    #[test]
    fn what_is_less_than_the_tolerance_does_not_add_up() {
        let clock = FakeClock::default();
        let mut watch = ClockWatch::start(&clock);
        for _ in 0..5 {
            clock.shift_wall(1);
            assert_eq!(watch.check(&clock), None);
        }
        clock.shift_wall(2);
        assert_eq!(watch.check(&clock).map(|jump| jump.seconds), Some(2.0));
    }

    #[test]
    fn the_system_clock_goes_forward_from_zero() {
        let clock = SystemClock::start();
        let mut watch = ClockWatch::start(&clock);
        let first = clock.now();
        std::thread::sleep(Duration::from_millis(2));
        assert!(first >= Offset::START && clock.now() > first);
        assert!(clock.wall() > "2024-01-01T00:00:00Z".parse().expect("a time"));
        assert_eq!(watch.check(&clock), None);
        assert_eq!(clock.slept().is_some(), cfg!(target_os = "linux"));
    }
}
