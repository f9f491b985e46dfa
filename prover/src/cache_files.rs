//! What is in a cache folder, and what of it can go. Files that are not Braid's are left alone: one is Braid's if its name is one that the cache gives and its
//! first bytes are the cache's.
//!
//! Which circuits a build needs is known only once those below them are built, since each file is named by the digest of all that it is built from. What is
//! known without that: a build uses files of its own code alone, and one of each circuit, so that of several the older ones are left from other builds. Taking away
//! too much costs time alone: what is missing is built anew, also by a process that is running.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use braid_verifier::{MAGIC_BYTES, Magic};
use braid_witness::files::{Writer, is_temporary_name, writer_of};
use sha2::{Digest, Sha256};

use crate::cache::{CODE_DIGITS, HASH_BYTES, KEY_MARK, code_mark};
use crate::error::Error;

/// How a cache file begins.
pub const CACHE_MAGIC: Magic = Magic {
    name: "braid cache",
    version: 1,
};

/// Hex digits of the digest in a file's name.
const DIGEST_DIGITS: usize = 32;

/// How long nobody has written to what an interrupted process left, where no lock tells that it has ended. Files are written within seconds.
const LEFT_AFTER: Duration = Duration::from_secs(3600);

/// Whether this build may use a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheState {
    /// The newest file of its circuit.
    Current,
    /// Made by other code than this build's, such as another release, or there is a newer file of the same circuit.
    Superseded,
    /// Of a version of the cache that this build does not read.
    OtherVersion(u32),
    /// What a process left that ended while it wrote.
    Leftover,
    /// Being written; or left within the last hour, where no lock tells which.
    Unfinished,
}

impl CacheState {
    /// One word for people and machines.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
            Self::OtherVersion(_) => "other-version",
            Self::Leftover => "leftover",
            Self::Unfinished => "unfinished",
        }
    }

    /// Whether nothing is lost without the file.
    pub fn is_stale(&self) -> bool {
        matches!(
            self,
            Self::Superseded | Self::OtherVersion(_) | Self::Leftover
        )
    }
}

/// A file of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheFile {
    /// Where it is.
    pub path: PathBuf,
    /// The circuit, or what else the value is: the part of its name before the digest. Empty where an unfinished file does not say.
    pub value: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written.
    pub modified: SystemTime,
    /// Whether this build may use it.
    pub state: CacheState,
}

/// A text that ends in a hyphen and this many hex digits, without them, and the digits.
fn split_digits(text: &str, count: usize) -> Option<(&str, &str)> {
    let (rest, digits) = text.rsplit_once('-')?;
    let right = digits.len() == count && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then_some((rest, digits))
}

/// The part before the digest of a value's name: see [`CacheKey::content_name`](crate::cache::CacheKey::content_name).
fn value_of_content(name: &str) -> Option<&str> {
    let (value, _) = split_digits(name, DIGEST_DIGITS)?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let right = !value.is_empty() && value.bytes().all(legal);
    right.then_some(value)
}

/// The value of a name that the cache gives to a file, and whether this build's code made it. Earlier releases named no code.
fn parse(name: &str) -> Option<(&str, bool)> {
    let stem = name.strip_suffix(".bin")?;
    match split_digits(stem, CODE_DIGITS) {
        Some((content, code)) => Some((value_of_content(content)?, code == code_mark())),
        None => Some((value_of_content(stem)?, false)),
    }
}

/// Whether a value of this name is a circuit's key rather than the circuit.
pub fn is_key_name(name: &str) -> bool {
    value_of_content(name).is_some() && name.contains(KEY_MARK)
}

/// How much of the value's name an unfinished file has in its own.
enum Unfinished<'a> {
    /// `.NAME.bin` and the ending of unfinished files.
    Named(&'a str),
    /// `.tmp` and six characters, as earlier releases named them.
    Nameless,
}

fn unfinished(name: &str) -> Option<Unfinished<'_>> {
    let rest = name.strip_prefix('.')?;
    if is_temporary_name(name)
        && let Some((stem, _)) = rest.split_once(".bin.")
    {
        let name = rest.get(..stem.len() + ".bin".len())?;
        return parse(name).map(|(value, _)| Unfinished::Named(value));
    }
    let random = rest.strip_prefix("tmp")?;
    let right = random.len() == 6 && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    right.then_some(Unfinished::Nameless)
}

/// The first bytes of a file, as many as a magic has and the file holds.
fn head_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?
        .take(MAGIC_BYTES as u64)
        .read_to_end(&mut head)?;
    Ok(head)
}

/// One file, if it is Braid's.
fn look_at(path: PathBuf, now: SystemTime) -> Option<CacheFile> {
    let name = path.file_name()?.to_str()?;
    let temporary = unfinished(name);
    let (value, is_ours) = match &temporary {
        Some(Unfinished::Named(value)) => (*value, true),
        Some(Unfinished::Nameless) => ("", true),
        None => parse(name)?,
    };
    // Not what a link leads to.
    let about = fs::symlink_metadata(&path)
        .ok()
        .filter(|about| about.is_file())?;
    let head = head_of(&path).ok()?;
    let version = CACHE_MAGIC.version_of(&head);
    let begun = matches!(temporary, Some(Unfinished::Named(_)))
        && head.len() < MAGIC_BYTES
        && CACHE_MAGIC.bytes().starts_with(&head);
    if version.is_none() && !begun {
        return None;
    }
    let modified = about.modified().ok()?;
    let is_old = now
        .duration_since(modified)
        .is_ok_and(|age| age >= LEFT_AFTER);
    let left = match &temporary {
        Some(Unfinished::Named(_)) => match writer_of(&path) {
            Ok(Writer::Running) => false,
            Ok(Writer::Gone(_)) => true,
            Ok(Writer::Unknown) | Err(_) => is_old,
        },
        // Earlier releases held no locks.
        _ => is_old,
    };
    let state = match (temporary, version) {
        (Some(_), _) if left => CacheState::Leftover,
        (Some(_), _) => CacheState::Unfinished,
        (None, Some(version)) if version != CACHE_MAGIC.version => {
            CacheState::OtherVersion(version)
        }
        (None, _) if !is_ours => CacheState::Superseded,
        (None, _) => CacheState::Current,
    };
    Some(CacheFile {
        value: value.to_owned(),
        bytes: about.len(),
        modified,
        state,
        path,
    })
}

/// Braid's files in a cache folder, by name. A folder that is not there has none.
///
/// # Errors
/// [`Error::File`] when the folder cannot be read.
pub fn list(folder: &Path) -> Result<Vec<CacheFile>, Error> {
    let failed = |source| Error::File {
        path: folder.to_owned(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let now = SystemTime::now();
    let mut files = Vec::new();
    for entry in entries {
        files.extend(look_at(entry.map_err(failed)?.path(), now));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    supersede(&mut files);
    Ok(files)
}

/// Leaves one current file of each value: the newest, and of those written at the same time the last by name.
fn supersede(files: &mut [CacheFile]) {
    let current = |file: &CacheFile| file.state == CacheState::Current;
    let mut newest: BTreeMap<String, (SystemTime, PathBuf)> = BTreeMap::new();
    for file in files.iter().filter(|file| current(file)) {
        let candidate = (file.modified, file.path.clone());
        let best = newest
            .entry(file.value.clone())
            .or_insert(candidate.clone());
        if candidate > *best {
            *best = candidate;
        }
    }
    for file in files.iter_mut().filter(|file| current(file)) {
        let best = newest.get(&file.value);
        if best.is_some_and(|(_, path)| *path != file.path) {
            file.state = CacheState::Superseded;
        }
    }
}

/// Removes a file. That it is gone already is no error: another process may clean the same folder. What was left stays if a process has begun to write it again.
///
/// # Errors
/// [`Error::File`].
pub fn remove(file: &CacheFile) -> Result<(), Error> {
    // Its lock is held until it is gone, so that no writer takes it over in between.
    let writer = match file.state {
        CacheState::Leftover => writer_of(&file.path).ok(),
        _ => None,
    };
    if matches!(writer, Some(Writer::Running)) {
        return Ok(());
    }
    match fs::remove_file(&file.path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::File {
            path: file.path.clone(),
            source: error,
        }),
        _ => Ok(()),
    }
}

/// What a cache file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheHeader {
    /// The version of its layout.
    pub version: u32,
    /// Bytes of the value.
    pub bytes: u64,
    /// Whether the value has the checksum that the file states; never for other versions than [`CACHE_MAGIC`]'s.
    pub whole: bool,
}

/// Reads a cache file to its end, without keeping it. `None` if it does not begin as one.
///
/// # Errors
/// When it cannot be read.
pub fn check(mut file: impl Read) -> io::Result<Option<CacheHeader>> {
    let mut head = Vec::new();
    let length = MAGIC_BYTES + HASH_BYTES;
    (&mut file).take(length as u64).read_to_end(&mut head)?;
    let Some(version) = CACHE_MAGIC.version_of(&head) else {
        return Ok(None);
    };
    let mut hasher = Sha256::new();
    let bytes = io::copy(&mut file, &mut hasher)?;
    let stated = head.get(MAGIC_BYTES..).unwrap_or_default();
    let whole = version == CACHE_MAGIC.version && stated == &hasher.finalize()[..];
    Ok(Some(CacheHeader {
        version,
        bytes,
        whole,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Cache, CacheKey, MAGIC};

    const DAY: Duration = Duration::from_secs(86_400);

    fn write(folder: &Path, name: &str, content: &[u8], age: Duration) {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    fn states(folder: &Path) -> Vec<(String, CacheState)> {
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let files = list(folder).unwrap().into_iter();
        files.map(|file| (name(&file.path), file.state)).collect()
    }

    #[test]
    fn the_caches_own_files_are_known() {
        assert_eq!(&CACHE_MAGIC.bytes(), MAGIC);
        let folder = tempfile::tempdir().unwrap();
        let key = CacheKey::new("sample-key-x", &[b"a"]);
        let built: Result<Vec<u8>, Error> = Cache::at(folder.path()).get_or_build(
            &key,
            |bytes| Some(bytes.to_vec()),
            || Ok(vec![7; 1000]),
            |value| Some(value.clone()),
        );
        built.unwrap();
        let [file] = &list(folder.path()).unwrap()[..] else {
            panic!("not one file");
        };
        assert_eq!(
            (file.value.as_str(), file.state),
            ("sample-key-x", CacheState::Current)
        );
        assert!(is_key_name(&key.content_name()) && !is_key_name(&key.file_name()));
        let checked = || check(File::open(&file.path).unwrap()).unwrap().unwrap();
        assert_eq!((checked().bytes, checked().whole), (1000, true));
        let mut bytes = fs::read(&file.path).unwrap();
        bytes[500] ^= 1;
        fs::write(&file.path, bytes).unwrap();
        assert!(!checked().whole);
    }

    #[test]
    fn only_what_is_no_longer_used_is_stale() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let digest = |digit: &str| digit.repeat(DIGEST_DIGITS);
        let of_code =
            |value: &str, digit: &str, code: &str| format!("{value}-{}-{code}.bin", digest(digit));
        let name = |value: &str, digit: &str| of_code(value, digit, code_mark());
        let (others, older) = (
            of_code("root", "e", &"0".repeat(CODE_DIGITS)),
            format!("root-{}.bin", digest("f")),
        );
        write(folder, &others, MAGIC, Duration::ZERO);
        write(folder, &older, MAGIC, Duration::ZERO);
        write(folder, &name("node", "a"), MAGIC, DAY);
        write(folder, &name("node", "b"), MAGIC, Duration::ZERO);
        write(folder, &name("root", "c"), MAGIC, DAY);
        write(folder, &name("root", "d"), b"braid cache v2\0\0", DAY);
        let temporary = |digit| format!(".{}.braid-tmp", name("node", digit));
        // Nobody writes the one, whenever it was left; somebody writes the other, however slowly.
        write(folder, &temporary("e"), b"braid c", Duration::ZERO);
        write(folder, &temporary("f"), b"", DAY);
        let writing = File::open(folder.join(temporary("f"))).unwrap();
        writing.lock().unwrap();
        write(folder, ".tmpAbc123", MAGIC, DAY);
        // Not Braid's: another beginning, another name, no file.
        write(folder, &name("node", "1"), b"#!/bin/sh and more", DAY);
        write(folder, "node.bin", MAGIC, DAY);
        write(folder, &name("node", "g"), MAGIC, DAY);
        write(folder, ".tmpAbc124", b"braid c", DAY);
        write(folder, ".tmpAbc12", MAGIC, DAY);
        write(folder, &temporary("2"), b"notes", DAY);
        fs::create_dir(folder.join(name("node", "3"))).unwrap();
        use CacheState::*;
        let expected = [
            (temporary("e"), Leftover),
            (temporary("f"), Unfinished),
            (".tmpAbc123".to_owned(), Leftover),
            (name("node", "a"), Superseded),
            (name("node", "b"), Current),
            (name("root", "c"), Current),
            (name("root", "d"), OtherVersion(2)),
            (others.clone(), Superseded),
            (older.clone(), Superseded),
        ];
        assert_eq!(states(folder), expected);
        for file in list(folder).unwrap() {
            if file.state.is_stale() {
                remove(&file).unwrap();
                remove(&file).unwrap();
            }
        }
        let left = [temporary("f"), name("node", "b"), name("root", "c")];
        let names: Vec<String> = states(folder).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, left);
        assert_eq!(fs::read_dir(folder).unwrap().count(), 3 + 7);
        assert!(list(&folder.join("none")).unwrap().is_empty());
    }
}
