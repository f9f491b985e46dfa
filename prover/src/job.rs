//! The job folder: every finished proof, kept until the whole is done.
//!
//! An entry is named after what it proves: the digest of its kind and input ([`EntryKey`]). So an entry is either what is
//! asked for or not there, whichever block file, shape or earlier run it stems from. Entries are written to a temporary
//! file, flushed to the disk, renamed and flushed again as part of the folder: a killed process leaves whole entries and
//! temporary files, which the next run removes. A checksum over everything tells damaged entries; they are reported and
//! made again. Whether a whole entry is *right* is for its reader to verify; nothing here is trusted to be a proof.
//!
//! One process works in a folder at a time: an operating-system lock on the file `lock`, which ends with the process
//! however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::{B256, Keccak256};
use braid_witness::files::{TEMPORARY_SUFFIX, is_temporary_name};

/// First bytes of an entry, with the version of its layout.
const MAGIC: &[u8; 8] = b"braidjb1";

/// What the magics of all versions begin with; a digit follows.
const MAGIC_NAME: &[u8] = b"braidjb";

/// Bytes before the payload: magic, key, length.
const HEADER: usize = 8 + 32 + 8;

/// Bytes after the payload: Keccak-256 of everything before.
const TRAILER: usize = 32;

/// Whoever works in the folder has a lock on it.
pub const LOCK_FILE: &str = ".braid-lock";

/// Bytes that no entry exceeds.
const MAX_ENTRY: u64 = 1 << 30;

/// Why the job folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// Another process works in it.
    #[error("job folder {path} is in use by another process", path = path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// The disk is full. Everything finished before is kept.
    #[error("no space left on the disk for {path}", path = path.display())]
    DiskFull {
        /// What was being written.
        path: PathBuf,
    },
    /// Another failure of the file system.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

fn fault(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JobError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => JobError::DiskFull { path },
        _ => JobError::Io {
            action,
            path,
            source,
        },
    }
}

/// What an entry proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryKey {
    kind: &'static str,
    digest: B256,
}

impl EntryKey {
    /// The key of what is made from `parts`. Kind and parts are hashed with their lengths, so that no two lists of parts
    /// run into each other.
    pub fn new(kind: &'static str, parts: &[&[u8]]) -> Self {
        let mut hasher = Keccak256::new();
        for part in core::iter::once(kind.as_bytes()).chain(parts.iter().copied()) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self {
            kind,
            digest: hasher.finalize(),
        }
    }

    /// The digest.
    pub fn digest(&self) -> B256 {
        self.digest
    }

    fn file_name(&self) -> String {
        format!("{}-{:x}.bin", self.kind, self.digest)
    }
}

/// Whether a file of this name is an entry: [`EntryKey::file_name`]. Others in the folder are not ours.
fn is_entry_name(name: &str) -> bool {
    let digest = name
        .strip_suffix(".bin")
        .and_then(|stem| stem.rsplit_once('-'))
        .filter(|(kind, _)| !kind.is_empty())
        .map(|(_, digest)| digest);
    digest.is_some_and(|digest| {
        digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// How many whole or damaged entries a folder has that another part of the program may have opened.
///
/// # Errors
/// When it cannot be listed.
pub fn entries_in(path: &Path) -> io::Result<usize> {
    let entries = fs::read_dir(path)?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| is_entry_name(name)).count())
}

/// What the folder has for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// Nothing.
    Missing,
    /// Something that is not what it should be, and why.
    Damaged(String),
    /// What was asked for.
    Whole(T),
}

/// Where bytes go: a file, or in tests a disk that fills up.
type Sink = fn(&mut File, &[u8]) -> io::Result<()>;

fn to_disk(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)
}

/// An open job folder.
#[derive(Debug)]
pub struct JobFolder {
    path: PathBuf,
    /// Held until the folder is dropped.
    _lock: File,
    /// Numbers temporary files.
    counter: AtomicU64,
    sink: Sink,
}

impl JobFolder {
    /// Opens the folder at `path`, makes it if it is not there, locks it and removes half-written entries.
    ///
    /// # Errors
    /// When another process has it, or the file system refuses.
    pub fn open(path: &Path) -> Result<Self, JobError> {
        fs::create_dir_all(path).map_err(fault("make", path))?;
        let lock_path = path.join(LOCK_FILE);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(fault("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JobError::Locked {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(fault("lock", &lock_path)(source)),
        }
        let folder = Self {
            path: path.to_owned(),
            _lock: lock,
            counter: AtomicU64::new(0),
            sink: to_disk,
        };
        folder.remove_where(is_temporary_name)?;
        Ok(folder)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn remove_where(&self, condition: impl Fn(&str) -> bool) -> Result<(), JobError> {
        let entries = fs::read_dir(&self.path).map_err(fault("list", &self.path))?;
        for entry in entries {
            let entry = entry.map_err(fault("list", &self.path))?;
            if entry.file_name().to_str().is_some_and(&condition) {
                fs::remove_file(entry.path()).map_err(fault("remove", &entry.path()))?;
            }
        }
        Ok(())
    }

    /// How many whole or damaged entries there are.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn count(&self) -> Result<usize, JobError> {
        entries_in(&self.path).map_err(fault("list", &self.path))
    }

    /// Reads the entry for `key`.
    ///
    /// # Errors
    /// When the file system refuses for another reason than that there is no such file.
    pub fn get(&self, key: &EntryKey) -> Result<Found<Vec<u8>>, JobError> {
        let path = self.path.join(key.file_name());
        let mut bytes = Vec::new();
        match File::open(&path) {
            Ok(file) => {
                let limited = file.take(MAX_ENTRY + 1).read_to_end(&mut bytes);
                limited.map_err(fault("read", &path))?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
            Err(error) => return Err(fault("open", &path)(error)),
        };
        Ok(match payload_of(key, &bytes) {
            Ok(payload) => Found::Whole(payload.to_vec()),
            Err(reason) => Found::Damaged(format!("{}: {reason}", path.display())),
        })
    }

    /// Writes the entry for `key`; returns when it will survive a power cut.
    ///
    /// # Errors
    /// [`JobError::DiskFull`] or another refusal of the file system. Entries that were there before are untouched.
    pub fn put(&self, key: &EntryKey, payload: &[u8]) -> Result<(), JobError> {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let temporary = self
            .path
            .join(format!(".{}-{number}{TEMPORARY_SUFFIX}", key.kind));
        let mut bytes = Vec::with_capacity(HEADER + payload.len() + TRAILER);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(key.digest.as_slice());
        bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        bytes.extend_from_slice(payload);
        let checksum = alloy_primitives::keccak256(&bytes);
        bytes.extend_from_slice(checksum.as_slice());
        let written = self.write_to(&temporary, &bytes).and_then(|()| {
            let path = self.path.join(key.file_name());
            fs::rename(&temporary, &path).map_err(fault("rename to", &path))?;
            self.flush_folder()
        });
        if written.is_err() {
            // Makes room again; what cannot be removed now is removed by the next run.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn write_to(&self, path: &Path, bytes: &[u8]) -> Result<(), JobError> {
        let mut file = File::create(path).map_err(fault("make", path))?;
        (self.sink)(&mut file, bytes).map_err(fault("write", path))?;
        file.sync_all().map_err(fault("write", path))
    }

    /// Makes renames survive a power cut.
    fn flush_folder(&self) -> Result<(), JobError> {
        if cfg!(unix) {
            let folder = File::open(&self.path).map_err(fault("open", &self.path))?;
            folder.sync_all().map_err(fault("write", &self.path))?;
        }
        Ok(())
    }

    /// Removes all entries and, if nothing else is in it, the folder.
    ///
    /// # Errors
    /// When an entry cannot be removed.
    pub fn remove(self) -> Result<(), JobError> {
        self.remove_where(|name| {
            is_entry_name(name) || is_temporary_name(name) || name == LOCK_FILE
        })?;
        // Files that are not ours stay, and the folder with them.
        let _ = fs::remove_dir(&self.path);
        Ok(())
    }
}

/// The version of what begins as an entry does, of any release; `None` for anything else.
pub fn entry_version(bytes: &[u8]) -> Option<u32> {
    let version = bytes.strip_prefix(MAGIC_NAME)?.first()?;
    char::from(*version).to_digit(10)
}

/// The version of entries that is written and read.
pub fn known_entry_version() -> Option<u32> {
    entry_version(MAGIC)
}

/// What a whole entry is for (see [`EntryKey::digest`]), and its payload.
///
/// # Errors
/// What is wrong with it.
pub fn read_entry(bytes: &[u8]) -> Result<(B256, &[u8]), String> {
    if entry_version(bytes) > known_entry_version() {
        return Err("of a newer version: use a newer release".to_owned());
    }
    entry_parts(bytes).map_err(str::to_owned)
}

fn entry_parts(bytes: &[u8]) -> Result<(B256, &[u8]), &'static str> {
    if bytes.len() as u64 > MAX_ENTRY {
        return Err("too large for an entry");
    }
    let Some((content, checksum)) = bytes.split_last_chunk::<TRAILER>() else {
        return Err("too short");
    };
    let Some((header, payload)) = content.split_at_checked(HEADER) else {
        return Err("too short");
    };
    if alloy_primitives::keccak256(content) != *checksum {
        return Err("wrong checksum");
    }
    // The rest can only fail if the entry is of another version, since the checksum covers it.
    let (magic, rest) = header.split_at(MAGIC.len());
    let (digest, length) = rest.split_at(32);
    if magic != MAGIC {
        return Err("of another version");
    }
    if length != (payload.len() as u64).to_le_bytes() {
        return Err("wrong length");
    }
    Ok((B256::from_slice(digest), payload))
}

fn payload_of<'a>(key: &EntryKey, bytes: &'a [u8]) -> Result<&'a [u8], String> {
    let (digest, payload) = read_entry(bytes)?;
    if digest != key.digest {
        return Err("entry for something else".to_owned());
    }
    Ok(payload)
}

#[cfg(test)]
mod tests;
