//! Proves a block file with the library and writes the proof:
//!
//! ```text
//! cargo run --release --example prove_block -- examples/blocks/transfers.json proof.json
//! ```

use std::path::Path;

use braid::progress::{Event, Progress};
use braid::{BlockFile, Prover, ShapeChoice};

/// Prints what happens. Events come from several threads.
struct Printer;

impl Progress for Printer {
    fn report(&self, event: Event<'_>) {
        if let Event::StepFinished {
            work,
            step,
            elapsed,
        } = event
        {
            println!("{work}: {} took {elapsed:.1?}", step.name());
        }
    }
}

fn main() -> Result<(), braid::Error> {
    let mut arguments = std::env::args().skip(1);
    let (Some(block), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err(braid::Error::Usage(
            "give a block file and where the proof goes".to_owned(),
        ));
    };
    let block = BlockFile::read(Path::new(&block))?;
    let prover = Prover::builder()
        .shape(ShapeChoice::Tiny)
        .cache_dir(std::env::temp_dir().join("braid-circuits"))
        .progress(Printer)
        .build()?;
    let proved = prover.prove_block(&block)?;
    braid::write_file(Path::new(&out), proved.proof.to_json()?.as_bytes())?;
    println!("{:?}", proved.summary);
    Ok(())
}
