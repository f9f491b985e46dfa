//! What plonky2's circuits take, from their parameters and their number of rows.
//!
//! A polynomial of 2^n rows is held as coefficients and as its values on a domain that is larger by the rate. Values are the
//! leaves of a Merkle tree, whose hashes are two for each leaf. These parts are exact; what an allocator keeps is not known before,
//! nor what the program takes beside them, so that `MARGIN_PERCENT` stands for both. The tests `wrap_memory` of the aggregator and `memory_estimates` of the
//! whole compare with the peak of a process.

use plonky2::plonk::circuit_data::CircuitConfig;

use crate::recursion::Common;

/// Bytes of a field element.
const ELEMENT: u64 = 8;

/// Bytes for each leaf of a Merkle tree beside its values: two hashes, and a list's own 24 bytes with the 16 of its allocation.
pub const LEAF_OVERHEAD: u64 = 2 * 32 + 24 + 16;

/// Polynomials that select gates, in the circuits here.
const SELECTORS: u64 = 6;

/// Bytes of generators and of the index of what they wait for, for each row: a row of arithmetic gates has twenty.
const GENERATORS: u64 = 3 << 10;

/// The estimates, in percent of the parts that are known. Peaks, by processes that built their circuits first, were 97 to 101 % of these: 1,716 and 1,793 MiB for
/// tiny chunks, whose parts are 1,776 MiB, and 4,158 MiB for a wrap, whose parts are 4,287 MiB (2 cores). On another machine a wrap took 4,930 MiB, which is 115 %.
const MARGIN_PERCENT: u64 = 116;

/// The estimate of what takes these bytes by its known parts.
fn with_margin(bytes: u64) -> u64 {
    (bytes / 100).saturating_mul(MARGIN_PERCENT)
}

/// The sizes that matter of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitSize {
    wires: u64,
    routed: u64,
    constants: u64,
    challenges: u64,
    quotient_degree: u64,
    blow_up: u64,
    rows: u64,
}

impl CircuitSize {
    /// Of a circuit with these parameters and 2^`log_rows` rows.
    pub fn new(config: &CircuitConfig, log_rows: usize) -> Self {
        Self {
            wires: config.num_wires as u64,
            routed: config.num_routed_wires as u64,
            constants: config.num_constants as u64 + SELECTORS,
            challenges: config.num_challenges as u64,
            quotient_degree: config.max_quotient_degree_factor as u64,
            blow_up: 1 << config.fri_config.rate_bits,
            rows: 1 << log_rows,
        }
    }

    /// Of a circuit that is there.
    pub fn of(common: &Common) -> Self {
        Self {
            constants: common.num_constants as u64,
            quotient_degree: common.quotient_degree_factor as u64,
            ..Self::new(&common.config, common.degree_bits())
        }
    }

    /// Bytes of committed polynomials, for each row: coefficients, values, tree.
    fn committed(&self, polynomials: u64) -> u64 {
        polynomials * ELEMENT * (1 + self.blow_up) + LEAF_OVERHEAD * self.blow_up
    }

    fn estimate(&self, bytes_a_row: u64) -> u64 {
        with_margin(bytes_a_row.saturating_mul(self.rows))
    }

    /// Bytes of a circuit that is ready to prove, as long as it is loaded.
    pub fn resident(&self) -> u64 {
        let permutation = self.routed * ELEMENT;
        let representatives = self.wires * ELEMENT;
        let committed = self.committed(self.constants + self.routed);
        self.estimate(committed + permutation + representatives + GENERATORS)
    }

    /// Most bytes that building it, or a proof of it, takes beside what is [resident](Self::resident).
    pub fn proving(&self) -> u64 {
        let partial_products = self.challenges * self.routed.div_ceil(self.quotient_degree);
        let quotients = self.challenges * self.quotient_degree;
        let committed = self.committed(self.wires)
            + self.committed(partial_products)
            + self.committed(quotients);
        // The largest batch once more while it becomes leaves; wires as values, and as optional ones while they are found.
        let leaves = self.wires * ELEMENT * self.blow_up;
        let witness = self.wires * 3 * ELEMENT;
        self.estimate(committed + leaves + witness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_grow_with_rows_and_rate() {
        let config = CircuitConfig::standard_recursion_config();
        let size = CircuitSize::new(&config, 12);
        let more_rows = CircuitSize::new(&config, 13);
        assert!(more_rows.proving().abs_diff(2 * size.proving()) < 1000);
        assert!(more_rows.resident().abs_diff(2 * size.resident()) < 1000);
        let mut wide = config.clone();
        wide.fri_config.rate_bits += 1;
        let wide = CircuitSize::new(&wide, 12);
        assert!(wide.proving() > size.proving() * 3 / 2);
        assert!(wide.resident() > size.resident());
    }
}
