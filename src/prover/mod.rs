//! The facade: one object that executes, checks and proves block files.

mod builder;
mod plan;
mod wrapping;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use alloy_primitives::B256;
use braid_aggregator::wrap::Wrapper;
use braid_circuits::event::Checkpoint;
use braid_circuits::shapes;
use braid_prover::cache::Cache;
use braid_prover::job::JobFolder;
use braid_prover::pipeline::{Goal, Job, prove_all};
use braid_prover::progress::{self, Event, Progress, Stage, Step, Work, counted};
use braid_prover::schedule::{Limits, panic_message};
use braid_witness::execution::{Options, Settings};
use braid_witness::store::Ahead;
use braid_witness::{BlockFile, ExecutedBlocks, provable};
use rayon::ThreadPool;

pub use self::builder::Builder;
use self::builder::JobOptions;
use self::plan::chunks_by_shape;
pub use self::plan::{CheckedChunk, Plan, Proved, Summary};
use crate::cutting::cut;
use crate::engine::{Engine, KeyInfo, prover_error};
use crate::error::{Error, Result};
use crate::executor::of_one_transaction;
use crate::keys;
use crate::shape::ShapeChoice;
use crate::tables;

/// Executes, checks and proves block files.
///
/// ```no_run
/// # fn main() -> Result<(), braid::Error> {
/// let block = braid::BlockFile::read(std::path::Path::new("block.json"))?;
/// let prover = braid::Prover::builder()
///     .shape(braid::ShapeChoice::Tiny)
///     .max_memory(16 << 30)
///     .cache_dir("circuits")
///     .build()?;
/// let proved = prover.prove_block(&block)?;
/// let values = proved.proof.public_values;
/// println!("blocks {} to {}", values.first_block, values.last_block);
/// # Ok(())
/// # }
/// ```
pub struct Prover {
    shape: ShapeChoice,
    threads: usize,
    memory: u64,
    cache: Cache,
    job: Option<JobOptions>,
    progress: Arc<dyn Progress>,
    pool: ThreadPool,
    engine: OnceLock<Engine>,
    wrapper: OnceLock<Wrapper>,
}

impl Prover {
    /// All defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Runs `body` on the worker threads; a panic in it becomes an error.
    fn on_workers<T: Send>(
        &self,
        label: &str,
        body: impl FnOnce() -> Result<T> + Send,
    ) -> Result<T> {
        let guarded = AssertUnwindSafe(|| self.pool.install(body));
        let outcome = catch_unwind(guarded);
        outcome.unwrap_or_else(|payload| {
            Err(Error::Panicked {
                label: label.to_owned(),
                message: panic_message(payload.as_ref()),
            })
        })
    }

    /// Executes a block file: every rule of Ethereum about it is checked, and that it can be proved.
    ///
    /// # Errors
    /// [`Error::Block`] with the block, the transaction and the reason.
    pub fn execute(&self, block: &BlockFile) -> Result<ExecutedBlocks> {
        let settings = self.execution_settings();
        self.executed(block, || provable::execute_with(block, settings))
    }

    /// As [`Self::execute`], on a stored state in place of the file's accounts. The store stays as it is.
    ///
    /// # Errors
    /// As [`Self::execute`], or [`Error::Block`] when the store cannot be read.
    pub fn execute_ahead(&self, state: Ahead, block: &BlockFile) -> Result<ExecutedBlocks> {
        let settings = self.execution_settings();
        self.executed(block, || {
            provable::execute_ahead_for(state, block, shapes::largest(), settings)
        })
    }

    fn execution_settings(&self) -> Settings<'static> {
        let memory = of_one_transaction(self.memory);
        let options = Options {
            workers: self.threads,
            memory,
            ..Options::default()
        };
        Settings {
            options,
            senders: None,
        }
    }

    fn executed(
        &self,
        block: &BlockFile,
        work: impl FnOnce() -> braid_witness::Result<ExecutedBlocks> + Send,
    ) -> Result<ExecutedBlocks> {
        let count = block.blocks.iter().map(|block| block.transactions.len());
        let total = count.sum();
        let progress = self.progress.as_ref();
        progress::stage(progress, Stage::Execution, total, || {
            self.on_workers("execution", || Ok(work()?))
        })
    }

    /// Cuts executed blocks into chunks.
    ///
    /// # Errors
    /// [`Error::Block`] if a transaction does not fit into a chunk alone.
    pub fn plan(&self, executed: &ExecutedBlocks) -> Result<Plan> {
        let (shapes, chunks) = self.on_workers("cutting chunks", || cut(executed, self.shape))?;
        let transactions = executed.blocks.iter().flat_map(|block| &block.transactions);
        let summary = Summary {
            blocks: executed.blocks.len(),
            transactions: executed.transaction_count(),
            gas_used: transactions.map(|transaction| transaction.gas_used).sum(),
            chunks: chunks.len(),
            shapes: chunks_by_shape(&shapes, &chunks),
        };
        Ok(Plan {
            shapes,
            chunks,
            summary,
        })
    }

    /// Fills the tables of every chunk and, with `check`, checks every constraint on every row and that all messages
    /// meet.
    ///
    /// # Errors
    /// [`Error::WouldNotFit`] if the memory limit is too low for a shape's tables; [`Error::Check`] with what fails where: a fault of the tables, since the chunks were executed.
    pub fn fill_tables(&self, plan: &Plan, check: bool) -> Result<Vec<CheckedChunk>> {
        for shape in &plan.shapes {
            tables::fills_in_memory(shape, self.memory, check)?;
        }
        let progress = self.progress.as_ref();
        let chunks = plan.chunks.iter().enumerate();
        progress::stage(progress, Stage::Tables, plan.chunks.len(), || {
            // One after the other: the checker is parallel inside, and filled tables are large.
            chunks
                .map(|(index, chunk)| {
                    let work = Work::Chunk(index);
                    let shape = plan.shape_of(chunk)?;
                    let tables = progress::step(progress, work, Step::Tables, || {
                        self.on_workers("filling tables", || {
                            tables::fill_and_check(index, &chunk.events, shape, check)
                        })
                    })?;
                    let stage = Stage::Tables;
                    progress.report(Event::StageAdvanced { stage, by: 1 });
                    Ok(CheckedChunk { tables })
                })
                .collect()
        })
    }

    /// The circuits, built or read from the cache on the first call.
    fn engine(&self) -> Result<&Engine> {
        if let Some(engine) = self.engine.get() {
            return Ok(engine);
        }
        let progress = self.progress.as_ref();
        let built = self.on_workers("building circuits", || {
            Engine::build(&self.cache, self.memory, progress)
        })?;
        Ok(self.engine.get_or_init(|| built))
    }

    /// Builds all circuits or reads them from the cache, and says what their keys are.
    ///
    /// # Errors
    /// [`Error::WouldNotFit`] before any work if the memory limit is too low; when a circuit cannot be built.
    pub fn setup(&self) -> Result<Vec<KeyInfo>> {
        Ok(self.engine()?.keys())
    }

    /// Keys of all circuits from the cache folder, as `keys/circuits.bin` holds them.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn circuit_keys(&self) -> Result<Vec<u8>> {
        let keys = self.cache.keys().map_err(prover_error)?;
        keys::encode(&keys)
    }

    /// Loads what proving this plan needs, so that it does not count as proving.
    ///
    /// # Errors
    /// When a circuit cannot be built.
    pub fn prepare(&self, plan: &Plan) -> Result<()> {
        let engine = self.engine()?;
        self.fits(plan)?;
        self.on_workers("loading circuits", || {
            let progress = self.progress.as_ref();
            engine
                .of_shapes(&plan.shapes, &self.cache, progress)
                .map(|_| ())
        })
    }

    /// Bytes that proving this plan takes at least, one piece of work at a time; an estimate from the parameters of the circuits. All that is loaded counts, but not what the caller holds.
    ///
    /// # Errors
    /// When a circuit cannot be built.
    pub fn needed_memory(&self, plan: &Plan) -> Result<u64> {
        let engine = self.engine()?;
        Ok(engine.needed_memory(&plan.shapes) + self.wrapper_memory())
    }

    /// Refuses a plan that takes more memory than there is, before its circuits are loaded.
    fn fits(&self, plan: &Plan) -> Result<()> {
        let needed = self.needed_memory(plan)?;
        if needed <= self.memory {
            return Ok(());
        }
        Err(Error::WouldNotFit {
            label: format!(
                "proving {}, with all circuits,",
                plan.summary.chunks_of_shapes()
            ),
            piece: tables::piece_of(&plan.shapes),
            needed,
            available: self.memory,
        })
    }

    /// The key that proofs of this prover are verified with.
    ///
    /// # Errors
    /// When a circuit cannot be built.
    pub fn verifying_key(&self) -> Result<&braid_verifier::VerifyingKey> {
        Ok(self.engine()?.verifying_key())
    }

    /// Opens the job folder, once it is clear that the plan's shape is not too large from the start.
    fn open_job_for(&self, plan: &Plan) -> Result<Option<JobFolder>> {
        for shape in &plan.shapes {
            tables::fits_in_memory(shape, self.memory)?;
        }
        let folder = self.open_job()?;
        if let (Some(folder), Some(options)) = (&folder, &self.job) {
            let count = folder.count()?;
            if count > 0 && !options.resume {
                let path = folder.path().display();
                let proofs = counted(count, "proof");
                let message = format!(
                    "the job folder {path} holds {proofs} of an earlier run, not used without --resume"
                );
                self.progress.report(Event::Warning { message: &message });
            }
        }
        Ok(folder)
    }

    fn open_job(&self) -> Result<Option<JobFolder>> {
        let folder = self.job.as_ref().map(|job| JobFolder::open(&job.path));
        Ok(folder.transpose()?)
    }

    fn prove_plan(
        &self,
        plan: &Plan,
        goal: Goal,
        folder: Option<&JobFolder>,
    ) -> Result<Vec<crate::engine::Folded>> {
        let engine = self.engine()?;
        self.fits(plan)?;
        let system = self.on_workers("loading circuits", || {
            engine.of_shapes(&plan.shapes, &self.cache, self.progress.as_ref())
        })?;
        let in_use = engine.resident_memory() + self.wrapper_memory();
        let memory = self.memory.saturating_sub(in_use);
        let limits = Limits {
            threads: self.threads,
            memory,
        };
        let job = folder.zip(self.job.as_ref()).map(|(folder, job)| Job {
            folder,
            resume: job.resume,
        });
        let progress = self.progress.as_ref();
        let pool = &self.pool;
        Ok(prove_all(
            &system,
            &plan.chunks,
            goal,
            pool,
            limits,
            job,
            progress,
        )?)
    }

    /// Proves every chunk without folding; the proofs stay in the job folder. Gives their number.
    ///
    /// # Errors
    /// As [`Prover::prove_block`].
    pub fn prove_chunks(&self, plan: &Plan) -> Result<usize> {
        let folder = self.open_job_for(plan)?;
        Ok(self.prove_plan(plan, Goal::Chunks, folder.as_ref())?.len())
    }

    /// Proves chunks, folds them to one proof and verifies it.
    ///
    /// # Errors
    /// As [`Prover::prove_block`].
    pub fn prove(&self, plan: &Plan) -> Result<Proved> {
        let folder = self.open_job_for(plan)?;
        let mut roots = self.prove_plan(plan, Goal::One, folder.as_ref())?;
        let root = roots
            .pop()
            .ok_or_else(|| Error::Internal("there is no chunk".to_owned()))?;
        let engine = self.engine()?;
        let progress = self.progress.as_ref();
        let proof = progress::stage(progress, Stage::Final, 1, || {
            progress::step(progress, Work::Final, Step::Final, || {
                self.on_workers("final proof", || engine.finish(&root))
            })
        })?;
        braid_verifier::verify(engine.verifying_key(), &proof)?;
        Ok(Proved {
            proof,
            summary: plan.summary.clone(),
        })
    }

    /// Executes a block file, proves it, and verifies the proof.
    ///
    /// # Errors
    /// [`Error::Block`] before any proving if the block is invalid or cannot be proved; [`Error::WouldNotFit`] before any
    /// proving if the memory limit is too low; [`Error::Job`] if the job folder fails; the rest are faults of this program.
    pub fn prove_block(&self, block: &BlockFile) -> Result<Proved> {
        let executed = self.execute(block)?;
        let plan = self.plan(&executed)?;
        drop(executed);
        self.prove(&plan)
    }

    /// Removes the job folder's proofs: for when the last proof is safe.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn remove_job(&self) -> Result<()> {
        match self.open_job()? {
            Some(folder) => Ok(folder.remove()?),
            None => Ok(()),
        }
    }

    /// The tables of every chunk of a plan with their heights, without filling them.
    pub fn table_heights(&self, plan: &Plan) -> Vec<CheckedChunk> {
        let heights: Vec<_> = plan.shapes.iter().map(tables::heights).collect();
        let chunks = plan.chunks.iter();
        let chunks = chunks.filter_map(|chunk| heights.get(chunk.shape));
        chunks
            .map(|tables| CheckedChunk {
                tables: tables.clone(),
            })
            .collect()
    }

    /// Where executed blocks end.
    ///
    /// # Errors
    /// [`Error::Internal`] if there is no block.
    pub fn final_checkpoint(&self, executed: &ExecutedBlocks) -> Result<Checkpoint> {
        let chunks = braid_witness::chunks_of(executed, usize::MAX)?;
        let last = chunks.last().map(|chunk| chunk.end);
        last.ok_or_else(|| Error::Internal("there is no block".to_owned()))
    }

    /// The memory limit in bytes.
    pub fn memory_limit(&self) -> u64 {
        self.memory
    }

    /// How many worker threads there are.
    pub fn threads(&self) -> usize {
        self.threads
    }
}

/// A verifying key from a file. Without a hash to compare with, the file itself is what the caller trusts.
///
/// # Errors
/// [`Error::File`] or [`Error::Proof`].
pub fn read_key(path: &Path, hash: Option<B256>) -> Result<braid_verifier::VerifyingKey> {
    use braid_verifier::VerifyingKey;
    let bytes = std::fs::read(path).map_err(Error::file(crate::Access::Read, path))?;
    let expected = hash.unwrap_or_else(|| VerifyingKey::hash_of(&bytes));
    Ok(VerifyingKey::from_bytes(&bytes, expected)?)
}
