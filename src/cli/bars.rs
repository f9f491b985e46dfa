//! Progress on stderr: bars on a terminal, plain lines otherwise.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use braid::progress::{Event, Progress, Silent, Stage, Work};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Plain lines about one stage come at most this often.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// The listener that suits stderr.
pub fn listener(quiet: bool) -> Box<dyn Progress> {
    if quiet {
        Box::new(Silent)
    } else if std::io::stderr().is_terminal() {
        Box::new(Bars::default())
    } else {
        Box::new(Lines::default())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bars for stages, a spinner for each step that runs.
#[derive(Default)]
struct Bars {
    multi: MultiProgress,
    state: Mutex<BarState>,
}

#[derive(Default)]
struct BarState {
    stages: HashMap<Stage, ProgressBar>,
    steps: HashMap<Work, ProgressBar>,
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants; should one be wrong, the default still shows progress.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Bars {
    fn stage_bar(&self, stage: Stage, total: u64) -> ProgressBar {
        let bar = self.multi.add(ProgressBar::new(total));
        bar.set_style(style(
            "{prefix:>12} [{bar:28}] {pos}/{len} {msg} {per_sec} {elapsed} left {eta}",
        ));
        bar.set_prefix(stage.name());
        bar.set_message(stage.unit());
        bar.enable_steady_tick(Duration::from_millis(250));
        bar
    }

    fn step_spinner(&self, work: Work) -> ProgressBar {
        let bar = self.multi.add(ProgressBar::new_spinner());
        bar.set_style(style("{prefix:>12} {spinner} {msg} {elapsed}"));
        bar.set_prefix(work.to_string());
        bar.enable_steady_tick(Duration::from_millis(250));
        bar
    }
}

impl Progress for Bars {
    fn report(&self, event: Event<'_>) {
        let mut state = locked(&self.state);
        match event {
            Event::StageStarted { stage, total } => {
                let bar = self.stage_bar(stage, total);
                state.stages.insert(stage, bar);
            }
            Event::StageAdvanced { stage, by } => {
                if let Some(bar) = state.stages.get(&stage) {
                    bar.inc(by);
                }
            }
            Event::StageFinished { stage, elapsed } => {
                if let Some(bar) = state.stages.remove(&stage) {
                    bar.finish_and_clear();
                    let line = finished(stage, bar.length().unwrap_or(0), elapsed);
                    let _ = self.multi.println(line);
                }
            }
            Event::StepStarted { work, step } => {
                let bar = state
                    .steps
                    .entry(work)
                    .or_insert_with(|| self.step_spinner(work));
                bar.set_message(step.name());
                bar.reset_elapsed();
            }
            Event::StepDetail { work, step, detail } => {
                if let Some(bar) = state.steps.get(&work) {
                    bar.set_message(format!("{}: {detail}", step.name()));
                }
            }
            Event::StepFinished { work, .. } | Event::Reused { work } => {
                if let Some(bar) = state.steps.remove(&work) {
                    bar.finish_and_clear();
                }
            }
            Event::Warning { message } => {
                let _ = self.multi.println(format!("warning: {message}"));
            }
            _ => {}
        }
    }
}

fn finished(stage: Stage, total: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let rate = if seconds > 0.0 && total > 0 {
        format!(", {:.2} a second", total as f64 / seconds)
    } else {
        String::new()
    };
    format!(
        "{}: {total} {} in {seconds:.2} s{rate}",
        stage.name(),
        stage.unit()
    )
}

/// A line for each event worth one.
#[derive(Default)]
struct Lines {
    stages: Mutex<HashMap<Stage, Line>>,
}

struct Line {
    total: u64,
    done: u64,
    begun: Instant,
    said: Instant,
}

impl Lines {
    /// The line for `event`, if it is worth one.
    fn line(&self, event: Event<'_>) -> Option<String> {
        let now = Instant::now();
        match event {
            Event::StageStarted { stage, total } => {
                let line = Line {
                    total,
                    done: 0,
                    begun: now,
                    said: now,
                };
                locked(&self.stages).insert(stage, line);
                Some(format!("{}: {total} {}", stage.name(), stage.unit()))
            }
            Event::StageAdvanced { stage, by } => {
                let mut stages = locked(&self.stages);
                let line = stages.get_mut(&stage)?;
                line.done += by;
                if now - line.said < LINE_EVERY || line.done >= line.total {
                    return None;
                }
                line.said = now;
                let rate = line.done as f64 / (now - line.begun).as_secs_f64();
                let left = line.total.saturating_sub(line.done) as f64 / rate;
                let (done, total) = (line.done, line.total);
                Some(format!(
                    "{}: {done} of {total} {}, {rate:.2} a second, {left:.0} s left",
                    stage.name(),
                    stage.unit(),
                ))
            }
            Event::StageFinished { stage, elapsed } => {
                let line = locked(&self.stages).remove(&stage);
                Some(finished(stage, line.map_or(0, |line| line.total), elapsed))
            }
            Event::StepFinished {
                work,
                step,
                elapsed,
            } => Some(format!(
                "{work}: {} in {:.2} s",
                step.name(),
                elapsed.as_secs_f64()
            )),
            Event::Reused { work } => Some(format!("{work}: from the job folder, verified")),
            Event::Warning { message } => Some(format!("warning: {message}")),
            _ => None,
        }
    }
}

impl Progress for Lines {
    fn report(&self, event: Event<'_>) {
        if let Some(line) = self.line(event) {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use braid::progress::Step;

    use super::*;

    #[test]
    fn lines_say_what_is_done() {
        let lines = Lines::default();
        let stage = Stage::Folds;
        let start = lines.line(Event::StageStarted { stage, total: 3 });
        assert_eq!(start.as_deref(), Some("folds: 3 folds"));
        // Too soon for a line.
        assert_eq!(lines.line(Event::StageAdvanced { stage, by: 1 }), None);
        let past = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        locked(&lines.stages).get_mut(&stage).unwrap().said = past;
        locked(&lines.stages).get_mut(&stage).unwrap().begun = past;
        let line = lines.line(Event::StageAdvanced { stage, by: 1 }).unwrap();
        assert_eq!(line, "folds: 2 of 3 folds, 0.20 a second, 5 s left");
        let elapsed = Duration::from_secs(12);
        let end = lines.line(Event::StageFinished { stage, elapsed }).unwrap();
        assert_eq!(end, "folds: 3 folds in 12.00 s, 0.25 a second");
        let step = Event::StepFinished {
            work: Work::Chunk(4),
            step: Step::Stark,
            elapsed,
        };
        assert_eq!(
            lines.line(step).as_deref(),
            Some("chunk 4: stark in 12.00 s")
        );
    }

    #[test]
    fn bars_take_every_event() {
        let bars = Bars {
            multi: MultiProgress::with_draw_target(indicatif::ProgressDrawTarget::hidden()),
            ..Bars::default()
        };
        let (stage, work, step) = (Stage::Chunks, Work::Chunk(0), Step::Stark);
        let elapsed = Duration::from_secs(1);
        bars.report(Event::StageStarted { stage, total: 2 });
        bars.report(Event::StepStarted { work, step });
        bars.report(Event::StepDetail {
            work,
            step,
            detail: "openings",
        });
        bars.report(Event::StageAdvanced { stage, by: 1 });
        let held = locked(&bars.state).stages[&stage].position();
        assert_eq!(held, 1);
        bars.report(Event::StepFinished {
            work,
            step,
            elapsed,
        });
        bars.report(Event::StageFinished { stage, elapsed });
        let state = locked(&bars.state);
        assert!(state.stages.is_empty() && state.steps.is_empty());
    }
}
