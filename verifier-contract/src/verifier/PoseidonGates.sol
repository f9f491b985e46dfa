// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    POSEIDON_BACK_GATE,
    POSEIDON_FIRST_CONSTANTS,
    POSEIDON_FIRST_ROUNDS,
    POSEIDON_FRONT_GATE,
    POSEIDON_FRONT_PARTIAL_ROUNDS,
    POSEIDON_INITIAL_MATRIX,
    POSEIDON_LAST_ROUNDS,
    POSEIDON_PARTIAL_ROUNDS,
    STATE
} from "../generated/WrapKey.sol";
import {Extension, LANE, ORDER, WORD} from "./Extension.sol";
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
                uint256 left = _state(index);
                uint256 right = _state(4 + index);
                uint256 held = Row.wire(SWAP + 1 + index);
                Row.putEqual(1 + index, flag.mul(right.sub(left)), held);
                _setState(index, left + held);
                _setState(4 + index, right.sub(held));
            }
            uint256 wire = SWAP + 5;
            _fullRound(POSEIDON_FIRST_ROUNDS);
            for (uint256 round = 1; round < 4; ++round) {
                wire = _storedFullRound(POSEIDON_FIRST_ROUNDS + FULL_ROUND * round, wire);
            }
            _addConstants(POSEIDON_FIRST_CONSTANTS);
            _initialMatrix();
            for (uint256 round = 0; round < POSEIDON_FRONT_PARTIAL_ROUNDS; ++round) {
                wire = _storeWire(0, wire);
                _partialRound(POSEIDON_PARTIAL_ROUNDS + PARTIAL_ROUND * round);
            }
        }
        _compareOutput();
        Row.close(POSEIDON_FRONT_GATE);
    }

    /// @notice The second half of a permutation.
    function back() internal pure {
        _loadInput();
        unchecked {
            uint256 wire = 2 * WIDTH;
            for (uint256 round = POSEIDON_FRONT_PARTIAL_ROUNDS; round < PARTIAL_ROUNDS; ++round) {
                // The first S-box's input is a wire already.
                if (round != POSEIDON_FRONT_PARTIAL_ROUNDS) wire = _storeWire(0, wire);
                _partialRound(POSEIDON_PARTIAL_ROUNDS + PARTIAL_ROUND * round);
            }
            for (uint256 round = 0; round < 4; ++round) {
                wire = _storedFullRound(POSEIDON_LAST_ROUNDS + FULL_ROUND * round, wire);
            }
        }
        _compareOutput();
        Row.close(POSEIDON_BACK_GATE);
    }

    /// @notice The state becomes the input's wires.
    function _loadInput() private pure {
        unchecked {
            for (uint256 index = 0; index < WIDTH; ++index) {
                _setState(index, Row.wire(index));
            }
        }
    }

    /// @notice The constraints that the state is the output.
    function _compareOutput() private pure {
        unchecked {
            for (uint256 index = 0; index < WIDTH; ++index) {
                Row.putEqual(OUTPUTS + index, _state(index), Row.wire(WIDTH + index));
            }
        }
    }

    /// @notice The constraint that an element of the state is a wire, with which to go on.
    /// @param index The element.
    /// @param wire The wire.
    /// @return The next wire.
    function _storeWire(uint256 index, uint256 wire) private pure returns (uint256) {
        unchecked {
            uint256 held = Row.wire(wire);
            Row.putEqual(wire - WIRES_BEFORE, _state(index), held);
            _setState(index, held);
            return wire + 1;
        }
    }

    /// @notice A full round of which the S-boxes' inputs are not wires.
    /// @param constants Address of its constants.
    function _fullRound(uint256 constants) private pure {
        _addConstants(constants);
        _powers();
        _matrix();
    }

    /// @notice A full round of which the S-boxes' inputs are wires.
    /// @param constants Address of its constants.
    /// @param wire The first of them.
    /// @return The next wire.
    function _storedFullRound(uint256 constants, uint256 wire) private pure returns (uint256) {
        _addConstants(constants);
        unchecked {
            for (uint256 index = 0; index < WIDTH; ++index) {
                wire = _storeWire(index, wire);
            }
        }
        _powers();
        _matrix();
        return wire;
    }

    /// @notice A partial round: one S-box, a constant, a sparse matrix.
    /// @param constants Address of its part of the table.
    function _partialRound(uint256 constants) private pure {
        uint256 first = _power(_state(0));
        assembly ("memory-safe") {
            first := add(first, and(mload(sub(constants, 24)), WORD))
        }
        first = first.reduce();
        _setState(0, first);
        uint256 sum = _dot(STATE, constants + 8, WIDTH);
        assembly ("memory-safe") {
            // A product of reduced elements, and a reduced one, are below 2^128 in each lane.
            let factor := add(constants, 80)
            for { let place := add(STATE, 32) } lt(place, add(STATE, 384)) {
                place := add(place, 32)
                factor := add(factor, 8)
            } {
                let element := add(mload(place), mul(first, and(mload(factor), WORD)))
                mstore(place, or(mod(and(element, LANE), ORDER), shl(128, mod(shr(128, element), ORDER))))
            }
        }
        _setState(0, sum);
    }

    /// @notice The matrix before the partial rounds. It leaves the first element as it is.
    function _initialMatrix() private pure {
        unchecked {
            // Results wait behind the state until all are there.
            for (uint256 index = 1; index < WIDTH; ++index) {
                uint256 sum = _dot(STATE + 32, POSEIDON_INITIAL_MATRIX + 88 * (index - 1), WIDTH - 1);
                _setState(WIDTH + index, sum);
            }
            for (uint256 index = 1; index < WIDTH; ++index) {
                _setState(index, _state(WIDTH + index));
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
        unchecked {
            for (uint256 index = 0; index < WIDTH; ++index) {
                _setState(index, _power(_state(index)));
            }
        }
    }

    /// @notice The S-box: the seventh power.
    /// @param value Lanes below 2^126.
    /// @return Reduced.
    function _power(uint256 value) private pure returns (uint256) {
        uint256 third = value.mul(value).mul(value);
        return third.mul(third).mul(value);
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

    /// @notice The sum of products of elements in memory with constants of the table.
    /// @param place Address of the first element; any words.
    /// @param constants Address of the first constant.
    /// @param count How many; at most twelve.
    /// @return result Reduced.
    function _dot(uint256 place, uint256 constants, uint256 count) private pure returns (uint256 result) {
        assembly ("memory-safe") {
            constants := sub(constants, 24)
            let high := 0
            for { let end := add(place, shl(5, count)) } lt(place, end) {
                place := add(place, 32)
                constants := add(constants, 8)
            } {
                let factor := and(mload(constants), WORD)
                let element := mload(place)
                result := add(result, mul(factor, and(element, LANE)))
                high := add(high, mul(factor, shr(128, element)))
            }
            result := or(mod(result, ORDER), shl(128, mod(high, ORDER)))
        }
    }

    /// @notice An element of the state.
    /// @param index Which.
    /// @return value The element.
    function _state(uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(STATE, shl(5, index)))
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
