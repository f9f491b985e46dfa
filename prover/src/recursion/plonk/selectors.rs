//! Which selector column switches each gate on.

use std::ops::Range;

use plonky2::util::serialization::{Buffer, IoResult, Read, Write};

use super::Common;

/// A gate's selector: its column, and the gates that share it.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    /// The column, among the constants.
    pub column: usize,
    /// The gates that the column chooses from.
    pub group: Range<usize>,
}

/// Every gate's selector, in the order of gates.
///
/// plonky2 keeps them to itself, but writes them into its files.
pub(super) fn of_gates(common: &Common) -> IoResult<Vec<Selector>> {
    let mut bytes = Vec::new();
    bytes.write_selectors_info(&common.selectors_info)?;
    let mut bytes = Buffer::new(&bytes);
    let columns = bytes.read_usize_vec()?;
    let groups = bytes.read_usize()?;
    let groups = (0..groups)
        .map(|_| Ok(bytes.read_usize()?..bytes.read_usize()?))
        .collect::<IoResult<Vec<_>>>()?;
    let selectors = columns.into_iter().map(|column| Selector {
        column,
        group: groups[column].clone(),
    });
    Ok(selectors.collect())
}
