// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidVerifier} from "./IBraidVerifier.sol";
import {
    DEGREE_BITS,
    FRI_CAP,
    FRI_CAP_OFFSET,
    CAP_BYTES,
    HEAD_BYTES,
    KEY_HASH,
    MEMORY_END,
    OPENINGS,
    OPENINGS_BYTES,
    OPENINGS_OFFSET,
    PROOF_BYTES,
    WIRES_CAP,
    ZETA,
    ZETA_POWER,
    WrapKey
} from "./generated/WrapKey.sol";
import {Calldata} from "./verifier/Calldata.sol";
import {VerifierErrors} from "./verifier/Errors.sol";
import {Extension} from "./verifier/Extension.sol";
import {Fri} from "./verifier/Fri.sol";
import {Permutation} from "./verifier/Permutation.sol";
import {Statement} from "./verifier/Statement.sol";
import {Transcript} from "./verifier/Transcript.sol";
import {Vanishing} from "./verifier/Vanishing.sol";

/// @title Verifies wrapped proofs of the pinned key
/// @notice A proof of plonky2's over the Goldilocks field with Keccak, checked here as `verify_wrapped` in the crate `braid-verifier` does. No set-up has to be
/// trusted; what has to be is Keccak and the soundness of FRI.
/// @dev Every length and offset is a constant: the proof's length is checked first, and no number in it says how much is read, hashed or written.
/// The parts of the work hand their results on through memory at addresses that src/generated/WrapKey.sol lists. docs/verifier-contract.md describes the whole.
contract BraidVerifier is IBraidVerifier, VerifierErrors {
    using Extension for uint256;

    /// @dev Where free memory begins when a call does.
    uint256 private constant FRESH_MEMORY = 0x80;

    /// @notice Identifies the verifying key: the hash of its file.
    bytes32 public constant VERIFYING_KEY = KEY_HASH;

    /// @inheritdoc IBraidVerifier
    /// @dev Returns `true` or reverts with one of `VerifierErrors`.
    function verify(PublicValues calldata values, bytes calldata proof) external pure returns (bool valid) {
        Statement.requireForm(values);
        if (proof.length != PROOF_BYTES) revert WrongLength(proof.length, PROOF_BYTES);
        _requireFreshMemory();
        uint256 offset;
        assembly ("memory-safe") {
            offset := proof.offset
            // From here on all memory up to the end is this verification's; what it allocates besides comes behind.
            mstore(0x40, MEMORY_END)
        }
        Calldata.requireCanonical(offset, HEAD_BYTES);
        _load(offset);
        Transcript.run(offset, Statement.digest(values));
        _raiseZeta();
        Statement.requireColumn(values);
        Permutation.evaluate();
        Vanishing.evaluateGates();
        Vanishing.requireQuotients();
        Fri.requireLowDegree(offset);
        return true;
    }

    /// @notice Reverts unless memory is as it is where a call begins: nothing allocated, and nothing reserved by the compiler.
    /// @dev The addresses in src/generated/WrapKey.sol begin there. A compiler that keeps variables of its own in memory (solc does `viaIR`) would put them
    /// where challenges are.
    function _requireFreshMemory() internal pure {
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        if (free != FRESH_MEMORY) revert MemoryInUse(free);
    }

    /// @notice Writes the key's tables and the proof's caps and openings to memory.
    /// @param proof Calldata offset of the proof.
    function _load(uint256 proof) internal pure {
        WrapKey.load();
        assembly ("memory-safe") {
            calldatacopy(WIRES_CAP, proof, mul(3, CAP_BYTES))
            calldatacopy(FRI_CAP, add(proof, FRI_CAP_OFFSET), CAP_BYTES)
        }
        Calldata.load(proof + OPENINGS_OFFSET, OPENINGS, OPENINGS_BYTES / 16, 128);
    }

    /// @notice Writes `zeta^n`, where `n` is the number of rows, or reverts if it is one: then `zeta` is a row.
    function _raiseZeta() internal pure {
        uint256 zeta;
        assembly ("memory-safe") {
            zeta := mload(ZETA)
        }
        uint256 power = zeta.square(DEGREE_BITS);
        if (power == 1) revert DegeneratePoint();
        assembly ("memory-safe") {
            mstore(ZETA_POWER, power)
        }
    }
}
