//! Circuits on disk: one file per circuit, named by two digests: of what it is built from, and of the code that it is
//! built by ([`CODE`]). So a change of code never meets circuits of the code before, and nobody has to raise a version.
//!
//! Keys that come with the program ([`Cache::with_built_in`]) are named by the first digest alone, or they would have to be
//! made anew with every change of code, most of which change no circuit. They are checked instead: whoever loads a circuit
//! compares its key, and the tests compare the final key, which has all others in it, with the pinned one.
//!
//! A file is `magic ‖ sha256(body) ‖ body`. Files are written aside, synced and renamed, so that a killed process leaves
//! either the whole file or none; what is damaged all the same is noticed and built anew.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use braid_witness::files::write_whole;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::progress::{Event, Progress, Silent};

/// Digest of the code that circuits are built by, in hexadecimal: sources of everything that states constraints in circuits,
/// without comments, and the versions of plonky2. Computed by the build script of this crate.
pub const CODE: &str = env!("BRAID_CIRCUIT_CODE");

pub(crate) const MAGIC: &[u8; 16] = b"braid cache v1\0\0";
pub(crate) const HASH_BYTES: usize = 32;

/// A folder of cached values, and values that come with the program.
#[derive(Clone)]
pub struct Cache {
    folder: Option<PathBuf>,
    built_in: Arc<BuiltIn>,
    /// Hears of what cannot be read or kept.
    listener: Arc<dyn Progress>,
}

impl core::fmt::Debug for Cache {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Cache")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// Values by [`CacheKey::content_name`].
pub type BuiltIn = BTreeMap<String, Vec<u8>>;

/// Part of the names of keys, which are small enough to come with the program.
pub(crate) const KEY_MARK: &str = "-key-";

/// What a cached value is built from; two values with the same parts are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheKey {
    name: String,
    digest: [u8; HASH_BYTES],
}

impl CacheKey {
    /// The key of the value called `name` (letters, digits, `-` and `_`) that is built from `parts`.
    pub fn new(name: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts.iter().chain(&[name.as_bytes()]) {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self {
            name: name.to_owned(),
            digest: hasher.finalize().into(),
        }
    }

    /// The value's name and the digest of what it is built from.
    pub fn content_name(&self) -> String {
        let digest: String = self.digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{}-{digest}", self.name)
    }

    /// The file's name.
    pub fn file_name(&self) -> String {
        format!("{}{}", self.content_name(), file_ending())
    }
}

/// Digits of [`CODE`] in the names of files.
pub(crate) const CODE_DIGITS: usize = 16;

/// What of [`CODE`] is in the names of files.
pub(crate) fn code_mark() -> &'static str {
    CODE.get(..CODE_DIGITS).unwrap_or(CODE)
}

/// How the names of this code's files end.
fn file_ending() -> String {
    format!("-{}.bin", code_mark())
}

impl Cache {
    /// A cache in `folder`, which is made when first written to.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Some(folder.into()),
            ..Self::none()
        }
    }

    /// No cache: everything is built when asked for.
    pub fn none() -> Self {
        Self {
            folder: None,
            built_in: Arc::default(),
            listener: Arc::new(Silent),
        }
    }

    /// The same cache, which tells `listener` of files that are damaged or cannot be written.
    #[must_use]
    pub fn with_listener(mut self, listener: Arc<dyn Progress>) -> Self {
        self.listener = listener;
        self
    }

    fn warn(&self, message: &str) {
        self.listener.report(Event::Warning { message });
    }

    /// The same cache with values that need neither be built nor be in the folder. A value is looked up by the digest of
    /// what it is built from, so one of other tables, shapes or circuits is never taken.
    #[must_use]
    pub fn with_built_in(mut self, values: BuiltIn) -> Self {
        self.built_in = Arc::new(values);
        self
    }

    /// The keys in the folder that this code made, to be built into a program.
    ///
    /// # Errors
    /// [`Error::File`] when the folder cannot be read.
    pub fn keys(&self) -> Result<BuiltIn, Error> {
        let mut keys = BuiltIn::new();
        let Some(folder) = &self.folder else {
            return Ok(keys);
        };
        let failed = |source| Error::File {
            path: folder.clone(),
            source,
        };
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.and_then(|name| name.strip_suffix(&file_ending()));
            let name = name.filter(|name| name.contains(KEY_MARK));
            if let Some((name, body)) = name.zip(read_checked(&path)) {
                keys.insert(name.to_owned(), body);
            }
        }
        Ok(keys)
    }

    /// Whether nothing is kept.
    pub fn is_none(&self) -> bool {
        self.folder.is_none()
    }

    /// Whether there is a value under `key`. It may be damaged all the same.
    pub fn has(&self, key: &CacheKey) -> bool {
        let name = key.file_name();
        let in_folder = |folder: &PathBuf| folder.join(&name).is_file();
        let is_built_in = self.built_in.contains_key(&key.content_name());
        is_built_in || self.folder.as_ref().is_some_and(in_folder)
    }

    /// Whether there is a value called `value`, of whatever it was built from: for what is said of the work before all of that is known.
    pub fn has_some(&self, value: &str) -> bool {
        let is_one = |name: &str| {
            let digest = name
                .strip_prefix(value)
                .and_then(|rest| rest.strip_prefix('-'));
            digest.is_some_and(|digest| !digest.contains('-'))
        };
        if self.built_in.keys().any(|name| is_one(name)) {
            return true;
        }
        let entries = self
            .folder
            .as_ref()
            .and_then(|folder| fs::read_dir(folder).ok());
        let mut names = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let ending = file_ending();
        names.any(|name| name.strip_suffix(&ending).is_some_and(is_one))
    }

    /// The value under `key`: read with `read` if it is there and undamaged, otherwise made with `build` and stored as
    /// `write` says. A value that cannot be stored is returned all the same, with a warning to the listener.
    ///
    /// # Errors
    /// What `build` says.
    pub fn get_or_build<T>(
        &self,
        key: &CacheKey,
        read: impl Fn(&[u8]) -> Option<T>,
        build: impl FnOnce() -> Result<T, Error>,
        write: impl FnOnce(&T) -> Option<Vec<u8>>,
    ) -> Result<T, Error> {
        let path = self
            .folder
            .as_ref()
            .map(|folder| folder.join(key.file_name()));
        // The file is of this very code, so it goes before what comes with the program.
        let stored = path.as_deref().and_then(read_checked);
        if let Some(value) = stored.and_then(|body| read(&body[..])) {
            return Ok(value);
        }
        let built_in = self.built_in.get(&key.content_name());
        if let Some(value) = built_in.and_then(|body| read(&body[..])) {
            return Ok(value);
        }
        let Some(path) = path else {
            return build();
        };
        if path.exists() {
            let path = path.display();
            self.warn(&format!("{path} is damaged; the circuit is built anew"));
        }
        let value = build()?;
        if let Some(body) = write(&value)
            && let Err(error) = write_checked(&path, &body)
        {
            self.warn(&format!(
                "the circuit {} is not kept, so that the next run builds it again: {error}",
                key.name
            ));
        }
        Ok(value)
    }
}

fn read_checked(path: &Path) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    let mut header = [0; MAGIC.len() + HASH_BYTES];
    file.read_exact(&mut header).ok()?;
    let mut body = Vec::new();
    file.read_to_end(&mut body).ok()?;
    let (magic, hash) = header.split_at(MAGIC.len());
    let same = magic == MAGIC && hash == &Sha256::digest(&body)[..];
    same.then_some(body)
}

fn write_checked(path: &Path, body: &[u8]) -> Result<(), Error> {
    let hash = Sha256::digest(body);
    write_whole(path, &[MAGIC, &hash[..], body]).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(cache: &Cache, built: &mut usize) -> Vec<u8> {
        let key = CacheKey::new("sample", &[b"a", b"b"]);
        cache
            .get_or_build(
                &key,
                |bytes| Some(bytes.to_vec()),
                || {
                    *built += 1;
                    Ok(vec![7; 1000])
                },
                |value| Some(value.clone()),
            )
            .unwrap()
    }

    #[test]
    fn values_are_built_once_and_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("deeper"));
        let mut built = 0;
        let key = CacheKey::new("sample", &[b"a", b"b"]);
        assert!(!cache.has(&key));
        assert_eq!(get(&cache, &mut built), vec![7; 1000]);
        assert!(cache.has(&key));
        assert_eq!(get(&cache, &mut built), vec![7; 1000]);
        assert_eq!(built, 1);
        let name = CacheKey::new("sample", &[b"a", b"b"]).file_name();
        let path = folder.path().join("deeper").join(name);
        let whole = fs::read(&path).unwrap();
        for damaged in [
            whole[..500].to_vec(),
            Vec::new(),
            [&whole[..600], &[8], &whole[601..]].concat(),
            [&whole[..], &[0]].concat(),
        ] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(get(&cache, &mut built), vec![7; 1000]);
        }
        assert_eq!(built, 5);
        assert_eq!(fs::read(&path).unwrap(), whole);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    /// Warnings that were heard.
    #[derive(Default)]
    struct Warnings(std::sync::Mutex<Vec<String>>);

    impl Progress for Warnings {
        fn report(&self, event: Event<'_>) {
            if let Event::Warning { message } = event {
                self.0.lock().unwrap().push(message.to_owned());
            }
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_error_and_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"x").unwrap();
        let mut built = 0;
        let warnings = Arc::new(Warnings::default());
        let cache = Cache::at(file.join("below")).with_listener(warnings.clone());
        get(&cache, &mut built);
        get(&Cache::none(), &mut built);
        assert_eq!(built, 2);
        let said = warnings.0.lock().unwrap();
        assert!(
            matches!(said.as_slice(), [one] if one.contains("sample is not kept")),
            "{said:?}"
        );
    }

    #[test]
    fn what_an_interrupted_write_left_is_gone_after_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let name = CacheKey::new("sample", &[b"a", b"b"]).file_name();
        fs::write(folder.path().join(format!(".{name}.braid-tmp")), b"half").unwrap();
        let mut built = 0;
        get(&Cache::at(folder.path()), &mut built);
        let names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, [std::ffi::OsString::from(name)]);
    }

    /// Keys leave the folder under the name by which they are looked up among those that come with the program; files of
    /// other code are neither used nor given out.
    #[test]
    fn keys_are_given_out_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let key = CacheKey::new("sample-key", &[b"a"]);
        let get = |cache: &Cache, value: u8| {
            let read = |bytes: &[u8]| bytes.first().copied();
            let write = |value: &u8| Some(vec![*value]);
            cache.get_or_build(&key, read, || Ok(value), write).unwrap()
        };
        let cache = Cache::at(folder.path());
        assert_eq!(get(&cache, 1), 1);
        let other = format!("{}-{}.bin", key.content_name(), "0".repeat(16));
        fs::copy(
            folder.path().join(key.file_name()),
            folder.path().join(other),
        )
        .unwrap();
        let keys = cache.keys().unwrap();
        assert_eq!(keys, BuiltIn::from([(key.content_name(), vec![1])]));
        let elsewhere = Cache::none().with_built_in(keys.clone());
        assert_eq!(get(&elsewhere, 2), 1);
        for cache in [&cache, &elsewhere] {
            assert!(cache.has(&key) && cache.has_some("sample-key"));
            assert!(!cache.has_some("sample"));
        }
        // What this code made itself counts for more.
        let made =
            Cache::at(folder.path()).with_built_in(BuiltIn::from([(key.content_name(), vec![3])]));
        assert_eq!(get(&made, 2), 1);
        fs::remove_file(folder.path().join(key.file_name())).unwrap();
        assert_eq!(get(&made, 2), 3);
        assert_eq!(get(&cache, 4), 4);
    }

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(
            CacheKey::new("x", &[b"ab", b"c"]),
            CacheKey::new("x", &[b"a", b"bc"])
        );
        assert_ne!(CacheKey::new("x", &[b"a"]), CacheKey::new("y", &[b"a"]));
    }
}
