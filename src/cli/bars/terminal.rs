//! Bars on a terminal.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use braid::progress::{Event, Progress, Stage, Work};
use braid_text::of_number;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::locked;
use super::stages::Stages;

/// How often bars are drawn without news.
const TICK: Duration = Duration::from_millis(250);

/// Bars for stages, a spinner for each step that runs.
#[derive(Default)]
pub(super) struct Bars {
    multi: MultiProgress,
    stages: Arc<Mutex<Stages>>,
    drawn: Mutex<Drawn>,
}

#[derive(Default)]
struct Drawn {
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
        let stages = self.stages.clone();
        let pace = move |_: &ProgressState, out: &mut dyn Write| {
            let pace = locked(&stages)
                .get(stage)
                .map(|running| running.pace(Instant::now()));
            let _ = out.write_str(&pace.unwrap_or_default());
        };
        bar.set_style(
            style("{prefix:>12} [{bar:28}] {pos}/{len} {msg}  {pace}").with_key("pace", pace),
        );
        bar.set_prefix(stage.name());
        bar.set_message(of_number(total, stage.unit()));
        bar.enable_steady_tick(TICK);
        bar
    }

    fn step_spinner(&self, work: Work) -> ProgressBar {
        let bar = self.multi.add(ProgressBar::new_spinner());
        bar.set_style(style("{spinner:>12} {msg} {elapsed}"));
        bar.enable_steady_tick(TICK);
        let text = locked(&self.stages).step_text(work);
        bar.set_message(text.unwrap_or_default());
        bar
    }
}

impl Progress for Bars {
    fn report(&self, event: Event<'_>) {
        let mut drawn = locked(&self.drawn);
        locked(&self.stages).note(&event, Instant::now());
        // Bars are told what to show without the lock on the stages, which they take to draw.
        let text = |work| locked(&self.stages).step_text(work).unwrap_or_default();
        match event {
            Event::StageStarted { stage, total } => {
                let bar = self.stage_bar(stage, total);
                if let Some(before) = drawn.stages.insert(stage, bar) {
                    before.finish_and_clear();
                }
            }
            Event::StageAdvanced { stage, by } => {
                if let Some(bar) = drawn.stages.get(&stage) {
                    bar.inc(by);
                }
            }
            Event::StageFinished { stage, elapsed } => {
                if let Some(bar) = drawn.stages.remove(&stage) {
                    bar.finish_and_clear();
                    let line = locked(&self.stages).stage_finished(stage, elapsed);
                    let _ = self.multi.println(line);
                }
            }
            Event::StepStarted { work, .. } => {
                let spinner = || self.step_spinner(work);
                let bar = drawn.steps.entry(work).or_insert_with(spinner);
                bar.set_message(text(work));
                bar.reset_elapsed();
            }
            Event::StepDetail { work, .. } => {
                if let Some(bar) = drawn.steps.get(&work) {
                    bar.set_message(text(work));
                }
            }
            Event::StepFinished { work, .. } | Event::Reused { work } => {
                if let Some(bar) = drawn.steps.remove(&work) {
                    bar.finish_and_clear();
                }
            }
            Event::Warning { message } => {
                let _ = self.multi.println(format!("warning: {message}"));
            }
            _ => {}
        }
        locked(&self.stages).forget(&event);
    }
}

#[cfg(test)]
mod tests {
    use braid::progress::Step;
    use indicatif::{ProgressDrawTarget, TermLike};

    use super::*;

    /// Everything that was written, one after the other.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn take(&self) -> String {
            std::mem::take(&mut locked(&self.0))
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            160
        }

        fn height(&self) -> u16 {
            20
        }

        fn move_cursor_up(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }

        fn write_line(&self, line: &str) -> std::io::Result<()> {
            self.write_str(&format!("{line}\n"))
        }

        fn write_str(&self, text: &str) -> std::io::Result<()> {
            locked(&self.0).push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> std::io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn bars_take_every_event() {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let bars = Bars {
            multi: MultiProgress::with_draw_target(target),
            ..Bars::default()
        };
        let (stage, work, step) = (Stage::Chunks, Work::Chunk(0), Step::Stark);
        let elapsed = Duration::from_secs(1);
        bars.report(Event::StageStarted { stage, total: 2 });
        bars.report(Event::StepStarted { work, step });
        let detail = "openings";
        bars.report(Event::StepDetail { work, step, detail });
        for bar in locked(&bars.drawn).stages.values() {
            bar.force_draw();
        }
        let shown = screen.take();
        assert!(shown.contains("0/2 chunks  0 s so far"), "{shown}");
        assert!(!shown.contains("left") && !shown.contains("/s"), "{shown}");
        assert!(shown.contains("chunk 0 in stark (openings)"), "{shown}");
        bars.report(Event::StageAdvanced { stage, by: 1 });
        assert_eq!(locked(&bars.drawn).stages[&stage].position(), 1);
        bars.report(Event::StepFinished {
            work,
            step,
            elapsed,
        });
        bars.report(Event::StageFinished { stage, elapsed });
        let drawn = locked(&bars.drawn);
        assert!(drawn.stages.is_empty() && drawn.steps.is_empty());
        let shown = screen.take();
        let finished = "chunks: 2 chunks in 1.00 s, 2.00 chunks a second";
        assert!(shown.contains(finished), "{shown}");
    }
}
