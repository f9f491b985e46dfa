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
    /// Whether some of it was there before.
    has_reused: bool,
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
            has_reused: false,
            begun: now,
            advanced: now,
            estimate: None,
        }
    }

    /// Whether its rate says something. How many transactions are executed a second is said in the command's answer, of execution alone.
    fn tells_rate(&self) -> bool {
        self.stage.is_even() && self.stage != Stage::Execution && !self.has_reused
    }

    /// Units a second, once some are done and tell something about the others.
    fn rate(&self) -> Option<f64> {
        let taken = self.advanced.saturating_duration_since(self.begun);
        // What was there before says nothing about the rest.
        let is_even = self.stage.is_even() && !self.has_reused;
        let measured = is_even && self.done > 0 && taken >= LEAST_MEASURE;
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
        if self.tells_rate()
            && let Some(rate) = self.rate()
        {
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
            Event::Reused { work } => {
                if let Some(running) = self.get_mut(work.stage()) {
                    running.has_reused = true;
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
        let running = self.get(stage);
        let total = running.map_or(0, |running| running.total);
        let seconds = elapsed.as_secs_f64();
        let units = counted(total, stage.unit());
        let tells = running.is_some_and(Running::tells_rate) && total > 0 && seconds > 0.0;
        let rate = if tells {
            format!(", {}", rate_text(total as f64 / seconds, stage.unit()))
        } else {
            String::new()
        };
        format!("{}: {units} in {seconds:.2} s{rate}", stage.name())
    }

    /// What runs now and how long it has: of every stage that has a step at work. Chunks and folds run side by side, and folds have nothing to do until there
    /// are chunks. Between two steps it is the first stage that is not done.
    pub(super) fn now(&self, now: Instant) -> Option<String> {
        let works = |running: &&Running| {
            let mut works = self.steps.keys();
            works.any(|work| work.stage() == running.stage)
        };
        let busy: Vec<_> = self.stages.iter().filter(works).collect();
        let mut waiting = self.stages.iter();
        let waiting = waiting.find(|running| running.done < running.total);
        let texts = match busy.as_slice() {
            [] => vec![self.stage_now(waiting.or(self.stages.last())?, now)],
            busy => busy
                .iter()
                .map(|stage| self.stage_now(stage, now))
                .collect(),
        };
        Some(texts.join("; "))
    }

    fn stage_now(&self, running: &Running, now: Instant) -> String {
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
        format!("{}: {}", running.stage.name(), parts.join(", "))
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
mod tests;
