//! How many bytes a running transaction makes us hold, and the limit of that.
//!
//! Gas bounds memory only where the gas limit is that of a real chain. A block file may state any gas limit, and then a transaction of a hundred bytes can ask for as
//! much memory as it likes. revm's own limit of memory ends a frame as if its gas had run out, which is a wrong receipt; here the execution as a whole ends with
//! [`is_over_limit`].
//!
//! What is counted: memory of all frames, what each frame holds of the data that the last call returned, and the data of logs. Each byte of these costs at least
//! [`GAS`] / [`BYTES`] gas (Yellow Paper, appendix G: memory and copies 3 for a word of 32 bytes, logs 8 for a byte), so that most transactions need not be watched. The numbers of MODEXP, which
//! need not be in memory, are checked before it is called. Everything else that grows, such as the journal and the storage that was loaded, costs 100 gas an entry or more.

use alloy_primitives::{Address, U256};
use revm::context::result::EVMError;
use revm::context::{Cfg, ContextTr, JournalTr, LocalContextTr};
use revm::context_interface::context::ContextError;
use revm::handler::FrameResult;
use revm::interpreter::interpreter_action::{FrameInit, FrameInput};
use revm::interpreter::{Host, InstructionExecResult, InstructionResult, Interpreter};
use revm::precompile::modexp::berlin_gas_calc;

/// Most bytes that one transaction may hold: 1.5 GiB. A frame alone pays 4.9 million million gas for as much memory (3 gas a word, and the square of the words divided by
/// 512), so that no transaction of a chain comes near; of Ethereum's own tests one holds 1 GiB, in 1,024 frames. The limit is the same on every machine that has the memory: whether a block is
/// refused depends on nothing but the block. One transaction at a time may hold so much: guesses may not.
pub const MEMORY_LIMIT: u64 = 3 << 29;

/// Gas that [`BYTES`] bytes cost at least.
const GAS: u64 = 3;
const BYTES: u64 = 32;

/// Bytes of memory that a machine keeps for the next transaction.
const KEPT: usize = 1 << 20;

/// MODEXP (EIP-198, EIP-2565).
const MODEXP: Address = Address::with_last_byte(5);

/// What revm is told.
const OVER_LIMIT: &str = "the transaction holds more memory than its limit";

/// Whether a run ended because the transaction would hold more bytes than its machine allows.
pub fn is_over_limit<E>(error: &EVMError<E>) -> bool {
    matches!(error, EVMError::Custom(reason) if reason == OVER_LIMIT)
}

/// What a frame holds beside its memory.
#[derive(Clone, Copy, Debug, Default)]
struct Frame {
    /// Bytes that its last call returned.
    returned: u64,
    /// Bytes of logs before it began.
    logs_before: u64,
}

/// What the frames of one transaction hold.
#[derive(Debug)]
pub(super) struct Held {
    limit: u64,
    is_watched: bool,
    frames: Vec<Frame>,
    /// Bytes of logs that were not rolled back.
    logs: u64,
    /// Sum of what the frames hold of returned data.
    returned: u64,
}

impl Held {
    /// For a transaction that is about to begin. The limit is the one that the context has.
    pub(super) fn new<C: ContextTr>(context: &C) -> Self {
        use revm::context_interface::Transaction;
        let limit = context.cfg().memory_limit();
        let most = context.tx().gas_limit() / GAS;
        Self {
            limit,
            is_watched: most.saturating_mul(BYTES) >= limit,
            frames: Vec::new(),
            logs: 0,
            returned: 0,
        }
    }

    /// Whether all that is held, and more, is above the limit.
    fn is_over<C: ContextTr>(&self, context: &C, more: u64) -> bool {
        let memory = context.local().shared_memory_buffer().borrow().len() as u64;
        let beside = [self.logs, self.returned, more];
        let sum = beside
            .iter()
            .fold(memory, |sum, bytes| sum.saturating_add(*bytes));
        sum > self.limit
    }

    fn check<C: ContextTr, E>(&self, context: &C, more: u64) -> Result<(), ContextError<E>> {
        match self.is_over(context, more) {
            true => Err(ContextError::Custom(OVER_LIMIT.to_owned())),
            false => Ok(()),
        }
    }

    /// Before a frame is made.
    pub(super) fn before_frame<C: ContextTr, E>(
        &self,
        context: &C,
        init: &FrameInit,
    ) -> Result<(), ContextError<E>> {
        match &init.frame_input {
            FrameInput::Call(inputs) if self.is_watched && inputs.bytecode_address == MODEXP => {
                let numbers = modexp_bytes(&inputs.input.as_bytes(context), inputs.gas_limit);
                // The numbers and, as long as the modulus, the result.
                self.check(context, numbers)
            }
            _ => Ok(()),
        }
    }

    /// A frame was made and is about to run.
    pub(super) fn enter(&mut self) {
        if self.is_watched {
            self.frames.push(Frame {
                returned: 0,
                logs_before: self.logs,
            });
        }
    }

    /// The frame on top has ended.
    pub(super) fn leave(&mut self, result: &FrameResult) {
        if let Some(frame) = self.frames.pop() {
            self.returned = self.returned.saturating_sub(frame.returned);
            if !result.interpreter_result().result.is_ok() {
                self.logs = frame.logs_before;
            }
        }
    }

    /// The frame on top is given the result of its call.
    pub(super) fn give<C: ContextTr, E>(
        &mut self,
        context: &C,
        result: &FrameResult,
    ) -> Result<(), ContextError<E>> {
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        let length = result.interpreter_result().output.len() as u64;
        self.returned = self.returned.saturating_sub(frame.returned);
        self.returned = self.returned.saturating_add(length);
        frame.returned = length;
        self.check(context, 0)
    }

    /// A log was written.
    ///
    /// # Errors
    /// What revm says of memory above its limit, which [`Self::check_end`] then finds out.
    pub(super) fn log<C: ContextTr>(&mut self, context: &C) -> InstructionExecResult {
        if !self.is_watched {
            return Ok(());
        }
        let log = context.journal().logs().last();
        let length = log.map_or(0, |log| log.data.data.len());
        self.logs = self.logs.saturating_add(length as u64);
        match self.is_over(context, 0) {
            true => Err(InstructionResult::MemoryLimitOOG),
            false => Ok(()),
        }
    }

    /// After the frame on top ended above the limit of memory, or seemingly so: revm looks at the limit first and at the gas then. Without gas for the first word above the limit, gas has
    /// run out, whatever the frame asked for.
    pub(super) fn check_end<C: ContextTr + Host, E>(
        &self,
        context: &C,
        interpreter: &Interpreter,
    ) -> Result<(), ContextError<E>> {
        self.check(context, 0)?;
        let all = context.local().shared_memory_buffer().borrow().len() as u64;
        let below = all.saturating_sub(interpreter.memory.len() as u64);
        let words = self.limit.saturating_sub(below) / BYTES + 1;
        let cost = Host::gas_params(context).memory_cost(words as usize);
        let missing = cost.saturating_sub(interpreter.gas.memory().expansion_cost);
        match interpreter.gas.remaining() >= missing {
            true => Err(ContextError::Custom(OVER_LIMIT.to_owned())),
            false => Ok(()),
        }
    }
}

/// Bytes of the numbers that MODEXP would make of this input, with this gas; none where it would end before.
fn modexp_bytes(input: &[u8], gas: u64) -> u64 {
    let length = |place: usize| {
        let mut bytes = [0; 32];
        let given = input.get(32 * place..).unwrap_or_default();
        for (byte, given) in bytes.iter_mut().zip(given) {
            *byte = *given;
        }
        U256::from_be_bytes(bytes)
    };
    let [base, exponent, modulus] = [0, 1, 2].map(length);
    let (Ok(base), Ok(modulus)) = (u64::try_from(base), u64::try_from(modulus)) else {
        return 0;
    };
    let exponent = exponent.saturating_to();
    // The least that it costs, whatever the exponent is.
    let cost = berlin_gas_calc(base, exponent, modulus, &U256::ZERO);
    if cost > gas || (base == 0 && modulus == 0) {
        return 0;
    }
    base.saturating_add(exponent)
        .saturating_add(modulus.saturating_mul(2))
}

/// Gives memory back that an unusual transaction took, after it.
pub(super) fn give_back<C: ContextTr>(context: &C) {
    let buffer = context.local().shared_memory_buffer();
    if buffer.borrow().capacity() > KEPT {
        buffer.borrow_mut().shrink_to(KEPT);
    }
}
