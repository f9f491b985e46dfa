//! One transaction after the other, each from its reads to its trace.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_circuits::event::log::{Action, Hashed};
use braid_circuits::event::trace::{
    Frame, FrameKind, FrameResult, LogRecord, TraceReceipt, TransactionSignature, TransactionTrace,
};
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::context::result::{EVMError, ExecutionResult};
use revm::interpreter::InstructionResult;

use super::CodeSource;
use super::halt::frame_result;
use super::recorder::{Meter, Opening, Recorder};
use super::replay::{ReplayDatabase, account_value};
use crate::error::{Error, ReplayFault, Result};
use crate::execution::inclusion::{check_sender, is_precompile};
use crate::execution::machine::{effective_gas_price, fee_fits, tip, transaction_input};
use crate::execution::{AccountState, BlockContext, Machine, Read, Receipt, Status};
use crate::transaction::SignedTransaction;

/// A transaction whose reads are final.
#[derive(Clone, Copy, Debug)]
pub struct TraceInput<'a> {
    /// The transaction.
    pub transaction: &'a SignedTransaction,
    /// What it read of the state before it.
    pub reads: &'a [Read],
    /// What its execution returned; the trace must agree if it is given.
    pub receipt: Option<&'a Receipt>,
}

/// Traces transactions of one block.
pub struct Tracer<'a, 'm> {
    context: BlockContext,
    machine: Machine<ReplayDatabase<'a>, Recorder<'m>>,
}

impl<'a, 'm> Tracer<'a, 'm> {
    /// A tracer that finds bytecode in `codes` and tells a meter how much memory a trace takes while it is taken.
    pub fn new(
        context: BlockContext,
        codes: &'a dyn CodeSource,
        meter: Option<&'m (dyn Meter + Sync)>,
    ) -> Self {
        let database = ReplayDatabase::new(codes);
        Self {
            context,
            machine: Machine::with_inspector(context, database, Recorder::new(meter)),
        }
    }

    /// Bytes that the meter was told of for the last trace.
    pub(super) fn told(&mut self) -> usize {
        self.machine.inspector().told()
    }

    /// Traces a transaction of the block.
    ///
    /// # Errors
    /// [`Error::Replay`] if its reads are not all that it needs, or it is not valid over them, or does not do what the receipt says.
    pub fn trace(&mut self, index: u64, input: TraceInput<'a>) -> Result<TransactionTrace> {
        let transaction = input.transaction;
        let fail = |fault| Error::Replay {
            hash: transaction.hash,
            fault: Box::new(fault),
        };
        let base_fee = self.context.environment.base_fee;
        let price = effective_gas_price(transaction, base_fee);
        self.begin(transaction, price);
        let recipient = transaction.to.and_then(|to| {
            let mut reads = input.reads.iter();
            reads.find_map(|read| match read {
                Read::CodeHash { address, value } if *address == to => Some(*value),
                _ => None,
            })
        });
        let receipt = match (recipient, transaction.to) {
            (Some(code_hash), Some(to)) => self
                .transfer(transaction, to, code_hash, input.reads)
                .map_err(fail)?,
            _ => self.run(transaction, input.reads).map_err(fail)?,
        };
        if let Some(expected) = input.receipt {
            compare(&receipt, expected).map_err(fail)?;
        }
        let recorder = self.machine.inspector();
        let unused = transaction.gas_limit.saturating_sub(receipt.gas_used);
        if unused > 0 && !price.is_zero() {
            recorder.outside(Action::FeeReturn {
                address: transaction.sender,
                value: price.saturating_mul(U256::from(unused)),
            });
        }
        let (frames, steps, events, codes) = recorder.finish();
        Ok(TransactionTrace {
            index,
            hash: transaction.hash,
            signing_hash: transaction.signing_hash,
            signature: TransactionSignature {
                odd_y: transaction.odd_y,
                r: transaction.r,
                s: transaction.s,
                public_key_x: transaction.public_key.0,
                public_key_y: transaction.public_key.1,
            },
            sender: transaction.sender,
            input: transaction.data.clone(),
            tip: tip(transaction, base_fee, receipt.gas_used),
            receipt,
            codes,
            frames,
            steps,
            events,
        })
    }

    /// What happens before any state is looked at: hashes, and what is warm from the start (EIP-2929, EIP-2930, EIP-3651).
    fn begin(&mut self, transaction: &SignedTransaction, price: U256) {
        let coinbase = self.context.environment.coinbase;
        let recorder = self.machine.inspector();
        recorder.begin(Opening {
            sender: transaction.sender,
            fee: price.saturating_mul(U256::from(transaction.gas_limit)),
            nonce: transaction.nonce,
        });
        let mut hash = |of, length: usize, digest| {
            recorder.outside(Action::Hash {
                of,
                length: length as u64,
                digest,
            });
        };
        hash(Hashed::Transaction, transaction.raw.len(), transaction.hash);
        let payload = transaction.signing_payload.len();
        hash(Hashed::SigningPayload, payload, transaction.signing_hash);
        let mut key = [0; 64];
        let (x, y) = transaction.public_key;
        key[..32].copy_from_slice(&x.to_be_bytes::<32>());
        key[32..].copy_from_slice(&y.to_be_bytes::<32>());
        hash(Hashed::PublicKey, key.len(), keccak256(key));
        let mut warm = vec![coinbase];
        if !warm.contains(&transaction.sender) {
            warm.push(transaction.sender);
        }
        warm.extend(transaction.to.filter(|to| !warm.contains(to)));
        let mut slots = Vec::new();
        if !transaction.access_list.0.is_empty() {
            let mut known: std::collections::HashSet<Address> = warm.iter().copied().collect();
            let mut known_slots = std::collections::HashSet::new();
            for item in &transaction.access_list.0 {
                if known.insert(item.address) {
                    warm.push(item.address);
                }
                let new = item.storage_keys.iter().copied();
                let new = new.filter(|key: &B256| known_slots.insert((item.address, *key)));
                slots.extend(new.map(|key| (item.address, key)));
            }
        }
        for address in warm {
            recorder.outside(Action::AccountWarm { address });
        }
        for (address, key) in slots {
            recorder.outside(Action::StorageWarm {
                address,
                slot: key.into(),
            });
        }
    }

    /// A plain transfer: no code runs, and only the sender's account and the recipient's code hash matter.
    fn transfer(
        &mut self,
        transaction: &SignedTransaction,
        to: Address,
        code_hash: B256,
        reads: &[Read],
    ) -> Result<TraceReceipt, ReplayFault> {
        if code_hash != KECCAK_EMPTY {
            return Err(ReplayFault::NoTransfer("the recipient has code"));
        }
        let rules = self.context.rules;
        if is_precompile(to, rules) {
            return Err(ReplayFault::NoTransfer("the recipient is precompiled"));
        }
        let sender = transaction.sender;
        let account = reads.iter().find_map(|read| match read {
            Read::Account { address, value } if *address == sender => Some(*value),
            _ => None,
        });
        let account = account.ok_or(ReplayFault::Account(sender))?;
        let state = account.unwrap_or(AccountState::EMPTY);
        let is_delegation = self.machine.database().is_delegation(state.code_hash)?;
        let refused = |reason: &str| ReplayFault::Refused(reason.to_owned());
        let checked = transaction.check_static(rules);
        checked
            .and_then(|()| check_sender(transaction, &state, is_delegation))
            .map_err(|fault| ReplayFault::Refused(fault.to_string()))?;
        let gas_used = u64::try_from(transaction.least_gas(rules))
            .map_err(|_| refused("more than 2^64 gas"))?;
        let gas = transaction.gas_limit.saturating_sub(gas_used);
        let value = transaction.value;
        let recorder = self.machine.inspector();
        recorder.outside(Action::AccountLoad {
            address: sender,
            value: account.map(account_value),
        });
        recorder.outside(Action::CodeHashLoad {
            address: to,
            value: code_hash,
        });
        recorder.open_transaction();
        let mut push = |action| recorder.events.push(None, Some(0), action);
        if sender != to {
            if value.is_zero() {
                push(Action::AccountTouch { address: to });
            } else {
                push(Action::AccountTouch { address: to });
                push(Action::BalanceTransfer {
                    from: sender,
                    to,
                    value,
                });
            }
        }
        recorder.push_frame(Frame {
            parent: None,
            depth: 1,
            kind: FrameKind::Call,
            caller: sender,
            address: to,
            code_address: to,
            code_hash,
            value,
            gas,
            gas_left: gas,
            first_step: 0,
            end_step: 0,
            result: FrameResult::Success,
            precompile_output: Bytes::new(),
        });
        Ok(TraceReceipt {
            status: FrameResult::Success,
            gas_used,
            logs: Vec::new(),
            output: Bytes::new(),
            created: None,
        })
    }

    fn run(
        &mut self,
        transaction: &SignedTransaction,
        reads: &'a [Read],
    ) -> Result<TraceReceipt, ReplayFault> {
        if !fee_fits(transaction) {
            return Err(ReplayFault::Refused("fees of over 128 bits".to_owned()));
        }
        self.machine.database().set_reads(reads);
        let input = transaction_input(transaction, self.context.chain_id);
        match self.machine.inspect(input) {
            Ok(result) => Ok(receipt(result)),
            Err(EVMError::Database(fault)) => Err(fault),
            Err(other) => Err(ReplayFault::Refused(other.to_string())),
        }
    }
}

fn receipt(result: ExecutionResult) -> TraceReceipt {
    let gas_used = result.tx_gas_used();
    let created = result.created_address();
    let (status, logs, output) = match result {
        ExecutionResult::Success { logs, output, .. } => {
            (FrameResult::Success, logs, output.into_data())
        }
        // Logs of what is rolled back do not survive.
        ExecutionResult::Revert { output, .. } => (FrameResult::Revert, Vec::new(), output),
        ExecutionResult::Halt { reason, .. } => (
            frame_result(InstructionResult::from(reason)),
            Vec::new(),
            Bytes::new(),
        ),
    };
    let logs = logs.into_iter().map(|log| LogRecord {
        address: log.address,
        topics: log.data.topics().to_vec(),
        data: log.data.data,
    });
    TraceReceipt {
        status,
        gas_used,
        logs: logs.collect(),
        output,
        created,
    }
}

/// Whether a trace did what the execution did.
fn compare(found: &TraceReceipt, expected: &Receipt) -> Result<(), ReplayFault> {
    let status = match &expected.status {
        Status::Success => FrameResult::Success,
        Status::Revert => FrameResult::Revert,
        Status::Halt(reason) => frame_result(InstructionResult::from(reason.clone())),
    };
    if found.status != status {
        return Err(ReplayFault::Differs("status"));
    }
    if found.gas_used != expected.gas_used {
        return Err(ReplayFault::Differs("gas"));
    }
    let same = |(found, expected): (&LogRecord, &alloy_primitives::Log)| {
        found.address == expected.address
            && found.topics == expected.data.topics()
            && found.data == expected.data.data
    };
    let mut pairs = found.logs.iter().zip(&expected.logs);
    if found.logs.len() != expected.logs.len() || !pairs.all(same) {
        return Err(ReplayFault::Differs("list of logs"));
    }
    if found.output != expected.output {
        return Err(ReplayFault::Differs("output"));
    }
    if found.created != expected.created {
        return Err(ReplayFault::Differs("created contract"));
    }
    Ok(())
}
