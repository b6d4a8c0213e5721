//! The kernel's log: which processes its out-of-memory killer ended.

use std::io::Read;

/// What is logged from now on, where this process may read it.
pub(crate) struct KernelLog {
    file: Option<std::fs::File>,
}

impl KernelLog {
    /// Begins behind the last message.
    pub(crate) fn from_now_on() -> Self {
        Self { file: open() }
    }

    /// The ids of the processes that were killed for want of memory since; `None` where the log cannot be read.
    pub(crate) fn killed(&mut self) -> Option<Vec<u32>> {
        let file = self.file.as_mut()?;
        let mut killed = Vec::new();
        let mut message = vec![0; LONGEST];
        loop {
            match file.read(&mut message) {
                Ok(0) => break,
                Ok(length) => killed.extend(killed_process(&String::from_utf8_lossy(&message[..length]))),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                // Messages were overwritten before they were read: the next read begins at the oldest.
                Err(error) if error.raw_os_error() == Some(BROKEN_PIPE) => {}
                Err(_) => return None,
            }
        }
        Some(killed)
    }
}

/// Bytes of a message, at most: the kernel cuts longer ones.
const LONGEST: usize = 8192;
/// `EPIPE`, as `/dev/kmsg` says that messages were lost.
const BROKEN_PIPE: i32 = 32;

#[cfg(target_os = "linux")]
fn open() -> Option<std::fs::File> {
    use std::io::{Seek, SeekFrom};
    use std::os::unix::fs::OpenOptionsExt;

    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).ok()?;
    let mut file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open("/dev/kmsg").ok()?;
    file.seek(SeekFrom::End(0)).ok()?;
    Some(file)
}

#[cfg(not(target_os = "linux"))]
fn open() -> Option<std::fs::File> {
    None
}

/// The process that a message says was killed for want of memory.
fn killed_process(message: &str) -> Option<u32> {
    let after = message.split_once("Killed process ")?.1;
    after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_found_in_every_wording() {
        let found = |message| killed_process(message);
        assert_eq!(
            found("3,4742,502,-;Memory cgroup out of memory: Killed process 32510 (sim) total-vm:1kB"),
            Some(32510)
        );
        assert_eq!(found("3,1,1,-;Out of memory: Killed process 7 (python3), UID 0,"), Some(7));
        assert_eq!(found("6,1,1,-;oom-kill:constraint=CONSTRAINT_MEMCG,task=sim,pid=32510,uid=0"), None);
    }

    #[test]
    fn a_log_that_cannot_be_read_is_not_known() {
        assert_eq!(KernelLog { file: None }.killed(), None);
    }
}
