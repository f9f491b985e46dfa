//! What long work says about itself while it runs.
//!
//! Whoever wants to know implements [`Progress`] and hands it in; [`Silent`] listens to nothing, [`Timings`] adds up
//! seconds. Events come from several threads at once.

mod estimate;
mod timings;

use std::fmt;
use std::time::{Duration, Instant};

pub use braid_text::counted;
pub use estimate::{Estimate, Outline, build_time, load_time, prove_time};
pub use timings::{Seconds, Timings};

/// A part of the pipeline, in the order in which they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Decoding, recovering senders and executing. Counts transactions.
    Execution,
    /// Building circuits or reading them from the cache. Counts its steps, of which most are a circuit each.
    Setup,
    /// Filling (and checking) tables. Counts chunks.
    Tables,
    /// Proving chunks. Counts chunks.
    Chunks,
    /// Folding proofs of adjacent chunks. Counts folds.
    Folds,
    /// The last proof of the fold. Counts one.
    Final,
    /// Wrapping it for the EVM. Counts the proofs of the three circuits that do it.
    Wrap,
}

impl Stage {
    /// Its name in a few letters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Execution => "execution",
            Self::Setup => "setup",
            Self::Tables => "tables",
            Self::Chunks => "chunks",
            Self::Folds => "folds",
            Self::Final => "final proof",
            Self::Wrap => "wrap",
        }
    }

    /// What it counts, in the singular: see [`counted`].
    pub fn unit(self) -> &'static str {
        match self {
            Self::Execution => "transaction",
            Self::Setup => "step",
            Self::Tables | Self::Chunks => "chunk",
            Self::Folds => "fold",
            Self::Final | Self::Wrap => "proof",
        }
    }

    /// Whether its units are so much alike that their rate tells something, and how long the others will take.
    pub fn is_even(self) -> bool {
        match self {
            Self::Execution | Self::Tables | Self::Chunks | Self::Folds => true,
            Self::Setup | Self::Final | Self::Wrap => false,
        }
    }
}

/// One piece of work among several that run side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Work {
    /// The circuits, one after the other.
    Setup,
    /// The chunk with this index.
    Chunk(usize),
    /// The fold with this index, counted over the whole tree from the leaves up.
    Fold(usize),
    /// The last proof of the fold.
    Final,
    /// The proof that the EVM verifies.
    Wrap,
}

impl Work {
    /// The stage that it belongs to.
    pub fn stage(self) -> Stage {
        match self {
            Self::Setup => Stage::Setup,
            Self::Chunk(_) => Stage::Chunks,
            Self::Fold(_) => Stage::Folds,
            Self::Final => Stage::Final,
            Self::Wrap => Stage::Wrap,
        }
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup => f.write_str("setup"),
            Self::Chunk(index) => write!(f, "chunk {index}"),
            Self::Fold(index) => write!(f, "fold {index}"),
            Self::Final => f.write_str("final proof"),
            Self::Wrap => f.write_str("wrapped proof"),
        }
    }
}

/// A step of a piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Building a circuit, or working out what is needed to; the detail is its name.
    Build,
    /// Reading a circuit, or its key, that was built before; the detail is its name.
    Load,
    /// Filling the tables.
    Tables,
    /// The STARK over all tables.
    Stark,
    /// The circuit that verifies the STARK.
    Recursion,
    /// The circuit that brings it into the common form.
    Shrink,
    /// The circuit that joins two proofs.
    Fold,
    /// The circuit with the public form of the statement.
    Final,
    /// The first circuit above it, which makes the proof smaller.
    CompactRoot,
    /// The second one.
    Compact,
    /// The circuit whose proof the EVM verifies.
    Wrap,
}

impl Step {
    /// Its name in a few letters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Load => "load",
            Self::Tables => "tables",
            Self::Stark => "stark",
            Self::Recursion => "recursion",
            Self::Shrink => "shrink",
            Self::Fold => "fold",
            Self::Final => "final",
            Self::CompactRoot => "compact-root",
            Self::Compact => "compact",
            Self::Wrap => "wrap",
        }
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A stage begins.
    StageStarted {
        /// Which.
        stage: Stage,
        /// How many units it has.
        total: u64,
    },
    /// Units of a stage are done.
    StageAdvanced {
        /// Which.
        stage: Stage,
        /// How many more are done.
        by: u64,
    },
    /// How long the rest of a stage takes about, by the sizes of what is left; a part of it begins now. On a machine like the one that the estimates
    /// were measured on: see [`Estimate`].
    Expected {
        /// Which.
        stage: Stage,
        /// The part that begins, and all after it.
        left: Duration,
    },
    /// A stage is over.
    StageFinished {
        /// Which.
        stage: Stage,
        /// How long it took.
        elapsed: Duration,
    },
    /// A step begins.
    StepStarted {
        /// Of which piece of work.
        work: Work,
        /// Which step.
        step: Step,
    },
    /// A step has got to some part of its own.
    StepDetail {
        /// Of which piece of work.
        work: Work,
        /// Which step.
        step: Step,
        /// What the step is doing now.
        detail: &'a str,
    },
    /// A step is over.
    StepFinished {
        /// Of which piece of work.
        work: Work,
        /// Which step.
        step: Step,
        /// How long it took.
        elapsed: Duration,
    },
    /// A piece of work was found finished in the job folder and verified.
    Reused {
        /// Which.
        work: Work,
    },
    /// Something that the user should know and that stops nothing.
    Warning {
        /// A full sentence.
        message: &'a str,
    },
}

/// Listens to the pipeline.
pub trait Progress: Send + Sync {
    /// Called for every event, from any thread. Should return quickly.
    fn report(&self, event: Event<'_>);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _: Event<'_>) {}
}

impl<P: Progress + ?Sized> Progress for &P {
    fn report(&self, event: Event<'_>) {
        (**self).report(event);
    }
}

impl<P: Progress + ?Sized> Progress for Box<P> {
    fn report(&self, event: Event<'_>) {
        (**self).report(event);
    }
}

impl<P: Progress + ?Sized> Progress for std::sync::Arc<P> {
    fn report(&self, event: Event<'_>) {
        (**self).report(event);
    }
}

/// Tells two listeners.
#[derive(Clone, Copy, Debug)]
pub struct Both<A, B>(pub A, pub B);

impl<A: Progress, B: Progress> Progress for Both<A, B> {
    fn report(&self, event: Event<'_>) {
        self.0.report(event);
        self.1.report(event);
    }
}

/// Runs `body` as the stage `stage` of `total` units. The stage counts as finished only if `body` succeeds.
///
/// # Errors
/// Those of `body`.
pub fn stage<T, E>(
    progress: &dyn Progress,
    stage: Stage,
    total: usize,
    body: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    progress.report(Event::StageStarted { stage, total });
    let start = Instant::now();
    let result = body()?;
    let elapsed = start.elapsed();
    progress.report(Event::StageFinished { stage, elapsed });
    Ok(result)
}

/// Runs `body` as the step `step` of `work`. The step counts as finished only if `body` succeeds.
///
/// # Errors
/// Those of `body`.
pub fn step<T, E>(
    progress: &dyn Progress,
    work: Work,
    step: Step,
    body: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    progress.report(Event::StepStarted { work, step });
    let start = Instant::now();
    let result = body()?;
    let elapsed = start.elapsed();
    progress.report(Event::StepFinished {
        work,
        step,
        elapsed,
    });
    Ok(result)
}
