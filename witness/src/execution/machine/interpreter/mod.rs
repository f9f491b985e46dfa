//! revm's interpreter loop with the instructions that contracts are mostly made of in line.
//!
//! revm looks each instruction up in a table of functions and calls it, which costs about as much as the frequent instructions themselves. Here a `match` names
//! those, so that the compiler puts revm's own functions for them into the loop; all others are called through the table. After some the next is guessed: a jump
//! ends at a JUMPDEST, a pushed target is jumped to, and a POP follows a POP. What an instruction does and costs stays revm's, and each is paid for before it
//! runs, as in revm. The table must have revm's functions for the opcodes that are named here.

use revm::bytecode::opcode as op;
use revm::context::{ContextTr, JournalTr};
use revm::handler::evm::ContextDbError;
use revm::handler::{EthFrame, EvmTr, FrameInitOrResult, FrameResult, ItemOrResult, MainnetEvm};
use revm::interpreter::instructions::{arithmetic, bitwise, control, memory, stack, system};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::interpreter_types::{Jumps, LoopControl};
use revm::interpreter::{
    GasTable, Host, InstructionContext, InstructionExecResult, InstructionResult, InstructionTable,
    Interpreter, InterpreterAction,
};
use revm::state::EvmState;

use super::held::Held;
use super::{Evm, StorageOwners};

/// Runs a transaction's frames, the first of which is given, as revm's own handler does.
///
/// # Errors
/// The database's, or [`is_over_limit`](super::is_over_limit).
pub(super) fn run_frames<C, I>(
    evm: &mut Evm<C, I>,
    first: FrameInit,
) -> Result<FrameResult, ContextDbError<C>>
where
    C: ContextTr<Db: StorageOwners, Journal: JournalTr<State = EvmState>> + Host,
{
    let mut held = Held::new(&evm.ctx);
    held.before_frame(&evm.ctx, &first)?;
    if let ItemOrResult::Result(result) = evm.frame_init(first)? {
        return Ok(result);
    }
    held.enter();
    loop {
        let left = match run_frame(evm, &mut held)? {
            ItemOrResult::Item(inner) => {
                held.before_frame(&evm.ctx, &inner)?;
                let left = evm.frame_init(inner)?.map_item(|_| ());
                if let ItemOrResult::Item(()) = left {
                    held.enter();
                }
                left
            }
            ItemOrResult::Result(result) => {
                held.leave(&result);
                ItemOrResult::Result(result)
            }
        };
        if let ItemOrResult::Result(result) = left {
            held.give(&evm.ctx, &result)?;
            if let Some(result) = evm.frame_return_result(result)? {
                return Ok(result);
            }
        }
    }
}

/// Runs the frame on top until it ends or enters another one.
fn run_frame<C: ContextTr + Host, I>(
    evm: &mut MainnetEvm<C, I>,
    held: &mut Held,
) -> Result<FrameInitOrResult<EthFrame<EthInterpreter>>, ContextDbError<C>> {
    let frame = evm.frame_stack.get();
    let mut action = interpret(
        &mut frame.interpreter,
        evm.instruction.instruction_table(),
        evm.instruction.gas_table(),
        &mut evm.ctx,
        held,
    );
    if let InterpreterAction::Return(result) = &mut action
        && result.result == InstructionResult::MemoryLimitOOG
    {
        held.check_end(&evm.ctx, &frame.interpreter)?;
        // As without a limit.
        result.result = InstructionResult::MemoryOOG;
    }
    let left = frame.process_next_action::<_, ContextDbError<C>>(&mut evm.ctx, action)?;
    if left.is_result() {
        frame.set_finished(true);
    }
    Ok(left)
}

/// What [`Interpreter::run_plain`] does.
fn interpret<H: ContextTr + Host>(
    interpreter: &mut Interpreter,
    table: &InstructionTable<EthInterpreter, H>,
    gas_table: &GasTable,
    host: &mut H,
    held: &mut Held,
) -> InterpreterAction {
    let mut running = Running {
        interpreter,
        table,
        gas_table,
        host,
        held,
    };
    let end = loop {
        if let Err(end) = running.step() {
            break end;
        }
    };
    if interpreter.bytecode.action().is_none() {
        interpreter.halt(end);
    }
    interpreter.take_next_action()
}

/// A frame that runs.
struct Running<'a, H: ContextTr + Host> {
    interpreter: &'a mut Interpreter,
    table: &'a InstructionTable<EthInterpreter, H>,
    gas_table: &'a GasTable,
    host: &'a mut H,
    held: &'a mut Held,
}

impl<H: ContextTr + Host> Running<'_, H> {
    /// The opcode that comes next. Bytecode as revm analysed it ends with STOP, so that after any other there is one.
    #[inline(always)]
    fn next(&self) -> u8 {
        self.interpreter.bytecode.opcode()
    }

    /// Goes past the next opcode and pays for it, as [`Interpreter::step`] does.
    #[inline(always)]
    fn take(&mut self) -> Result<u8, InstructionResult> {
        let opcode = self.next();
        self.interpreter.bytecode.relative_jump(1);
        let gas = u64::from(self.gas_table[usize::from(opcode)]);
        match self.interpreter.gas.record_cost_unsafe(gas) {
            true => Err(InstructionResult::OutOfGas),
            false => Ok(opcode),
        }
    }

    /// Makes at least one step, as [`Interpreter::step`] does.
    #[inline(always)]
    fn step(&mut self) -> InstructionExecResult {
        match self.take()? {
            op::POP => {
                self.execute(op::POP)?;
                while self.next() == op::POP {
                    self.take()?;
                    self.execute(op::POP)?;
                }
                Ok(())
            }
            op::PUSH2 => {
                self.execute(op::PUSH2)?;
                match self.next() {
                    op::JUMP => {
                        self.take()?;
                        self.jump(op::JUMP)
                    }
                    op::JUMPI => {
                        self.take()?;
                        self.jump(op::JUMPI)
                    }
                    _ => Ok(()),
                }
            }
            op::JUMP => self.jump(op::JUMP),
            op::JUMPI => self.jump(op::JUMPI),
            opcode @ op::LOG0..=op::LOG4 => {
                self.execute(opcode)?;
                self.held.log(&*self.host)
            }
            opcode => self.execute(opcode),
        }
    }

    /// Jumps, and takes the JUMPDEST that a jump ends at.
    #[inline(always)]
    fn jump(&mut self, opcode: u8) -> InstructionExecResult {
        self.execute(opcode)?;
        if self.next() == op::JUMPDEST {
            self.take()?;
            self.execute(op::JUMPDEST)?;
        }
        Ok(())
    }
}

macro_rules! in_line {
    ($($name:ident => $function:expr,)*) => {
        /// The opcodes whose functions are put into the loop.
        #[cfg(test)]
        const IN_LINE: &[u8] = &[$(op::$name),*];

        impl<H: ContextTr + Host> Running<'_, H> {
            /// Does what an instruction does that has been paid for.
            #[inline(always)]
            fn execute(&mut self, opcode: u8) -> InstructionExecResult {
                let context = InstructionContext {
                    interpreter: &mut *self.interpreter,
                    host: &mut *self.host,
                };
                match opcode {
                    $(op::$name => $function(context),)*
                    _ => self.table[usize::from(opcode)].execute(context),
                }
            }
        }
    };
}

// Nine tenths of the steps of a swap, a token transfer or a mint.
in_line! {
    ADD => arithmetic::add,
    SUB => arithmetic::sub,
    LT => bitwise::lt,
    GT => bitwise::gt,
    SLT => bitwise::slt,
    EQ => bitwise::eq,
    ISZERO => bitwise::iszero,
    AND => bitwise::bitand,
    OR => bitwise::bitor,
    NOT => bitwise::not,
    SHL => bitwise::shl,
    SHR => bitwise::shr,
    CALLDATALOAD => system::calldataload,
    POP => stack::pop,
    MLOAD => memory::mload,
    MSTORE => memory::mstore,
    JUMP => control::jump,
    JUMPI => control::jumpi,
    JUMPDEST => control::jumpdest,
    PUSH0 => stack::push0,
    PUSH1 => stack::push::<1, _, _>,
    PUSH2 => stack::push::<2, _, _>,
    PUSH4 => stack::push::<4, _, _>,
    PUSH20 => stack::push::<20, _, _>,
    DUP1 => stack::dup::<1, _, _>,
    DUP2 => stack::dup::<2, _, _>,
    DUP3 => stack::dup::<3, _, _>,
    DUP4 => stack::dup::<4, _, _>,
    DUP5 => stack::dup::<5, _, _>,
    DUP6 => stack::dup::<6, _, _>,
    SWAP1 => stack::swap::<1, _, _>,
    SWAP2 => stack::swap::<2, _, _>,
    SWAP3 => stack::swap::<3, _, _>,
    SWAP4 => stack::swap::<4, _, _>,
}

#[cfg(test)]
mod tests;
