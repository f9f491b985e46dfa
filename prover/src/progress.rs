//! What long work says about itself while it runs.
//!
//! Whoever wants to know implements [`Progress`] and hands it in; [`Silent`] listens to nothing, [`Timings`] adds up
//! seconds. Events come from several threads at once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A part of the pipeline, in the order in which they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Decoding, recovering senders and executing. Counts transactions.
    Execution,
    /// Building circuits or reading them from the cache. Counts circuits.
    Setup,
    /// Filling (and checking) tables. Counts chunks.
    Tables,
    /// Proving chunks. Counts chunks.
    Chunks,
    /// Folding proofs of adjacent chunks. Counts folds.
    Folds,
    /// The last proof of the fold. Counts one.
    Final,
    /// Wrapping it for the EVM. Counts one.
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

    /// What it counts, in the plural.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Execution => "transactions",
            Self::Setup => "circuits",
            Self::Tables | Self::Chunks => "chunks",
            Self::Folds => "folds",
            Self::Final | Self::Wrap => "proofs",
        }
    }
}

/// One piece of work among several that run side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Work {
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
    /// The circuits that wrap it for the EVM.
    Wrap,
}

impl Step {
    /// Its name in a few letters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Stark => "stark",
            Self::Recursion => "recursion",
            Self::Shrink => "shrink",
            Self::Fold => "fold",
            Self::Final => "final",
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

/// Seconds by stage and by step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seconds {
    /// Wall-clock seconds of each stage.
    pub stages: BTreeMap<Stage, f64>,
    /// Seconds of each step, added up over all pieces of work; those that ran side by side count fully.
    pub steps: BTreeMap<Step, f64>,
}

/// Adds up seconds.
#[derive(Debug, Default)]
pub struct Timings(Mutex<Seconds>);

impl Timings {
    /// What was added up so far.
    pub fn seconds(&self) -> Seconds {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

impl Progress for Timings {
    fn report(&self, event: Event<'_>) {
        let mut seconds = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match event {
            Event::StageFinished { stage, elapsed } => {
                *seconds.stages.entry(stage).or_default() += elapsed.as_secs_f64();
            }
            Event::StepFinished { step, elapsed, .. } => {
                *seconds.steps.entry(step).or_default() += elapsed.as_secs_f64();
            }
            _ => {}
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timings_add_up_what_succeeds() {
        let timings = Timings::default();
        let pause = || std::thread::sleep(Duration::from_millis(5));
        for index in 0..2 {
            let done: Result<(), ()> = step(&timings, Work::Chunk(index), Step::Stark, || {
                pause();
                Ok(())
            });
            assert!(done.is_ok());
        }
        let failed: Result<(), &str> = stage(&timings, Stage::Folds, 1, || Err("no"));
        assert_eq!(failed, Err("no"));
        let seconds = timings.seconds();
        assert!(seconds.steps[&Step::Stark] >= 0.010, "{seconds:?}");
        assert!(seconds.stages.is_empty());
    }
}
