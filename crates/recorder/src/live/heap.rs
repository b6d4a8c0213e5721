//! The C allocator's own account: glibc's `mallinfo2`.
//!
//! It is looked up at run time: musl, macOS and glibc before 2.33 do not have it, and then there is
//! no account. Where another allocator serves `malloc`, glibc's account is empty and is left out.

use memtool_profile_model::Mib;

/// The bytes of the C allocator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HeapBytes {
    /// Handed out to the program.
    pub(crate) used: Mib,
    /// Kept free for later.
    pub(crate) free: Mib,
}

/// The account of now; `None` where the allocator has none. It takes the locks of the heap's arenas,
/// and its time grows with the number of free chunks.
pub(crate) fn heap_bytes() -> Option<HeapBytes> {
    system::account().filter(|(used, _)| *used > 0).map(|(used, free)| HeapBytes {
        used: Mib::from_bytes(used).rounded(),
        free: Mib::from_bytes(free).rounded(),
    })
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "mallinfo2 is a C function that must be looked up at run time")]
mod system {
    use std::sync::OnceLock;

    type Mallinfo2 = unsafe extern "C" fn() -> libc::mallinfo2;

    /// Used and free bytes of all arenas, mapped blocks among the used ones.
    pub(super) fn account() -> Option<(u64, u64)> {
        static FUNCTION: OnceLock<Option<Mallinfo2>> = OnceLock::new();
        let function = (*FUNCTION.get_or_init(look_up))?;
        // SAFETY: the function takes no arguments, returns a plain struct and may be called from any thread.
        let info = unsafe { function() };
        Some(((info.uordblks + info.hblkhd) as u64, info.fordblks as u64))
    }

    fn look_up() -> Option<Mallinfo2> {
        // SAFETY: the name is a C string, and glibc's symbol of this name has this type.
        unsafe {
            let symbol = libc::dlsym(libc::RTLD_DEFAULT, c"mallinfo2".as_ptr());
            (!symbol.is_null()).then(|| std::mem::transmute::<*mut libc::c_void, Mallinfo2>(symbol))
        }
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod system {
    pub(super) const fn account() -> Option<(u64, u64)> {
        None
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    /// Megabytes in use more while blocks are held, and less once they are freed.
    fn held_and_freed() -> Option<(f64, f64)> {
        let before = heap_bytes()?.used.get();
        let held: Vec<Vec<u8>> = (0..1_000).map(|_| vec![1; 50_000]).collect();
        let during = heap_bytes()?.used.get();
        drop(held);
        Some((during - before, during - heap_bytes()?.used.get()))
    }

    #[test]
    fn what_is_held_is_used_and_what_is_freed_is_not() {
        if heap_bytes().is_none() {
            return;
        }
        // Other tests of this process allocate and free meanwhile.
        let tries: Vec<_> = (0..20).filter_map(|_| held_and_freed()).collect();
        assert!(tries.iter().any(|(held, freed)| *held > 40.0 && *freed > 40.0), "{tries:?}");
    }
}
