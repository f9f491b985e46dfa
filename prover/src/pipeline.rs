//! All chunks to one proof: which proofs there are to make, in which order, and what is taken from the job folder instead.
//!
//! The proof system stands behind a trait, [`ProofSystem`], because it consists of circuits that this crate does not know
//! (folding lies above it), and so that kills, full disks and damaged folders can be tested in milliseconds.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::ThreadPool;

use crate::job::{EntryKey, Found, JobError, JobFolder};
use crate::progress::{Event, Progress, Stage, Work};
use crate::schedule::{self, Limits, ScheduleError, Task, fold_tree};

/// What the pipeline asks of a proof system.
pub trait ProofSystem: Sync {
    /// What one chunk's proof is made from.
    type Chunk: Sync;
    /// A proof of a chunk or of adjacent chunks.
    type Proof: Send + Sync;
    /// Why a proof cannot be made.
    type Error: Send + Display;

    /// Everything that proofs depend on but the chunk: keys, parameters. Proofs of another identity are not reused.
    fn identity(&self) -> Vec<u8>;

    /// Everything about a chunk that its proof depends on.
    ///
    /// # Errors
    /// When it cannot be written down.
    fn chunk_bytes(&self, chunk: &Self::Chunk) -> Result<Vec<u8>, Self::Error>;

    /// Most memory that [`ProofSystem::prove_chunk`] needs, in bytes.
    fn chunk_memory(&self, chunk: &Self::Chunk) -> u64;

    /// Most memory that [`ProofSystem::fold`] needs, in bytes.
    fn fold_memory(&self) -> u64;

    /// Proves the chunk with this index.
    ///
    /// # Errors
    /// When it cannot be proved.
    fn prove_chunk(
        &self,
        index: usize,
        chunk: &Self::Chunk,
        progress: &dyn Progress,
    ) -> Result<Self::Proof, Self::Error>;

    /// Joins two adjacent proofs as the fold with this index.
    ///
    /// # Errors
    /// When they do not fit together.
    fn fold(
        &self,
        index: usize,
        left: &Self::Proof,
        right: &Self::Proof,
        progress: &dyn Progress,
    ) -> Result<Self::Proof, Self::Error>;

    /// Writes a proof down.
    ///
    /// # Errors
    /// When it cannot be written.
    fn encode(&self, proof: &Self::Proof) -> Result<Vec<u8>, Self::Error>;

    /// Reads a proof of `chunk` and verifies that it is one.
    ///
    /// # Errors
    /// A reason for people.
    fn decode_chunk(&self, chunk: &Self::Chunk, bytes: &[u8]) -> Result<Self::Proof, String>;

    /// Reads a proof that joins `left` and `right` and verifies that it is one.
    ///
    /// # Errors
    /// A reason for people.
    fn decode_fold(
        &self,
        left: &Self::Proof,
        right: &Self::Proof,
        bytes: &[u8],
    ) -> Result<Self::Proof, String>;
}

/// The job folder of a run.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The folder.
    pub folder: &'a JobFolder,
    /// Whether proofs that are there are used.
    pub resume: bool,
}

/// Why a piece of work failed.
#[derive(Debug, thiserror::Error)]
pub enum WorkError<E> {
    /// The proof system refuses.
    #[error("{0}")]
    Proof(E),
    /// The job folder refuses.
    #[error(transparent)]
    Job(#[from] JobError),
}

/// Why there is no proof.
pub type PipelineError<E> = ScheduleError<WorkError<E>>;

/// A proof that is done, and the key under which the job folder has it.
struct Done<P> {
    proof: P,
    key: EntryKey,
}

/// Where a run stands, for the listener.
struct Meter<'a> {
    progress: &'a dyn Progress,
    chunks: AtomicUsize,
    folds: AtomicUsize,
    begun: Instant,
    folding_since: Mutex<Option<Instant>>,
}

impl Meter<'_> {
    fn fold_begins(&self) {
        let mut since = self
            .folding_since
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        since.get_or_insert_with(Instant::now);
    }

    fn done(&self, stage: Stage) {
        self.progress.report(Event::StageAdvanced { stage, by: 1 });
        let (left, since) = match stage {
            Stage::Folds => {
                let since = self
                    .folding_since
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                (&self.folds, since.unwrap_or(self.begun))
            }
            _ => (&self.chunks, self.begun),
        };
        if left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let elapsed = since.elapsed();
            self.progress
                .report(Event::StageFinished { stage, elapsed });
        }
    }
}

/// One run over some chunks.
struct Run<'a, S: ProofSystem> {
    system: &'a S,
    chunks: &'a [S::Chunk],
    job: Option<Job<'a>>,
    meter: Meter<'a>,
}

impl<S: ProofSystem> Run<'_, S> {
    /// Takes the proof under `key` from the job folder or makes it and puts it there.
    fn obtain(
        &self,
        work: Work,
        key: EntryKey,
        decode: impl FnOnce(&[u8]) -> Result<S::Proof, String>,
        make: impl FnOnce() -> Result<S::Proof, S::Error>,
    ) -> Result<Done<S::Proof>, WorkError<S::Error>> {
        let progress = self.meter.progress;
        let Some(job) = self.job else {
            let proof = make().map_err(WorkError::Proof)?;
            return Ok(Done { proof, key });
        };
        if job.resume {
            let decoded = match job.folder.get(&key)? {
                Found::Missing => None,
                Found::Damaged(reason) => Some(Err(reason)),
                Found::Whole(bytes) => Some(decode(&bytes)),
            };
            match decoded {
                None => {}
                Some(Ok(proof)) => {
                    progress.report(Event::Reused { work });
                    return Ok(Done { proof, key });
                }
                Some(Err(reason)) => {
                    let message = format!(
                        "the stored proof of {work} is damaged ({reason}); making it again"
                    );
                    progress.report(Event::Warning { message: &message });
                }
            }
        }
        let proof = make().map_err(WorkError::Proof)?;
        let bytes = self.system.encode(&proof).map_err(WorkError::Proof)?;
        job.folder.put(&key, &bytes)?;
        Ok(Done { proof, key })
    }

    fn chunk(&self, index: usize) -> Result<Done<S::Proof>, WorkError<S::Error>> {
        let chunk = &self.chunks[index];
        let bytes = self.system.chunk_bytes(chunk).map_err(WorkError::Proof)?;
        let key = EntryKey::new("chunk", &[&self.system.identity(), &bytes]);
        let done = self.obtain(
            Work::Chunk(index),
            key,
            |bytes| self.system.decode_chunk(chunk, bytes),
            || self.system.prove_chunk(index, chunk, self.meter.progress),
        )?;
        self.meter.done(Stage::Chunks);
        Ok(done)
    }

    fn fold(
        &self,
        index: usize,
        left: &Done<S::Proof>,
        right: &Done<S::Proof>,
    ) -> Result<Done<S::Proof>, WorkError<S::Error>> {
        self.meter.fold_begins();
        let digests = [left.key.digest(), right.key.digest()];
        let parts = digests.each_ref().map(|digest| digest.as_slice());
        let done = self.obtain(
            Work::Fold(index),
            EntryKey::new("fold", &parts),
            |bytes| self.system.decode_fold(&left.proof, &right.proof, bytes),
            || {
                self.system
                    .fold(index, &left.proof, &right.proof, self.meter.progress)
            },
        )?;
        self.meter.done(Stage::Folds);
        Ok(done)
    }
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A proof of each chunk.
    Chunks,
    /// One proof of all.
    One,
}

/// Proves all `chunks` and folds them as far as `goal` says. Gives the proof of all, or those of the chunks in order.
///
/// # Errors
/// The first failure; proofs finished before are in the job folder.
pub fn prove_all<S: ProofSystem>(
    system: &S,
    chunks: &[S::Chunk],
    goal: Goal,
    pool: &ThreadPool,
    limits: Limits,
    job: Option<Job<'_>>,
    progress: &dyn Progress,
) -> Result<Vec<S::Proof>, PipelineError<S::Error>> {
    let folds = match goal {
        Goal::Chunks => Vec::new(),
        Goal::One => fold_tree(chunks.len()),
    };
    let mut tasks: Vec<Task> = chunks
        .iter()
        .enumerate()
        .map(|(index, chunk)| Task {
            label: Work::Chunk(index).to_string(),
            bytes: system.chunk_memory(chunk),
            after: Vec::new(),
        })
        .collect();
    tasks.extend(
        folds
            .iter()
            .enumerate()
            .map(|(index, &(left, right))| Task {
                label: Work::Fold(index).to_string(),
                bytes: system.fold_memory(),
                after: vec![left, right],
            }),
    );
    for (stage, count) in [(Stage::Chunks, chunks.len()), (Stage::Folds, folds.len())] {
        if count > 0 {
            let total = count as u64;
            progress.report(Event::StageStarted { stage, total });
        }
    }
    let run = Run {
        system,
        chunks,
        job,
        meter: Meter {
            progress,
            chunks: AtomicUsize::new(chunks.len()),
            folds: AtomicUsize::new(folds.len()),
            begun: Instant::now(),
            folding_since: Mutex::new(None),
        },
    };
    let done = schedule::run(
        pool,
        limits,
        &tasks,
        |index, inputs: &[Arc<_>]| match inputs {
            [left, right] => run.fold(index - chunks.len(), left, right),
            _ => run.chunk(index),
        },
    )?;
    done.into_iter()
        .map(|done| match Arc::try_unwrap(done) {
            Ok(done) => Ok(done.proof),
            // Every task that shared it is over.
            Err(_) => Err(ScheduleError::Plan("a result is still in use".to_owned())),
        })
        .collect()
}

#[cfg(test)]
#[path = "pipeline_tests.rs"]
mod tests;
