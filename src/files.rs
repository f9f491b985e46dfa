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

/// Writes a file so that it is there as a whole or not at all: [`OutFile::prepare`] and [`OutFile::write`].
///
/// # Errors
/// [`Error::File`].
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    OutFile::prepare(path)?.write(bytes)
}
