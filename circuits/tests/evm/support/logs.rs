//! What those say who take the logs.

use alloy_primitives::U256;
use braid_circuits::bus::Message;
use braid_circuits::execution::{Execution, topics_of};
use braid_circuits::word::{address, hash_word, word};
use braid_stark::Felt;
use plonky2::field::types::Field;

use super::{Balance, add};

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// What they say.
pub fn others_on_logs(execution: &Execution, balance: &mut Balance) {
    let (send, receive) = (Felt::ONE, Felt::NEG_ONE);
    let version = |count, timestamp| Message::LogCount {
        count: felt(count),
        timestamp: felt(timestamp),
    };
    let (mut count, mut accessed) = (0, 0);
    add(balance, send, version(0, 0).into());
    for log in &execution.logs {
        let step = execution.steps.iter().find(|step| step.clock == log.clock);
        let step = step.expect("the step of a log");
        let at = |index: usize| step.popped.get(index).map_or(U256::ZERO, |word| word.value);
        let frame = &execution.frames[log.frame as usize - 1];
        if frame.undone_at != 0 {
            continue;
        }
        let [first, second, third, fourth] = [2, 3, 4, 5].map(|index| word(at(index)));
        let record = Message::LogRecord {
            number: felt(count),
            address: address(frame.address),
            topics: Felt::from_canonical_u8(topics_of(step.opcode).expect("a log")),
            first,
            second,
            third,
            fourth,
            digest: hash_word(log.digest),
        };
        add(balance, receive, record.into());
        (count, accessed) = (count + 1, 2 * log.clock + 1);
    }
    add(balance, receive, version(count, accessed).into());
}
