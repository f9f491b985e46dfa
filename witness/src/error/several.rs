//! Several refusals as one error.

use super::{Error, ErrorKind};

/// What is said of several kinds of refusals together, the gravest first: what is no transaction comes before what may not be in a block, that before what
/// nobody executes, and last what is valid.
const GRAVEST_FIRST: [ErrorKind; 4] = [
    ErrorKind::Malformed,
    ErrorKind::InvalidBlock,
    ErrorKind::WouldNotFit,
    ErrorKind::NotProvable,
];

/// The kind of all together.
pub(super) fn kind(all: &[Error]) -> ErrorKind {
    let has = |kind: &&ErrorKind| all.iter().any(|error| error.kind() == **kind);
    let gravest = GRAVEST_FIRST.iter().find(has);
    gravest.copied().unwrap_or(ErrorKind::Internal)
}

/// The message about all of them: how many there are, and the first.
pub(super) fn several(all: &[Error]) -> String {
    match all {
        [] => "nothing is refused".to_owned(),
        [first, ..] => format!("{} refusals, first {first}", all.len()),
    }
}

impl Error {
    /// Refusals, each of one block or one transaction, as one error: at least one, in their order.
    pub(crate) fn refused(mut all: Vec<Self>) -> Self {
        if all.len() == 1
            && let Some(only) = all.pop()
        {
            return only;
        }
        let not_provable: Option<Vec<_>> = all
            .iter()
            .map(|error| match error {
                Self::NotProvable(refused) => Some(refused.as_slice()),
                _ => None,
            })
            .collect();
        match not_provable {
            Some(refused) => Self::NotProvable(refused.concat()),
            None => Self::Refused(all),
        }
    }
}
