// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BraidRollup} from "../src/BraidRollup.sol";
import {IBraidRollup} from "../src/IBraidRollup.sol";
import {IExclusiveProposer} from "../src/IExclusiveProposer.sol";
import {Batches} from "./base/Batches.sol";
import {RollupTest} from "./base/RollupTest.sol";
import {VM} from "./base/Vm.sol";
import {Forwarder} from "./stubs/Forwarder.sol";

/// @title Who may settle, and when. The test is the proposer
contract ProposerTest is RollupTest {
    address private constant STRANGER = address(0x57a6);

    function test_nobodyElseSettlesWhileTheClockRuns() public {
        bytes memory batch = provable(twoBlocks());
        uint256[3] memory moments = [uint256(NOW), NOW + TIMEOUT / 2, NOW + TIMEOUT - 1];
        for (uint256 index = 0; index < 3; ++index) {
            VM.warp(moments[index]);
            expectNotProposer(STRANGER, batch);
            // The owner chooses the proposer, and is none.
            expectNotProposer(OWNER, batch);
        }
        assertAt(genesis(), "nothing changed");
        rollup.settle(batch, PROOF);
        assertAt(Batches.advance(genesis(), twoBlocks()), "the proposer settles");
    }

    function test_theErrorSaysWhoMayAndFromWhenOnAnyoneMay() public {
        bytes memory expected =
            abi.encodeWithSelector(IExclusiveProposer.NotProposer.selector, STRANGER, address(this), uint256(NOW) + TIMEOUT);
        // It comes before everything else: whoever may not settle is told so, whatever the batch is worth.
        bytes[3] memory batches = [bytes(""), hex"00", provable(twoBlocks())];
        for (uint256 index = 0; index < 3; ++index) {
            VM.prank(STRANGER);
            VM.expectRevert(expected);
            rollup.settle(batches[index], PROOF);
        }
    }

    function test_anyoneSettlesFromTheLastSecondOn() public {
        bytes memory batch = provable(twoBlocks());
        VM.warp(NOW + TIMEOUT - 1);
        expectNotProposer(STRANGER, batch);
        VM.warp(NOW + TIMEOUT);
        IBraidRollup.Checkpoint memory next = Batches.advance(genesis(), twoBlocks());
        VM.expectEmit(true, true, true, true, address(rollup));
        emit IBraidRollup.Settled(101, 102, STRANGER, next.blockHash, next.stateRoot);
        VM.prank(STRANGER);
        rollup.settle(batch, PROOF);
        assertAt(next, "settled by a stranger");
    }

    function test_anyoneSettlesLongAfter() public {
        VM.warp(NOW + 1_000 * uint256(TIMEOUT));
        settleAs(STRANGER, twoBlocks());
    }

    /// The proposer needs no clock.
    function test_theProposerSettlesAtAnyTime() public {
        rollup.settle(provable(one(makeBlock(12, 1))), PROOF);
        VM.warp(NOW + 3 * uint256(TIMEOUT));
        rollup.settle(provable(one(makeBlock(24, 1))), PROOF);
        rollup.settle(provable(one(makeBlock(36, 1))), PROOF);
    }

    /// What a proof has to prove, anyone may ask.
    function test_publicValuesAreForAll() public {
        bytes memory batch = provable(twoBlocks());
        VM.prank(STRANGER);
        assertEq(rollup.publicValues(batch).lastBlock, 102, "last block");
    }

    function test_theClockStartsAtDeployment() public {
        VM.warp(NOW + 5_000);
        rollup = deploy(verifier, CHAIN, genesis());
        assertEq(rollup.openAt(), uint256(NOW) + 5_000 + TIMEOUT, "from the deployment on, not from the genesis block on");
    }

    function test_theClockStartsAgainAfterTheProposersSettlement() public {
        VM.warp(NOW + TIMEOUT - 1);
        // An empty block is a settlement like any other: a proposer without transactions keeps the time with it.
        rollup.settle(provable(one(makeBlock(12, 0))), PROOF);
        assertEq(rollup.openAt(), uint256(NOW) + 2 * uint256(TIMEOUT) - 1, "clock");
        bytes memory batch = provable(one(makeBlock(24, 1)));
        VM.warp(NOW + 2 * uint256(TIMEOUT) - 2);
        expectNotProposer(STRANGER, batch);
        VM.warp(NOW + 2 * uint256(TIMEOUT) - 1);
        settleAs(STRANGER, one(makeBlock(24, 1)));
    }

    /// Whoever waits for the timeout to stall the rollup with an empty block settles one of them, and then the proposer has the whole time again.
    function test_theClockStartsAgainAfterAStrangersSettlement() public {
        VM.warp(NOW + TIMEOUT + 7);
        settleAs(STRANGER, one(makeBlock(12, 0)));
        assertEq(rollup.openAt(), uint256(NOW) + 7 + 2 * uint256(TIMEOUT), "clock");

        bytes memory second = provable(one(makeBlock(24, 0)));
        expectNotProposer(STRANGER, second);
        expectNotProposer(address(0xbeef), second);
        VM.warp(NOW + 2 * uint256(TIMEOUT) + 6);
        expectNotProposer(STRANGER, second);
        // The proposer resumes, as often as there is something to settle.
        rollup.settle(provable(one(makeBlock(36, 5))), PROOF);
        rollup.settle(provable(one(makeBlock(48, 5))), PROOF);
        expectNotProposer(STRANGER, provable(one(makeBlock(60, 0))));
    }

    /// Only what is settled is progress: an attempt that is refused moves no clock.
    function test_refusedSettlementsDoNotMoveTheClock() public {
        bytes memory unproved = Batches.encode(CHAIN, genesis(), twoBlocks());
        VM.warp(NOW + 100);
        expectProofRefused(address(this), unproved);
        assertEq(rollup.openAt(), uint256(NOW) + TIMEOUT, "by the proposer");
        VM.warp(NOW + TIMEOUT);
        expectProofRefused(STRANGER, unproved);
        assertEq(rollup.openAt(), uint256(NOW) + TIMEOUT, "by a stranger");
        settleAs(STRANGER, twoBlocks());
    }

    function expectProofRefused(address sender, bytes memory batch) private {
        VM.expectRevert(abi.encodeWithSelector(IBraidRollup.ProofRefused.selector));
        VM.prank(sender);
        rollup.settle(batch, PROOF);
    }

    /// Who copies the proposer's pending transaction is refused; once the time is over the copy does what the original would have done.
    function test_copiesOfAPendingSettlement() public {
        bytes memory batch = provable(twoBlocks());
        expectNotProposer(STRANGER, batch);
        VM.warp(NOW + TIMEOUT);
        VM.prank(STRANGER);
        rollup.settle(batch, PROOF);
        assertAt(Batches.advance(genesis(), twoBlocks()), "the same result");
        expectRefused(batch, abi.encodeWithSelector(IBraidRollup.WrongFirstBlock.selector, 101, 103));
    }

    /// A stranger who settles from the future takes the rollup's clock no further than the tolerance.
    function test_aStrangersTimestampIsBoundToo() public {
        VM.warp(NOW + TIMEOUT);
        Batches.Block[] memory ahead = one(makeBlock(0, 0));
        ahead[0].timestamp = NOW + TIMEOUT + 61;
        bytes memory batch = provable(ahead);
        VM.prank(STRANGER);
        VM.expectRevert(
            abi.encodeWithSelector(
                IBraidRollup.TimestampInFuture.selector, uint256(NOW) + TIMEOUT + 61, uint256(NOW) + TIMEOUT + 60
            )
        );
        rollup.settle(batch, PROOF);
    }

    /// It is the caller that counts, not whose transaction it is: a contract that the proposer calls cannot settle in its name.
    function test_theOriginOfTheTransactionDoesNotCount() public {
        bytes memory batch = provable(twoBlocks());
        uint256 openAt = rollup.openAt();
        VM.expectRevert(abi.encodeWithSelector(IExclusiveProposer.NotProposer.selector, STRANGER, address(this), openAt));
        VM.prank(STRANGER, address(this));
        rollup.settle(batch, PROOF);
        VM.prank(address(this), STRANGER);
        rollup.settle(batch, PROOF);
    }

    function test_aContractMayBeTheProposer() public {
        Forwarder forwarder = new Forwarder();
        rollup = new BraidRollup(verifier, CHAIN, RULES, genesis(), address(forwarder), TIMEOUT, OWNER);
        bytes memory batch = provable(twoBlocks());
        expectNotProposer(address(this), batch);
        VM.prank(STRANGER);
        forwarder.settle(rollup, batch, PROOF);
        assertAt(Batches.advance(genesis(), twoBlocks()), "settled through a contract");
    }

    /// The shortest and the longest time, at their last second.
    function test_extremeTimeouts() public {
        uint64[2] memory timeouts = [uint64(1), 365 days];
        for (uint256 index = 0; index < 2; ++index) {
            VM.warp(NOW);
            rollup = new BraidRollup(verifier, CHAIN, RULES, genesis(), address(this), timeouts[index], OWNER);
            bytes memory batch = provable(twoBlocks());
            VM.warp(NOW + timeouts[index] - 1);
            expectNotProposer(STRANGER, batch);
            VM.warp(NOW + timeouts[index]);
            settleAs(STRANGER, twoBlocks());
        }
    }

    /// Settlement by anyone at any time succeeds exactly for the proposer, or once the time is over; then the clock stands at that time.
    function testFuzz_whoAndWhen(address sender, bool isProposer, uint32 elapsed, uint64 timeout) public {
        timeout = 1 + timeout % rollup.LONGEST_TIMEOUT();
        // Half of the runs near the end of the time.
        uint256 moment = NOW + (elapsed % 2 == 0 ? elapsed : timeout - 1 + (elapsed >> 1) % 3);
        if (isProposer) sender = address(this);
        rollup = new BraidRollup(verifier, CHAIN, RULES, genesis(), address(this), timeout, OWNER);
        bytes memory batch = provable(twoBlocks());
        VM.warp(moment);
        VM.prank(sender);
        (bool settled,) = address(rollup).call(abi.encodeCall(IBraidRollup.settle, (batch, PROOF)));
        assertTrue(settled == (sender == address(this) || moment >= uint256(NOW) + timeout), "who and when");
        assertEq(rollup.openAt(), (settled ? moment : NOW) + timeout, "clock");
    }
}
