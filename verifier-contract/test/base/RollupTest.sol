// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BraidRollup} from "../../src/BraidRollup.sol";
import {IBraidRollup} from "../../src/IBraidRollup.sol";
import {IBraidVerifier} from "../../src/IBraidVerifier.sol";
import {IExclusiveProposer} from "../../src/IExclusiveProposer.sol";
import {StubVerifier} from "../stubs/StubVerifier.sol";
import {Batches} from "./Batches.sol";
import {Test} from "./Test.sol";
import {VM} from "./Vm.sol";

/// @title A rollup with a stub verifier, and blocks to settle on it
abstract contract RollupTest is Test {
    uint64 internal constant CHAIN = 1337;
    uint8 internal constant RULES = 1;
    uint64 internal constant NOW = 1_800_000_000;
    bytes internal constant PROOF = hex"0123456789";
    uint64 internal constant TIMEOUT = 1 days;
    /// @notice Who can exchange the proposer. The proposer is the test itself.
    address internal constant OWNER = address(0x0a11);

    StubVerifier internal verifier;
    BraidRollup internal rollup;

    /// @notice Deploys.
    function setUp() public virtual {
        VM.warp(NOW);
        verifier = new StubVerifier();
        rollup = deploy(verifier, CHAIN, genesis());
    }

    /// @notice A rollup of which the test is the proposer.
    function deploy(IBraidVerifier with, uint64 chainId, IBraidRollup.Checkpoint memory start) internal returns (BraidRollup) {
        return new BraidRollup(with, chainId, RULES, start, address(this), TIMEOUT, OWNER);
    }

    /// @notice The checkpoint that the rollup begins with.
    function genesis() internal pure returns (IBraidRollup.Checkpoint memory) {
        return IBraidRollup.Checkpoint(keccak256("genesis"), root(1), 100, NOW - 3_600);
    }

    /// @notice Some canonical state root.
    function root(uint256 seed) internal pure returns (bytes32) {
        // The high bit of each element is cleared: every number below 2^63 is an element.
        uint256 mask = 0x7fffffffffffffff7fffffffffffffff7fffffffffffffff7fffffffffffffff;
        return bytes32(uint256(keccak256(abi.encode("root", seed))) & mask);
    }

    /// @notice A block `seconds_` after the genesis with `count` transactions.
    function makeBlock(uint64 seconds_, uint256 count) internal pure returns (Batches.Block memory made) {
        made.timestamp = genesis().timestamp + seconds_;
        made.gasLimit = 30_000_000;
        made.gasUsed = uint64(21_000 * count);
        made.baseFee = 1_000_000_007;
        made.coinbase = address(uint160(uint256(keccak256(abi.encode("coinbase", seconds_)))));
        made.prevRandao = keccak256(abi.encode("randao", seconds_));
        made.blobBaseFee = 1;
        made.stateRoot = root(1_000 + seconds_);
        made.transactions = new bytes[](count);
        for (uint256 index = 0; index < count; ++index) {
            // Lengths of 1, 32 and 33 bytes and more.
            bytes memory seed = abi.encode(seconds_, index);
            made.transactions[index] = index == 0 ? bytes(hex"02") : bytes.concat(seed, new bytes(index), keccak256(seed));
        }
    }

    /// @notice One block.
    function one(Batches.Block memory only) internal pure returns (Batches.Block[] memory blocks) {
        blocks = new Batches.Block[](1);
        blocks[0] = only;
    }

    /// @notice Two blocks, with three transactions and with none.
    function twoBlocks() internal pure returns (Batches.Block[] memory blocks) {
        blocks = new Batches.Block[](2);
        blocks[0] = makeBlock(12, 3);
        blocks[1] = makeBlock(24, 0);
    }

    /// @notice Has the verifier accept `PROOF` for blocks after the rollup's checkpoint, and writes their batch.
    function provable(Batches.Block[] memory blocks) internal returns (bytes memory batch) {
        IBraidRollup.Checkpoint memory last = rollup.checkpoint();
        verifier.accept(Batches.values(CHAIN, RULES, last, Batches.advance(last, blocks)), PROOF);
        return Batches.encode(CHAIN, last, blocks);
    }

    /// @notice Expects somebody to be refused who may not settle now.
    function expectNotProposer(address sender, bytes memory batch) internal {
        address proposer = rollup.proposer();
        uint256 openAt = rollup.openAt();
        VM.expectRevert(abi.encodeWithSelector(IExclusiveProposer.NotProposer.selector, sender, proposer, openAt));
        VM.prank(sender);
        rollup.settle(batch, PROOF);
    }

    /// @notice Somebody settles blocks after the rollup's checkpoint.
    function settleAs(address sender, Batches.Block[] memory blocks) internal {
        IBraidRollup.Checkpoint memory next = Batches.advance(rollup.checkpoint(), blocks);
        bytes memory batch = provable(blocks);
        VM.prank(sender);
        rollup.settle(batch, PROOF);
        assertAt(next, "settled");
    }

    /// @notice Expects `settle` and `publicValues` alike to refuse a batch with this error.
    function expectRefused(bytes memory batch, bytes memory expected) internal {
        VM.expectRevert(expected);
        rollup.settle(batch, PROOF);
        VM.expectRevert(expected);
        rollup.publicValues(batch);
    }

    /// @notice Fails unless the rollup stands at a checkpoint.
    function assertAt(IBraidRollup.Checkpoint memory expected, string memory what) internal view {
        assertEq(abi.encode(rollup.checkpoint()), abi.encode(expected), what);
    }

    /// @notice Fails unless public values are equal.
    function assertSame(IBraidVerifier.PublicValues memory left, IBraidVerifier.PublicValues memory right, string memory what)
        internal
        pure
    {
        assertEq(abi.encode(left), abi.encode(right), what);
    }
}
