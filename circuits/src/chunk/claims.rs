//! What filled tables say: read off their messages, so that a request is stated once, in the constraints.

use std::collections::BTreeSet;

use braid_stark::check::interactions_where;
use braid_stark::message::signed;
use braid_stark::{AnyTable, Felt, Message, Tag, Trace};

/// Messages of some kinds that tables send, in the order in which the tables were read, then of rows.
#[derive(Debug, Default)]
pub struct Claims {
    kinds: BTreeSet<Tag>,
    messages: Vec<Message<Felt>>,
}

impl Claims {
    /// Nothing yet; messages of `kinds` will be kept.
    pub fn new(kinds: impl IntoIterator<Item = Tag>) -> Self {
        Self {
            kinds: kinds.into_iter().collect(),
            messages: Vec::new(),
        }
    }

    /// Takes in what the filled rows of `table` send.
    pub fn read(&mut self, table: &dyn AnyTable, trace: &Trace) {
        let kinds = &self.kinds;
        let sent = interactions_where(table, trace, |interaction| {
            kinds.contains(&interaction.message.tag) && signed(interaction.multiplicity) > 0
        });
        let messages = sent.into_iter().map(|(_, said)| said.message);
        self.messages.extend(messages);
    }

    /// The messages of these kinds, in order.
    pub fn of<'a>(&'a self, kinds: &'a [Tag]) -> impl Iterator<Item = &'a Message<Felt>> {
        let messages = self.messages.iter();
        messages.filter(|message| kinds.contains(&message.tag))
    }
}
