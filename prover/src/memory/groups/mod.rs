//! What the control groups leave that this process is in: cgroups(7), and the kernel's documents on both versions of them.
//!
//! A group may be limited at every level of the hierarchy, so all groups count from the own one up to the highest that is
//! visible, and the least that one of them leaves is what there is. Inside of a container the own path may not be visible;
//! then only groups that are count, and the mount's root is one of them.
//!
//! Pages of files count as used by a group although the kernel drops them when others want memory. A container that has read
//! a few large files is "full" of them. They are not counted as used here, but for those that must be written first: dropping them
//! takes as long as the disk does, and may fail. Everything else that might be reclaimed, such as parts of the kernel's own
//! tables, is taken for used.
//!
//! No crate was found that does this: those that read limits know the own group's or the root's, subtract usage with its
//! cache, or know version 2 alone.

mod place;

use std::path::Path;

use super::System;
use place::{Version, groups};

/// Limits from here on mean that there is none: version 1 writes the largest number of pages that it can count, in bytes.
const NO_LIMIT: u64 = 1 << 62;

/// Bytes that the groups of this process leave it, if one of them has a limit.
pub(super) fn left(system: &System) -> Option<u64> {
    let groups = groups(system).into_iter();
    groups
        .filter_map(|group| match group.version {
            Version::One => left_of_version_1(system, &group.folder),
            Version::Two => left_of_version_2(system, &group.folder),
        })
        .min()
}

/// A number of bytes that is a limit; `max` is none.
fn limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|bytes| *bytes < NO_LIMIT)
}

fn left_of_version_2(system: &System, folder: &Path) -> Option<u64> {
    let read = |name| system.read(folder.join(name));
    // Above `high` the kernel makes processes wait until memory is freed, which here never happens.
    let limits = ["memory.max", "memory.high"].map(|name| limit(&read(name)?));
    let most = limits.into_iter().flatten().min()?;
    let used = read("memory.current").and_then(|text| text.trim().parse().ok());
    let statistics = read("memory.stat").unwrap_or_default();
    let cache = droppable(&statistics, "");
    Some(left_below(most, used.unwrap_or(0), cache))
}

fn left_of_version_1(system: &System, folder: &Path) -> Option<u64> {
    let read = |name| system.read(folder.join(name));
    let statistics = read("memory.stat").unwrap_or_default();
    let own = read("memory.limit_in_bytes").and_then(|text| limit(&text));
    // The least of all groups above, of which a container may not see any.
    let above = field(&statistics, "hierarchical_memory_limit");
    let above = above.filter(|bytes| *bytes < NO_LIMIT);
    let most = [own, above].into_iter().flatten().min()?;
    let used = read("memory.usage_in_bytes").and_then(|text| text.trim().parse().ok());
    // Usage counts the groups below, and so must the cache.
    let cache = droppable(&statistics, "total_");
    Some(left_below(most, used.unwrap_or(0), cache))
}

/// Bytes of files that the kernel can drop at once. Shared memory and tmpfs are in neither list.
fn droppable(statistics: &str, prefix: &str) -> u64 {
    let sum = |names: [&str; 2]| -> u64 {
        let fields = names.map(|name| field(statistics, &format!("{prefix}{name}")));
        let known = fields.into_iter().flatten();
        known.fold(0, u64::saturating_add)
    };
    let files = sum(["inactive_file", "active_file"]);
    let unwritten = match prefix {
        "" => sum(["file_dirty", "file_writeback"]),
        _ => sum(["dirty", "writeback"]),
    };
    files.saturating_sub(unwritten)
}

fn left_below(most: u64, used: u64, cache: u64) -> u64 {
    most.saturating_sub(used.saturating_sub(cache))
}

/// A line `name number`.
fn field(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines();
    lines.find_map(|line| {
        let (found, value) = line.split_once(' ')?;
        (found == name).then(|| value.trim().parse().ok())?
    })
}

#[cfg(test)]
pub(super) mod tests;
