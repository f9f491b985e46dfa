//! Seconds, added up.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Event, Progress, Stage, Step};

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
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Progress for Timings {
    fn report(&self, event: Event<'_>) {
        let mut seconds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Work, stage, step};
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
