//! Progress on stderr: bars on a terminal, plain lines otherwise.

mod lines;
mod stages;
mod terminal;

use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};

use braid::progress::{Progress, Silent};

/// The listener that suits stderr.
pub fn listener(quiet: bool) -> Box<dyn Progress> {
    if quiet {
        Box::new(Silent)
    } else if std::io::stderr().is_terminal() {
        Box::new(terminal::Bars::default())
    } else {
        Box::new(lines::Lines::start())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
