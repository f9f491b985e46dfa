//! What is known of the stages and steps that run, and how it is said. Whoever calls brings the clock.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use braid::progress::{Estimate, Event, Stage, Step, Work, counted};

/// Steps that are named when several run side by side.
const MOST_NAMED: usize = 3;

/// Below this, what is done says nothing about the rest.
const LEAST_MEASURE: Duration = Duration::from_secs(1);

/// A stage that runs.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) stage: Stage,
    pub(super) total: u64,
    pub(super) done: u64,
    begun: Instant,
    /// When the last of `done` was done.
    advanced: Instant,
    estimate: Option<Estimate>,
}

impl Running {
    fn new(stage: Stage, total: u64, now: Instant) -> Self {
        Self {
            stage,
            total,
            done: 0,
            begun: now,
            advanced: now,
            estimate: None,
        }
    }

    /// Units a second, once some are done and tell something about the others.
    fn rate(&self) -> Option<f64> {
        let taken = self.advanced.saturating_duration_since(self.begun);
        let measured = self.stage.is_even() && self.done > 0 && taken >= LEAST_MEASURE;
        measured.then(|| self.done as f64 / taken.as_secs_f64())
    }

    /// The time left, as far as anything is known of it.
    fn left(&self, now: Instant) -> Option<Duration> {
        if let Some(estimate) = &self.estimate {
            return estimate.left(now);
        }
        let units = self.total.saturating_sub(self.done) as f64;
        let left = Duration::try_from_secs_f64(units / self.rate()?).ok()?;
        let left = left.checked_sub(now.saturating_duration_since(self.advanced))?;
        (!left.is_zero()).then_some(left)
    }

    /// How long it has run, how fast, and how long it will.
    pub(super) fn pace(&self, now: Instant) -> String {
        let taken = now.saturating_duration_since(self.begun);
        let mut text = format!("{} so far", about(taken));
        if let Some(rate) = self.rate() {
            text += &format!(", {}", rate_text(rate, self.stage.unit()));
        }
        if let Some(left) = self.left(now) {
            text += &format!(", about {} left", about(left));
        }
        text
    }

    /// How far it is, if that is counted in more than one unit.
    fn position(&self) -> Option<String> {
        let total = counted(self.total, self.stage.unit());
        (self.total > 1).then(|| format!("{} of {total}", self.done))
    }
}

/// A step that runs.
#[derive(Clone, Debug)]
struct RunningStep {
    step: Step,
    detail: String,
}

impl RunningStep {
    /// "building node", "chunk 3 in stark (openings)".
    fn text(&self, work: Work) -> String {
        let detail = &self.detail;
        match self.step {
            Step::Build => format!("building {detail}"),
            Step::Load => format!("loading {detail}"),
            step if detail.is_empty() => format!("{work} in {}", step.name()),
            step => format!("{work} in {} ({detail})", step.name()),
        }
    }
}

/// All stages and steps that run.
#[derive(Debug, Default)]
pub(super) struct Stages {
    /// In the order in which they began.
    stages: Vec<Running>,
    steps: BTreeMap<Work, RunningStep>,
}

impl Stages {
    /// The stage, if it runs.
    pub(super) fn get(&self, stage: Stage) -> Option<&Running> {
        self.stages.iter().find(|running| running.stage == stage)
    }

    fn get_mut(&mut self, stage: Stage) -> Option<&mut Running> {
        let mut stages = self.stages.iter_mut();
        stages.find(|running| running.stage == stage)
    }

    /// Takes note of an event. Stages and steps that it ends are still there afterwards: see [`Stages::forget`].
    pub(super) fn note(&mut self, event: &Event<'_>, now: Instant) {
        match *event {
            Event::StageStarted { stage, total } => {
                self.stages.retain(|running| running.stage != stage);
                self.stages.push(Running::new(stage, total, now));
            }
            Event::StageAdvanced { stage, by } => {
                if let Some(running) = self.get_mut(stage) {
                    running.done += by;
                    running.advanced = now;
                }
            }
            Event::Expected { stage, left } => {
                if let Some(running) = self.get_mut(stage) {
                    match &mut running.estimate {
                        Some(estimate) => estimate.update(left, now),
                        none => *none = Some(Estimate::new(left, now)),
                    }
                }
            }
            Event::StepStarted { work, step } => {
                let detail = String::new();
                self.steps.insert(work, RunningStep { step, detail });
            }
            Event::StepDetail { work, detail, .. } => {
                if let Some(running) = self.steps.get_mut(&work) {
                    detail.clone_into(&mut running.detail);
                }
            }
            _ => {}
        }
    }

    /// Drops what the event ended.
    pub(super) fn forget(&mut self, event: &Event<'_>) {
        match *event {
            Event::StageFinished { stage, .. } => {
                self.stages.retain(|running| running.stage != stage);
            }
            Event::StepFinished { work, .. } | Event::Reused { work } => {
                self.steps.remove(&work);
            }
            _ => {}
        }
    }

    /// What the step of `work` is doing.
    pub(super) fn step_text(&self, work: Work) -> Option<String> {
        self.steps.get(&work).map(|running| running.text(work))
    }

    /// What is done in a step that is over.
    pub(super) fn step_finished(&self, work: Work, step: Step, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64();
        let detail = self.steps.get(&work).map_or("", |running| &running.detail);
        match step {
            Step::Build => format!("{work}: {detail} built in {seconds:.2} s"),
            Step::Load => format!("{work}: {detail} loaded in {seconds:.2} s"),
            _ => format!("{work}: {} in {seconds:.2} s", step.name()),
        }
    }

    /// The stage that is over.
    pub(super) fn stage_finished(&self, stage: Stage, elapsed: Duration) -> String {
        let total = self.get(stage).map_or(0, |running| running.total);
        let seconds = elapsed.as_secs_f64();
        let units = counted(total, stage.unit());
        // How many transactions are executed a second is said in the command's answer, of execution alone.
        let tells = stage.is_even() && stage != Stage::Execution && total > 0 && seconds > 0.0;
        let rate = if tells {
            format!(", {}", rate_text(total as f64 / seconds, stage.unit()))
        } else {
            String::new()
        };
        format!("{}: {units} in {seconds:.2} s{rate}", stage.name())
    }

    /// What runs now and how long it has: of the stage that began last, since it is part of what began before, if of anything.
    pub(super) fn now(&self, now: Instant) -> Option<String> {
        let running = self.stages.last()?;
        let steps = self.steps.iter();
        let of_stage = steps.filter(|(work, _)| work.stage() == running.stage);
        let mut texts: Vec<_> = of_stage.map(|(work, step)| step.text(*work)).collect();
        let more = texts.len().saturating_sub(MOST_NAMED);
        texts.truncate(MOST_NAMED);
        if more > 0 {
            texts.push(format!("{more} more"));
        }
        let parts = running.position().into_iter().chain(texts);
        let parts = parts.chain([running.pace(now)]);
        let parts: Vec<_> = parts.collect();
        Some(format!("{}: {}", running.stage.name(), parts.join(", ")))
    }
}

/// A rate with the unit that it counts; what takes long is said the other way round.
fn rate_text(rate: f64, unit: &str) -> String {
    if rate < 0.1 {
        format!("{:.0} s a {unit}", rate.recip())
    } else {
        format!("{rate:.2} {unit}s a second")
    }
}

/// A time as people say it.
fn about(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: Stage = Stage::Chunks;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn nothing_is_said_of_rates_before_there_is_a_measure() {
        let start = Instant::now();
        let mut stages = Stages::default();
        stages.note(
            &Event::StageStarted {
                stage: STAGE,
                total: 3,
            },
            start,
        );
        let pace = |stages: &Stages, at| stages.get(STAGE).unwrap().pace(start + seconds(at));
        assert_eq!(pace(&stages, 0), "0 s so far");
        assert_eq!(pace(&stages, 300), "5 min so far");
        let advanced = Event::StageAdvanced {
            stage: STAGE,
            by: 1,
        };
        stages.note(&advanced, start + seconds(300));
        assert_eq!(
            pace(&stages, 300),
            "5 min so far, 300 s a chunk, about 10 min left"
        );
        assert_eq!(
            stages.now(start + seconds(400)).unwrap(),
            "chunks: 1 of 3 chunks, 7 min so far, 300 s a chunk, about 8 min left"
        );
        // It takes longer than the first did: no time left is better than a wrong one.
        assert_eq!(pace(&stages, 1200), "20 min so far, 300 s a chunk");
    }

    #[test]
    fn an_estimate_by_sizes_is_there_from_the_start() {
        let start = Instant::now();
        let stage = Stage::Setup;
        let (work, step) = (Work::Setup, Step::Build);
        let mut stages = Stages::default();
        stages.note(&Event::StageStarted { stage, total: 4 }, start);
        let left = seconds(90);
        stages.note(&Event::Expected { stage, left }, start);
        stages.note(&Event::StepStarted { work, step }, start);
        let detail = "chunk-standard";
        stages.note(&Event::StepDetail { work, step, detail }, start);
        let after = start + seconds(40);
        assert_eq!(
            stages.now(after).unwrap(),
            "setup: 0 of 4 steps, building chunk-standard, 40 s so far, about 50 s left"
        );
        // A set-up's steps are unlike each other, so that their rate means nothing.
        stages.note(&Event::StageAdvanced { stage, by: 1 }, after);
        assert_eq!(
            stages.get(stage).unwrap().pace(after),
            "40 s so far, about 50 s left"
        );
        // Longer than expected: no time left is better than a wrong one.
        assert_eq!(
            stages.get(stage).unwrap().pace(start + seconds(95)),
            "95 s so far"
        );
        assert_eq!(
            stages.step_finished(work, step, seconds(40)),
            "setup: chunk-standard built in 40.00 s"
        );
        assert_eq!(
            stages.stage_finished(stage, seconds(44)),
            "setup: 4 steps in 44.00 s"
        );
    }

    #[test]
    fn steps_side_by_side_are_named_up_to_a_number() {
        let start = Instant::now();
        let mut stages = Stages::default();
        let total = 9;
        stages.note(
            &Event::StageStarted {
                stage: STAGE,
                total,
            },
            start,
        );
        for index in 0..5 {
            let (work, step) = (Work::Chunk(index), Step::Stark);
            stages.note(&Event::StepStarted { work, step }, start);
        }
        let (work, step, detail) = (Work::Chunk(1), Step::Stark, "openings");
        stages.note(&Event::StepDetail { work, step, detail }, start);
        assert_eq!(
            stages.now(start + seconds(12)).unwrap(),
            "chunks: 0 of 9 chunks, chunk 0 in stark, chunk 1 in stark (openings), chunk 2 in stark, 2 more, 12 s so far"
        );
        for index in 0..5 {
            let work = Work::Chunk(index);
            let elapsed = seconds(13);
            stages.forget(&Event::StepFinished {
                work,
                step,
                elapsed,
            });
        }
        assert_eq!(
            stages.now(start + seconds(13)).unwrap(),
            "chunks: 0 of 9 chunks, 13 s so far"
        );
    }

    #[test]
    fn one_is_singular() {
        let start = Instant::now();
        let mut stages = Stages::default();
        for (stage, total, text) in [
            (
                Stage::Chunks,
                1,
                "chunks: 1 chunk in 2.00 s, 0.50 chunks a second",
            ),
            (
                Stage::Chunks,
                2,
                "chunks: 2 chunks in 2.00 s, 1.00 chunks a second",
            ),
            (Stage::Execution, 1, "execution: 1 transaction in 2.00 s"),
            (Stage::Final, 1, "final proof: 1 proof in 2.00 s"),
            (Stage::Wrap, 3, "wrap: 3 proofs in 2.00 s"),
        ] {
            stages.note(&Event::StageStarted { stage, total }, start);
            assert_eq!(stages.stage_finished(stage, seconds(2)), text);
        }
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        assert_eq!(about(Duration::from_millis(700)), "1 s");
        assert_eq!(about(seconds(119)), "119 s");
        assert_eq!(about(seconds(150)), "3 min");
        assert_eq!(about(seconds(7 * 3600 + 61)), "7 h 1 min");
    }
}
