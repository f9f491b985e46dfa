//! Each step of a trace against the one that revm takes.

use braid_circuits::event::steps::Steps;
use braid_circuits::event::trace::TransactionTrace;
use braid_witness::execution::machine::transaction_input;
use braid_witness::execution::{BlockContext, Machine};
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;
use revm::handler::MainnetContext;
use revm::inspector::Inspector;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::Jumps;
use revm::interpreter::{CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter};

use super::Recording;

/// Sees every step of a run and compares it with the step that a trace decodes to.
struct Comparing<'a> {
    steps: Steps<'a>,
    /// The refund counter of each open frame.
    refunds: Vec<i64>,
    gas: u64,
    cost: u64,
    count: u64,
    fault: Option<String>,
}

impl Comparing<'_> {
    fn compare(&mut self, interpreter: &Interpreter<EthInterpreter>) -> Result<(), String> {
        *self.refunds.last_mut().unwrap() = interpreter.gas.refunded();
        let refund: i64 = self.refunds.iter().sum();
        let step = self.steps.next_step().map_err(|error| error.to_string())?;
        let step = step.ok_or("too few steps")?;
        let memory = interpreter.memory.context_memory();
        let return_data: &[u8] = &interpreter.return_data.0;
        let same = step.index == self.count
            && step.pc == interpreter.bytecode.pc() as u64
            && step.opcode == interpreter.bytecode.opcode()
            && step.gas == interpreter.gas.remaining()
            && step.refund == refund as u64
            && step.depth as usize == self.refunds.len()
            && step.stack == interpreter.stack.data().as_slice()
            && step.memory == &*memory
            && step.return_data == return_data;
        if !same {
            return Err(format!(
                "step {} is at {}, opcode {:#x}, gas {}, refund {refund}, depth {}, stack {:?}, {} bytes of memory, {} of return data (memory equal: {}), decoded as {:?}",
                self.count,
                interpreter.bytecode.pc(),
                interpreter.bytecode.opcode(),
                interpreter.gas.remaining(),
                self.refunds.len(),
                interpreter.stack.data(),
                memory.len(),
                return_data.len(),
                step.memory == &*memory,
                (
                    step.index,
                    step.pc,
                    step.opcode,
                    step.gas,
                    step.refund,
                    step.depth,
                    step.stack,
                    step.memory.len(),
                    step.return_data.len()
                ),
            ));
        }
        self.gas = step.gas;
        self.cost = step.gas_cost;
        self.count += 1;
        Ok(())
    }
}

impl<'a> Inspector<MainnetContext<Recording<'a>>, EthInterpreter> for Comparing<'_> {
    fn step(
        &mut self,
        interpreter: &mut Interpreter<EthInterpreter>,
        _: &mut MainnetContext<Recording<'a>>,
    ) {
        if self.fault.is_none() {
            self.fault = self.compare(interpreter).err();
        }
    }

    fn step_end(
        &mut self,
        interpreter: &mut Interpreter<EthInterpreter>,
        _: &mut MainnetContext<Recording<'a>>,
    ) {
        let cost = self.gas - interpreter.gas.remaining().min(self.gas);
        if self.fault.is_none() && cost != self.cost {
            self.fault = Some(format!(
                "step {} costs {cost}, decoded as {}",
                self.count - 1,
                self.cost
            ));
        }
    }

    fn call(
        &mut self,
        _: &mut MainnetContext<Recording<'a>>,
        _: &mut CallInputs,
    ) -> Option<CallOutcome> {
        self.refunds.push(0);
        None
    }

    fn call_end(
        &mut self,
        _: &mut MainnetContext<Recording<'a>>,
        _: &CallInputs,
        _: &mut CallOutcome,
    ) {
        self.refunds.pop();
    }

    fn create(
        &mut self,
        _: &mut MainnetContext<Recording<'a>>,
        _: &mut CreateInputs,
    ) -> Option<CreateOutcome> {
        self.refunds.push(0);
        None
    }

    fn create_end(
        &mut self,
        _: &mut MainnetContext<Recording<'a>>,
        _: &CreateInputs,
        _: &mut CreateOutcome,
    ) {
        self.refunds.pop();
    }
}

/// Runs a transaction once more and compares each step with that of the trace, in full.
pub fn compare_steps(
    context: BlockContext,
    state: &State,
    transaction: &SignedTransaction,
    trace: &TransactionTrace,
) -> Result<(), String> {
    let inspector = Comparing {
        steps: trace.steps().with_memory_limit(1 << 32),
        refunds: Vec::new(),
        gas: 0,
        cost: 0,
        count: 0,
        fault: None,
    };
    let mut machine = Machine::with_inspector(context, Recording::new(state), inspector);
    let input = transaction_input(transaction, context.chain_id);
    machine.inspect(input).map_err(|error| error.to_string())?;
    let seen = machine.inspector();
    if let Some(fault) = seen.fault.take() {
        return Err(fault);
    }
    match seen.steps.next_step() {
        Ok(None) if seen.count == trace.steps.count() => Ok(()),
        Ok(_) => Err("too many steps".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
