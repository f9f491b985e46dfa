//! Files that are there as a whole or not at all.
//!
//! A file is written under a temporary name beside its own, synced and renamed. The temporary name follows from the file's own and its writer holds a
//! lock on it: what a killed process left is written over by the next one that writes the same file, and is told by its name from what others
//! keep in the folder.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How the names of unfinished files end; they begin with a dot.
pub const TEMPORARY_SUFFIX: &str = ".braid-tmp";

/// Writers of the same file at the same time, each of which has a temporary file of its own.
const MOST_WRITERS: usize = 1024;

/// Whether a file of this name is an unfinished one of this program.
pub fn is_temporary_name(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(TEMPORARY_SUFFIX)
}

/// A file that gets its name once it is complete. Dropping it before leaves nothing.
#[derive(Debug)]
pub struct Unfinished {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
    finished: bool,
}

/// The folder of a file.
fn folder_of(path: &Path) -> &Path {
    let parent = path.parent();
    let parent = parent.filter(|folder| !folder.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

fn temporary_name(target: &Path, attempt: usize) -> io::Result<PathBuf> {
    let name = target
        .file_name()
        .ok_or(io::Error::from(io::ErrorKind::IsADirectory))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    if attempt > 0 {
        hidden.push(format!(".{attempt}"));
    }
    hidden.push(TEMPORARY_SUFFIX);
    Ok(folder_of(target).join(hidden))
}

/// Opens and locks a temporary file; `None` if another writer has it.
fn claim(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    let file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        // Some file systems have no locks; two writers at a time are then the user's affair.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Between opening and locking another writer may have given the file its name: it is not ours to write then.
    if !is_at(&file, path)? {
        return Ok(None);
    }
    file.set_len(0)?;
    Ok(Some(file))
}

/// Who writes an unfinished file, as far as its lock tells.
#[derive(Debug)]
pub enum Writer {
    /// A process that runs.
    Running,
    /// Nobody: what wrote it has ended. No other process takes the file over as long as this is held.
    Gone(File),
    /// The file system has no locks.
    Unknown,
}

/// Who writes the unfinished file at `path`: see [`is_temporary_name`].
///
/// # Errors
/// What the system says.
pub fn writer_of(path: &Path) -> io::Result<Writer> {
    let file = File::open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Writer::Gone(file)),
        Err(TryLockError::WouldBlock) => Ok(Writer::Running),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            Ok(Writer::Unknown)
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let opened = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
}

impl Unfinished {
    /// Begins a file; its folder must be there.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(target: &Path) -> io::Result<Self> {
        for attempt in 0..MOST_WRITERS {
            let temporary = temporary_name(target, attempt)?;
            if let Some(file) = claim(&temporary)? {
                return Ok(Self {
                    file,
                    temporary,
                    target: target.to_owned(),
                    finished: false,
                });
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// Syncs the file. Nothing but [`Self::finish`] is left to do then.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Gives the file its name, in place of one that has it; when this returns it will survive a power cut.
    ///
    /// # Errors
    /// What the system says; the file that had the name is untouched then.
    pub fn finish(mut self) -> io::Result<()> {
        self.sync()?;
        fs::rename(&self.temporary, &self.target)?;
        self.finished = true;
        // Renaming is lasting only once the folder is synced; not every system lets a folder be opened.
        if let Ok(folder) = File::open(folder_of(&self.target)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // Should it fail, the next writer of the same file writes over it.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Writes a whole file from its parts; makes its folder if it is not there.
///
/// # Errors
/// What the system says; a file that was there before is untouched then.
pub fn write_whole(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    fs::create_dir_all(folder_of(path))?;
    let mut file = Unfinished::create(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.finish()
}

/// A place for a file that is written later, looked at before long work begins.
#[derive(Clone, Debug)]
pub struct OutFile {
    target: PathBuf,
    /// A pipe or device, which is written to and not replaced.
    is_special: bool,
}

/// Symbolic links that lead to a file at most, as in Linux.
const MOST_LINKS: usize = 40;

impl OutFile {
    /// Whether a file can be written at `path`: it is no folder, and its folder, or the one that this would be made in, can be written to. A symbolic link
    /// stands for what it points to. Nothing is made yet.
    ///
    /// # Errors
    /// What the system says, or would say later.
    pub fn prepare(path: &Path) -> io::Result<Self> {
        let mut target = path.to_owned();
        for _ in 0..MOST_LINKS {
            match fs::read_link(&target) {
                Ok(next) => target = folder_of(&target).join(next),
                Err(_) => break,
            }
        }
        let found = fs::metadata(&target);
        let is_special = match &found {
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) => !found.is_file(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(_) => {
                found?;
                false
            }
        };
        if target.file_name().is_none() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !is_special {
            can_make_files_below(folder_of(&target))?;
        }
        Ok(Self { target, is_special })
    }

    /// Where the file goes: behind all symbolic links.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The file that is made or replaced, by a path that is the same for all paths to it; `None` for a pipe or device.
    pub fn place(&self) -> Option<PathBuf> {
        let name = self.target.file_name()?;
        let folder = folder_of(&self.target);
        let folder = fs::canonicalize(folder).or_else(|_| std::path::absolute(folder));
        (!self.is_special).then(|| Some(folder.ok()?.join(name)))?
    }

    /// Whether the file that is made or replaced is the one at `path`, under whatever names; never for a pipe or device.
    pub fn is_at(&self, path: &Path) -> bool {
        let is_named_so = || {
            let place = self.place();
            place.is_some() && fs::canonicalize(path).ok() == place
        };
        !self.is_special && (is_named_so() || is_same(&self.target, path))
    }

    /// Writes the file, as a whole or not at all.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self.is_special {
            true => fs::write(&self.target, bytes),
            false => write_whole(&self.target, &[bytes]),
        }
    }
}

/// Whether two paths lead to one file that is there.
#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    matches!((id(one), id(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_same(_: &Path, _: &Path) -> bool {
    false
}

/// Whether a folder that is there, or the nearest one above it that is, takes new files.
///
/// # Errors
/// What the system says about a new file in it.
pub fn can_make_files_below(folder: &Path) -> io::Result<()> {
    let mut there = folder;
    loop {
        match fs::metadata(there) {
            Ok(found) if found.is_dir() => break,
            Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => there = folder_of(there),
            Err(error) => return Err(error),
        }
    }
    // It has no name where the system has such files, and is gone at once elsewhere.
    tempfile::tempfile_in(there).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_writer_left_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        // As a killed process leaves it: there, and locked by nobody.
        let left = folder.path().join(".x.braid-tmp");
        fs::write(&left, b"half a long file").unwrap();
        assert!(is_temporary_name(".x.braid-tmp"));
        write_whole(&path, &[b"who", b"le"]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["x"]);
    }

    #[test]
    fn two_writers_do_not_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let mut first = Unfinished::create(&path).unwrap();
        let mut second = Unfinished::create(&path).unwrap();
        first.write_all(b"first").unwrap();
        second.write_all(b"second").unwrap();
        second.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        first.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        drop(Unfinished::create(&path).unwrap());
        assert_eq!(names(folder.path()), ["x"]);
    }

    #[test]
    fn places_are_looked_at_before() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| OutFile::prepare(&folder.path().join(name)).map_err(|e| e.kind());
        fs::write(folder.path().join("file"), b"x").unwrap();
        assert!(at("new").is_ok() && at("file").is_ok() && at("a/b/c").is_ok());
        assert_eq!(at("").unwrap_err(), io::ErrorKind::IsADirectory);
        assert!(at("file/below").is_err());
        assert_eq!(names(folder.path()), ["file"]);
        at("a/b/c").unwrap().write(b"y").unwrap();
        assert_eq!(fs::read(folder.path().join("a/b/c")).unwrap(), b"y");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stands_for_what_it_points_to() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        fs::write(at("real/old"), b"old").unwrap();
        symlink("real/old", at("link")).unwrap();
        symlink("link", at("link of a link")).unwrap();
        symlink("real/not there yet", at("dangling")).unwrap();
        symlink("real", at("folder")).unwrap();
        symlink("loop", at("loop")).unwrap();
        OutFile::prepare(&at("link of a link"))
            .unwrap()
            .write(b"new")
            .unwrap();
        OutFile::prepare(&at("dangling"))
            .unwrap()
            .write(b"new")
            .unwrap();
        assert_eq!(fs::read(at("real/old")).unwrap(), b"new");
        assert_eq!(fs::read(at("real/not there yet")).unwrap(), b"new");
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert!(OutFile::prepare(&at("folder")).is_err());
        assert!(OutFile::prepare(&at("loop")).is_err());
    }
}
