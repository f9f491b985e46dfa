// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Verifier of Braid's final proofs
/// @notice Says whether a proof proves its public values under the one verifying key that the implementation is made for.
interface IBraidVerifier {
    /// @notice What a final proof proves: executing blocks `firstBlock` to `lastBlock` of chain `chainId` by `rules` after the block `prevBlockHash`
    /// with state `prevStateRoot` gives the block `blockHash` with state `stateRoot`. Eleven words, in the order of docs/statement.md.
    /// @dev Every field is a whole word, so that its ABI encoding is the eleven words and nothing has to be masked.
    struct PublicValues {
        /// Version of the statement: 2.
        uint256 version;
        /// The rollup's chain id, below 2^64.
        uint256 chainId;
        /// The rules of its transactions: 0 for Cancun, 1 for Prague, 2 for Osaka.
        uint256 rules;
        /// Hash of the block before the first.
        bytes32 prevBlockHash;
        /// Hash of the last block.
        bytes32 blockHash;
        /// State before the first block: four field elements, eight big-endian bytes each, in canonical form.
        bytes32 prevStateRoot;
        /// State after the last block, in the same form.
        bytes32 stateRoot;
        /// Number of the first block, below 2^64.
        uint256 firstBlock;
        /// Number of the last block, below 2^64.
        uint256 lastBlock;
        /// Reserved: zero.
        bytes32 messageRoot;
        /// Reserved: zero.
        bytes32 depositChain;
    }

    /// @notice Verifies a proof.
    /// @dev An implementation may refuse by `false` or by reverting. It must bind every bit of all eleven words.
    /// @param values The public values.
    /// @param proof The proof in the implementation's own encoding, of any length: the implementation checks it.
    /// @return valid Whether the proof proves the values.
    function verify(PublicValues calldata values, bytes calldata proof) external view returns (bool valid);
}
