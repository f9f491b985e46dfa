//! Block files from other formats: folders of geth's `t8n` tool, and state tests of ethereum/tests.
//!
//! What is understood is used or passed on unchanged. All else is refused with its path, but for the fields that are known to say nothing that a block of the
//! rollup could see; each of those stands in the code with the reason. `_comment` is a comment wherever it stands.

mod access_list;
mod authorization;
mod environment;
mod parity;
mod rlp;
mod state_test;
mod t8n;
mod transaction;

pub use state_test::{StateTestCase, TEST_CHAIN_ID, state_test};
pub use t8n::{T8N_FILES, t8n_folder};
