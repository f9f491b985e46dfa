//! The verifier contract as compiled, with a real proof: it accepts and refuses what `verify_wrapped` does.

mod differential;
mod forgeries;
mod other_key;
mod support;

use support::{Verifiers, sample};

#[test]
fn a_real_proof() {
    let mut verifiers = Verifiers::new();
    let proof = sample();
    assert_eq!(verifiers.both(&proof), Ok(()));
    let calldata = braid_contract::call::verify(&proof.public_values, &proof.proof);
    let receipt = verifiers.chain.call(verifiers.address, calldata).unwrap();
    println!("{:?}", receipt.gas);
}
