//! Everything that is refused of blocks, where execution stops at the first of it.
//!
//! Transactions before the first refusal of a block are executed, so that of them all is said that cannot be proved. Nothing is executed on a state that no valid block leaves. What can be said without,
//! and holds whatever becomes of the other refusals:
//! * of every block, whether it follows the block before it in the file, and what it gives of older hashes;
//! * of every transaction, what its bytes say, its fee beside the base fee, its gas limit beside the block's;
//! * of its sender, that it has code that is no delegation, which no account loses (EIP-6780), and its nonce, which its own transactions raise and authorizations (EIP-7702): too low is
//!   certain always, too high where all that comes before it is known;
//! * that its sender lacks money, where nothing before it touches the account;
//! * what cannot be proved, by the state before the first block that is not executed.
//!
//! So what is said is right, and not always all: gas that others leave, money that comes and goes, and what shows while code runs are known up to the first
//! refusal alone.

use alloy_primitives::map::{HashMap, HashSet};
use alloy_primitives::{Address, Bytes, U512};
use braid_circuits::shapes::Largest;

use crate::block_file::Block;
use crate::chain::Chain;
use crate::error::{Error, NotProvable, Place, Result, TransactionFault, Unprovable};
use crate::execution::blocks::{Settings, refused_at};
use crate::execution::inclusion::{block_faults, check_block_gas, check_fee};
use crate::execution::outcome::AccountState;
use crate::provable::{block_not_provable, not_provable_in, refused_of_first};
use crate::senders;
use crate::transaction::{Refusal, SignedTransaction, TransactionKind};

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    /// The block cannot be executed: an error about one block or one transaction.
    Stops(Error),
    /// It can, but not proved.
    NotProvable(Unprovable),
}

/// What is refused of blocks, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    found: Vec<Finding>,
    untraced: usize,
}

impl Refusals {
    /// All that is known to be refused of `blocks`, the first of which was executed on `chain` with these `settings` and is refused with `first`. Executed for its receipts alone
    /// ([`Detail::Receipts`](crate::execution::Detail::Receipts)), it does not tell what of its code cannot be proved.
    ///
    /// # Errors
    /// `first` itself if it is about something else than the blocks; or when the state cannot be read.
    pub fn of(
        chain: &impl Chain,
        blocks: &[Block],
        first: Error,
        settings: Settings<'_>,
        largest: Largest<'_>,
    ) -> Result<Self> {
        let Some(first_index) = refused_index(&first) else {
            return Err(first);
        };
        let mut search = Search {
            chain,
            settings,
            largest,
            accounts: HashMap::default(),
            strangers: false,
            sets_code: false,
            ran_code: false,
            paid: HashSet::default(),
            found: Vec::new(),
            untraced: 0,
        };
        let position = chain.position().block;
        let mut hashes = chain.block_hashes();
        let mut parent = (position.number, position.timestamp);
        let mut first = Some((first, first_index));
        for block in blocks {
            let environment = &block.environment;
            let number = environment.number;
            let faults = block_faults(block, chain.rules(), parent, &mut hashes);
            parent = (number, environment.timestamp);
            let faults = faults.into_iter();
            let faults = faults.map(|reason| Error::InvalidBlock {
                block: number,
                reason,
            });
            search.found.extend(faults.map(Finding::Stops));
            search.block(block, first.take())?;
        }
        Ok(Self {
            found: search.found,
            untraced: search.untraced,
        })
    }

    /// Transactions before the first refusal that were executed without a trace, so that it is not known whether they can be proved: see [`Provability::untraced`](crate::provable::Provability::untraced).
    pub fn untraced(&self) -> usize {
        self.untraced
    }

    /// The error of whoever executes the blocks, and what could not be proved beside it.
    pub fn of_execution(self) -> (Error, Vec<Unprovable>) {
        let (mut stops, mut not_provable) = (Vec::new(), Vec::new());
        for finding in self.found {
            match finding {
                Finding::Stops(error) => stops.push(error),
                Finding::NotProvable(refused) => not_provable.push(refused),
            }
        }
        (Error::refused(stops), not_provable)
    }

    /// The error of whoever proves the blocks, with what was refused of blocks before them.
    pub fn of_proving(self, before: Vec<Unprovable>) -> Error {
        let alone = |refused| Error::NotProvable(vec![refused]);
        let mut all: Vec<Error> = before.into_iter().map(alone).collect();
        for finding in self.found {
            match finding {
                Finding::Stops(error) => all.push(error),
                Finding::NotProvable(refused) => {
                    // That it cannot be proved whatever it asks for says more than what execution misses.
                    let same = |error: &mut Error| matches!(error, Error::NotProvable(known) if known.iter().any(|known| (known.block, known.transaction) == (refused.block, refused.transaction)));
                    all.pop_if(same);
                    all.push(alone(refused));
                }
            }
        }
        Error::refused(all)
    }
}

/// The index of the transaction that an error refuses, nothing if it refuses a block; `None` for any other error.
fn refused_index(error: &Error) -> Option<Option<usize>> {
    match error {
        Error::MalformedTransaction { place, .. }
        | Error::InvalidTransaction { place, .. }
        | Error::WouldNotFit { place, .. } => Some(Some(place.index)),
        Error::InvalidBlock { .. } => Some(None),
        Error::NotProvable(refused) => {
            let first = refused.first()?;
            Some(first.transaction.map(|place| place.index))
        }
        _ => None,
    }
}

/// What is known of a sender.
struct Sender {
    /// Before the first block.
    account: AccountState,
    /// The nonce that its next transaction has, or a higher one.
    nonce: u64,
    /// Whether it has sent before.
    has_sent: bool,
    /// Whether something of it is refused.
    is_refused: bool,
}

/// Goes through blocks that are not executed.
struct Search<'a, C> {
    chain: &'a C,
    settings: Settings<'a>,
    largest: Largest<'a>,
    accounts: HashMap<Address, Sender>,
    /// Whether there were transactions of whom nobody knows who sent them, or what they do.
    strangers: bool,
    /// Whether there were transactions that set code, and raise the nonces of others (EIP-7702).
    sets_code: bool,
    /// Whether code ran, which may send money to anyone.
    ran_code: bool,
    /// Who may have got money otherwise.
    paid: HashSet<Address>,
    found: Vec<Finding>,
    /// See [`Refusals::untraced`].
    untraced: usize,
}

impl<C: Chain> Search<'_, C> {
    /// Looks through a block, `first` of which is known to be refused: the block itself, or the transaction with the index, up to which the others are in order.
    fn block(&mut self, block: &Block, first: Option<(Error, Option<usize>)>) -> Result<()> {
        let number = block.environment.number;
        let (error, first_index) = match first {
            Some((error, index)) => (Some(error), index),
            None => (None, None),
        };
        let mut error = error;
        if first_index.is_none()
            && let Some(about_block) = error.take()
            // The rules of its environment are told already.
            && !matches!(about_block, Error::InvalidBlock { .. })
        {
            self.found.push(Finding::Stops(about_block));
        }
        if let Some(reason) = block_not_provable(block, self.chain.rules(), self.chain)? {
            self.ran_code |= matches!(
                reason,
                NotProvable::CallsBeaconRoots | NotProvable::CallsHistory
            );
            let refused = Unprovable::block(number, reason);
            self.found.push(Finding::NotProvable(refused));
        }
        if let Some(count) = first_index {
            let known = refused_of_first(self.chain, block, count, self.settings, self.largest)?;
            self.untraced += known.untraced;
            let of_transactions = known
                .refused
                .into_iter()
                .filter(|it| it.transaction.is_some());
            self.found.extend(of_transactions.map(Finding::NotProvable));
        }
        self.paid.insert(block.environment.coinbase);
        let (chain_id, rules) = (self.chain.chain_id(), self.chain.rules());
        let prepared =
            senders::prepare(&block.transactions, chain_id, rules, self.settings.senders);
        for (index, (prepared, raw)) in prepared.into_iter().zip(&block.transactions).enumerate() {
            let error = match first_index {
                Some(first) if first == index => error.take(),
                _ => None,
            };
            let is_executed = first_index.is_some_and(|first| index < first);
            match prepared {
                // What is refused of it is found.
                Ok(transaction) if is_executed => self.follow(&transaction, false)?,
                Ok(transaction) => self.transaction(block, index, &transaction, error)?,
                Err(refusal) => self.stranger(number, index, raw, refusal),
            }
        }
        Ok(())
    }

    /// A transaction that is refused for its bytes.
    fn stranger(&mut self, block: u64, index: usize, raw: &Bytes, refusal: Refusal) {
        self.strangers = true;
        let error = refused_at(refusal, block, index, raw);
        self.found.push(Finding::Stops(error));
    }

    fn transaction(
        &mut self,
        block: &Block,
        index: usize,
        transaction: &SignedTransaction,
        error: Option<Error>,
    ) -> Result<()> {
        let number = block.environment.number;
        let fault = match error {
            Some(_) => None,
            None => self.fault(block, transaction)?,
        };
        let error = error.or_else(|| {
            let refusal = Refusal::Invalid(fault?);
            Some(refused_at(refusal, number, index, &transaction.raw))
        });
        let not_provable =
            not_provable_in(transaction, self.chain.rules(), self.chain, self.largest)?;
        self.follow(transaction, error.is_some())?;
        let place = Place {
            block: number,
            index,
            hash: transaction.hash,
        };
        let unprovable = not_provable.map(|reason| Unprovable::transaction(place, reason));
        match (error, unprovable) {
            (Some(Error::NotProvable(known)), Some(refused)) if known.contains(&refused) => {
                self.found.push(Finding::Stops(Error::NotProvable(known)));
            }
            (Some(Error::NotProvable(known)), unprovable) => {
                self.found.push(Finding::Stops(Error::NotProvable(known)));
                self.found.extend(unprovable.map(Finding::NotProvable));
            }
            // What may not be in a block need not be proved.
            (Some(error), _) => self.found.push(Finding::Stops(error)),
            (None, Some(refused)) if refused.reason.stops_execution() => {
                let error = Error::NotProvable(vec![refused]);
                self.found.push(Finding::Stops(error));
            }
            (None, refused) => self.found.extend(refused.map(Finding::NotProvable)),
        }
        Ok(())
    }

    fn sender(&mut self, address: Address) -> Result<&mut Sender> {
        use alloy_primitives::map::Entry;
        match self.accounts.entry(address) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let account = self.chain.account(&address)?.unwrap_or(AccountState::EMPTY);
                Ok(place.insert(Sender {
                    account,
                    nonce: account.nonce,
                    has_sent: false,
                    is_refused: false,
                }))
            }
        }
    }

    /// Why a transaction may not be where it is, whatever becomes of those before it.
    fn fault(
        &mut self,
        block: &Block,
        transaction: &SignedTransaction,
    ) -> Result<Option<TransactionFault>> {
        let environment = &block.environment;
        let checked = check_block_gas(transaction, environment, 0)
            .and_then(|()| check_fee(transaction, environment));
        if let Err(fault) = checked {
            return Ok(Some(fault));
        }
        let strangers = self.strangers;
        let address = transaction.sender;
        let may_be_paid = strangers || self.ran_code || self.paid.contains(&address);
        let sets_code = self.sets_code;
        let chain = self.chain;
        let sender = self.sender(address)?;
        let code_hash = sender.account.code_hash;
        if sender.account.has_code() && !chain.code(&code_hash)?.is_eip7702() {
            return Ok(Some(TransactionFault::SenderHasCode(address)));
        }
        let (found, expected) = (transaction.nonce, sender.nonce);
        if found < expected {
            return Ok(Some(TransactionFault::NonceTooLow { found, expected }));
        }
        // What is refused may be mended, and then fill the gap.
        let is_known = !strangers && !sets_code && !sender.is_refused;
        if found > expected && is_known {
            return Ok(Some(TransactionFault::NonceTooHigh { found, expected }));
        }
        let needed = transaction.highest_cost();
        let balance = sender.account.balance;
        let is_untouched = is_known && !sender.has_sent && !may_be_paid;
        Ok(
            (is_untouched && U512::from(balance) < needed).then(|| TransactionFault::Balance {
                sender: address,
                balance,
                needed: Box::new(needed),
            }),
        )
    }

    /// Takes note of what a transaction does, if it is executed in the end.
    fn follow(&mut self, transaction: &SignedTransaction, is_refused: bool) -> Result<()> {
        let recipient = match transaction.to {
            Some(to) => self.chain.account(&to)?,
            None => None,
        };
        let has_code = recipient.is_some_and(|account| account.has_code());
        // From here on anybody may have code.
        self.sets_code |= transaction.kind == TransactionKind::SetCode;
        self.ran_code |= transaction.to.is_none() || has_code || self.sets_code;
        self.paid.extend(transaction.to);
        let sender = self.sender(transaction.sender)?;
        if is_refused {
            sender.is_refused = true;
        } else {
            sender.has_sent = true;
            sender.nonce = sender.nonce.max(transaction.nonce).saturating_add(1);
        }
        Ok(())
    }
}
