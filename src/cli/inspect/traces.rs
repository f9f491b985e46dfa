//! Files of execution traces. They may be large: they are read to their end, and not kept.

use std::io::BufReader;

use braid::progress::counted;
use braid::trace::BinaryReader;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::super::input::Input;
use super::{Answer, Error, malformed};

/// Calls `each` for every line.
fn lines<T: DeserializeOwned>(
    what: &'static str,
    input: Input,
    mut each: impl FnMut(T),
) -> Result<u64, Error> {
    let reader = BufReader::new(input.reader());
    let mut count = 0;
    for line in serde_json::Deserializer::from_reader(reader).into_iter() {
        count += 1;
        each(line.map_err(|error| malformed(what, braid_text::json::reason(&error)))?);
    }
    Ok(count)
}

#[derive(Deserialize)]
struct Transaction {
    steps: u64,
}

pub fn transactions(input: Input) -> Result<Answer, Error> {
    let mut steps = 0u64;
    let add = |line: Transaction| steps = steps.saturating_add(line.steps);
    let count = lines("execution traces", input, add)?;
    Ok(Answer {
        text: format!(
            "execution traces of {}, which took {}\n",
            counted(count, "transaction"),
            counted(steps, "step")
        ),
        json: json!({ "transactions": count, "steps": steps }),
    })
}

#[derive(Deserialize)]
struct Step {
    transaction: u64,
}

pub fn steps(input: Input) -> Result<Answer, Error> {
    let (mut transactions, mut last) = (0u64, None);
    let count = lines("execution traces", input, |line: Step| {
        if last != Some(line.transaction) {
            transactions += 1;
            last = Some(line.transaction);
        }
    })?;
    Ok(Answer {
        text: format!(
            "execution traces of {} (EIP-3155), of {}\n",
            counted(count, "step"),
            counted(transactions, "transaction")
        ),
        json: json!({ "transactions": transactions, "steps": count }),
    })
}

pub fn binary(input: Input) -> Result<Answer, Error> {
    let mut count = 0u64;
    for trace in BinaryReader::new(BufReader::new(input.reader()))? {
        trace?;
        count += 1;
    }
    Ok(Answer {
        text: format!(
            "binary execution traces of {}, complete\n",
            counted(count, "transaction")
        ),
        json: json!({ "transactions": count }),
    })
}
