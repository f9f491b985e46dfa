//! What the journal of revm has anew, and frames as they open and close.

use alloy_primitives::{B256, Bytes, U256};
use braid_circuits::event::log::{Action, Hashed};
use braid_circuits::event::trace::{Frame, FrameKind, FrameResult, IDENTITY};
use revm::context_interface::journaled_state::entry::JournalEntry;
use revm::interpreter::Gas;

use super::{Context, OpenFrame, Recorder};

impl Recorder<'_> {
    /// Writes down what the journal has anew. What a creation does before the new contract is there belongs to `frame`, all else to `child` if there is one.
    pub(super) fn absorb(
        &mut self,
        context: &mut Context<'_>,
        frame: Option<u32>,
        child: Option<u32>,
    ) {
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
    pub(super) fn enter(&mut self, context: &mut Context<'_>, mut frame: Frame) {
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
    pub(super) fn leave(
        &mut self,
        context: &mut Context<'_>,
        result: FrameResult,
        gas: &Gas,
        output: &Bytes,
    ) {
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
    pub(super) fn hash_creation(
        &mut self,
        frame: &Frame,
        nonce: u64,
        salt: Option<U256>,
        init_code: u64,
    ) {
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
}
