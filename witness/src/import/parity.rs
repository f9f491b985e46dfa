//! Which of the two points with its x a signature means, and whether it signs the chain id: `v` and `yParity`.

use alloy_primitives::U256;

use super::transaction::Placed;
use crate::error::Result;
use crate::transaction::TransactionKind;

/// What stands in `v` or `yParity`: the kind with what legacy transactions say of the chain, and whether R's y is odd.
pub(super) struct Parity {
    pub(super) kind: TransactionKind,
    /// The signed chain id of a protected legacy transaction.
    pub(super) chain_id: Option<u64>,
    pub(super) odd_y: bool,
}

impl Placed<'_> {
    /// EIP-2718 and later: 0 or 1, under either name.
    pub(super) fn typed_parity(
        &self,
        kind: TransactionKind,
        v: Option<U256>,
        y_parity: Option<U256>,
    ) -> Result<Parity> {
        self.check_both(v, y_parity)?;
        let (value, field) = match (v, y_parity) {
            (Some(v), _) => (v, "v"),
            (None, Some(parity)) => (parity, "yParity"),
            (None, None) => return Err(self.fault("v", "it is missing")),
        };
        if value > U256::ONE {
            let what = format!("it is {value} instead of 0 or 1");
            return Err(self.fault(field, what));
        }
        Ok(Parity {
            kind,
            chain_id: None,
            odd_y: !value.is_zero(),
        })
    }

    fn check_both(&self, v: Option<U256>, y_parity: Option<U256>) -> Result<()> {
        match (v, y_parity) {
            (Some(v), Some(parity)) if v != parity => {
                Err(self.fault("v", format!("it is {v}, and yParity {parity}")))
            }
            _ => Ok(()),
        }
    }

    /// Before EIP-2718: 27 or 28, or from 35 on with the chain id (EIP-155).
    pub(super) fn legacy_parity(
        &self,
        v: Option<U256>,
        y_parity: Option<U256>,
        chain: u64,
    ) -> Result<Parity> {
        let Some(v) = v else {
            let what = "it is missing; yParity alone does not say whether the chain id is signed";
            return Err(self.fault("v", what));
        };
        let too_large = |_| self.fault("v", format!("{v} has no chain id below 2^64"));
        let (chain_id, odd_y) = match u64::try_from(v) {
            Ok(27) => (None, false),
            Ok(28) => (None, true),
            Ok(..35) => {
                let what = format!("it is {v}, neither 27, 28 nor 35 or above");
                return Err(self.fault("v", what));
            }
            _ => {
                let above = v - U256::from(35);
                let id = u64::try_from(above >> 1).map_err(too_large)?;
                (Some(id), above.bit(0))
            }
        };
        if let Some(parity) = y_parity
            && parity != U256::from(u8::from(odd_y))
        {
            return Err(self.fault("v", format!("it is {v}, and yParity {parity}")));
        }
        let protected = chain_id.is_some();
        if self
            .json
            .protected
            .is_some_and(|stated| stated != protected)
        {
            return Err(self.fault("protected", format!("v is {v}")));
        }
        if let Some(stated) = self.optional(&self.json.chain_id, "chainId")? {
            // What signs no chain id holds on every chain; it is written with that of the chain, or with none.
            let is_right = match chain_id {
                Some(id) => stated == U256::from(id),
                None => stated.is_zero() || stated == U256::from(chain),
            };
            if !is_right {
                return Err(self.fault("chainId", format!("v is {v}")));
            }
        }
        Ok(Parity {
            kind: TransactionKind::Legacy { protected },
            chain_id: Some(chain_id.unwrap_or(chain)),
            odd_y,
        })
    }
}
