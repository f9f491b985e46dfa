// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BraidVerifier} from "../../src/BraidVerifier.sol";
import {HEAD_BYTES, MEMORY_END, POINTS} from "../../src/generated/WrapKey.sol";
import {Calldata} from "../../src/verifier/Calldata.sol";
import {Fri} from "../../src/verifier/Fri.sol";
import {Permutation} from "../../src/verifier/Permutation.sol";
import {Statement} from "../../src/verifier/Statement.sol";
import {Transcript} from "../../src/verifier/Transcript.sol";
import {Vanishing} from "../../src/verifier/Vanishing.sol";

/// @title The verifier, with a word of its memory changed between two parts
/// @notice What only a prover who cheats well could make happen: checks that no change of an honest proof's bytes gets as far as.
contract VerifierFaults is BraidVerifier {
    /// @notice Between which parts the word is changed.
    enum Moment {
        BeforeZeta,
        BeforeLowDegree,
        BeforeQueries
    }

    /// @notice Runs the parts of `BraidVerifier.verify` in their order.
    /// @param values The public values.
    /// @param proof A proof of them.
    /// @param moment When the word is changed.
    /// @param place Its address.
    /// @param word What it becomes.
    /// @param mask Which of its bits stay: they are taken into what it becomes, exclusively or.
    function verifyWith(
        PublicValues calldata values,
        bytes calldata proof,
        Moment moment,
        uint256 place,
        uint256 word,
        uint256 mask
    ) external pure {
        uint256 offset = _begin(values, proof);
        if (moment == Moment.BeforeZeta) _change(place, word, mask);
        _raiseZeta();
        Statement.requireColumn(values);
        Permutation.evaluate();
        Vanishing.evaluateGates();
        Vanishing.requireQuotients();
        if (moment == Moment.BeforeLowDegree) _change(place, word, mask);
        if (moment != Moment.BeforeQueries) {
            Fri.requireLowDegree(offset);
        } else {
            Fri.prepare(offset);
            _change(place, word, mask);
            Fri.requireQueries(offset);
        }
    }

    /// @notice The point of a query.
    /// @param values The public values.
    /// @param proof A proof of them.
    /// @param query Which.
    /// @return point The point.
    function pointOf(PublicValues calldata values, bytes calldata proof, uint256 query) external pure returns (uint256 point) {
        Fri.prepare(_begin(values, proof));
        assembly ("memory-safe") {
            point := mload(add(POINTS, shl(5, query)))
        }
    }

    function _begin(PublicValues calldata values, bytes calldata proof) private pure returns (uint256 offset) {
        assembly ("memory-safe") {
            offset := proof.offset
            mstore(0x40, MEMORY_END)
        }
        Calldata.requireCanonical(offset, HEAD_BYTES);
        _load(offset);
        Transcript.run(offset, Statement.digest(values));
    }

    function _change(uint256 place, uint256 word, uint256 mask) private pure {
        assembly ("memory-safe") {
            mstore(place, xor(word, and(mload(place), mask)))
        }
    }
}
