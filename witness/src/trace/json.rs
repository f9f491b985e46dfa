//! Execution traces for people: a line of JSON for each transaction, and one for each step as EIP-3155 has it.

use std::io::Write;

use alloy_primitives::{Bytes, U256, hex};
use braid_circuits::event::log::Event;
use braid_circuits::event::opcode::operation;
use braid_circuits::event::steps::{FramePayload, PayloadLimits, Step};
use braid_circuits::event::trace::{Frame, FrameResult, TransactionTrace};
use serde::ser::{Error as _, SerializeSeq};
use serde::{Serialize, Serializer};

use super::TraceSink;
use crate::error::{Error, Result};

/// Calldata and outputs of frames are cut to this, so that a long one that is passed on a thousand times does not fill the disk.
const PAYLOADS: PayloadLimits = PayloadLimits {
    each: 4096,
    total: 1 << 23,
};

/// What a step's line shows beside what EIP-3155 requires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonOptions {
    /// The whole memory. It makes lines long.
    pub memory: bool,
    /// The whole return data; `0x` otherwise.
    pub return_data: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepLine<'a> {
    transaction: u64,
    pc: u64,
    op: u8,
    #[serde(serialize_with = "quantity")]
    gas: u64,
    #[serde(serialize_with = "quantity")]
    gas_cost: u64,
    mem_size: usize,
    stack: &'a [U256],
    depth: u32,
    return_data: String,
    #[serde(serialize_with = "quantity")]
    refund: u64,
    op_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<String>,
}

fn quantity<S: Serializer>(value: &u64, serializer: S) -> core::result::Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value:#x}"))
}

fn line<'a>(trace: &TransactionTrace, step: &Step<'a>, options: JsonOptions) -> StepLine<'a> {
    let frame = trace.frames.get(step.frame as usize);
    let failed = frame.filter(|frame| frame.end_step == step.index + 1);
    let error = failed.and_then(|frame| match frame.result {
        FrameResult::Halt(halt) => Some(format!("{halt:?}")),
        _ => None,
    });
    StepLine {
        transaction: trace.index,
        pc: step.pc,
        op: step.opcode,
        gas: step.gas,
        gas_cost: step.gas_cost,
        mem_size: step.memory.len(),
        stack: step.stack,
        depth: step.depth,
        return_data: match options.return_data {
            true => hex::encode_prefixed(step.return_data),
            false => "0x".to_owned(),
        },
        refund: step.refund,
        op_name: operation(step.opcode).map_or("UNDEFINED", |operation| operation.name),
        error,
        memory: options.memory.then(|| hex::encode_prefixed(step.memory)),
    }
}

/// Writes the steps of a trace, a line each, as EIP-3155 has them, with the transaction's index added. Returns how its frames were called and what
/// they returned.
///
/// # Errors
/// [`Error::TraceFormat`] if the trace cannot be decoded, [`Error::TraceFile`] if it cannot be written.
pub fn eip3155(
    trace: &TransactionTrace,
    options: JsonOptions,
    out: &mut impl Write,
) -> Result<Vec<FramePayload>> {
    each_step(trace, |step| write_line(out, &line(trace, step, options)))
}

/// Decodes the steps of a trace one by one. Returns how its frames were called and what they returned.
fn each_step(
    trace: &TransactionTrace,
    mut work: impl FnMut(&Step<'_>) -> Result<()>,
) -> Result<Vec<FramePayload>> {
    let mut steps = trace.steps().with_payloads(PAYLOADS);
    while let Some(step) = steps.next_step().map_err(undecodable)? {
        work(&step)?;
    }
    Ok(steps.payloads().to_vec())
}

fn undecodable(error: braid_circuits::Error) -> Error {
    Error::TraceFormat(error.to_string())
}

fn write_line(out: &mut impl Write, value: &impl Serialize) -> Result<()> {
    let attempt = || -> std::io::Result<()> {
        serde_json::to_writer(&mut *out, value)?;
        out.write_all(b"\n")
    };
    let mut attempt = attempt;
    attempt().map_err(|error| Error::TraceFile {
        path: "JSON lines".to_owned(),
        kind: error.kind(),
        reason: error.to_string(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FrameLine<'a> {
    #[serde(flatten)]
    frame: &'a Frame,
    input_length: u64,
    input: Bytes,
    output_length: u64,
    output: Bytes,
}

/// A transaction's line: its trace without the encoded parts, which are there decoded.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionLine<'a> {
    index: u64,
    hash: alloy_primitives::B256,
    sender: alloy_primitives::Address,
    signing_hash: alloy_primitives::B256,
    signature: &'a braid_circuits::event::trace::TransactionSignature,
    receipt: &'a braid_circuits::event::trace::TraceReceipt,
    tip: U256,
    steps: u64,
    frames: Vec<FrameLine<'a>>,
    events: EventList<'a>,
}

/// Decoded one by one while they are written.
struct EventList<'a>(&'a TransactionTrace);

impl Serialize for EventList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for event in self.0.events() {
            let event: Event = event.map_err(S::Error::custom)?;
            list.serialize_element(&event)?;
        }
        list.end()
    }
}

/// Writes traces as lines of JSON: transactions to one place, their steps to another or nowhere.
#[derive(Debug)]
pub struct JsonLines<T, S> {
    transactions: T,
    steps: Option<S>,
    options: JsonOptions,
}

impl<T: Write + Send, S: Write + Send> JsonLines<T, S> {
    /// Nothing is written yet.
    pub fn new(transactions: T, steps: Option<S>, options: JsonOptions) -> Self {
        Self {
            transactions,
            steps,
            options,
        }
    }

    /// The two places.
    pub fn into_inner(self) -> (T, Option<S>) {
        (self.transactions, self.steps)
    }

    /// Writes one trace.
    ///
    /// # Errors
    /// [`Error::TraceFormat`] if it cannot be decoded, [`Error::TraceFile`] if it cannot be written.
    pub fn write(&mut self, trace: &TransactionTrace) -> Result<()> {
        let payloads = match &mut self.steps {
            Some(steps) => eip3155(trace, self.options, steps)?,
            // Calldata and outputs of frames come from the steps all the same.
            None => each_step(trace, |_| Ok(()))?,
        };
        let frames = trace.frames.iter().zip(payloads);
        let frames = frames.map(|(frame, payload)| FrameLine {
            frame,
            input_length: payload.input_length,
            input: payload.input.into(),
            output_length: payload.output_length,
            output: payload.output.into(),
        });
        // Checked before it is written, so that an error says which event it is.
        if let Some(error) = trace.events().find_map(|event| event.err()) {
            return Err(undecodable(error));
        }
        let line = TransactionLine {
            index: trace.index,
            hash: trace.hash,
            sender: trace.sender,
            signing_hash: trace.signing_hash,
            signature: &trace.signature,
            receipt: &trace.receipt,
            tip: trace.tip,
            steps: trace.steps.count(),
            frames: frames.collect(),
            events: EventList(trace),
        };
        write_line(&mut self.transactions, &line)
    }
}

impl<T: Write + Send, S: Write + Send> TraceSink for JsonLines<T, S> {
    fn take(&mut self, trace: TransactionTrace) -> Result<()> {
        self.write(&trace)
    }
}
