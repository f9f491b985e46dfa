// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    CONSTRAINTS,
    POSEIDON_BACK_GATE,
    POSEIDON_FIRST_CONSTANTS,
    POSEIDON_FIRST_ROUNDS,
    POSEIDON_FRONT_GATE,
    POSEIDON_FRONT_PARTIAL_ROUNDS,
    POSEIDON_INITIAL_MATRIX,
    POSEIDON_LAST_ROUNDS,
    POSEIDON_PARTIAL_ROUNDS,
    STATE,
    WIRES
} from "../generated/WrapKey.sol";
import {Extension, LANE, LARGE, ORDER, WORD} from "./Extension.sol";
import {Row} from "./Row.sol";

/// @title The two gates of a Poseidon permutation
/// @notice The front swaps two quarters of the input if told to, does four full rounds and the first partial ones; the back does the other partial rounds and
/// four full ones. Inputs of S-boxes are wires: the constraint is that the wire is what is computed, and computing goes on with the wire.
/// @dev Follows plonky2's fast form of the partial rounds. Constants are read from a table in memory, eight bytes each.
library PoseidonGates {
    using Extension for uint256;

    /// @dev Elements of the state.
    uint256 private constant WIDTH = 12;
    /// @dev The wire that says whether to swap.
    uint256 private constant SWAP = 24;
    /// @dev From the number of a wire that is computed to that of its constraint; outputs have the last constraints.
    uint256 private constant WIRES_BEFORE = 24;
    /// @dev The first constraint of the outputs.
    uint256 private constant OUTPUTS = 55;
    /// @dev Bytes of the table for a full round.
    uint256 private constant FULL_ROUND = 96;
    /// @dev Bytes of the table for a partial round: a constant, the matrix' first row, the first column without its first element.
    uint256 private constant PARTIAL_ROUND = 192;
    /// @dev Partial rounds of both gates.
    uint256 private constant PARTIAL_ROUNDS = 22;

    /// @notice The first half of a permutation.
    function front() internal pure {
        uint256 flag = Row.wire(SWAP);
        Row.put(0, flag.mul(flag.sub(1)));
        _loadInput();
        unchecked {
            for (uint256 index = 0; index < 4; ++index) {
                uint256 left = Row.wire(index);
                uint256 right = Row.wire(4 + index);
                uint256 held = Row.wire(SWAP + 1 + index);
                Row.putEqual(1 + index, flag.mul(right.sub(left)), held);
                _setState(index, left + held);
                _setState(4 + index, right.sub(held).reduce());
            }
            uint256 wire = SWAP + 5;
            _addConstants(POSEIDON_FIRST_ROUNDS);
            _powers();
            _matrix();
            for (uint256 round = 1; round < 4; ++round) {
                wire = _fullRound(POSEIDON_FIRST_ROUNDS + FULL_ROUND * round, wire);
            }
            _addConstants(POSEIDON_FIRST_CONSTANTS);
            uint256 first = _initialMatrix();
            for (uint256 round = 0; round < POSEIDON_FRONT_PARTIAL_ROUNDS; ++round) {
                first = _hold(first, wire++);
                first = _partialRound(POSEIDON_PARTIAL_ROUNDS + PARTIAL_ROUND * round, first);
            }
            _join(first);
        }
        _compareOutput();
        Row.close(POSEIDON_FRONT_GATE);
    }

    /// @notice The second half of a permutation.
    function back() internal pure {
        _loadInput();
        _split();
        unchecked {
            // The first S-box's input is a wire already.
            uint256 first = Row.wire(0);
            uint256 wire = 2 * WIDTH;
            for (uint256 round = POSEIDON_FRONT_PARTIAL_ROUNDS; round < PARTIAL_ROUNDS; ++round) {
                if (round != POSEIDON_FRONT_PARTIAL_ROUNDS) first = _hold(first, wire++);
                first = _partialRound(POSEIDON_PARTIAL_ROUNDS + PARTIAL_ROUND * round, first);
            }
            _join(first);
            for (uint256 round = 0; round < 4; ++round) {
                wire = _fullRound(POSEIDON_LAST_ROUNDS + FULL_ROUND * round, wire);
            }
        }
        _compareOutput();
        Row.close(POSEIDON_BACK_GATE);
    }

    /// @notice The state becomes the input's wires.
    function _loadInput() private pure {
        assembly ("memory-safe") {
            mcopy(STATE, WIRES, 384)
        }
    }

    /// @notice The constraints that the state is the output.
    function _compareOutput() private pure {
        assembly ("memory-safe") {
            for { let index := 0 } lt(index, 384) { index := add(index, 32) } {
                let difference := sub(add(mload(add(STATE, index)), LARGE), mload(add(add(WIRES, 384), index)))
                mstore(add(add(CONSTRAINTS, mul(32, OUTPUTS)), index), difference)
            }
        }
    }

    /// @notice The constraint that a value is a wire, with which to go on.
    /// @param value The value. Lanes below 2^126.
    /// @param wire The wire.
    /// @return held The wire's opening.
    function _hold(uint256 value, uint256 wire) private pure returns (uint256 held) {
        held = Row.wire(wire);
        unchecked {
            Row.putEqual(wire - WIRES_BEFORE, value, held);
        }
    }

    /// @notice A full round of which the S-boxes' inputs are wires.
    /// @param constants Address of its constants.
    /// @param wire The first of them.
    /// @return The next wire.
    function _fullRound(uint256 constants, uint256 wire) private pure returns (uint256) {
        assembly ("memory-safe") {
            let constraint := add(CONSTRAINTS, shl(5, sub(wire, WIRES_BEFORE)))
            let held := add(WIRES, shl(5, wire))
            constants := sub(constants, 24)
            for { let index := 0 } lt(index, 384) { index := add(index, 32) } {
                let computed := add(mload(add(STATE, index)), and(mload(constants), WORD))
                mstore(add(constraint, index), sub(add(computed, LARGE), mload(add(held, index))))
                constants := add(constants, 8)
            }
            mcopy(STATE, held, 384)
        }
        _powers();
        _matrix();
        unchecked {
            return wire + WIDTH;
        }
    }

    /// @notice A partial round: one S-box, a constant, a sparse matrix. All elements of the state but the first are in two words each, one for a lane. These
    /// words are not reduced: each round adds less than 2^128 to them.
    /// @param constants Address of its part of the table.
    /// @param first The first element of the state. Reduced.
    /// @return result The first element afterwards. Reduced.
    function _partialRound(uint256 constants, uint256 first) private pure returns (uint256 result) {
        _setState(0, first);
        _powersBefore(STATE + 32);
        assembly ("memory-safe") {
            first := mload(STATE)
            let low := addmod(and(first, LANE), and(mload(sub(constants, 24)), WORD), ORDER)
            let high := shr(128, first)
            first := and(mload(sub(constants, 16)), WORD)
            let lowSum := mul(first, low)
            let highSum := mul(first, high)
            constants := sub(constants, 8)
            for { let place := add(STATE, 32) } lt(place, add(STATE, 384)) {
                place := add(place, 32)
                constants := add(constants, 8)
            } {
                let row := and(mload(constants), WORD)
                let column := and(mload(add(constants, 88)), WORD)
                let element := mload(place)
                lowSum := add(lowSum, mul(row, element))
                mstore(place, add(element, mul(column, low)))
                element := mload(add(place, 384))
                highSum := add(highSum, mul(row, element))
                mstore(add(place, 384), add(element, mul(column, high)))
            }
            result := or(mod(lowSum, ORDER), shl(128, mod(highSum, ORDER)))
        }
    }

    /// @notice Gives each element of the state but the first two words, one for a lane.
    function _split() private pure {
        assembly ("memory-safe") {
            for { let place := add(STATE, 32) } lt(place, add(STATE, 384)) { place := add(place, 32) } {
                let element := mload(place)
                mstore(place, and(element, LANE))
                mstore(add(place, 384), shr(128, element))
            }
        }
    }

    /// @notice Gives each element of the state one word again. Reduced.
    /// @param first The first element.
    function _join(uint256 first) private pure {
        assembly ("memory-safe") {
            mstore(STATE, first)
            for { let place := add(STATE, 32) } lt(place, add(STATE, 384)) { place := add(place, 32) } {
                mstore(place, or(mod(mload(place), ORDER), shl(128, mod(mload(add(place, 384)), ORDER))))
            }
        }
    }

    /// @notice The matrix before the partial rounds, from elements of a word to elements of two. It leaves the first element as it is.
    /// @return first The first element: lanes below 2^74.
    function _initialMatrix() private pure returns (uint256 first) {
        assembly ("memory-safe") {
            let elements := add(STATE, 768)
            mcopy(elements, STATE, 384)
            first := mload(elements)
            let constants := sub(POSEIDON_INITIAL_MATRIX, 24)
            for { let place := add(STATE, 32) } lt(place, add(STATE, 384)) { place := add(place, 32) } {
                let low := 0
                let high := 0
                for { let from := add(elements, 32) } lt(from, add(elements, 384)) {
                    from := add(from, 32)
                    constants := add(constants, 8)
                } {
                    let factor := and(mload(constants), WORD)
                    let element := mload(from)
                    low := add(low, mul(factor, and(element, LANE)))
                    high := add(high, mul(factor, shr(128, element)))
                }
                mstore(place, low)
                mstore(add(place, 384), high)
            }
        }
    }

    /// @notice Adds a constant of the base field to each element of the state.
    /// @param constants Address of the first.
    function _addConstants(uint256 constants) private pure {
        assembly ("memory-safe") {
            constants := sub(constants, 24)
            for { let place := STATE } lt(place, add(STATE, 384)) {
                place := add(place, 32)
                constants := add(constants, 8)
            } { mstore(place, add(mload(place), and(mload(constants), WORD))) }
        }
    }

    /// @notice The S-boxes of a full round.
    function _powers() private pure {
        _powersBefore(STATE + 384);
    }

    /// @notice S-boxes: elements of the state become their seventh powers. Takes lanes below 2^68, and leaves them reduced.
    /// @param end Address behind the last.
    function _powersBefore(uint256 end) private pure {
        assembly ("memory-safe") {
            for { let place := STATE } lt(place, end) { place := add(place, 32) } {
                let low := mload(place)
                let high := shr(128, low)
                low := and(low, LANE)
                // The square, the third power, its square, and the seventh. Squares need not be reduced: they are below 2^140.
                let low2 := add(mul(low, low), mul(7, mul(high, high)))
                let high2 := mul(2, mul(low, high))
                let low3 := mod(add(mul(low2, low), mul(7, mul(high2, high))), ORDER)
                let high3 := mod(add(mul(low2, high), mul(high2, low)), ORDER)
                low2 := add(mul(low3, low3), mul(7, mul(high3, high3)))
                high2 := mul(2, mul(low3, high3))
                low3 := mod(add(mul(low2, low), mul(7, mul(high2, high))), ORDER)
                high3 := mod(add(mul(low2, high), mul(high2, low)), ORDER)
                mstore(place, or(low3, shl(128, high3)))
            }
        }
    }

    /// @notice The matrix of full rounds: a circulant one, with 8 more at its first element. Takes a reduced state; afterwards lanes are below 2^73.
    function _matrix() private pure {
        assembly ("memory-safe") {
            // Twice in a row, so that each row of the matrix sees the state turned. What a row writes, no later one reads.
            mcopy(add(STATE, 384), STATE, 384)
            for { let place := STATE } lt(place, add(STATE, 384)) { place := add(place, 32) } {
                let sum := add(mul(17, mload(place)), mul(15, mload(add(place, 32))))
                sum := add(sum, add(mul(41, mload(add(place, 64))), mul(16, mload(add(place, 96)))))
                sum := add(sum, add(mul(2, mload(add(place, 128))), mul(28, mload(add(place, 160)))))
                sum := add(sum, add(mul(13, mload(add(place, 192))), mul(13, mload(add(place, 224)))))
                sum := add(sum, add(mul(39, mload(add(place, 256))), mul(18, mload(add(place, 288)))))
                sum := add(sum, add(mul(34, mload(add(place, 320))), mul(20, mload(add(place, 352)))))
                mstore(place, sum)
            }
            mstore(STATE, add(mload(STATE), mul(8, mload(add(STATE, 384)))))
        }
    }

    /// @notice Writes an element of the state.
    /// @param index Which.
    /// @param value The element.
    function _setState(uint256 index, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(STATE, shl(5, index)), value)
        }
    }
}
