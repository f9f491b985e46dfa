//! Whether guessing pays: what is looked at is how the last commits went.

use super::commit::Committer;
use super::scheduler::Scheduler;
use super::tuning::{
    BATCH_GROWS, BATCH_HOPELESS, BATCH_WINDOW, CONFLICTS, FIRST_STRETCH, LARGEST_GUESS,
    LONGEST_STRETCH, STRETCH_CONFLICTS, STRETCH_WINDOW, WINDOW,
};

/// How the execution of a batch went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Went {
    /// Nothing before it was executed beside it: it says nothing about guessing.
    Alone,
    /// It was as guessed.
    Beside,
    /// It had to be executed again.
    Again,
}

impl Committer {
    /// Looks at the last transactions of a stretch; `conflicts` says whether the last one changed what one before it had changed or looked at. Gives
    /// whether to go on.
    pub(super) fn goes_on(&mut self, conflicts: bool) -> bool {
        self.window.0 += 1;
        self.window.1 += usize::from(conflicts);
        if self.window.0 < STRETCH_WINDOW {
            return true;
        }
        let (_, conflicts) = core::mem::take(&mut self.window);
        if conflicts < STRETCH_CONFLICTS {
            self.stretch = FIRST_STRETCH;
        }
        conflicts >= STRETCH_CONFLICTS
    }

    /// Looks at a batch that was executed beside others. The next are smaller if it had to be executed again, and larger after some that had not; where most had, the next
    /// transactions are executed one after the other, and more of them each time. Then guessing is tried again.
    pub(super) fn judge_batch(&mut self, scheduler: &Scheduler, place: usize, went: Went) {
        if place < self.sequential_until || went == Went::Alone {
            return;
        }
        let blocked = scheduler.blocked();
        let waited = blocked - core::mem::replace(&mut self.blocked, blocked);
        let is_conflict = went == Went::Again || waited > 0;
        self.window.0 += 1;
        self.window.1 += usize::from(is_conflict);
        let size = scheduler.size();
        if !is_conflict {
            self.clean += 1;
            if self.clean == BATCH_GROWS {
                self.clean = 0;
                let next = match self.is_careful {
                    false => 2 * size,
                    true => size + size.div_ceil(4),
                };
                scheduler.resize(next.min(LARGEST_GUESS));
                scheduler.look_ahead(true);
            }
        } else if self.clean > 0 || !self.is_careful {
            // One conflict often leads to others at once, which say nothing new.
            (self.clean, self.is_careful) = (0, true);
            scheduler.resize(size / 2);
            scheduler.look_ahead(false);
        }
        if self.window.0 < BATCH_WINDOW {
            return;
        }
        let (_, conflicts) = core::mem::take(&mut self.window);
        if conflicts < BATCH_HOPELESS {
            self.stretch = FIRST_STRETCH;
            return;
        }
        let next = place + scheduler.length(place);
        self.sequential_until = next.saturating_add(self.stretch);
        self.stretch = (8 * self.stretch).min(LONGEST_STRETCH);
    }

    /// Looks at the last commits: where many were executed again or had to wait, the next are executed one after the other, for longer each time.
    pub(super) fn judge(&mut self, scheduler: &Scheduler, place: usize, again: bool) {
        if place < self.sequential_until {
            return;
        }
        self.window.0 += 1;
        self.window.1 += usize::from(again);
        if self.window.0 < WINDOW {
            return;
        }
        let blocked = scheduler.blocked();
        let waited = blocked - core::mem::replace(&mut self.blocked, blocked);
        let pays = self.window.1 + waited < CONFLICTS;
        scheduler.look_ahead(pays);
        if !pays {
            self.sequential_until = place + 1 + self.stretch;
            // Where hardly any transaction was as guessed, the next ones will hardly be.
            let is_hopeless = 4 * (self.window.1 + waited) >= 3 * WINDOW;
            self.stretch = match is_hopeless {
                true => LONGEST_STRETCH,
                false => (4 * self.stretch).min(LONGEST_STRETCH),
            };
        } else {
            self.stretch = (self.stretch / 2).max(FIRST_STRETCH);
        }
        self.window = (0, 0);
    }
}
