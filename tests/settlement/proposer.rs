//! Who may settle on the contract as compiled, when, and who says so.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use braid::contract::abi::{BraidRollup as abi, RollupError};
use braid::contract::local::{LocalChain, SENDER};
use braid::contract::{Deployment, call};
use braid::settlement;

use crate::support::{OWNER, Settlement, TIMEOUT, deployment, sample};

const STRANGER: Address = Address::repeat_byte(0x57);

/// A rollup before a block, and the time at which it was deployed.
fn ready() -> (Settlement, u64) {
    let execution = sample("transfers.json");
    let deployed = execution.end().block.timestamp;
    (Settlement::new(&execution, b"proof"), deployed)
}

/// The proposer and the time in the error of who may not settle yet.
fn not_proposer(settlement: &mut Settlement, sender: Address) -> (Address, U256) {
    let calldata = settlement.calldata();
    match settlement.refusal(sender, calldata) {
        RollupError::NotProposer(error) => {
            assert_eq!(error.sender, sender);
            (error.proposer, error.openAt)
        }
        other => panic!("{other:?}"),
    }
}

fn settles(settlement: &mut Settlement, sender: Address) {
    let calldata = settlement.calldata();
    let rollup = settlement.rollup;
    let settled = settlement.chain.transact_from(sender, rollup, calldata);
    settled.unwrap();
    let end = settlement::checkpoint(&sample("transfers.json").end());
    assert_eq!(settlement.chain.checkpoint(rollup), Ok(end));
}

fn send(settlement: &mut Settlement, sender: Address, call: impl SolCall) {
    let calldata = call.abi_encode().into();
    let rollup = settlement.rollup;
    let sent = settlement.chain.transact_from(sender, rollup, calldata);
    sent.unwrap();
}

fn answer<C: SolCall>(settlement: &mut Settlement, call: C) -> C::Return {
    let calldata = Bytes::from(call.abi_encode());
    let answer = settlement.chain.call(settlement.rollup, calldata).unwrap();
    C::abi_decode_returns(&answer.output).unwrap()
}

#[test]
fn the_proposer_settles_and_nobody_else() {
    let (mut settlement, deployed) = ready();
    let open_at = U256::from(deployed + TIMEOUT);
    for sender in [STRANGER, OWNER] {
        assert_eq!(not_proposer(&mut settlement, sender), (SENDER, open_at));
    }
    settles(&mut settlement, SENDER);
}

#[test]
fn after_the_time_anyone_settles() {
    let (mut settlement, deployed) = ready();
    settlement.chain.set_timestamp(deployed + TIMEOUT - 1);
    not_proposer(&mut settlement, STRANGER);
    settlement.chain.set_timestamp(deployed + TIMEOUT);
    settles(&mut settlement, STRANGER);
    // From here on the proposer has the whole time again.
    assert_eq!(
        answer(&mut settlement, abi::openAtCall {}),
        U256::from(deployed + 2 * TIMEOUT)
    );
    not_proposer(&mut settlement, STRANGER);
    let calldata = settlement.calldata();
    let replayed = settlement.refusal(SENDER, calldata);
    assert!(
        matches!(replayed, RollupError::WrongFirstBlock(_)),
        "{replayed:?}"
    );
}

#[test]
fn the_owner_exchanges_the_proposer() {
    let (mut settlement, _) = ready();
    let change = abi::setProposerCall { next: STRANGER };
    for sender in [SENDER, STRANGER] {
        let refused = settlement.refusal(sender, change.abi_encode().into());
        assert!(
            matches!(refused, RollupError::OwnableUnauthorizedAccount(ref error) if error.account == sender),
            "{refused:?}"
        );
    }
    send(&mut settlement, OWNER, change);
    assert_eq!(answer(&mut settlement, abi::proposerCall {}), STRANGER);
    assert_eq!(not_proposer(&mut settlement, SENDER).0, STRANGER);

    let next = Address::repeat_byte(0x0b);
    send(
        &mut settlement,
        OWNER,
        abi::transferOwnershipCall { newOwner: next },
    );
    assert_eq!(answer(&mut settlement, abi::ownerCall {}), OWNER);
    send(&mut settlement, next, abi::acceptOwnershipCall {});
    assert_eq!(answer(&mut settlement, abi::ownerCall {}), next);
    settles(&mut settlement, STRANGER);
}

/// Deploys a rollup and asks who owns it.
fn owner_of(change: impl FnOnce(&mut Deployment)) -> Result<Address, braid::contract::Error> {
    let mut chain = LocalChain::new(1_800_000_000);
    let verifier = chain.deploy(call::deploying(&[0])).unwrap();
    let mut deployment = deployment(verifier, 1337, Default::default());
    change(&mut deployment);
    let rollup = chain.deploy(call::rollup_creation(&deployment))?;
    let owner = chain.call(rollup, abi::ownerCall {}.abi_encode().into())?;
    Ok(abi::ownerCall::abi_decode_returns(&owner.output).unwrap())
}

#[test]
fn deployments() {
    assert_eq!(owner_of(|_| {}), Ok(OWNER));
    assert_eq!(
        owner_of(|deployment| deployment.owner = None),
        Ok(Address::ZERO)
    );
    let refusal = |change: fn(&mut Deployment)| owner_of(change).unwrap_err().rollup_error();
    assert!(matches!(
        refusal(|deployment| deployment.proposer = Address::ZERO),
        Some(RollupError::NoProposer(_))
    ));
    // A day in milliseconds, and no time at all.
    for change in [
        (|deployment: &mut Deployment| deployment.proposer_timeout *= 24_000) as fn(&mut _),
        |deployment| deployment.proposer_timeout = 0,
    ] {
        assert!(matches!(
            refusal(change),
            Some(RollupError::TimeoutOutOfRange(error)) if error.longest == U256::from(31_536_000)
        ));
    }
}

/// Who owns the rollup can do nothing but what is tested here, and nobody can do anything else: these are all functions that can change something.
#[test]
fn nothing_else_changes_the_contract() {
    let artifact: serde_json::Value = serde_json::from_slice(
        &std::fs::read(crate::support::repository(
            "verifier-contract/artifacts/BraidRollup.json",
        ))
        .unwrap(),
    )
    .unwrap();
    let mut changing: Vec<&str> = artifact["abi"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["type"] != "constructor")
        .filter(|entry| {
            matches!(
                entry["stateMutability"].as_str(),
                Some("nonpayable" | "payable")
            )
        })
        .filter_map(|entry| entry["name"].as_str())
        .collect();
    changing.sort_unstable();
    assert_eq!(
        changing,
        [
            "acceptOwnership",
            "renounceOwnership",
            "setProposer",
            "settle",
            "transferOwnership"
        ]
    );
}
