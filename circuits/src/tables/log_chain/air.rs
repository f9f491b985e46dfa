//! Constraints and messages of `log_chain`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::LogChainColumns;
use crate::bus::Message;
use crate::log_word::take_word;
use crate::state_hash::{Domain, RATE, WIDTH};
use crate::word::{ADDRESS_LIMBS, widen};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogChain;

impl Table for LogChain {
    fn name(&self) -> &'static str {
        "log_chain"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<LogChainColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &LogChainColumns<B::X> = row.local();
        flags(local, builder);
        starts(local, builder);
        let last = topics(local, builder);
        let chain = |index, chain| Message::LogChain { index, chain };
        builder.receive(chain(local.number, local.chain), local.used);
        builder.send(chain(local.number + B::X::one(), last), local.used);
        record(local, builder);
    }
}

/// How many topics there are.
fn count<X: Expression>(local: &LogChainColumns<X>) -> X {
    local.topics.iter().map(|topic| topic.has).sum()
}

/// A log, and its topics from the first on.
fn flags<B: ConstraintBuilder>(local: &LogChainColumns<B::X>, builder: &mut B) {
    builder.assert_bool("log_chain/used", local.used);
    let mut before = local.used;
    for topic in &local.topics {
        builder.assert_bool("log_chain/has", topic.has);
        builder.assert_zero("log_chain/gap", topic.has * before.not());
        before = topic.has;
    }
}

/// The chain before and the digest of the data, then who logs and with how many topics.
fn starts<B: ConstraintBuilder>(local: &LogChainColumns<B::X>, builder: &mut B) {
    let mut input = [B::X::zero(); WIDTH];
    let elements = local.chain.into_iter().chain(local.data);
    for (cell, element) in input.iter_mut().zip(elements) {
        *cell = element;
    }
    input[RATE] = B::X::from_u64(Domain::Log as u64);
    let output = local.started;
    builder.send(Message::Poseidon { input, output }, local.used);
    let mut name = widen(&local.address);
    name[ADDRESS_LIMBS] = count(local);
    take_word(
        builder,
        "log_chain/address halves",
        local.used,
        local.started,
        name,
        &local.halves,
        local.named,
    );
}

/// The topics. Gives the digest after the last.
fn topics<B: ConstraintBuilder>(local: &LogChainColumns<B::X>, builder: &mut B) -> [B::X; 4] {
    let mut before = local.named;
    for topic in &local.topics {
        take_word(
            builder,
            "log_chain/topic halves",
            topic.has,
            before,
            topic.value,
            &topic.halves,
            topic.after,
        );
        let none = topic.has.not();
        for (after, before) in topic.after.into_iter().zip(before) {
            builder.assert_eq_when("log_chain/no topic", none, after, before);
        }
        before = topic.after;
    }
    before
}

/// What is logged.
fn record<B: ConstraintBuilder>(local: &LogChainColumns<B::X>, builder: &mut B) {
    let [first, second, third, fourth] = local.topics.map(|topic| topic.value);
    let record = Message::LogRecord {
        number: local.number,
        address: local.address,
        topics: count(local),
        first,
        second,
        third,
        fourth,
        digest: local.data,
    };
    builder.receive(record, local.used);
}
