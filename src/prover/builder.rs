//! How a prover is made.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use braid_prover::cache::Cache;
use braid_prover::memory;
use braid_prover::progress::{Progress, Silent, counted};
use braid_prover::schedule::thread_pool;

use super::Prover;
use crate::error::{Error, Result};
use crate::keys;
use crate::shape::ShapeChoice;

/// Where finished proofs are kept while others are made.
#[derive(Clone, Debug)]
pub(super) struct JobOptions {
    pub(super) path: PathBuf,
    pub(super) resume: bool,
}

/// Chooses how a [`Prover`] works. Every choice has a default.
#[derive(Clone)]
pub struct Builder {
    shape: ShapeChoice,
    threads: Option<usize>,
    max_memory: Option<u64>,
    cache: Option<PathBuf>,
    no_built_in_keys: bool,
    job: Option<JobOptions>,
    progress: Arc<dyn Progress>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            shape: ShapeChoice::Auto,
            threads: None,
            max_memory: None,
            cache: None,
            no_built_in_keys: false,
            job: None,
            progress: Arc::new(Silent),
        }
    }
}

impl Builder {
    /// Size of the chunks. By default the smallest shape that holds everything in one chunk, else the standard one.
    pub fn shape(mut self, shape: ShapeChoice) -> Self {
        self.shape = shape;
        self
    }

    /// Worker threads. By default one a core.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Bytes of memory that proving may use. By default most of what is free.
    pub fn max_memory(mut self, bytes: u64) -> Self {
        self.max_memory = Some(bytes);
        self
    }

    /// Folder in which built circuits are kept. By default they are built anew by every [`Prover`], which takes minutes.
    pub fn cache_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// Folder in which every finished proof is kept until all are done. With `resume`, proofs that are there are verified and
    /// used. By default nothing is kept.
    pub fn job_dir(mut self, folder: impl Into<PathBuf>, resume: bool) -> Self {
        self.job = Some(JobOptions {
            path: folder.into(),
            resume,
        });
        self
    }

    /// Who hears of progress. By default nobody.
    pub fn progress(mut self, listener: impl Progress + 'static) -> Self {
        self.progress = Arc::new(listener);
        self
    }

    /// Builds the keys of all circuits instead of taking those that come with the program.
    #[must_use]
    pub fn without_built_in_keys(mut self) -> Self {
        self.no_built_in_keys = true;
        self
    }

    /// The prover. Starts the worker threads; circuits are built when first needed.
    ///
    /// # Errors
    /// [`Error::Usage`] for zero threads, [`Error::Internal`] if the system refuses the threads.
    pub fn build(self) -> Result<Prover> {
        let cores = || std::thread::available_parallelism().map_or(1, |count| count.get());
        let threads = self.threads.unwrap_or_else(cores);
        if threads == 0 {
            return Err(Error::Usage("there must be at least one thread".to_owned()));
        }
        let pool = thread_pool(threads).map_err(|error| {
            Error::Internal(format!("starting {}: {error}", counted(threads, "thread")))
        })?;
        Ok(Prover {
            shape: self.shape,
            threads,
            memory: self.max_memory.unwrap_or_else(memory::default_limit),
            cache: self
                .cache
                .map_or_else(Cache::none, Cache::at)
                .with_built_in(if self.no_built_in_keys {
                    Default::default()
                } else {
                    keys::built_in()
                }),
            job: self.job,
            progress: self.progress,
            pool,
            engine: OnceLock::new(),
            wrapper: OnceLock::new(),
        })
    }
}
