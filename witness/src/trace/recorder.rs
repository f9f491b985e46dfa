//! The inspector that writes down what does not follow from what is written down already.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_circuits::event::log::{Action, EventLog, EventLogBuilder, Hashed};
use braid_circuits::event::opcode::{self, Stored, stored};
use braid_circuits::event::steps::StepStream;
use braid_circuits::event::trace::{Codes, Frame, FrameKind, FrameResult, IDENTITY, Refused};
use revm::context_interface::CreateScheme;
use revm::context_interface::journaled_state::entry::JournalEntry;
use revm::handler::MainnetContext;
use revm::inspector::Inspector;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::{Jumps, LoopControl};
use revm::interpreter::{
    CallInputs, CallOutcome, CallScheme, CallValue, CreateInputs, CreateOutcome, Gas,
    InstructionResult, Interpreter,
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

    /// Writes down what the journal has anew. What a creation does before the new contract is there belongs to `frame`, all else to `child` if there is one.
    fn absorb(&mut self, context: &mut Context<'_>, frame: Option<u32>, child: Option<u32>) {
        let step = self.now();
        let journal = &mut context.journaled_state;
        for load in journal.database.take_loads() {
            self.events.push(step, None, load);
        }
        let entries = &journal.inner.journal;
        let state = &journal.inner.state;
        // A frame that fails takes its entries back.
        let new = entries.get(self.seen..).unwrap_or_default();
        self.seen = entries.len();
        let mut place = frame;
        for entry in new {
            let action = match entry {
                JournalEntry::AccountWarmed { address } => {
                    Action::AccountWarm { address: *address }
                }
                JournalEntry::StorageWarmed { key, address } => Action::StorageWarm {
                    address: *address,
                    slot: *key,
                },
                JournalEntry::AccountTouched { address } => {
                    Action::AccountTouch { address: *address }
                }
                JournalEntry::BalanceTransfer { balance, from, to } => Action::BalanceTransfer {
                    from: *from,
                    to: *to,
                    value: *balance,
                },
                JournalEntry::NonceBump { address } => {
                    // The transaction's own is part of its opening.
                    if place.is_none() {
                        continue;
                    }
                    let after = state.get(address).map_or(0, |account| account.info.nonce);
                    Action::NonceChange {
                        address: *address,
                        before: after.saturating_sub(1),
                        after,
                    }
                }
                JournalEntry::NonceChange {
                    address,
                    previous_nonce,
                } => Action::NonceChange {
                    address: *address,
                    before: *previous_nonce,
                    after: state.get(address).map_or(0, |account| account.info.nonce),
                },
                JournalEntry::AccountCreated { address, .. } => {
                    place = child.or(place);
                    Action::AccountCreate { address: *address }
                }
                JournalEntry::AccountDestroyed {
                    had_balance,
                    address,
                    target,
                    ..
                } => match (had_balance.is_zero(), address == target) {
                    (true, _) => continue,
                    (false, true) => Action::BalanceBurn {
                        address: *address,
                        value: *had_balance,
                    },
                    (false, false) => Action::BalanceTransfer {
                        from: *address,
                        to: *target,
                        value: *had_balance,
                    },
                },
                JournalEntry::StorageChanged { had_value, .. }
                | JournalEntry::TransientStorageChange { had_value, .. } => {
                    self.replaced = Some(*had_value);
                    continue;
                }
                JournalEntry::CodeChange { address, .. } => {
                    let info = state.get(address).map(|account| &account.info);
                    let code = info.and_then(|info| info.code.as_ref());
                    let hash = info.map_or(B256::ZERO, |info| info.code_hash);
                    self.events.push(
                        step,
                        place,
                        Action::Hash {
                            of: Hashed::Code,
                            length: code.map_or(0, |code| code.len() as u64),
                            digest: hash,
                        },
                    );
                    Action::CodeSet {
                        address: *address,
                        hash,
                    }
                }
                // Only fees change a balance on one side.
                JournalEntry::BalanceChange { .. } => continue,
            };
            self.events.push(step, place, action);
        }
    }

    /// Opens a frame; `steps` of it are yet to come.
    fn enter(&mut self, context: &mut Context<'_>, mut frame: Frame) {
        let parent = self.frame();
        if self.frames.is_empty() {
            // Accounts that inclusion and the choice of code needed; what the journal has is the opening.
            let loads: Vec<Action> = context.journaled_state.database.take_loads().collect();
            loads.into_iter().for_each(|load| self.outside(load));
            self.seen = context.journaled_state.inner.journal.len();
            self.open_transaction();
        } else {
            self.absorb(context, parent, None);
        }
        frame.parent = parent;
        frame.depth = self.open.len() as u32 + 1;
        frame.first_step = self.steps.count();
        frame.end_step = frame.first_step;
        let index = self.frames.len() as u32;
        self.frames.push(frame);
        self.open.push(OpenFrame {
            index,
            started: false,
        });
        self.measure();
    }

    /// Closes the innermost frame.
    fn leave(&mut self, context: &mut Context<'_>, result: FrameResult, gas: &Gas, output: &Bytes) {
        let Some(open) = self.open.last().copied() else {
            return;
        };
        let index = Some(open.index);
        let kind = self.frames.get(open.index as usize).map(|frame| frame.kind);
        let parent = self
            .frames
            .get(open.index as usize)
            .and_then(|frame| frame.parent);
        let end = self.steps.count();
        // A creation that did not start has touched nothing but its creator's nonce, for good.
        if !open.started && kind.is_some_and(FrameKind::is_create) {
            self.absorb(context, parent, None);
        } else {
            self.absorb(context, index, None);
        }
        let cost = self.cost;
        let Some(frame) = self.frames.get_mut(open.index as usize) else {
            return;
        };
        frame.result = result;
        frame.end_step = end;
        frame.gas_left = match result {
            FrameResult::Halt(_) => 0,
            _ => gas.remaining(),
        };
        if frame.has_steps() && matches!(result, FrameResult::Halt(_)) {
            self.steps.gas(cost);
        }
        if !frame.has_steps() && result.is_success() && frame.code_address != IDENTITY {
            frame.precompile_output = output.clone();
        }
        // A precompile that fails gives back the value before anyone sees that it came.
        let undone = frame.kind == FrameKind::Call
            && !open.started
            && matches!(result, FrameResult::Halt(_))
            && !frame.value.is_zero()
            && frame.caller != frame.address;
        if undone {
            let action = Action::BalanceTransfer {
                from: frame.caller,
                to: frame.address,
                value: frame.value,
            };
            self.push(action);
        }
        self.open.pop();
    }

    /// The hashes that a creation's address is made of.
    fn hash_creation(&mut self, frame: &Frame, nonce: u64, salt: Option<U256>, init_code: u64) {
        let Some(salt) = salt else {
            let mut bytes = Vec::with_capacity(40);
            alloy_rlp::Header {
                list: true,
                payload_length: 21 + alloy_rlp::Encodable::length(&nonce),
            }
            .encode(&mut bytes);
            alloy_rlp::Encodable::encode(&frame.caller, &mut bytes);
            alloy_rlp::Encodable::encode(&nonce, &mut bytes);
            return self.hash(Hashed::CreateAddress, &bytes);
        };
        self.push(Action::Hash {
            of: Hashed::InitCode,
            length: init_code,
            digest: frame.code_hash,
        });
        let mut bytes = [0xff; 85];
        bytes[1..21].copy_from_slice(frame.caller.as_slice());
        bytes[21..53].copy_from_slice(&salt.to_be_bytes::<32>());
        bytes[53..].copy_from_slice(frame.code_hash.as_slice());
        self.hash(Hashed::Create2Address, &bytes);
    }

    /// Notes what a watched step finds on the stack.
    #[inline]
    fn look(&mut self, interpreter: &Interpreter<EthInterpreter>, context: &Context<'_>) {
        let peek = |index| interpreter.stack.peek(index).unwrap_or_default();
        self.operands = match self.opcode {
            opcode::SSTORE | opcode::TSTORE => [peek(0), peek(1)],
            opcode::KECCAK256
            | opcode::CALL
            | opcode::CALLCODE
            | opcode::DELEGATECALL
            | opcode::STATICCALL => [peek(1), U256::ZERO],
            opcode::SELFDESTRUCT => {
                let address = interpreter.input.target_address;
                let account = context.journaled_state.inner.state.get(&address);
                [
                    peek(0),
                    account.map_or(U256::ZERO, |account| account.info.balance),
                ]
            }
            _ => [peek(0), U256::ZERO],
        };
        if self.opcode == opcode::SSTORE {
            self.refund = interpreter.gas.refunded();
        }
        self.replaced = None;
    }

    /// Writes down a watched step that succeeded.
    fn note(&mut self, interpreter: &Interpreter<EthInterpreter>, context: &mut Context<'_>) {
        let frame = self.frame();
        let top = || interpreter.stack.peek(0).unwrap_or_default();
        let own = interpreter.input.target_address;
        let [first, second] = self.operands;
        let kind = stored(self.opcode);
        if !matches!(kind, Stored::Nothing | Stored::Word) {
            self.steps.gas(self.cost);
        }
        if let Stored::Word | Stored::GasAndWord = kind {
            self.steps.word(top());
        }
        if self.opcode != opcode::KECCAK256 {
            self.absorb(context, frame, None);
        }
        match self.opcode {
            opcode::SLOAD => self.push(Action::StorageRead {
                address: own,
                slot: first,
                value: top(),
            }),
            opcode::TLOAD => self.push(Action::TransientRead {
                address: own,
                slot: first,
                value: top(),
            }),
            opcode::SSTORE => {
                let change = interpreter.gas.refunded() - self.refund;
                self.steps.refund(change);
                self.push(Action::StorageWrite {
                    address: own,
                    slot: first,
                    before: self.replaced.unwrap_or(second),
                    after: second,
                });
                if change != 0 {
                    self.push(Action::Refund { change });
                }
            }
            opcode::TSTORE => self.push(Action::TransientWrite {
                address: own,
                slot: first,
                before: self.replaced.unwrap_or(second),
                after: second,
            }),
            opcode::KECCAK256 => self.push(Action::Hash {
                of: Hashed::Memory,
                length: first.saturating_to(),
                digest: top().into(),
            }),
            opcode::BLOCKHASH if !top().is_zero() => self.push(Action::BlockHashRead {
                number: first.saturating_to(),
                value: top().into(),
            }),
            opcode::SELFBALANCE => self.push(Action::AccountRead { address: own }),
            opcode::BALANCE
            | opcode::EXTCODESIZE
            | opcode::EXTCODEHASH
            | opcode::CALL
            | opcode::CALLCODE
            | opcode::DELEGATECALL
            | opcode::STATICCALL => self.push(Action::AccountRead {
                address: Address::from_word(first.into()),
            }),
            opcode::EXTCODECOPY => {
                let address = Address::from_word(first.into());
                let account = context.journaled_state.inner.state.get(&address);
                let code = account.and_then(|account| account.info.code.as_ref());
                let index = code.filter(|code| !code.is_empty()).map(|code| {
                    let hash = account.map_or(B256::ZERO, |account| account.info.code_hash);
                    self.codes.insert(hash, || code.original_bytes())
                });
                self.steps.code(index);
                self.push(Action::AccountRead { address });
            }
            opcode::SELFDESTRUCT => {
                let account = context.journaled_state.inner.state.get(&own);
                let removed = account.is_some_and(|account| account.is_created_locally());
                self.push(Action::SelfDestruct {
                    address: own,
                    beneficiary: Address::from_word(first.into()),
                    balance: second,
                    removed,
                });
            }
            _ => {}
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
