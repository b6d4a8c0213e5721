//! What a sample costs: median and best microseconds of each kind, on this machine.
//!
//! `cargo bench -p memtool-recorder --bench probe_cost`

#![expect(clippy::print_stdout, reason = "the figures are its output")]

#[cfg(target_os = "linux")]
mod cost {
    use std::fs::File;
    use std::hint::black_box;
    use std::io;
    use std::os::unix::fs::{FileExt as _, symlink};
    use std::path::Path;
    use std::process::{Child, Command};
    use std::time::Instant;

    use memtool_recorder::{Cgroup, HighWater, LinuxProbe, PressureStallFile, Probe as _, cpu_seconds};

    const ROUNDS: usize = 400;
    const SAMPLES: u32 = 20;

    fn measure<T>(what: &str, mut read: impl FnMut() -> T) {
        black_box(read());
        let mut micros = (0..ROUNDS)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..SAMPLES {
                    black_box(read());
                }
                start.elapsed().as_secs_f64() * 1e6 / f64::from(SAMPLES)
            })
            .collect::<Vec<_>>();
        micros.sort_by(f64::total_cmp);
        println!("{what:<42} {:>8.2} {:>8.2}", micros[ROUNDS / 2], micros[0]);
    }

    fn own_files() -> io::Result<()> {
        let (statm, meminfo) = (File::open("/proc/self/statm")?, File::open("/proc/meminfo")?);
        measure("bare statm", || statm.read_at(&mut [0; 128], 0));
        measure("bare meminfo, 192 bytes", || meminfo.read_at(&mut [0; 192], 0));
        measure("bare statm and meminfo", || {
            (statm.read_at(&mut [0; 128], 0), meminfo.read_at(&mut [0; 192], 0))
        });
        let mut probe = LinuxProbe::of_self()?;
        measure("probe: rss", || probe.rss());
        measure("probe: read", || probe.read());
        let mut probe = probe.with_pss(true);
        measure("probe: read with pss", || probe.read());
        measure("processor time", cpu_seconds);
        if let Some(file) = PressureStallFile::open() {
            measure("pressure stall", || file.read());
        }
        Ok(())
    }

    fn high_water() {
        let Some(mut high) = HighWater::open() else { return };
        println!("{:?}", high.access());
        measure("high water: peak", || high.peak());
        measure("high water: reset", || high.reset());
    }

    /// The real files of this process's group, with a synthetic limit beside them.
    fn group(folder: &Path, limit: u64) -> io::Result<Option<Cgroup>> {
        let membership = std::fs::read_to_string("/proc/self/cgroup")?;
        let v1 =
            membership.lines().find_map(|line| line.split_once(":memory:").map(|(_, path)| path.to_owned()));
        let (real, names, made) = if let Some(path) = v1 {
            (
                format!("/sys/fs/cgroup/memory{path}"),
                ["memory.usage_in_bytes", "memory.limit_in_bytes"],
                "memory/job",
            )
        } else {
            let path = membership.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or_default();
            (format!("/sys/fs/cgroup{path}"), ["memory.current", "memory.max"], "job")
        };
        let made_up = folder.join("mount").join(made);
        std::fs::create_dir_all(&made_up)?;
        std::fs::write(folder.join("mount/cgroup.controllers"), "memory\n")?;
        std::fs::write(made_up.join(names[1]), format!("{limit}\n"))?;
        for name in [names[0], "memory.stat"] {
            symlink(Path::new(&real).join(name), made_up.join(name))?;
        }
        std::fs::write(folder.join("membership"), "4:memory:/job\n0::/job\n")?;
        Ok(Cgroup::find(&folder.join("membership"), &folder.join("mount")))
    }

    fn groups() -> io::Result<()> {
        for (what, gib) in [("group: read, its limit far away", 1024), ("group: read, its limit binds", 1)] {
            let folder = tempfile::tempdir()?;
            let Some(group) = group(folder.path(), gib << 30)? else { continue };
            measure("group: working set", || group.usage());
            let mut probe = LinuxProbe::of_self()?.with_group(group);
            measure(what, || probe.read());
        }
        Ok(())
    }

    fn children(count: usize) -> io::Result<()> {
        let mut children = (0..count)
            .map(|_| Command::new("sleep").arg("600").spawn())
            .collect::<io::Result<Vec<Child>>>()?;
        let mut probe = LinuxProbe::of_self()?.with_children(true);
        measure(&format!("tree of {count}: nothing started since"), || probe.read());
        measure(&format!("tree of {count}: searched"), || {
            let fresh = LinuxProbe::of_self().map(|probe| probe.with_children(true));
            fresh.and_then(|mut probe| probe.read())
        });
        for child in &mut children {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    fn with_a_gibibyte() -> io::Result<()> {
        let block = black_box(vec![1_u8; 1 << 30]);
        let mut probe = LinuxProbe::of_self()?;
        println!("with a GiB resident: {:?}", probe.rss()?);
        measure("probe: read", || probe.read());
        high_water();
        let mut probe = probe.with_pss(true);
        let start = Instant::now();
        drop(black_box(probe.read()));
        println!("{:<42} {:>8.0} once", "probe: read with pss", start.elapsed().as_secs_f64() * 1e6);
        drop(block);
        Ok(())
    }

    pub(crate) fn all() -> io::Result<()> {
        println!("{:<42} {:>8} {:>8}", "microseconds", "median", "best");
        own_files()?;
        high_water();
        groups()?;
        children(1)?;
        children(10)?;
        with_a_gibibyte()?;
        println!("entries of /proc: {}", std::fs::read_dir("/proc")?.count());
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    cost::all()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("only the probe on /proc is measured");
}
