//! How long a stage takes whose parts are few and unlike each other: set-up, the wrap.
//!
//! What a circuit takes to build, to load or to prove goes by its size: the cells of its trace on the larger domain that the low-degree test
//! needs. [`Outline`] tells the listener at the start of each part what is left by these figures, and [`Estimate`] holds that against the
//! clock, so that on a faster or slower machine it is only the first part that is misjudged.

use std::time::{Duration, Instant};

use plonky2::plonk::circuit_data::CircuitConfig;

use super::{Event, Progress, Stage, Step, Work, step};

/// Nanoseconds of one core for each cell. Building and proving follow from the times of the wrap's circuits in `docs/on-chain.md`, averaged; loading is a
/// guess at a seventh of building, not a measurement.
mod cost {
    /// Stating the circuit, its generators, and the commitment to its constants and wiring.
    pub(super) const BUILD: u64 = 250;
    /// Reading it and checking the file's checksum.
    pub(super) const LOAD: u64 = 35;
    /// Proving.
    pub(super) const PROVE: u64 = 330;
}

fn time(config: &CircuitConfig, log_rows: usize, nanoseconds: u64) -> Duration {
    let log_cells = log_rows + config.fri_config.rate_bits;
    let cells = (config.num_wires as u64) << log_cells.min(40);
    let threads = rayon::current_num_threads().max(1) as u64;
    Duration::from_nanos(cells.saturating_mul(nanoseconds) / threads)
}

/// About how long a circuit of `2^log_rows` rows takes to build with the threads of this pool.
pub fn build_time(config: &CircuitConfig, log_rows: usize) -> Duration {
    time(config, log_rows, cost::BUILD)
}

/// About how long it takes to load.
pub fn load_time(config: &CircuitConfig, log_rows: usize) -> Duration {
    time(config, log_rows, cost::LOAD)
}

/// About how long a proof takes.
pub fn prove_time(config: &CircuitConfig, log_rows: usize) -> Duration {
    time(config, log_rows, cost::PROVE)
}

/// Parts of a stage that come one after the other: tells the listener what is left.
pub struct Outline<'a> {
    progress: &'a dyn Progress,
    stage: Stage,
    left: Duration,
}

impl<'a> Outline<'a> {
    /// A stage whose parts take about `whole` together.
    pub fn new(progress: &'a dyn Progress, stage: Stage, whole: Duration) -> Self {
        Self {
            progress,
            stage,
            left: whole,
        }
    }

    /// What is left turned out to be another time.
    pub fn revise(&mut self, left: Duration) {
        self.left = left;
    }

    /// Does a part that takes about `expected`: the step of the thing called `name`. One unit of the stage is done with it.
    ///
    /// # Errors
    /// Those of `body`.
    pub fn part<T, E>(
        &mut self,
        expected: Duration,
        (work, of, name): (Work, Step, &str),
        body: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let (stage, left) = (self.stage, self.left.max(expected));
        self.progress.report(Event::Expected { stage, left });
        let done = step(self.progress, work, of, || {
            if !name.is_empty() {
                self.progress.report(Event::StepDetail {
                    work,
                    step: of,
                    detail: name,
                });
            }
            body()
        })?;
        self.left = left.saturating_sub(expected);
        self.progress.report(Event::StageAdvanced { stage, by: 1 });
        Ok(done)
    }
}

/// What a listener knows of the time that a stage still takes.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    begun: Instant,
    /// What was expected of all that is over.
    over: Duration,
    /// What is expected of the rest, from `since` on.
    left: Duration,
    since: Instant,
}

/// Below this, what is over says nothing about the machine's speed.
const LEAST_MEASURE: Duration = Duration::from_secs(1);

impl Estimate {
    /// At the first [`Event::Expected`] of a stage.
    pub fn new(left: Duration, now: Instant) -> Self {
        Self {
            begun: now,
            over: Duration::ZERO,
            left,
            since: now,
        }
    }

    /// At another one.
    pub fn update(&mut self, left: Duration, now: Instant) {
        self.over += self.left.saturating_sub(left);
        self.left = left;
        self.since = now;
    }

    /// What is left at `now`; `None` once it has taken longer than expected.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        let taken = self.since.saturating_duration_since(self.begun);
        let speed = if self.over < LEAST_MEASURE || taken.is_zero() {
            1.0
        } else {
            taken.as_secs_f64() / self.over.as_secs_f64()
        };
        let left = self.left.mul_f64(speed);
        let left = left.checked_sub(now.saturating_duration_since(self.since))?;
        (!left.is_zero()).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn an_estimate_follows_the_clock_and_learns_the_machine() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let seconds = Duration::from_secs;
        let mut estimate = Estimate::new(seconds(100), start);
        assert_eq!(estimate.left(at(0)), Some(seconds(100)));
        assert_eq!(estimate.left(at(30)), Some(seconds(70)));
        // A part of 40 is over after 80: the other 60 take 120.
        estimate.update(seconds(60), at(80));
        assert_eq!(estimate.left(at(80)), Some(seconds(120)));
        assert_eq!(estimate.left(at(100)), Some(seconds(100)));
        // Longer than expected: nothing is said.
        assert_eq!(estimate.left(at(200)), None);
        assert_eq!(estimate.left(at(500)), None);
        // More is left than was known; what is over stays.
        estimate.update(seconds(90), at(200));
        assert_eq!(estimate.left(at(200)), Some(seconds(450)));
    }

    #[test]
    fn an_outline_says_what_is_left_at_each_part() {
        #[derive(Default)]
        struct Said(Mutex<Vec<String>>);
        impl Progress for Said {
            fn report(&self, event: Event<'_>) {
                let line = match event {
                    Event::Expected { left, .. } => format!("{} s", left.as_secs()),
                    Event::StepDetail { step, detail, .. } => format!("{} {detail}", step.name()),
                    Event::StageAdvanced { by, .. } => format!("+{by}"),
                    _ => return,
                };
                self.0.lock().unwrap().push(line);
            }
        }
        let said = Said::default();
        let seconds = Duration::from_secs;
        let mut outline = Outline::new(&said, Stage::Setup, seconds(50));
        let part = |step, name| (Work::Setup, step, name);
        let done: Result<_, ()> = outline.part(seconds(20), part(Step::Build, "a"), || Ok(7));
        assert_eq!(done, Ok(7));
        let failed: Result<(), _> = outline.part(seconds(30), part(Step::Load, "b"), || Err("no"));
        assert_eq!(failed, Err("no"));
        let expected = ["50 s", "build a", "+1", "30 s", "load b"];
        assert_eq!(*said.0.lock().unwrap(), expected);
    }

    #[test]
    fn larger_circuits_take_longer() {
        let config = braid_verifier::config::circuit_config();
        assert!(build_time(&config, 17) == 8 * build_time(&config, 14));
        assert!(load_time(&config, 14) < build_time(&config, 14));
        assert!(build_time(&config, usize::MAX >> 1) > Duration::ZERO);
    }
}
