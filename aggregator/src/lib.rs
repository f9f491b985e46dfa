//! The fold tree: any number of chunk proofs, of any shapes, to one final proof under one key.
//!
//! ```text
//! chunk proof --shrink--> \
//! chunk proof --shrink-->  node --> \
//! chunk proof --shrink--> \          node --> root --> final proof
//! chunk proof --shrink-->  node --> /
//! ```
//! Shrunk chunk proofs and node proofs have the same [`Common`](braid_prover::recursion::Common), so that one node
//! circuit verifies either; which keys it takes is fixed in it. A chunk without a partner stands alone in a node, so one
//! chunk and a thousand end under the same key.

mod common;
mod error;
mod fold;
mod node;
mod root;
mod shrinks;
mod statement;
mod stored;
pub mod wrap;

pub use common::fold_common;
pub use error::Error;
pub use fold::{ChunkKey, Fold, Folded, Source};
pub use node::{NodeCircuit, NodeInputs};
pub use root::{RootCircuit, RootInputs};
