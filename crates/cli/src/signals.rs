//! Signals: passed on to the job, or a request to end. Only this module uses signal-hook.

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::{self, JoinHandle};

    use nix::unistd::{getpid, getsid};
    use rustix::process::{Pid, Signal, kill_process};
    use signal_hook::consts::signal::{
        SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM,
        SIGXCPU, SIGXFSZ,
    };
    use signal_hook::iterator::exfiltrator::WithOrigin;
    use signal_hook::iterator::{Handle, SignalsInfo};
    use signal_hook::low_level::siginfo::{Cause, Origin};

    /// The signals that are passed on to a job: what would end this program otherwise, and can be caught.
    const PASSED_ON: [i32; 11] =
        [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF, SIGIO];
    /// What asks a program to end.
    const ENDING: [i32; 3] = [SIGTERM, SIGHUP, SIGINT];

    /// Signals that arrive from here on wait for a job to be passed on to.
    pub(crate) struct Caught(SignalsInfo<WithOrigin>);

    impl Caught {
        /// Begins to catch. What this process was started to ignore (by `nohup`, say) stays
        /// ignored, and so it is for the job.
        pub(crate) fn begin() -> io::Result<Self> {
            // Where the end of children is ignored, the kernel keeps no exit code of the job.
            signal_hook::flag::register(SIGCHLD, Arc::default())?;
            let ignored = ignored();
            let signals = PASSED_ON.iter().filter(|signal| ignored & (1 << (**signal - 1)) == 0);
            SignalsInfo::new(signals).map(Self)
        }

        /// Passes signals on to a child that is not reaped before [`Forwarding::end`].
        pub(crate) fn forward_to(self, child: u32) -> io::Result<Forwarding> {
            let mut signals = self.0;
            let handle = signals.handle();
            let child = i32::try_from(child).ok().and_then(Pid::from_raw);
            let child = child.ok_or(io::ErrorKind::InvalidInput)?;
            let pass_on = move || {
                for origin in signals.forever() {
                    if let Some(signal) = Signal::from_named_raw(origin.signal)
                        && !child_has_it(&origin)
                    {
                        // A child that has just ended needs no signal.
                        let _ = kill_process(child, signal);
                    }
                }
            };
            let thread = thread::Builder::new().name("memtool-signals".to_owned()).spawn(pass_on)?;
            Ok(Forwarding { handle, thread })
        }
    }

    /// Whether the signal went to the whole process group, and so to the child too.
    ///
    /// What the terminal sends does; only a hang-up goes to the session's leader alone. A shell
    /// that was hung up passes that on to the groups of its jobs: then there is no terminal
    /// any more. Of other signals from other processes it is not known.
    fn child_has_it(origin: &Origin) -> bool {
        let leader = session_leader();
        let leads = || leader == Some(getpid());
        let from_leader = || {
            let sender = origin.process.as_ref().map(|process| nix::unistd::Pid::from_raw(process.pid));
            sender.is_some() && sender == leader
        };
        match (origin.cause, origin.signal) {
            (Cause::Kernel, SIGHUP) => !leads(),
            (Cause::Kernel, _) => true,
            (_, SIGHUP) => from_leader() && File::open("/dev/tty").is_err(),
            _ => false,
        }
    }

    /// The leader of this process's session; `None` where it is outside this PID namespace, as
    /// it may in a container. From nix: rustix takes a process for granted.
    fn session_leader() -> Option<nix::unistd::Pid> {
        getsid(None).ok().filter(|leader| leader.as_raw() > 0)
    }

    /// The set of ignored signals; empty where the system does not provide it.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }

    /// A thread that passes signals on.
    pub(crate) struct Forwarding {
        handle: Handle,
        thread: JoinHandle<()>,
    }

    impl Forwarding {
        /// Stops passing on. The signals stay caught, so that the recording can be closed.
        pub(crate) fn end(self) {
            self.handle.close();
            // Its only work is to send; a panic there has been printed already.
            let _ = self.thread.join();
        }
    }

    /// Set once a signal asks this program to end.
    #[derive(Clone, Default)]
    pub(crate) struct EndWish(Arc<AtomicBool>);

    impl EndWish {
        /// Begins to listen.
        pub(crate) fn listen() -> io::Result<Self> {
            let wish = Self::default();
            wish.begin()?;
            Ok(wish)
        }

        /// Begins to listen for a wish that is there already.
        pub(crate) fn begin(&self) -> io::Result<()> {
            let registered = |signal| signal_hook::flag::register(signal, Arc::clone(&self.0)).map(drop);
            ENDING.into_iter().try_for_each(registered)
        }

        pub(crate) fn is_there(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }

        /// Lets a hang-up end the program at once from here on: once the terminal is gone, a program that
        /// waits for a key there would wait for ever, and keep a processor busy with it.
        pub(crate) fn end_at_hang_up(&self) -> io::Result<()> {
            let always = Arc::new(AtomicBool::new(true));
            signal_hook::flag::register_conditional_shutdown(SIGHUP, 128 + SIGHUP, always).map(drop)
        }
    }

    /// Runs a cleanup when a signal asks this program to end, then ends it as the signal would have.
    pub(crate) fn clean_up_at_end(cleanup: impl Fn() + Send + 'static) -> io::Result<()> {
        let ignored = ignored();
        let caught = ENDING.iter().filter(|signal| ignored & (1 << (**signal - 1)) == 0);
        let mut signals = SignalsInfo::<WithOrigin>::new(caught)?;
        let wait = move || {
            if let Some(origin) = signals.forever().next() {
                cleanup();
                // The default of these signals is to end the program.
                let _ = signal_hook::low_level::emulate_default_handler(origin.signal);
            }
        };
        thread::Builder::new().name("memtool-cleanup".to_owned()).spawn(wait).map(drop)
    }

    /// Lets a write beyond the limit on file sizes fail instead of ending this program. A job that is
    /// started later has the default again.
    pub(crate) fn survive_file_size_limit() -> io::Result<()> {
        signal_hook::flag::register(SIGXFSZ, Arc::default()).map(drop)
    }

    /// The signal's name.
    pub(crate) fn name(signal: i32) -> String {
        signal_hook::low_level::signal_name(signal).map_or_else(|| format!("signal {signal}"), str::to_owned)
    }
}

#[cfg(not(unix))]
mod other {
    use std::io;

    /// Nothing is caught: a console's Ctrl-C reaches the job by itself.
    pub(crate) struct Caught;

    impl Caught {
        pub(crate) fn begin() -> io::Result<Self> {
            Ok(Self)
        }

        pub(crate) fn forward_to(self, _: u32) -> io::Result<Forwarding> {
            Ok(Forwarding)
        }
    }

    pub(crate) struct Forwarding;

    /// A console's Ctrl-C ends the program at once.
    pub(crate) fn clean_up_at_end(_: impl Fn() + Send + 'static) -> io::Result<()> {
        Ok(())
    }

    /// There is no such limit.
    pub(crate) fn survive_file_size_limit() -> io::Result<()> {
        Ok(())
    }

    impl Forwarding {
        pub(crate) fn end(self) {}
    }

    /// Ctrl-C ends the program at once there.
    #[derive(Clone, Default)]
    pub(crate) struct EndWish;

    impl EndWish {
        pub(crate) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(crate) fn begin(&self) -> io::Result<()> {
            Ok(())
        }

        pub(crate) fn is_there(&self) -> bool {
            false
        }

        pub(crate) fn end_at_hang_up(&self) -> io::Result<()> {
            Ok(())
        }
    }

    pub(crate) fn name(signal: i32) -> String {
        format!("signal {signal}")
    }
}

#[cfg(not(unix))]
pub(crate) use other::{Caught, EndWish, Forwarding, clean_up_at_end, name, survive_file_size_limit};
#[cfg(unix)]
pub(crate) use unix::{Caught, EndWish, Forwarding, clean_up_at_end, name, survive_file_size_limit};
