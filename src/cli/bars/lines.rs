//! Plain lines: one for each event worth one, and one every while during long steps.

use std::io::Write;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use braid::progress::{Event, Progress, Stage, Step, counted};

use super::locked;
use super::stages::Stages;

/// Lines about how far a stage is come at most this often.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// Without other news, a line comes this often.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How often it is looked whether one is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What has been said, and when.
struct Said {
    stages: Stages,
    last: Instant,
    /// The last line that told how far a stage is, or that it began.
    advanced: Option<(Stage, Instant)>,
}

impl Said {
    fn new(now: Instant) -> Self {
        Self {
            stages: Stages::default(),
            last: now,
            advanced: None,
        }
    }

    /// The line for `event`, if it is worth one.
    fn line(&mut self, event: &Event<'_>, now: Instant) -> Option<String> {
        self.stages.note(event, now);
        let line = self.text(event, now);
        self.stages.forget(event);
        if line.is_some() {
            self.last = now;
        }
        line
    }

    fn text(&mut self, event: &Event<'_>, now: Instant) -> Option<String> {
        match *event {
            Event::StageStarted { stage, total } => {
                self.advanced = Some((stage, now));
                let total = counted(total, stage.unit());
                Some(format!("{}: {total}", stage.name()))
            }
            Event::StageAdvanced { stage, .. } => {
                let running = self.stages.get(stage)?;
                let soon = self.advanced.is_some_and(|(known, said)| {
                    known == stage && now.saturating_duration_since(said) < LINE_EVERY
                });
                if soon || !stage.is_even() || running.done >= running.total {
                    return None;
                }
                self.advanced = Some((stage, now));
                let total = counted(running.total, stage.unit());
                let (name, done, pace) = (stage.name(), running.done, running.pace(now));
                Some(format!("{name}: {done} of {total}, {pace}"))
            }
            Event::StageFinished { stage, elapsed } => {
                Some(self.stages.stage_finished(stage, elapsed))
            }
            Event::StepDetail {
                work,
                step: Step::Build,
                ..
            } => {
                let text = self.stages.step_text(work)?;
                Some(format!("{work}: {text}"))
            }
            Event::StepFinished {
                work,
                step,
                elapsed,
            } => Some(self.stages.step_finished(work, step, elapsed)),
            Event::Reused { work } => Some(format!("{work}: from the job folder, verified")),
            Event::Warning { message } => Some(format!("warning: {message}")),
            _ => None,
        }
    }

    /// A line about what runs, if there has been none for a while.
    fn heartbeat(&mut self, now: Instant) -> Option<String> {
        if now.saturating_duration_since(self.last) < HEARTBEAT {
            return None;
        }
        let line = self.stages.now(now)?;
        self.last = now;
        Some(line)
    }
}

fn print(line: Option<String>) {
    if let Some(line) = line {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// Lines on stderr.
pub(super) struct Lines(Arc<Mutex<Said>>);

impl Lines {
    /// Starts to listen. A thread of its own looks for steps that take long; it ends after this listener. Should the system refuse the thread, only
    /// those lines are missing.
    pub(super) fn start() -> Self {
        let said = Arc::new(Mutex::new(Said::new(Instant::now())));
        let heard = Arc::downgrade(&said);
        let _ = std::thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || watch(&heard));
        Self(said)
    }
}

fn watch(said: &Weak<Mutex<Said>>) {
    loop {
        std::thread::sleep(LOOK_EVERY);
        let Some(said) = said.upgrade() else { return };
        // Under the lock, so that lines come in the order in which they were made.
        let mut said = locked(&said);
        print(said.heartbeat(Instant::now()));
    }
}

impl Progress for Lines {
    fn report(&self, event: Event<'_>) {
        let mut said = locked(&self.0);
        print(said.line(&event, Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use braid::progress::Work;

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn lines_say_what_is_done() {
        let begun = Instant::now();
        let mut said = Said::new(begun);
        let stage = Stage::Folds;
        let start = said.line(&Event::StageStarted { stage, total: 3 }, begun);
        assert_eq!(start.as_deref(), Some("folds: 3 folds"));
        // Too soon for a line.
        let advanced = Event::StageAdvanced { stage, by: 1 };
        assert_eq!(said.line(&advanced, begun + seconds(1)), None);
        let line = said.line(&advanced, begun + seconds(10)).unwrap();
        assert_eq!(
            line,
            "folds: 2 of 3 folds, 10 s so far, 0.20 folds a second, about 5 s left"
        );
        let elapsed = seconds(12);
        let end = said.line(&Event::StageFinished { stage, elapsed }, begun + elapsed);
        assert_eq!(
            end.unwrap(),
            "folds: 3 folds in 12.00 s, 0.25 folds a second"
        );
        let step = Event::StepFinished {
            work: Work::Chunk(4),
            step: Step::Stark,
            elapsed,
        };
        assert_eq!(
            said.line(&step, begun + elapsed).as_deref(),
            Some("chunk 4: stark in 12.00 s")
        );
    }

    #[test]
    fn a_line_comes_every_ten_seconds_of_a_long_step() {
        let begun = Instant::now();
        let mut said = Said::new(begun);
        // Nothing runs, so there is nothing to say.
        assert_eq!(said.heartbeat(begun + seconds(60)), None);
        let (stage, work, step) = (Stage::Setup, Work::Setup, Step::Build);
        let at = |after: u64| begun + seconds(100 + after);
        said.line(&Event::StageStarted { stage, total: 2 }, at(0));
        let left = seconds(90);
        said.line(&Event::Expected { stage, left }, at(0));
        said.line(&Event::StepStarted { work, step }, at(0));
        let detail = "node";
        let building = said.line(&Event::StepDetail { work, step, detail }, at(0));
        assert_eq!(building.as_deref(), Some("setup: building node"));
        let lines: Vec<_> = (1..=30)
            .filter_map(|second| said.heartbeat(at(second)))
            .collect();
        assert_eq!(
            lines,
            [
                "setup: 0 of 2 steps, building node, 10 s so far, about 80 s left",
                "setup: 0 of 2 steps, building node, 20 s so far, about 70 s left",
                "setup: 0 of 2 steps, building node, 30 s so far, about 60 s left",
            ]
        );
        let elapsed = seconds(33);
        let done = said.line(
            &Event::StepFinished {
                work,
                step,
                elapsed,
            },
            at(33),
        );
        assert_eq!(done.as_deref(), Some("setup: node built in 33.00 s"));
        // That was news.
        assert_eq!(said.heartbeat(at(40)), None);
        assert!(said.heartbeat(at(43)).is_some());
    }
}
