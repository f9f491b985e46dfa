//! What the kernel says of the machine and of this process: proc(5).

use std::fs;
use std::path::{Path, PathBuf};

use super::groups;

/// Where the kernel's files are.
#[derive(Clone, Debug)]
pub struct System {
    root: PathBuf,
}

impl Default for System {
    /// This machine.
    fn default() -> Self {
        Self::at("/")
    }
}

impl System {
    /// A machine whose `/proc` and `/sys` are under this folder.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The path of a file whose path begins at the root.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// The text of a file, if it can be read.
    pub(super) fn read(&self, path: impl AsRef<Path>) -> Option<String> {
        fs::read_to_string(self.path(path.as_ref())).ok()
    }

    /// Bytes that this process can still use without swapping: the least of all that is known.
    pub fn available(&self) -> Option<u64> {
        let machine = self.read("/proc/meminfo");
        let machine = machine.and_then(|text| kib_field(&text, "MemAvailable"));
        [machine, groups::left(self), self.limits()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Most bytes of this process that were in memory at once.
    pub fn peak(&self) -> Option<u64> {
        kib_field(&self.read("/proc/self/status")?, "VmHWM")
    }

    /// What the limits of getrlimit(2) leave. Both are of address space, of which a process has more than it has in
    /// memory: as much as is said here can be had in any case.
    fn limits(&self) -> Option<u64> {
        let limits = self.read("/proc/self/limits")?;
        let status = self.read("/proc/self/status").unwrap_or_default();
        let left = |limit, used| {
            let most = soft_limit(&limits, limit)?;
            Some(most.saturating_sub(kib_field(&status, used).unwrap_or(0)))
        };
        let space = left("Max address space", "VmSize");
        let data = left("Max data size", "VmData");
        [space, data].into_iter().flatten().min()
    }
}

/// A number of KiB in a file such as `/proc/meminfo`, in bytes.
fn kib_field(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let digits = value.trim().trim_end_matches("kB");
    digits.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The soft limit of a line of `/proc/self/limits`; none if it is unlimited.
fn soft_limit(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines();
    let values = lines.find_map(|line| line.strip_prefix(name))?;
    values.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::groups::tests::Machine;

    #[test]
    fn fields_are_found() {
        let text = "MemTotal:  10 kB\nMemAvailable:   7 kB\nMemAvailableNow: 9 kB\n";
        assert_eq!(kib_field(text, "MemAvailable"), Some(7 * 1024));
        assert_eq!(kib_field(text, "Mem"), None);
        assert_eq!(kib_field(text, "Missing"), None);
        assert_eq!(kib_field("VmHWM: many kB", "VmHWM"), None);
        assert_eq!(kib_field("VmHWM: 18446744073709551615 kB", "VmHWM"), None);
    }

    #[test]
    fn limits_of_the_process_count() {
        let status = "VmHWM:\t 5 kB\nVmSize:\t 1000 kB\nVmData:\t 400 kB\n";
        let machine = Machine::new(1 << 20).file("/proc/self/status", status);
        let limits = |data: &str, space: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units\n\
                 Max data size             {data}            unlimited            bytes\n\
                 Max address space         {space}            unlimited            bytes\n"
            )
        };
        let set = |data, space| {
            let text = limits(data, space);
            machine.write("/proc/self/limits", &text).available()
        };
        assert_eq!(set("unlimited", "unlimited"), Some(1 << 30));
        assert_eq!(set("unlimited", "2024000"), Some(2_024_000 - 1_024_000));
        assert_eq!(set("500000", "2024000"), Some(500_000 - 409_600));
        assert_eq!(set("400", "unlimited"), Some(0));
        assert_eq!(set("what", "is this"), Some(1 << 30));
        assert_eq!(machine.system().peak(), Some(5 * 1024));
    }

    #[test]
    fn a_system_without_proc_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let system = System::at(folder.path());
        assert_eq!(system.available(), None);
        assert_eq!(system.peak(), None);
    }
}
