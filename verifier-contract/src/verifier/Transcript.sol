// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ALPHAS,
    BETAS,
    CAP_BYTES,
    CHALLENGES,
    CIRCUIT_DIGEST,
    FINAL_BYTES,
    FINAL_OFFSET,
    FRI_ALPHA,
    FRI_BETA,
    FRI_CAP_OFFSET,
    MESSAGE,
    OPENINGS_BYTES,
    OPENINGS_OFFSET,
    PARAMETERS_0,
    PARAMETERS_1,
    PARAMETERS_2,
    PARAMETERS_BYTES,
    QUERIES,
    STATEMENT_DIGEST,
    WORK,
    ZETA
} from "../generated/WrapKey.sol";
import {LANE, ORDER} from "./Extension.sol";

/// @title The transcript: where a proof's challenges come from
/// @notice A hash chain. Each digest is `keccak256(0x01 || digest || message)` and gives two challenges: its first and its last 16 bytes, modulo p. A message is whatever
/// the proof says between two challenges; where more than two challenges are needed, an empty message follows.
library Transcript {
    /// @dev Bytes before a message: the tag and the digest.
    uint256 private constant PREFIX = 33;

    /// @notice Draws all challenges and writes them to their places in memory.
    /// @param proof Calldata offset of the proof, whose head is known to be canonical.
    /// @param statement The circuit's public inputs: four elements of eight bytes.
    function run(uint256 proof, uint256 statement) internal pure {
        // Betas and gammas stand one after the other.
        bytes32 digest = _draw(_begin(proof, statement), BETAS, 2 * CHALLENGES);
        digest = _draw(_absorb(digest, proof + CAP_BYTES, CAP_BYTES), ALPHAS, CHALLENGES);
        digest = _drawExtension(_absorb(digest, proof + 2 * CAP_BYTES, CAP_BYTES), ZETA);
        digest = _drawExtension(_absorb(digest, proof + OPENINGS_OFFSET, OPENINGS_BYTES), FRI_ALPHA);
        digest = _drawExtension(_absorb(digest, proof + FRI_CAP_OFFSET, CAP_BYTES), FRI_BETA);
        // The indices of the queries stand behind the response to the proof of work.
        _draw(_absorb(digest, proof + FINAL_OFFSET, FINAL_BYTES), WORK, 1 + QUERIES);
    }

    /// @notice The first digest: of the parameters, the circuit, the statement and the first commitment.
    /// @param proof Calldata offset of the proof.
    /// @param statement The circuit's public inputs.
    /// @return digest The digest.
    function _begin(uint256 proof, uint256 statement) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            mstore(STATEMENT_DIGEST, statement)
            let message := add(MESSAGE, PREFIX)
            mstore(MESSAGE, 0)
            mstore(add(MESSAGE, 1), 0)
            mstore8(MESSAGE, 1)
            // Nine words of eight bytes: two words of the EVM and a quarter.
            mstore(message, PARAMETERS_0)
            mstore(add(message, 32), PARAMETERS_1)
            mstore(add(message, 64), PARAMETERS_2)
            message := add(message, PARAMETERS_BYTES)
            mstore(message, CIRCUIT_DIGEST)
            mstore(add(message, 32), statement)
            calldatacopy(add(message, 64), proof, CAP_BYTES)
            digest := keccak256(MESSAGE, add(add(PREFIX, PARAMETERS_BYTES), add(64, CAP_BYTES)))
        }
    }

    /// @notice The next digest.
    /// @param previous The digest so far.
    /// @param offset Calldata offset of the message.
    /// @param length Its bytes; no more than the buffer for messages has, since it is one of the generated constants.
    /// @return digest The digest.
    function _absorb(bytes32 previous, uint256 offset, uint256 length) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            mstore8(MESSAGE, 1)
            mstore(add(MESSAGE, 1), previous)
            calldatacopy(add(MESSAGE, PREFIX), offset, length)
            digest := keccak256(MESSAGE, add(PREFIX, length))
        }
    }

    /// @notice Draws elements of the base field.
    /// @param digest The digest after a message.
    /// @param to Address of the first; the others follow, a word each.
    /// @param count How many.
    /// @return The digest that the last was drawn from.
    function _draw(bytes32 digest, uint256 to, uint256 count) private pure returns (bytes32) {
        for (uint256 index = 0; index < count;) {
            if (index != 0 && index & 1 == 0) digest = _absorb(digest, 0, 0);
            uint256 half = index & 1 == 0 ? uint256(digest) >> 128 : uint256(digest) & LANE;
            assembly ("memory-safe") {
                mstore(add(to, shl(5, index)), mod(half, ORDER))
            }
            unchecked {
                ++index;
            }
        }
        return digest;
    }

    /// @notice Draws an element of the extension.
    /// @param digest The digest after a message.
    /// @param to Its address.
    /// @return The same digest.
    function _drawExtension(bytes32 digest, uint256 to) private pure returns (bytes32) {
        assembly ("memory-safe") {
            mstore(to, or(mod(shr(128, digest), ORDER), shl(128, mod(and(digest, LANE), ORDER))))
        }
        return digest;
    }
}
