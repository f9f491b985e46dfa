//! Gas that a transaction pays whatever it does.
//!
//! Sources: EIP-2028 and EIP-3860 (intrinsic gas), EIP-7702 (authorizations), EIP-7623 (floor), EIP-7825 (cap).

use braid_circuits::execution::{FLOOR_GAS, GAS_CAP, INTRINSIC_GAS};
use braid_text::Rules;

use super::SignedTransaction;

/// Gas of creating a contract, and of a word of init code (EIP-3860).
const CREATION_GAS: u128 = 32_000;
const INIT_CODE_WORD_GAS: u128 = 2;
/// Gas of an authorization, of which some is given back where the authority is there already (EIP-7702).
const AUTHORIZATION_GAS: u128 = 25_000;

/// Most gas that a transaction may have by these rules, if there is such a limit (EIP-7825).
pub fn gas_cap(rules: Rules) -> Option<u64> {
    (rules >= Rules::Osaka).then_some(GAS_CAP)
}

impl SignedTransaction {
    /// Zero bytes of the data, and others.
    fn byte_counts(&self) -> [u128; 2] {
        let zeros = self.data.iter().filter(|byte| **byte == 0).count() as u128;
        [zeros, self.data.len() as u128 - zeros]
    }

    /// Gas that is due before anything runs.
    pub fn intrinsic_gas(&self) -> u128 {
        let [zeros, others] = self.byte_counts();
        let (addresses, keys) = self.access_counts();
        let counts = [1, zeros, others, addresses as u128, keys as u128];
        let products = counts.into_iter().zip(INTRINSIC_GAS);
        let gas: u128 = products.map(|(count, gas)| count * u128::from(gas)).sum();
        let creation = match self.to {
            Some(_) => 0,
            None => CREATION_GAS + INIT_CODE_WORD_GAS * (self.data.len() as u128).div_ceil(32),
        };
        gas + creation + AUTHORIZATION_GAS * self.authorizations.len() as u128
    }

    /// Gas that is paid at least (EIP-7623); 0 where the rules know no such thing.
    pub fn floor_gas(&self, rules: Rules) -> u128 {
        if rules < Rules::Prague {
            return 0;
        }
        let [zeros, others] = self.byte_counts();
        let products = [1, zeros, others].into_iter().zip(FLOOR_GAS);
        products.map(|(count, gas)| count * u128::from(gas)).sum()
    }

    /// Gas that it uses if it runs no code.
    pub fn least_gas(&self, rules: Rules) -> u128 {
        self.intrinsic_gas().max(self.floor_gas(rules))
    }
}
