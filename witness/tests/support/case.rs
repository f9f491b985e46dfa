//! Random blocks on random states.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_eips::eip7702::{Authorization, RecoveredAuthority, RecoveredAuthorization};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_witness::Rules;
use braid_witness::block_file::{AllocAccount, Block, BlockFile, Parent};
use braid_witness::execution::BlockContext;
use braid_witness::sample::{Draft, SampleKey};
use braid_witness::state::State;
use braid_witness::transaction::{SignedTransaction, TransactionKind};
use proptest::prelude::*;

use super::programs::{Scope, Snippet, assemble, init_code, snippet, wei};
use super::{CHAIN, transaction};

const SENDERS: usize = 5;
const CONTRACTS: usize = 4;

/// What a random transaction is.
#[derive(Clone, Debug)]
pub enum Action {
    /// To one of the accounts.
    Send {
        to: usize,
        value: U256,
        data: Vec<u8>,
    },
    /// A creation that runs some code first and leaves a contract with other code.
    Create {
        before: Vec<Snippet>,
        code: Vec<Snippet>,
        value: U256,
    },
    /// To one of the accounts, with authorizations (EIP-7702): who takes whose code, and for which nonce unless the authority is a sender, whose next nonce it is. By the rules of Cancun
    /// these are left out.
    Authorize {
        to: usize,
        authorizations: Vec<(usize, usize, u64)>,
    },
    /// To the contract that an earlier creation of this sender would have made.
    CallCreated { back: u64, value: U256 },
}

#[derive(Clone, Debug)]
pub struct Step {
    sender: usize,
    action: Action,
    gas: u64,
    tip: u64,
    /// Accounts, each with the slots below one, that an access list warms (EIP-2930).
    warm: Vec<(usize, u8)>,
    /// Added to the right nonce, to make the block invalid.
    nonce_off: i64,
    /// In which form it is signed, if it goes into a block file.
    form: u8,
}

/// Everything that a random block is made of.
#[derive(Clone, Debug)]
pub struct Case {
    scope: Scope,
    rules: Rules,
    coinbase: usize,
    contracts: Vec<Vec<Snippet>>,
    rich: Vec<U256>,
    /// Who would create an account, with which nonce, that has storage already.
    left: Vec<(usize, u64)>,
    steps: Vec<Step>,
    gas_limit: u64,
}

/// Precompiles among the accounts, the last of them: ECRECOVER and the identity, which can be proved where code calls them.
const PRECOMPILES: usize = 2;

/// Who signs.
fn keys() -> &'static [SampleKey] {
    static KEYS: LazyLock<Vec<SampleKey>> = LazyLock::new(|| {
        let keys = 0..SENDERS as u64;
        keys.map(|index| SampleKey::new(0x10, index).unwrap())
            .collect()
    });
    &KEYS
}

/// Senders, contracts, then accounts without code: one that exists and is empty, one that does not exist, precompiles.
fn accounts() -> Vec<Address> {
    let mut accounts: Vec<_> = keys().iter().map(SampleKey::address).collect();
    let contracts = SENDERS..SENDERS + CONTRACTS;
    accounts.extend(contracts.map(|i| Address::repeat_byte(0x10 + i as u8)));
    accounts.push(Address::repeat_byte(0xee));
    accounts.push(Address::repeat_byte(0xdd));
    accounts.extend([1, 4].map(Address::with_last_byte));
    accounts
}

fn step(scope: Scope, hot: bool, invalid: u32) -> impl Strategy<Value = Step> {
    let count = accounts().len();
    let (anything, recipients) = match scope {
        Scope::Anything => (1, count),
        Scope::Provable => (0, count - PRECOMPILES),
    };
    let contract = SENDERS..SENDERS + CONTRACTS;
    let to = match (scope, hot) {
        (_, true) => prop_oneof![3 => Just(SENDERS), 1 => 0..recipients].boxed(),
        (Scope::Anything, false) => (0..recipients).boxed(),
        (Scope::Provable, false) => prop_oneof![2 => contract, 1 => 0..recipients].boxed(),
    };
    let code = || prop::collection::vec(snippet(count, scope), 0..4);
    let data = prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::collection::vec(any::<u8>(), 1..100),
    ];
    let action = prop_oneof![
        8 => (to, wei(), data).prop_map(|(to, value, data)| Action::Send { to, value: value >> 8, data }),
        1 => (0u64..3, wei()).prop_map(|(back, value)| Action::CallCreated { back, value: value >> 200 }),
        anything => (code(), code(), wei()).prop_map(|(before, code, value)| Action::Create {
            before, code, value: value >> 200
        }),
        anything => (0..count, prop::collection::vec((0..count, 0..=count, 0u64..3), 1..4)).prop_map(
            |(to, authorizations)| Action::Authorize { to, authorizations }
        ),
    ];
    let gas = prop_oneof![21_000u64..60_000, Just(200_000), Just(1_000_000)];
    let nonce_off = prop_oneof![200 => Just(0i64), invalid => -1i64..2];
    let warm = prop_oneof![
        3 => Just(Vec::new()),
        1 => prop::collection::vec((0..count, 0u8..4), 1..4),
    ];
    let form = any::<u8>();
    (0..SENDERS, action, gas, 0u64..3, warm, nonce_off, form).prop_map(
        |(sender, action, gas, tip, warm, nonce_off, form)| Step {
            sender,
            action,
            gas,
            tip,
            warm,
            nonce_off,
            form,
        },
    )
}

/// A block of fewer transactions than `most`, some of which are `invalid`.
pub fn case(scope: Scope, most: usize, invalid: u32) -> impl Strategy<Value = Case> {
    any::<bool>().prop_flat_map(move |hot| {
        let contracts = prop::collection::vec(
            prop::collection::vec(snippet(accounts().len(), scope), 1..6),
            CONTRACTS,
        );
        (
            (
                prop::sample::select(Rules::ALL.to_vec()),
                0..accounts().len(),
            ),
            contracts,
            prop::collection::vec(wei(), accounts().len()),
            prop_oneof![
                3 => Just(Vec::new()),
                1 => prop::collection::vec((0..SENDERS + CONTRACTS, 0u64..3), 1..5),
            ],
            prop::collection::vec(step(scope, hot, invalid), 1..most),
            prop_oneof![5 => Just(1u64 << 40), 1 => 200_000u64..5_000_000],
        )
            .prop_map(
                move |((rules, coinbase), contracts, rich, left, steps, gas_limit)| Case {
                    scope,
                    rules,
                    coinbase,
                    contracts,
                    rich,
                    left,
                    steps,
                    gas_limit,
                },
            )
    })
}

fn authorization(authority: Address, address: Address, nonce: u64) -> RecoveredAuthorization {
    let unsigned = Authorization {
        chain_id: U256::ZERO,
        address,
        nonce,
    };
    RecoveredAuthorization::new_unchecked(unsigned, RecoveredAuthority::Valid(authority))
}

impl Case {
    pub fn state(&self) -> State {
        State::by_rules(&self.alloc(), self.rules).unwrap()
    }

    fn alloc(&self) -> BTreeMap<Address, AllocAccount> {
        let accounts = accounts();
        let mut alloc = BTreeMap::new();
        for (index, address) in accounts.iter().enumerate() {
            let mut account = AllocAccount::default();
            if index < SENDERS {
                account.balance = (U256::MAX >> 4) + (self.rich[index] >> 8);
            } else if index < SENDERS + CONTRACTS {
                account.balance = self.rich[index] >> 8;
                account.nonce = 1;
                account.code = assemble(&self.contracts[index - SENDERS], &accounts);
                account.storage = [
                    (U256::ZERO, U256::from(index)),
                    (U256::from(2), U256::from(9)),
                ]
                .into();
            } else if index == SENDERS + CONTRACTS + 1 {
                continue;
            }
            // revm loses wei of a contract whose call overflows its target, but only if something else touches the contract, as the tip does. No chain has that
            // many wei (block files are checked for it), so that it does not matter who is right.
            let quirk = (SENDERS..SENDERS + CONTRACTS).contains(&self.coinbase);
            let is_rich = self.rich[index] > U256::from(u64::MAX);
            let may_overflow = self.scope == Scope::Anything && !quirk;
            if index == SENDERS + CONTRACTS && is_rich && may_overflow {
                // Credits to this one overflow.
                account.balance = U256::MAX - U256::from(1000);
            }
            alloc.insert(*address, account);
        }
        for (creator, nonce) in &self.left {
            let account = AllocAccount {
                balance: U256::from(5),
                storage: [(U256::ZERO, U256::from(7)), (U256::from(3), U256::from(1))].into(),
                ..AllocAccount::default()
            };
            alloc.insert(accounts[*creator].create(*nonce), account);
        }
        alloc
    }

    pub fn context(&self) -> BlockContext {
        let mut context = super::context(accounts()[self.coinbase]);
        context.rules = self.rules;
        context.environment.gas_limit = self.gas_limit;
        context
    }

    pub fn transactions(&self) -> Vec<SignedTransaction> {
        let accounts = accounts();
        let mut nonces = [0u64; SENDERS];
        let steps = self.steps.iter().enumerate();
        steps
            .map(|(index, step)| {
                let sender = accounts[step.sender];
                let right = nonces[step.sender];
                nonces[step.sender] += 1;
                let mut authorized = Vec::new();
                let (to, value, data) = match &step.action {
                    Action::Send { to, value, data } => {
                        (Some(accounts[*to]), *value, data.clone().into())
                    }
                    Action::Create {
                        before,
                        code,
                        value,
                    } => {
                        let (before, code) =
                            (assemble(before, &accounts), assemble(code, &accounts));
                        (None, *value, init_code(&before, &code))
                    }
                    Action::Authorize { to, authorizations } => {
                        let all = authorizations.iter().filter(|_| self.rules > Rules::Cancun);
                        authorized.extend(all.map(|(authority, target, nonce)| {
                            let nonce = match nonces.get_mut(*authority) {
                                // It is raised, unless the block ends there.
                                Some(next) => core::mem::replace(next, *next + 1),
                                None => *nonce,
                            };
                            // What is behind the last account is nobody, whose code is none.
                            let address = accounts.get(*target).copied().unwrap_or_default();
                            authorization(accounts[*authority], address, nonce)
                        }));
                        (Some(accounts[*to]), U256::ZERO, Bytes::new())
                    }
                    Action::CallCreated { back, value } => (
                        Some(sender.create(right.saturating_sub(1 + back))),
                        *value,
                        Bytes::new(),
                    ),
                };
                let sent = transaction(index, sender, to, value, data);
                let warm = step.warm.iter().map(|(account, slots)| AccessListItem {
                    address: accounts[*account],
                    storage_keys: (0..*slots).map(B256::with_last_byte).collect(),
                });
                let access_list = AccessList(warm.collect());
                // The list costs 2,400 gas an account and 1,900 a slot.
                let listed = access_list.0.iter();
                let list_gas: u64 = listed
                    .map(|item| 2_400 + 1_900 * item.storage_keys.len() as u64)
                    .sum();
                let kind = match authorized.is_empty() {
                    true => sent.kind,
                    false => TransactionKind::SetCode,
                };
                SignedTransaction {
                    kind,
                    access_list,
                    nonce: right.wrapping_add_signed(step.nonce_off),
                    max_fee: U256::from(3 + step.tip),
                    max_priority_fee: U256::from(step.tip),
                    // At most 40 gas a byte.
                    gas_limit: list_gas
                        + 40 * sent.data.len() as u64
                        + 25_000 * authorized.len() as u64
                        + step.gas.max(if to.is_none() { 100_000 } else { 0 }),
                    authorizations: authorized,
                    ..sent
                }
            })
            .collect()
    }

    /// The same as a block file, whose transactions are signed in one form or another. Authorizations are left out, and invalid transactions stay.
    pub fn block_file(&self) -> BlockFile {
        let BlockContext {
            rules, environment, ..
        } = self.context();
        let parent = environment.number - 1;
        let hash = |number: u64| keccak256(number.to_be_bytes());
        let transactions = self.transactions().into_iter().zip(&self.steps);
        let transactions = transactions.map(|(sent, step)| {
            let kind = match (step.form % 4, sent.access_list.is_empty()) {
                (0, true) => TransactionKind::Legacy { protected: true },
                (1, true) => TransactionKind::Legacy { protected: false },
                (0..2, _) => TransactionKind::AccessList,
                _ => TransactionKind::DynamicFee,
            };
            let draft = Draft {
                kind,
                chain_id: CHAIN,
                nonce: sent.nonce,
                max_fee: sent.max_fee,
                max_priority_fee: sent.max_priority_fee,
                gas_limit: sent.gas_limit,
                to: sent.to,
                value: sent.value,
                data: sent.data,
                access_list: sent.access_list,
                authorizations: Vec::new(),
            };
            draft.sign(&keys()[step.sender]).unwrap()
        });
        let block = Block {
            environment,
            older_hashes: (0..parent).map(|number| (number, hash(number))).collect(),
            transactions: transactions.collect(),
            ..Block::default()
        };
        BlockFile {
            chain_id: CHAIN,
            rules,
            parent: Parent {
                number: parent,
                timestamp: environment.timestamp - 1,
                block_hash: hash(parent),
            },
            alloc: self.alloc(),
            blocks: vec![block],
        }
    }
}
