//! Where the control groups of this process are.

use std::path::{Component, Path, PathBuf};

use crate::memory::System;

/// A version of control groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// Each controller has a hierarchy.
    One,
    /// One hierarchy for all controllers.
    Two,
}

/// A folder of a control group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) version: Version,
    pub(super) folder: PathBuf,
}

/// A hierarchy that is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mount {
    version: Version,
    /// The group that is visible as the mount's root.
    root: PathBuf,
    folder: PathBuf,
}

/// Where hierarchies are mounted by custom.
const USUAL: [(Version, &str); 3] = [
    (Version::Two, "/sys/fs/cgroup"),
    (Version::Two, "/sys/fs/cgroup/unified"),
    (Version::One, "/sys/fs/cgroup/memory"),
];

/// All groups that this process is in and that can be seen, of those that limit memory.
pub(super) fn groups(system: &System) -> Vec<Group> {
    let own = system.read("/proc/self/cgroup").unwrap_or_default();
    let mounts = system.read("/proc/self/mountinfo").unwrap_or_default();
    let mut mounts: Vec<Mount> = mounts.lines().filter_map(mount).collect();
    for (version, folder) in USUAL {
        let folder = PathBuf::from(folder);
        if !mounts.iter().any(|mount| mount.folder == folder) {
            let root = PathBuf::from("/");
            mounts.push(Mount {
                version,
                root,
                folder,
            });
        }
    }
    let mut groups = Vec::new();
    for mount in &mounts {
        let below = own_path(&own, mount.version).and_then(|path| below_root(&path, &mount.root));
        let below = below.unwrap_or_default();
        for path in below.ancestors() {
            groups.push(Group {
                version: mount.version,
                folder: mount.folder.join(path),
            });
        }
    }
    groups
}

/// A line of `/proc/self/mountinfo`, if a hierarchy is mounted there that may limit memory.
fn mount(line: &str) -> Option<Mount> {
    let (place, filesystem) = line.split_once(" - ")?;
    let mut place = place.split(' ').skip(3);
    let (root, folder) = (place.next()?, place.next()?);
    let mut filesystem = filesystem.split(' ');
    let kind = filesystem.next()?;
    let version = match kind {
        "cgroup2" => Version::Two,
        "cgroup" => {
            let mut options = filesystem.nth(1)?.split(',');
            options
                .any(|option| option == "memory")
                .then_some(Version::One)?
        }
        _ => return None,
    };
    Some(Mount {
        version,
        root: unescaped(root).into(),
        folder: unescaped(folder).into(),
    })
}

/// A path as proc(5) writes it: what would end a field is `\` and three octal digits.
fn unescaped(text: &str) -> String {
    let escapes = [
        (r"\040", " "),
        (r"\011", "\t"),
        (r"\012", "\n"),
        (r"\134", r"\"),
    ];
    let mut text = text.to_owned();
    for (escape, character) in escapes {
        text = text.replace(escape, character);
    }
    text
}

/// The path of the own group in `/proc/self/cgroup`, whose lines are `number:controllers:path`.
fn own_path(own: &str, version: Version) -> Option<PathBuf> {
    own.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (number, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let is_it = match version {
            Version::One => controllers.split(',').any(|name| name == "memory"),
            Version::Two => number == "0" && controllers.is_empty(),
        };
        is_it.then(|| path.into())
    })
}

/// A group's path below a mount's root, if it is below it.
fn below_root(path: &Path, root: &Path) -> Option<PathBuf> {
    let below = path.strip_prefix(root).ok()?;
    // Outside of the own namespace of groups, the kernel writes `..`.
    let is_plain = |part| matches!(part, Component::Normal(_));
    below.components().all(is_plain).then(|| below.to_owned())
}
