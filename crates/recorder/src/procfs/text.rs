//! The kernel's texts, parsed from bytes without allocation.
//!
//! A line counts only when its newline is there: a text that was cut off by the buffer must
//! not yield half a number.

/// The first three lines of `/proc/meminfo` are 84 bytes; the rest need not be copied.
pub(crate) const MEMINFO_BYTES: usize = 192;

/// `/proc/PID/statm`, in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statm {
    /// Address space.
    pub(crate) size: u64,
    /// Resident.
    pub(crate) resident: u64,
    /// Resident pages of files and shared memory.
    pub(crate) shared: u64,
}

/// The two figures of `/proc/meminfo` that count here, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Meminfo {
    /// Physical memory.
    pub(crate) total: Option<u64>,
    /// What can be had without swapping; kernels before 3.14 do not have it.
    pub(crate) available: Option<u64>,
}

/// The number that the text begins with, blanks aside.
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii_start();
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    text[..digits]
        .iter()
        .try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

/// Every number in a list parted by blanks; anything else is passed over.
pub(crate) fn numbers(text: &[u8]) -> impl Iterator<Item = u64> {
    text.split(u8::is_ascii_whitespace).filter(|word| word.iter().all(u8::is_ascii_digit)).filter_map(number)
}

/// What follows the key on the line that begins with it.
pub(crate) fn after<'t>(text: &'t [u8], key: &[u8]) -> Option<&'t [u8]> {
    text.split_inclusive(|b| *b == b'\n').find_map(|line| line.strip_suffix(b"\n")?.strip_prefix(key))
}

/// The number on the line that begins with the key.
pub(crate) fn number_after(text: &[u8], key: &[u8]) -> Option<u64> {
    number(after(text, key)?)
}

/// Reads `/proc/PID/statm`.
pub(crate) fn statm(text: &[u8]) -> Option<Statm> {
    let mut fields = text.strip_suffix(b"\n")?.split(|b| *b == b' ').map(number);
    Some(Statm { size: fields.next()??, resident: fields.next()??, shared: fields.next()?? })
}

/// Reads the beginning of `/proc/meminfo`.
pub(crate) fn meminfo(text: &[u8]) -> Meminfo {
    Meminfo { total: number_after(text, b"MemTotal:"), available: number_after(text, b"MemAvailable:") }
}

/// The parent in `/proc/PID/stat`. The name before it may hold blanks and brackets.
pub(crate) fn parent(stat: &[u8]) -> Option<u32> {
    let name_end = stat.iter().rposition(|b| *b == b')')?;
    let mut fields = stat.get(name_end + 2..)?.split(|b| *b == b' ');
    u32::try_from(number(fields.nth(1)?)?).ok()
}

/// The minor page faults of ended children that were waited for, in `/proc/PID/stat`.
pub(crate) fn faults_of_ended_children(stat: &[u8]) -> Option<u64> {
    let name_end = stat.iter().rposition(|b| *b == b')')?;
    number(stat.get(name_end + 2..)?.split(|b| *b == b' ').nth(8)?)
}

/// The id that was assigned last, the last word of `/proc/loadavg`; `None` where the system
/// does not report it.
pub(crate) fn last_pid(loadavg: &[u8]) -> Option<u64> {
    let line = loadavg.strip_suffix(b"\n")?;
    let word = line.rsplit(|b| *b == b' ').next()?;
    number(word).filter(|pid| *pid > 0)
}

/// Whether an error means that the process has ended: the kernel reports it in two ways.
pub(crate) fn is_gone(error: &std::io::Error) -> bool {
    const NO_SUCH_PROCESS: i32 = 3;
    error.kind() == std::io::ErrorKind::NotFound || error.raw_os_error() == Some(NO_SUCH_PROCESS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_stop_at_the_first_other_byte() {
        assert_eq!(number(b"  42 kB"), Some(42));
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for text in ["", " ", "max", "-1", "18446744073709551616"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(numbers(b"101 102 x 10y 103 \n").collect::<Vec<_>>(), [101, 102, 103]);
    }

    #[test]
    fn statm_has_size_resident_and_shared_first() {
        let read = Statm { size: 765, resident: 424, shared: 396 };
        assert_eq!(statm(b"765 424 396 5 0 123 0\n"), Some(read));
        assert_eq!(statm(b"765 424 396 5 0 12"), None, "torn");
        assert_eq!(statm(b"765 424\n"), None);
    }

    #[test]
    fn half_a_line_is_no_number() {
        let text = b"MemTotal:       24684096 kB\nMemFree:  9265500 kB\nMemAvailable:   2418";
        assert_eq!(meminfo(text), Meminfo { total: Some(24_684_096), available: None });
    }

    #[test]
    fn a_name_may_hold_brackets() {
        assert_eq!(parent(b"7 (a) S 3) R 42 7 7 0"), Some(42));
        assert_eq!(parent(b"7 (sh) S"), None);
        assert_eq!(parent(b"7 (sh)"), None);
        let stat = b"7 (a) S 3) R 42 7 7 0 -1 4194304 900 31 0 0 1 2 3 4";
        assert_eq!(faults_of_ended_children(stat), Some(31));
        assert_eq!(faults_of_ended_children(b"7 (sh) S 1 7 7 0 -1 4 900"), None);
    }

    #[test]
    fn a_system_that_hides_its_ids_is_known() {
        assert_eq!(last_pid(b"0.10 0.20 0.30 1/75 29120\n"), Some(29_120));
        assert_eq!(last_pid(b"0.00 0.00 0.00 0/0 0\n"), None);
        assert_eq!(last_pid(b"\n"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = (number(&text), statm(&text), meminfo(&text), parent(&text), last_pid(&text));
            let _ = faults_of_ended_children(&text);
            let _ = numbers(&text).count();
        }

        #[test]
        fn nothing_panics_on_what_is_nearly_right(text in "[0-9 ():\nMemTotalAvbk-]{0,200}") {
            let text = text.as_bytes();
            let _ = (number(text), statm(text), meminfo(text), parent(text), last_pid(text));
        }

        #[test]
        fn statm_comes_back(size: u64, resident: u64, shared: u64) {
            let text = format!("{size} {resident} {shared} 5 0 123 0\n");
            prop_assert_eq!(statm(text.as_bytes()), Some(Statm { size, resident, shared }));
        }
    }
}
