//! Ethereum's own state tests as a source of cases: what must be refused, what must follow, and the events of every case that is provable.

mod alone;
mod verdict;

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};

use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{B256, Bytes, Log, keccak256};
use braid_circuits::shapes;
use braid_text::Rules;
use revm::context::TxEnv;
use revm::primitives::TxKind;

use crate::block_file::read_file;
use crate::error::{NotProvable, Result};
use crate::execution::inclusion::{check_block_gas, check_fee, check_sender};
use crate::execution::machine::{BlockContext, transaction_input};
use crate::execution::reference::{self, Fault};
use crate::execution::{AccountState, StateReader};
use crate::import::{StateTestCase, TEST_CHAIN_ID, state_test};
use crate::provable::{execute, not_provable_in};
use crate::state::State;
use crate::transaction::{Refusal, SignedTransaction};
use alone::execute_alone;
use verdict::prove;

pub use verdict::{Verdict, variant, verdict};

/// The environment variable that names the folder of a checkout of ethereum/tests.
pub const FOLDER_VARIABLE: &str = "ETHEREUM_TESTS";

/// Gas from which on a case is executed once only, by the executor, and not by revm as it comes too. One case uses so much, in more than half a minute.
const LONG: u64 = 1 << 32;

/// The environment variable that names the folder that has state tests of the forks after Cancun in it, as releases of ethereum/execution-spec-tests do: `fixtures`.
pub const LATER_FOLDER_VARIABLE: &str = "ETHEREUM_SPEC_TESTS";

/// The folder of state tests in releases of ethereum/execution-spec-tests.
const STATE_TESTS: &str = "state_tests";

/// The folder of the tests, from [`FOLDER_VARIABLE`] or beside the repository; `None`, with a line that says so, if there are no state tests.
///
/// # Panics
/// The variable names a folder that has none: who asks for these tests must not go without them.
pub fn folder(repository: &Path) -> Option<PathBuf> {
    found(
        FOLDER_VARIABLE,
        &repository.join("../shared/ethereum-tests"),
        "GeneralStateTests",
    )
}

/// The files of the state tests of later forks, from [`LATER_FOLDER_VARIABLE`] or beside the repository: those below `state_tests`, and below the folders of this name in the folders beside it. A release of
/// ethereum/execution-spec-tests has tests of other kinds beside it, and an index. `None` as for [`folder`].
///
/// # Panics
/// As [`folder`].
pub fn later_files(repository: &Path) -> Option<Vec<PathBuf>> {
    let beside = repository.join("../shared/eest");
    let folder = found(LATER_FOLDER_VARIABLE, &beside, STATE_TESTS)?;
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut files = json_files(&folder.join(STATE_TESTS));
    files.extend(entries.flat_map(|entry| json_files(&entry.path().join(STATE_TESTS))));
    files.sort();
    Some(files)
}

fn found(variable: &str, beside: &Path, part: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let asked_for = named.is_some();
    let folder = named.unwrap_or_else(|| beside.to_owned());
    if folder.join(part).is_dir() {
        return Some(folder);
    }
    assert!(
        !asked_for,
        "{variable} is {}, which has no folder {part}",
        folder.display()
    );
    say(format!(
        "skipped: no state tests of Ethereum ({variable} names their folder)"
    ));
    None
}

/// Prints counts of cases, past the capture of tests' output: they are to be seen in every run, not only with `--nocapture`.
pub fn say(text: impl Display) {
    // Whoever closed the stream does not want to know.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// All JSON files under a folder, sorted.
pub fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The cases of one file by these rules.
pub fn cases(file: &Path, rules: Rules) -> Result<Vec<StateTestCase>> {
    let mut cases = state_test(&read_file(file)?)?;
    cases.retain(|case| case.block_file.rules == rules);
    Ok(cases)
}

/// What the executor makes of a case, beside what can be proved of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executor {
    /// Executed: state root and logs hash are the expected ones, gas is as in revm.
    Passed,
    /// Refused, as the test expects.
    Refused(Refusal),
    /// A valid transaction that is not part of the rollup.
    Skipped(NotProvable),
}

/// What a case shows.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What it is for the prover.
    pub verdict: Verdict,
    /// What it is for the executor.
    pub executor: Executor,
}

/// The block that a case's transaction is executed in.
pub fn block_context(case: &StateTestCase) -> Option<BlockContext> {
    let block = case.block_file.blocks.first()?;
    Some(BlockContext {
        chain_id: TEST_CHAIN_ID,
        rules: case.block_file.rules,
        environment: block.environment,
        excess_blob_gas: block.excess_blob_gas,
    })
}

/// The logs hash of state tests.
pub fn logs_hash(logs: &[Log]) -> B256 {
    let mut out = Vec::new();
    alloy_rlp::encode_list(logs, &mut out);
    keccak256(out)
}

/// A blob transaction as revm takes it; the rollup refuses it, but its outcome is checked all the same.
fn blob_environment(raw: &[u8]) -> core::result::Result<TxEnv, String> {
    let mut buffer = raw;
    let envelope = TxEnvelope::decode_2718(&mut buffer).map_err(|error| error.to_string())?;
    if !buffer.is_empty() {
        return Err("trailing bytes".to_owned());
    }
    let caller = envelope
        .recover_signer()
        .map_err(|error| error.to_string())?;
    Ok(TxEnv {
        tx_type: 3,
        caller,
        gas_limit: envelope.gas_limit(),
        gas_price: envelope.max_fee_per_gas(),
        kind: envelope.to().map_or(TxKind::Create, TxKind::Call),
        value: envelope.value(),
        data: envelope.input().clone(),
        nonce: envelope.nonce(),
        chain_id: envelope.chain_id(),
        access_list: envelope.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: envelope.max_priority_fee_per_gas(),
        blob_hashes: envelope
            .blob_versioned_hashes()
            .unwrap_or_default()
            .to_vec(),
        max_fee_per_blob_gas: envelope.max_fee_per_blob_gas().unwrap_or_default(),
        authorization_list: Vec::new(),
    })
}

/// Every rule of inclusion for the first transaction of a block, in their order.
fn check_inclusion(
    transaction: &SignedTransaction,
    context: &BlockContext,
    state: &State,
) -> core::result::Result<(), Refusal> {
    transaction.check_static(context.rules)?;
    check_block_gas(transaction, &context.environment, 0)?;
    check_fee(transaction, &context.environment)?;
    let sender = StateReader::account(state, &transaction.sender)
        .ok()
        .flatten()
        .unwrap_or(AccountState::EMPTY);
    let code = state.code(sender.code_hash);
    let is_delegation = code.is_some_and(|code| code.bytecode.is_eip7702());
    check_sender(transaction, &sender, is_delegation)?;
    Ok(())
}

/// A case's one transaction, and what is known of it before it is executed.
struct Known {
    context: BlockContext,
    state: State,
    raw: Bytes,
    decoded: core::result::Result<SignedTransaction, Refusal>,
    /// What the rules of inclusion say; nothing of what is no transaction of ours.
    ours: core::result::Result<(), Refusal>,
    /// Whether it can be proved whatever code does.
    provable: core::result::Result<(), Refusal>,
}

impl Known {
    fn of(case: &StateTestCase) -> core::result::Result<Self, String> {
        let [block] = case.block_file.blocks.as_slice() else {
            return Err("not one block".to_owned());
        };
        let [raw] = block.transactions.as_slice() else {
            return Err("not one transaction".to_owned());
        };
        let rules = case.block_file.rules;
        let context = block_context(case).ok_or("no block")?;
        let state =
            State::by_rules(&case.block_file.alloc, rules).map_err(|error| error.to_string())?;
        let decoded = SignedTransaction::decode(raw.clone(), TEST_CHAIN_ID);
        let (ours, provable) = match &decoded {
            Err(refusal) => (Ok(()), Err(refusal.clone())),
            Ok(transaction) => {
                if case
                    .sender
                    .is_some_and(|sender| sender != transaction.sender)
                {
                    return Err(format!("sender {} recovered", transaction.sender));
                }
                let reason = not_provable_in(transaction, rules, &state, shapes::largest());
                let reason = reason.map_err(|error| error.to_string())?;
                let provable = reason.map_or(Ok(()), |reason| Err(Refusal::NotProvable(reason)));
                (check_inclusion(transaction, &context, &state), provable)
            }
        };
        Ok(Self {
            context,
            state,
            raw: raw.clone(),
            decoded,
            ours,
            provable,
        })
    }

    /// Why it must be refused, if our own rules say that. Blob transactions are not checked further by ourselves.
    fn refusal(&self) -> Option<Refusal> {
        let refusal = self.ours.as_ref().err().or(self.decoded.as_ref().err());
        refusal.cloned()
    }

    /// What revm is asked.
    fn input(&self) -> core::result::Result<TxEnv, String> {
        match &self.decoded {
            Err(Refusal::NotProvable(NotProvable::Blob)) => blob_environment(&self.raw),
            Err(refusal) => Err(format!("{refusal:?}")),
            Ok(transaction) => Ok(transaction_input(transaction, TEST_CHAIN_ID)),
        }
    }
}

/// Runs a case against everything that it states: refusal or, through revm, state root and logs; through the executor against the same;
/// and whatever Braid calls provable once more through [`execute_in_memory`](crate::provable::execute_in_memory). The error says what differs.
pub fn judge(case: &StateTestCase) -> core::result::Result<Judgement, String> {
    let known = Known::of(case)?;
    let (input, refusal) = (known.input(), known.refusal());
    let Known {
        context,
        mut state,
        decoded,
        ours,
        provable,
        ..
    } = known;
    let executed = match &decoded {
        Ok(transaction) => execute_alone(context, transaction, &state)?,
        Err(refusal) => Err(refusal.clone()),
    };
    let runs_code = || decoded.as_ref().ok()?.to.map(NotProvable::RunsCode);
    let long = match &provable {
        Err(Refusal::NotProvable(reason)) => Some(reason.clone()),
        // No shape has so many steps; they are not traced to see that.
        _ => runs_code(),
    };
    if let (Ok(executed), Some(reason)) = (&executed, long)
        && executed.outcome.receipt.gas_used >= LONG
    {
        executed.expected(case)?;
        return Ok(Judgement {
            verdict: Verdict::NotProvable(reason),
            executor: Executor::Passed,
        });
    }
    let reference = match input {
        Err(reason) => Err(reason),
        Ok(input) => match reference::run(context, input, &state) {
            Ok(outcome) => Ok(outcome),
            Err(Fault::Refused(fault)) => Err(fault.to_string()),
            Err(Fault::Internal(error)) => return Err(error.to_string()),
        },
    };
    let mut outcome = match (reference, &case.expect_exception) {
        (Err(reason), None) => return Err(format!("refused, and must not be: {reason}")),
        (Ok(_), Some(expected)) => return Err(format!("not refused by revm, {expected} expected")),
        (Err(_), Some(_)) => {
            let refusal = refusal.ok_or("refused by revm alone")?;
            return match (execute(&case.block_file), executed) {
                (Err(_), Err(found)) if found == refusal => Ok(Judgement {
                    verdict: Verdict::Invalid(refusal),
                    executor: Executor::Refused(found),
                }),
                _ => Err(format!("not refused for {refusal:?} everywhere")),
            };
        }
        (Ok(outcome), None) => outcome,
    };
    if let Err(refusal) = ours {
        return Err(format!("refused by ourselves alone: {refusal:?}"));
    }
    let logs = logs_hash(&outcome.logs);
    if logs != case.logs {
        return Err(format!("logs hash {logs} instead of {}", case.logs));
    }
    state
        .commit(core::mem::take(&mut outcome.changes))
        .map_err(|error| error.to_string())?;
    if let Ok(executed) = &executed {
        executed.equals(&outcome, &state)?;
    }
    let root = state.ethereum_root();
    if root != case.root {
        return Err(format!("state root {root} instead of {}", case.root));
    }
    let executor = match executed {
        Ok(executed) => executed.expected(case).map(|()| Executor::Passed)?,
        Err(Refusal::NotProvable(reason)) => Executor::Skipped(reason),
        Err(refusal) => return Err(format!("refused by the executor alone: {refusal:?}")),
    };
    let verdict = prove(case, provable)?;
    Ok(Judgement { verdict, executor })
}
