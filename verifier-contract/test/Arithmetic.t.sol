// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Calldata} from "../src/verifier/Calldata.sol";
import {Extension, LANE, ORDER} from "../src/verifier/Extension.sol";
import {Row} from "../src/verifier/Row.sol";
import {Test} from "./base/Test.sol";

/// @title The field's arithmetic, against a plain one
/// @notice Words are loose as far as each function allows: the fuzzer's words are cut to the lanes that they may have, and the largest ones are tried too.
contract ArithmeticTest is Test {
    using Extension for uint256;

    /// A word with lanes of so many bits, all ones if asked for.
    function _loose(uint256 word, uint256 bits) private pure returns (uint256) {
        uint256 mask = (1 << bits) - 1;
        if (word % 5 == 0) word = type(uint256).max;
        return (word & mask) | (((word >> 128) & mask) << 128);
    }

    function _plain(uint256 left, uint256 right) private pure returns (uint256) {
        (uint256 a, uint256 b) = ((left & LANE) % ORDER, (left >> 128) % ORDER);
        (uint256 c, uint256 d) = ((right & LANE) % ORDER, (right >> 128) % ORDER);
        uint256 low = addmod(mulmod(a, c, ORDER), mulmod(7, mulmod(b, d, ORDER), ORDER), ORDER);
        uint256 high = addmod(mulmod(a, d, ORDER), mulmod(b, c, ORDER), ORDER);
        return low | (high << 128);
    }

    function _sum(uint256 left, uint256 right) private pure returns (uint256) {
        uint256 low = addmod(left & LANE, right & LANE, ORDER);
        return low | (addmod(left >> 128, right >> 128, ORDER) << 128);
    }

    function testFuzz_products(uint256 left, uint256 right) public pure {
        // Any lane of the one times any lane of the other is below 2^252.
        uint8[5] memory bits = [126, 64, 105, 124, 128];
        for (uint256 index = 0; index < bits.length; ++index) {
            uint256 other = 252 - bits[index] < 128 ? 252 - bits[index] : 128;
            (uint256 loose, uint256 tight) = (_loose(left, bits[index]), _loose(right, other));
            assertEq(loose.mul(tight), _plain(loose, tight), "product");
            assertEq(tight.mul(loose), _plain(loose, tight), "product");
        }
    }

    function testFuzz_differencesAndReductions(uint256 left, uint256 right) public pure {
        (uint256 a, uint256 b) = (_loose(left, 127), _loose(right, 103));
        uint256 minusOne = (ORDER - 1) | ((ORDER - 1) << 128);
        uint256 minus = _plain(b, ORDER - 1);
        assertEq(a.sub(b).reduce(), _sum(a, minus), "difference");
        assertEq(left.reduce(), _sum(left, 0), "reduction");
        assertEq(left.scale(right), _plain(left.reduce(), right % ORDER), "scaled");
        assertEq(minusOne.square(3), _plain(_square2(minusOne), _square2(minusOne)), "squares");
    }

    function _square2(uint256 value) private pure returns (uint256) {
        value = _plain(value, value);
        return _plain(value, value);
    }

    function testFuzz_inverses(uint256 word) public pure {
        uint256 value = word.reduce();
        if (value == 0) return;
        uint256 inverse = value.conjugate().scale(Extension.invert(value.norm()));
        assertEq(_plain(value, inverse), 1, "inverse");
        assertEq(value.norm(), _plain(value, value.conjugate()), "norm");
    }

    function test_zeroHasNoInverse() public pure {
        assertEq(Extension.invert(0), 0, "zero");
        assertEq(Extension.invert(1), 1, "one");
        assertEq(Extension.invert(ORDER - 1), ORDER - 1, "minus one");
    }

    function testFuzz_pairs(uint256 left0, uint256 left1, uint256 right0, uint256 right1) public pure {
        (left0, left1) = (_loose(left0, 124), _loose(left1, 124));
        (right0, right1) = (_loose(right0, 125), _loose(right1, 125));
        (uint256 product0, uint256 product1) = Row.mulPairs(left0, left1, right0, right1);
        assertEq(product0, _sum(_plain(left0, right0), _plain(7, _plain(left1, right1))), "first");
        assertEq(product1, _sum(_plain(left0, right1), _plain(left1, right0)), "second");
    }

    function testFuzz_canonicalWordsAndOthers(uint64[14] memory words, uint256 count, uint256 position) public view {
        bytes memory packed;
        count = count % 15;
        for (uint256 index = 0; index < count; ++index) {
            packed = bytes.concat(packed, bytes8(uint64(words[index] % ORDER)));
        }
        this.canonical(packed);
        if (count == 0) return;
        position = position % count;
        uint64 other = uint64(ORDER + words[position] % (2 ** 32 - 1));
        for (uint256 index = 0; index < 8; ++index) {
            packed[8 * position + index] = bytes1(uint8(other >> (56 - 8 * index)));
        }
        try this.canonical(packed) {
            assertTrue(false, "not canonical");
        } catch {}
    }

    /// What comes behind must not matter.
    function canonical(bytes calldata words) external pure {
        uint256 offset;
        assembly ("memory-safe") {
            offset := words.offset
        }
        Calldata.requireCanonical(offset, words.length);
    }
}
