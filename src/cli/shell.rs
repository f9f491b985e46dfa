//! `completions` and `man`: what shells and `man` know of the command line, made from its definition.

use std::path::PathBuf;

use braid::progress::counted;
use braid::{Access, Error};
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use super::args::Cli;
use super::{Answer, Failure, InFile, Outcome, path_json, write};

/// `braid completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell that the script is for
    pub shell: Shell,
}

/// `braid man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Folder that the pages are written to, such as ~/.local/share/man/man1; it is made if need be
    #[arg(long, short, value_name = "FOLDER")]
    pub out: PathBuf,
}

/// The script that makes a shell complete commands, options and their values.
///
/// # Errors
/// None.
pub fn completions(args: &CompletionsArgs) -> Outcome {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    let text = String::from_utf8_lossy(&script).into_owned();
    let json = json!({ "ok": true, "shell": args.shell.to_string(), "script": text });
    Ok(Answer { text, json })
}

/// Writes one page for the program and one for each of its commands.
///
/// # Errors
/// The folder or a page cannot be written.
pub fn man(args: &ManArgs) -> Outcome {
    let fault = |source| {
        Failure::from(Error::File {
            access: Access::Write,
            path: args.out.clone(),
            source,
        })
    };
    std::fs::create_dir_all(&args.out).map_err(fault)?;
    // The pages of `help` would say nothing.
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut files = Vec::new();
    for command in with_subcommands(&command) {
        let page = Man::new(command.clone());
        let mut roff = Vec::new();
        page.render(&mut roff).map_err(fault)?;
        let path = args.out.join(page.get_filename());
        write(&path, &roff).in_file(&path)?;
        files.push(path);
    }
    Ok(Answer {
        text: format!(
            "{} in {}\n",
            counted(files.len(), "page"),
            args.out.display()
        ),
        json: json!({
            "ok": true,
            "files": files.iter().map(|file| path_json(file)).collect::<Vec<_>>(),
        }),
    })
}

/// A command and all below it that are shown.
fn with_subcommands(command: &Command) -> Vec<&Command> {
    let shown = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    core::iter::once(command)
        .chain(shown.flat_map(with_subcommands))
        .collect()
}
