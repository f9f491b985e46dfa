//! Files that the user names.

use std::path::{Path, PathBuf};

use crate::error::{Access, Error, Result};

/// Most bytes of any file that is read.
const MOST_BYTES: u64 = 512 << 20;

/// Reads a file.
///
/// # Errors
/// [`Error::File`].
pub fn read_file(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let attempt = || -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path)?;
        file.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    attempt().map_err(Error::file(Access::Read, path))
}

/// A place for a file that is written once the work is done, looked at before it begins.
#[derive(Clone, Debug)]
pub struct OutFile {
    path: PathBuf,
    place: braid_witness::files::OutFile,
}

impl OutFile {
    /// Whether a file can be written at `path`: see [`braid_witness::files::OutFile::prepare`]. Nothing is made yet.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn prepare(path: &Path) -> Result<Self> {
        let place = braid_witness::files::OutFile::prepare(path);
        Ok(Self {
            path: path.to_owned(),
            place: place.map_err(Error::file(Access::Write, path))?,
        })
    }

    /// The path as the user gave it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the file, as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn write(&self, bytes: &[u8]) -> Result<()> {
        let written = self.place.write(bytes);
        written.map_err(Error::file(Access::Write, &self.path))
    }
}

/// Refuses what is to be written where it is read from, or where something else is to be written: one of them would be lost. Paths are the same if they lead to the same file.
///
/// # Errors
/// [`Error::Usage`].
pub fn keep_apart(read: &[&Path], written: &[&OutFile]) -> Result<()> {
    let mut written = written.iter();
    while let Some(file) = written.next() {
        let Some(place) = file.place.place() else {
            continue;
        };
        let path = file.path.display();
        if let Some(read) = read.iter().find(|read| file.place.is_at(read)) {
            let read = read.display();
            return Err(Error::Usage(format!(
                "{path} would be written over {read}, which is read: name another file"
            )));
        }
        let others = written.as_slice().iter();
        let is_same = |other: &&&OutFile| {
            let same_place = other.place.place().as_ref() == Some(&place);
            same_place || other.place.is_at(file.place.target())
        };
        if let Some(other) = others.clone().find(is_same) {
            let other = other.path.display();
            return Err(Error::Usage(format!(
                "{path} and {other} are the same file, and two are to be written: name another one"
            )));
        }
    }
    Ok(())
}

/// Writes a file so that it is there as a whole or not at all: [`OutFile::prepare`] and [`OutFile::write`].
///
/// # Errors
/// [`Error::File`].
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    OutFile::prepare(path)?.write(bytes)
}
