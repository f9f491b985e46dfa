//! Columns, the one constraint, and the message.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Row, Table};

use crate::bus::Message;
use crate::word::Word;

braid_stark::columns! {
    /// A word that is left.
    pub struct StackEndColumns<T> {
        /// Whether the row is a word.
        pub used: T,
        /// The frame.
        pub frame: T,
        /// Where it is on the stack; 0 is the bottom.
        pub index: T,
        /// The word.
        pub value: Word<T>,
        /// When it was pushed.
        pub pushed: T,
    }
}

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct StackEnd;

impl Table for StackEnd {
    fn name(&self) -> &'static str {
        "stack_end"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<StackEndColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &StackEndColumns<B::X> = row.local();
        builder.assert_bool("stack_end/used", local.used);
        let word = Message::StackWord {
            frame: local.frame,
            index: local.index,
            value: local.value,
            timestamp: local.pushed,
        };
        builder.receive(word, local.used);
    }
}
