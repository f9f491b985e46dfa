//! The command that folds what another one has proved.

use std::path::Path;

use braid::ShapeChoice;

use super::ProveArgs;

impl ProveArgs {
    /// What a user types in a shell to fold the chunks that these arguments have left in the folder `job`: it finds the same chunks, and so the same state, shape
    /// and circuits.
    pub fn fold_command(&self, job: &Path) -> String {
        let mut words = vec!["braid".to_owned(), "prove".to_owned()];
        words.push(shown(&self.block));
        words.extend(["--resume".to_owned(), "--job-dir".to_owned(), shown(job)]);
        let shape = self.resources.shape.shape;
        if shape != ShapeChoice::Auto {
            words.extend(["--shape".to_owned(), shape.name().to_owned()]);
        }
        let folders = [
            ("--state-dir", &self.state_dir),
            ("--out", &self.out),
            ("--cache-dir", &self.resources.machine.cache_dir),
        ];
        for (name, path) in folders {
            if let Some(path) = path {
                words.extend([name.to_owned(), shown(path)]);
            }
        }
        words.join(" ")
    }
}

/// A path as a shell takes it.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    match shlex::try_quote(&text) {
        Ok(quoted) => quoted.into_owned(),
        // A zero byte, which no file has in its name.
        Err(_) => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{Cli, Command, Until};

    fn prove_args(words: impl IntoIterator<Item = String>) -> ProveArgs {
        match Cli::try_parse_from(words).map(|cli| cli.command) {
            Ok(Command::Prove(args)) => args,
            other => panic!("not braid prove: {other:?}"),
        }
    }

    #[test]
    fn the_command_to_fold_is_about_the_same_chunks() {
        let job = Path::new("the job");
        let lines = [
            "braid prove block.json --until chunk",
            "braid prove 'a block.json' --until chunk --shape tiny --state-dir \"it's state\" --out p.bin --cache-dir 'c d' --threads 1",
        ];
        for line in lines {
            let asked = prove_args(shlex::split(line).unwrap());
            let told = asked.fold_command(job);
            let fold = prove_args(shlex::split(&told).unwrap());
            let same = |args: &ProveArgs| {
                let resources = &args.resources;
                let (state, out) = (args.state_dir.clone(), args.out.clone());
                let cache = resources.machine.cache_dir.clone();
                (args.block.clone(), resources.shape.shape, state, out, cache)
            };
            assert_eq!(same(&fold), same(&asked), "{told}");
            assert_eq!(fold.job_dir.as_deref(), Some(job), "{told}");
            assert!(fold.resume && fold.until == Until::Wrap, "{told}");
        }
    }
}
