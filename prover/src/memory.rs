//! How much memory there is and how much was used, where the system tells.

use std::fs;

/// Part of the available memory that is used when nobody sets a limit, in percent: the estimates are estimates, and the
/// file cache needs some.
const PERCENT: u64 = 85;

/// The limit where the system does not tell how much memory there is: 8 GiB.
const FALLBACK: u64 = 8 << 30;

/// A number of KiB in a file such as `/proc/meminfo`, in bytes.
fn kib_field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let digits = line.trim_start_matches(':').trim().trim_end_matches("kB");
    digits.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Bytes that can be used without swapping, as far as the system tells; a container's limit counts.
pub fn available() -> Option<u64> {
    let meminfo = fs::read_to_string("/proc/meminfo").ok()?;
    let available = kib_field(&meminfo, "MemAvailable")?;
    let read = |path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let container = read("/sys/fs/cgroup/memory.max").map(|most| {
        let used = read("/sys/fs/cgroup/memory.current").unwrap_or(0);
        most.saturating_sub(used)
    });
    Some(container.map_or(available, |left| left.min(available)))
}

/// The limit when none is given.
pub fn default_limit() -> u64 {
    available().map_or(FALLBACK, |bytes| bytes / 100 * PERCENT)
}

/// Most bytes of this process that were in memory at once, as far as the system tells.
pub fn peak() -> Option<u64> {
    kib_field(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM")
}

/// Reads a number of bytes such as `1500000000`, `512M`, `16G` or `16GiB` (units are powers of 1024).
///
/// # Errors
/// A sentence that says what is wrong.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(format!("{unit:?} is no unit: use K, M, G or T")),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| format!("{text:?} is no number of bytes: write for example 16G"))?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| format!("{text:?} is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(parse_bytes("0"), Ok(0));
        assert_eq!(parse_bytes("123"), Ok(123));
        assert_eq!(parse_bytes("16G"), Ok(16 << 30));
        assert_eq!(parse_bytes("16 GiB"), Ok(16 << 30));
        assert_eq!(parse_bytes("7m"), Ok(7 << 20));
        for wrong in ["", "G", "1.5G", "-1", "1X", "99999999999T"] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn fields_are_found() {
        let text = "MemTotal:  10 kB\nMemAvailable:   7 kB\n";
        assert_eq!(kib_field(text, "MemAvailable"), Some(7 * 1024));
        assert_eq!(kib_field(text, "Missing"), None);
        assert_eq!(kib_field("VmHWM: many kB", "VmHWM"), None);
    }
}
