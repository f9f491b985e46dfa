//! The inspector that writes down what does not follow from what is written down already.

mod frames;
mod step;

use alloy_primitives::{Address, Bytes, U256, keccak256};
use braid_circuits::event::log::{Action, EventLog, EventLogBuilder, Hashed};
use braid_circuits::event::opcode::{self, Stored, stored};
use braid_circuits::event::steps::StepStream;
use braid_circuits::event::trace::{Codes, Frame, FrameKind, FrameResult, Refused};
use revm::context_interface::CreateScheme;
use revm::handler::MainnetContext;
use revm::inspector::Inspector;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::{Jumps, LoopControl};
use revm::interpreter::{
    CallInputs, CallOutcome, CallScheme, CallValue, CreateInputs, CreateOutcome, InstructionResult,
    Interpreter,
};

use super::halt::frame_result;
use super::replay::ReplayDatabase;

/// Told how much memory a trace takes while it is taken. It may make the tracer wait.
pub trait Meter {
    /// The trace has grown by this many bytes since the last call.
    fn grow(&self, bytes: usize);
}

impl Meter for () {
    fn grow(&self, _: usize) {}
}

/// Growth below this many bytes is not told to the [`Meter`].
const METERED: usize = 1 << 16;
/// The size is looked at after this many steps, a power of two.
const METERED_STEPS: u64 = 1 << 10;

/// What a transaction does to its sender before any code runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    pub(super) sender: Address,
    pub(super) fee: U256,
    pub(super) nonce: u64,
}

#[derive(Clone, Copy, Debug)]
struct OpenFrame {
    index: u32,
    /// Whether its code began to run.
    started: bool,
}

/// Writes down one transaction after the other.
pub struct Recorder<'m> {
    frames: Vec<Frame>,
    open: Vec<OpenFrame>,
    steps: StepStream,
    pub(super) events: EventLogBuilder,
    codes: Codes,
    /// Journal entries that were looked at.
    seen: usize,
    /// The running step: its opcode, gas before it, gas that it took.
    opcode: u8,
    gas: u64,
    cost: u64,
    /// Its operands, as far as it is watched, and the refund counter or a balance before it.
    operands: [U256; 2],
    refund: i64,
    /// The value that the running step replaced.
    replaced: Option<U256>,
    opening: Option<Opening>,
    meter: Option<&'m (dyn Meter + Sync)>,
    told: usize,
}

type Context<'a> = MainnetContext<ReplayDatabase<'a>>;

/// Whether anything is to be written down about a successful step with this opcode.
const WATCHED: [bool; 256] = {
    let mut watched = [false; 256];
    let mut code = 0;
    while code < 256 {
        let stored = stored(code as u8);
        watched[code] = !matches!(stored, Stored::Nothing)
            || matches!(code as u8, opcode::KECCAK256 | opcode::TSTORE);
        code += 1;
    }
    watched
};

impl<'m> Recorder<'m> {
    /// A recorder that tells a meter how much it holds.
    pub fn new(meter: Option<&'m (dyn Meter + Sync)>) -> Self {
        Self {
            frames: Vec::new(),
            open: Vec::new(),
            steps: StepStream::default(),
            events: EventLogBuilder::default(),
            codes: Codes::default(),
            seen: 0,
            opcode: 0,
            gas: 0,
            cost: 0,
            operands: [U256::ZERO; 2],
            refund: 0,
            replaced: None,
            opening: None,
            meter,
            told: 0,
        }
    }

    /// Forgets the last transaction. The opening is written down when the first frame opens.
    pub(super) fn begin(&mut self, opening: Opening) {
        self.frames.clear();
        self.open.clear();
        self.steps = StepStream::default();
        self.events.finish();
        self.codes = Codes::default();
        self.seen = 0;
        self.opening = Some(opening);
        self.told = 0;
    }

    /// Adds a frame without steps: a plain transfer.
    pub(super) fn push_frame(&mut self, frame: Frame) {
        self.frames.push(frame);
    }

    /// Writes down the opening, unless that was done.
    pub(super) fn open_transaction(&mut self) {
        let Some(opening) = self.opening.take() else {
            return;
        };
        let address = opening.sender;
        self.outside(Action::FeeCharge {
            address,
            value: opening.fee,
        });
        self.outside(Action::AccountTouch { address });
        self.outside(Action::NonceChange {
            address,
            before: opening.nonce,
            after: opening.nonce + 1,
        });
    }

    /// Writes down something outside of steps and frames.
    pub(super) fn outside(&mut self, action: Action) {
        self.events.push(None, None, action);
    }

    /// What was recorded.
    pub(super) fn finish(&mut self) -> (Vec<Frame>, StepStream, EventLog, Codes) {
        self.frames.shrink_to_fit();
        (
            core::mem::take(&mut self.frames),
            self.steps.finish(),
            self.events.finish(),
            core::mem::take(&mut self.codes),
        )
    }

    /// How much the meter was told.
    pub(super) fn told(&self) -> usize {
        self.told
    }

    fn now(&self) -> Option<u64> {
        self.steps.count().checked_sub(1)
    }

    fn frame(&self) -> Option<u32> {
        self.open.last().map(|open| open.index)
    }

    fn push(&mut self, action: Action) {
        self.events.push(self.now(), self.frame(), action);
    }

    fn hash(&mut self, of: Hashed, bytes: &[u8]) {
        self.push(Action::Hash {
            of,
            length: bytes.len() as u64,
            digest: keccak256(bytes),
        });
    }

    /// Bytes of memory, roughly.
    fn size(&self) -> usize {
        const FRAME: usize = size_of::<Frame>();
        self.frames.capacity() * FRAME + self.steps.size() + self.events.size()
    }

    #[cold]
    fn measure(&mut self) {
        let Some(meter) = self.meter else { return };
        let size = self.size();
        if size >= self.told + METERED {
            meter.grow(size - self.told);
            self.told = size;
        }
    }
}

impl<'a> Inspector<Context<'a>, EthInterpreter> for Recorder<'_> {
    fn initialize_interp(
        &mut self,
        interpreter: &mut Interpreter<EthInterpreter>,
        context: &mut Context<'a>,
    ) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        open.started = true;
        let index = open.index;
        let Some(frame) = self.frames.get_mut(index as usize) else {
            return;
        };
        if frame.kind.is_create() {
            frame.address = interpreter.input.target_address;
            frame.code_address = frame.address;
            let parent = frame.parent;
            self.absorb(context, parent, Some(index));
        } else {
            self.absorb(context, Some(index), None);
        }
    }

    #[inline]
    fn step(&mut self, interpreter: &mut Interpreter<EthInterpreter>, context: &mut Context<'a>) {
        self.steps.step();
        self.opcode = interpreter.bytecode.opcode();
        self.gas = interpreter.gas.remaining();
        if WATCHED[usize::from(self.opcode)] {
            self.look(interpreter, context);
        }
        if self.steps.count().is_multiple_of(METERED_STEPS) {
            self.measure();
        }
    }

    #[inline]
    fn step_end(
        &mut self,
        interpreter: &mut Interpreter<EthInterpreter>,
        context: &mut Context<'a>,
    ) {
        self.cost = self.gas.saturating_sub(interpreter.gas.remaining());
        if !WATCHED[usize::from(self.opcode)] {
            return;
        }
        let action = interpreter.bytecode.action().as_ref();
        let result = action.and_then(|action| action.instruction_result());
        if result.is_some_and(InstructionResult::is_halt) {
            let frame = self.frame();
            self.absorb(context, frame, None);
        } else {
            self.note(interpreter, context);
        }
    }

    fn call(&mut self, context: &mut Context<'a>, inputs: &mut CallInputs) -> Option<CallOutcome> {
        let kind = match inputs.scheme {
            CallScheme::Call => FrameKind::Call,
            CallScheme::CallCode => FrameKind::CallCode,
            CallScheme::DelegateCall => FrameKind::DelegateCall,
            CallScheme::StaticCall => FrameKind::StaticCall,
        };
        let (code_hash, code) = &inputs.known_bytecode;
        if !code.is_empty() {
            self.codes.insert(*code_hash, || code.original_bytes());
        }
        let value = match inputs.value {
            CallValue::Transfer(value) | CallValue::Apparent(value) => value,
        };
        let frame = Frame {
            parent: None,
            depth: 0,
            kind,
            caller: inputs.caller,
            address: inputs.target_address,
            code_address: inputs.bytecode_address,
            code_hash: *code_hash,
            value,
            gas: inputs.gas_limit,
            gas_left: 0,
            first_step: 0,
            end_step: 0,
            result: FrameResult::Success,
            precompile_output: Bytes::new(),
        };
        self.enter(context, frame);
        None
    }

    fn call_end(&mut self, context: &mut Context<'a>, _: &CallInputs, outcome: &mut CallOutcome) {
        let result = frame_result(outcome.result.result);
        self.leave(context, result, &outcome.result.gas, &outcome.result.output);
    }

    fn create(
        &mut self,
        context: &mut Context<'a>,
        inputs: &mut CreateInputs,
    ) -> Option<CreateOutcome> {
        let accounts = &context.journaled_state.inner.state;
        let creator = accounts.get(&inputs.caller()).map(|account| &account.info);
        let nonce = creator.map_or(0, |info| info.nonce);
        let funds = creator.map_or(U256::ZERO, |info| info.balance);
        let address = inputs.created_address(nonce);
        let salt = match inputs.scheme() {
            CreateScheme::Create2 { salt } => Some(salt),
            _ => None,
        };
        let frame = Frame {
            parent: None,
            depth: 0,
            kind: match salt {
                Some(_) => FrameKind::Create2,
                None => FrameKind::Create,
            },
            caller: inputs.caller(),
            address,
            code_address: address,
            code_hash: inputs.init_code_hash(),
            value: inputs.value(),
            gas: inputs.gas_limit(),
            gas_left: 0,
            first_step: 0,
            end_step: 0,
            result: FrameResult::Success,
            precompile_output: Bytes::new(),
        };
        let refused = funds < inputs.value()
            || nonce == u64::MAX
            || self.open.len() > revm::primitives::constants::CALL_STACK_LIMIT as usize;
        if !refused {
            // Of the creator's frame, before the new one opens.
            self.hash_creation(&frame, nonce, salt, inputs.init_code().len() as u64);
        }
        self.enter(context, frame);
        None
    }

    fn create_end(
        &mut self,
        context: &mut Context<'a>,
        _: &CreateInputs,
        outcome: &mut CreateOutcome,
    ) {
        let mut result = frame_result(outcome.result.result);
        if result.is_success() && outcome.address.is_none() {
            result = FrameResult::Refused(Refused::Nonce);
        }
        self.leave(context, result, &outcome.result.gas, &Bytes::new());
    }
}
