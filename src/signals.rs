//! Signals that end the program.

/// Makes SIGINT, SIGTERM and SIGHUP end this process when it is the first one of a container. The system ignores them there unless a process says what
/// it does about them; any other process ends by itself, and its parent sees by which signal.
///
/// Ending at once is right: whatever is finished is on the disk, and what is not leaves nothing that the next run does not clear away.
pub fn end_first_process() {
    #[cfg(unix)]
    if std::process::id() == 1 {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;

        for signal in [SIGHUP, SIGINT, SIGTERM] {
            let always = Arc::new(AtomicBool::new(true));
            // As shells say which signal ended a process.
            let code = 128 + signal;
            if let Err(error) =
                signal_hook::flag::register_conditional_shutdown(signal, code, always)
            {
                tracing::warn!("signal {signal} will be ignored: {error}");
            }
        }
    }
}

/// Says `text` on stderr when SIGINT or SIGTERM ends this process, and lets it end as it would have. Where the system refuses that, nothing is said.
pub fn say_when_ended(text: impl FnOnce() -> String + Send + 'static) {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGINT, SIGTERM};
        use signal_hook::iterator::Signals;
        use signal_hook::low_level::emulate_default_handler;

        let listen = move || {
            let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else {
                return;
            };
            if let Some(signal) = signals.forever().next() {
                use std::io::Write;
                let _ = writeln!(std::io::stderr(), "{}", text());
                let _ = emulate_default_handler(signal);
            }
        };
        let thread = std::thread::Builder::new().name("signals".to_owned());
        let _ = thread.spawn(listen);
    }
    #[cfg(not(unix))]
    drop(text);
}
