//! Made-up machines.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use crate::memory::System;

const GIB: u64 = 1 << 30;

/// Files in the place of `/proc` and `/sys`.
pub(in crate::memory) struct Machine(TempDir);

impl Machine {
    /// A machine with so many KiB of free memory and no control groups.
    pub(in crate::memory) fn new(free: u64) -> Self {
        let meminfo = format!("MemTotal: 99999999 kB\nMemAvailable: {free} kB\n");
        Self(tempfile::tempdir().unwrap()).file("/proc/meminfo", &meminfo)
    }

    pub(in crate::memory) fn system(&self) -> System {
        System::at(self.0.path())
    }

    pub(in crate::memory) fn write(&self, path: &str, text: &str) -> System {
        let system = self.system();
        let path = system.path(path.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        system
    }

    pub(in crate::memory) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// A group of version 2 with a limit and what it uses.
    fn group(self, folder: &str, max: &str, current: u64) -> Self {
        self.file(&format!("{folder}/memory.max"), &format!("{max}\n"))
            .file(&format!("{folder}/memory.current"), &format!("{current}\n"))
    }

    /// A group of version 1.
    fn old_group(self, folder: &str, limit: u64, usage: u64, statistics: &str) -> Self {
        self.file(
            &format!("{folder}/memory.limit_in_bytes"),
            &format!("{limit}\n"),
        )
        .file(
            &format!("{folder}/memory.usage_in_bytes"),
            &format!("{usage}\n"),
        )
        .file(&format!("{folder}/memory.stat"), statistics)
    }

    fn available(&self) -> u64 {
        self.system().available().unwrap()
    }
}

/// 64 GiB are free.
fn machine() -> Machine {
    Machine::new(64 << 20)
}

const ROOT: &str = "/sys/fs/cgroup";
const MOUNT_2: &str = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n";
const MOUNT_1: &str = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

#[test]
fn without_groups_the_machine_counts() {
    assert_eq!(machine().available(), 64 * GIB);
    assert_eq!(machine().group(ROOT, "max", GIB).available(), 64 * GIB);
}

#[test]
fn the_root_of_version_2_counts() {
    let limited = || machine().group(ROOT, &(2 * GIB).to_string(), GIB / 2);
    assert_eq!(limited().available(), 2 * GIB - GIB / 2);
    let high = limited().file("/sys/fs/cgroup/memory.high", "1073741824\n");
    assert_eq!(high.available(), GIB / 2);
    let high_alone = machine()
        .group(ROOT, "max", GIB / 2)
        .file("/sys/fs/cgroup/memory.high", "1073741824\n");
    assert_eq!(high_alone.available(), GIB / 2);
    // More than the machine has.
    assert_eq!(
        machine().group(ROOT, "999999999999", 0).available(),
        64 * GIB
    );
    // More used than allowed, as after the limit was lowered.
    assert_eq!(machine().group(ROOT, "1000", 5_000).available(), 0);
}

#[test]
fn files_in_memory_are_no_use_of_it_unless_they_must_be_written() {
    let full = |statistics: &str| {
        machine()
            .group(ROOT, &(16 * GIB).to_string(), 15 * GIB)
            .file("/sys/fs/cgroup/memory.stat", statistics)
            .available()
    };
    let files = 10 * GIB;
    assert_eq!(full("anon 5\n"), GIB);
    // `file` has shared memory in it, which cannot be dropped.
    assert_eq!(full(&format!("file {files}\nshmem {files}\n")), GIB);
    let inactive = format!("anon 5\nfile {files}\ninactive_file {files}\n");
    assert_eq!(full(&inactive), 11 * GIB);
    assert_eq!(full(&format!("{inactive}active_file {GIB}\n")), 12 * GIB);
    assert_eq!(full(&format!("{inactive}file_dirty {GIB}\n")), 10 * GIB);
    assert_eq!(full(&format!("{inactive}file_writeback {GIB}\n")), 10 * GIB);
    assert_eq!(full(&format!("file_dirty {GIB}\n")), GIB);
    // More than is used: the numbers are not of one moment.
    assert_eq!(full(&format!("inactive_file {}\n", 99 * GIB)), 16 * GIB);
}

#[test]
fn every_group_from_the_own_one_up_counts() {
    let tree = |root: &str, above: &str, own: &str| {
        machine()
            .file("/proc/self/mountinfo", MOUNT_2)
            .file("/proc/self/cgroup", "0::/a.slice/b.service\n")
            .group(ROOT, root, 0)
            .group(&format!("{ROOT}/a.slice"), above, GIB)
            .group(&format!("{ROOT}/a.slice/b.service"), own, GIB)
            .group(&format!("{ROOT}/other.slice"), "5", 0)
            .available()
    };
    let (two, four) = (&(2 * GIB).to_string(), &(4 * GIB).to_string());
    assert_eq!(tree("max", "max", two), GIB);
    assert_eq!(tree("max", two, four), GIB);
    assert_eq!(tree(two, "max", four), 2 * GIB);
    assert_eq!(tree("max", "max", "max"), 64 * GIB);
}

#[test]
fn groups_are_found_where_they_are_mounted() {
    let elsewhere = "30 23 0:26 /docker/abc /mnt/my\\040groups rw - cgroup2 none rw\n";
    let at = |own: &str| {
        machine()
            .file("/proc/self/mountinfo", elsewhere)
            .file("/proc/self/cgroup", &format!("0::{own}\n"))
            .group("/mnt/my groups", &(3 * GIB).to_string(), 0)
            .group("/mnt/my groups/inner", &GIB.to_string(), 0)
            .available()
    };
    assert_eq!(at("/docker/abc/inner"), GIB);
    assert_eq!(at("/docker/abc"), 3 * GIB);
    // Not visible: the root of what is.
    assert_eq!(at("/docker/abcd/inner"), 3 * GIB);
    assert_eq!(at("/"), 3 * GIB);
    assert_eq!(at("/docker/abc/../inner"), 3 * GIB);
    assert_eq!(at("/docker/abc/gone/inner"), 3 * GIB);
}

#[test]
fn namespaces_show_their_own_root() {
    let inside = machine()
        .file(
            "/proc/self/mountinfo",
            &MOUNT_2.replace(" / /sys", " /../.. /sys"),
        )
        .file("/proc/self/cgroup", "0::/\n")
        .group(ROOT, &(2 * GIB).to_string(), 0);
    assert_eq!(inside.available(), 2 * GIB);
    // No file but the groups.
    let bare = machine().group(ROOT, &(2 * GIB).to_string(), 0);
    assert_eq!(bare.available(), 2 * GIB);
}

#[test]
fn version_1_counts() {
    let folder = "/sys/fs/cgroup/memory";
    let none = 9_223_372_036_854_771_712;
    let limited = |limit, statistics: &str| {
        machine()
            .old_group(folder, limit, GIB, statistics)
            .available()
    };
    assert_eq!(limited(2 * GIB, ""), GIB);
    assert_eq!(limited(none, ""), 64 * GIB);
    let hierarchical = |bytes: u64| format!("cache 1\nhierarchical_memory_limit {bytes}\n");
    assert_eq!(limited(none, &hierarchical(3 * GIB)), 2 * GIB);
    assert_eq!(limited(2 * GIB, &hierarchical(none)), GIB);
    let cache = format!("inactive_file 1\ntotal_inactive_file {}\n", GIB / 2);
    assert_eq!(limited(2 * GIB, &cache), GIB + GIB / 2);
    assert_eq!(
        limited(2 * GIB, &format!("{cache}total_dirty {}\n", GIB / 4)),
        GIB + GIB / 4
    );
    let own = machine()
        .file("/proc/self/mountinfo", MOUNT_1)
        .file("/proc/self/cgroup", "5:cpu,memory:/a/b\n1:cpuset:/\n")
        .old_group(folder, none, GIB, "")
        .old_group(&format!("{folder}/a"), 2 * GIB, GIB, "")
        .old_group(&format!("{folder}/a/b"), none, GIB, "");
    assert_eq!(own.available(), GIB);
}

#[test]
fn both_versions_count_where_both_are() {
    let hybrid = |new: &str, old: u64| {
        machine()
            .file(
                "/proc/self/mountinfo",
                &format!(
                    "{MOUNT_1}41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
                 32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                ),
            )
            .file("/proc/self/cgroup", "4:memory:/m\n1:cpu:/c\n0::/u\n")
            .old_group("/sys/fs/cgroup/memory/m", old, 0, "")
            .old_group("/sys/fs/cgroup/cpu/c", 7, 0, "")
            .group("/sys/fs/cgroup/unified/u", new, 0)
            .available()
    };
    assert_eq!(hybrid("max", 2 * GIB), 2 * GIB);
    assert_eq!(hybrid(&GIB.to_string(), 2 * GIB), GIB);
}

#[test]
fn what_cannot_be_understood_limits_nothing() {
    for text in [
        "",
        "\n",
        "lots",
        "-1",
        "1e9",
        "99999999999999999999999",
        "1 2",
    ] {
        let odd =
            machine()
                .group(ROOT, text, 0)
                .old_group("/sys/fs/cgroup/memory", 1 << 63, 0, text);
        assert_eq!(odd.available(), 64 * GIB, "{text:?}");
    }
}

proptest! {
    /// Whatever the files say, nothing breaks off, and the answer is at most what the machine has.
    #[test]
    fn no_text_breaks_it(own in ".*", mounts in ".*", max in ".*", statistics in ".*") {
        let odd = machine()
            .file("/proc/self/cgroup", &format!("0::/{own}\n"))
            .file("/proc/self/mountinfo", &format!("{MOUNT_2}{mounts}\n30 23 0:26 {mounts} - cgroup2 {mounts}"))
            .file("/proc/self/limits", &format!("Max address space {max}"))
            .file("/sys/fs/cgroup/memory.max", &max)
            .file("/sys/fs/cgroup/memory.stat", &statistics);
        prop_assert!(odd.available() <= 64 * GIB);
    }
}
