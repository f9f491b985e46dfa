//! A coinbase that takes part in its own block.

use super::*;

/// Calls an address with all the balance.
fn pay(to: Address) -> Vec<u8> {
    let mut code = vec![0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0, 0x47, 0x73];
    code.extend(to);
    code.extend([0x5a, 0xf1, 0x50]);
    code
}

#[test]
fn the_coinbase_in_every_role() {
    let made = sender(0).create(0);
    // Keeps the coinbase's balance, then gives everything to whoever it is for.
    let keep = |to| [&[0x41, 0x31, 0x60, 0, 0x55][..], &pay(to)].concat();
    let destroy = |heir: Address| [&[0x73][..], heir.as_slice(), &[0xff]].concat();
    let read = sends(12, CONTRACT);
    let created = |code: Bytes| {
        let mut transactions = sends(6, made);
        (transactions[0].to, transactions[0].data) = (None, code);
        transactions
    };
    // The creation comes later, when tips are there.
    let created_later = |code: Bytes| {
        let mut transactions = sends(6, made);
        transactions.rotate_left(1);
        (transactions[3].to, transactions[3].data) = (None, code);
        transactions[3].sender = sender(0);
        transactions[5].sender = sender(4);
        transactions
    };
    let keeps = |coinbase| state(12, &[(CONTRACT, contract(&keep(coinbase)))]);
    let dies = contract(&destroy(sender(3)));
    let cases = [
        ("sends", sender(3), sends(12, sender(20)), state(12, &[])),
        ("gets", sender(20), sends(12, sender(20)), state(12, &[])),
        (
            "sends and gets",
            sender(3),
            sends(12, sender(3)),
            state(12, &[]),
        ),
        (
            "is read and paid by a contract",
            COINBASE,
            read.clone(),
            keeps(COINBASE),
        ),
        (
            "is a contract that pays",
            CONTRACT,
            read.clone(),
            keeps(sender(2)),
        ),
        (
            "is a contract that pays itself",
            CONTRACT,
            read.clone(),
            keeps(CONTRACT),
        ),
        (
            "is a contract that gives all away",
            CONTRACT,
            read.clone(),
            state(12, &[(CONTRACT, dies)]),
        ),
        (
            "is created",
            made,
            created(deploy(&[], &keep(sender(2)))),
            state(6, &[]),
        ),
        (
            "is created with tips",
            made,
            created_later(deploy(&[], &keep(sender(2)))),
            state(6, &[]),
        ),
        (
            "is created and destroyed",
            made,
            created(destroy(sender(3)).into()),
            state(6, &[]),
        ),
        (
            "is created and destroyed for itself",
            made,
            created(destroy(made).into()),
            state(6, &[]),
        ),
        (
            "is destroyed with tips",
            made,
            created_later(destroy(sender(3)).into()),
            state(6, &[]),
        ),
        (
            "is empty",
            COINBASE,
            read,
            state(12, &[(COINBASE, AllocAccount::default())]),
        ),
    ];
    for (role, coinbase, transactions, state) in cases {
        for tip in [0, 2] {
            let mut transactions = transactions.clone();
            for transaction in &mut transactions {
                transaction.max_priority_fee = U256::from(tip);
            }
            let what = format!("the coinbase {role}, tip {tip}");
            same_as_sequential(&what, context(coinbase), &transactions, &state);
        }
    }
}

/// An authority that is there gives gas back (EIP-7702), be it empty; a tip of nothing takes it away all the same (EIP-161).
#[test]
fn a_coinbase_that_is_there_and_empty_takes_code() {
    use alloy_eips::eip7702::{Authorization, RecoveredAuthority, RecoveredAuthorization};
    use braid_witness::Rules;
    use braid_witness::transaction::TransactionKind;

    let unsigned = Authorization {
        chain_id: U256::ZERO,
        address: CONTRACT,
        nonce: 0,
    };
    let authority = RecoveredAuthority::Valid(COINBASE);
    let authorization = RecoveredAuthorization::new_unchecked(unsigned, authority);
    let context = BlockContext {
        rules: Rules::Prague,
        ..context(COINBASE)
    };
    let state = state(6, &[(COINBASE, AllocAccount::default())]);
    let mut used = Vec::new();
    for (place, tip) in [(0, 0), (0, 2), (3, 0), (3, 2)] {
        let mut transactions = sends(6, sender(20));
        for transaction in &mut transactions {
            transaction.max_priority_fee = U256::from(tip);
        }
        transactions[place].kind = TransactionKind::SetCode;
        transactions[place].authorizations = vec![authorization.clone()];
        let what = format!("transaction {place}, tip {tip}");
        let executed = same_as_sequential(&what, context, &transactions, &state);
        used.push(executed.transactions[place].receipt.gas_used);
    }
    // 21,000 and 25,000 an authorization, of which a fifth at most comes back.
    assert_eq!(used, [36_800, 36_800, 46_000, 36_800]);
}
