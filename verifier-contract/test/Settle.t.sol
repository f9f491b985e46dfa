// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BraidRollup} from "../src/BraidRollup.sol";
import {IBraidRollup} from "../src/IBraidRollup.sol";
import {IBraidVerifier} from "../src/IBraidVerifier.sol";
import {Batches} from "./base/Batches.sol";
import {RollupTest} from "./base/RollupTest.sol";
import {VM} from "./base/Vm.sol";
import {ReentrantVerifier} from "./stubs/ReentrantVerifier.sol";
import {StubVerifier} from "./stubs/StubVerifier.sol";

/// @title Deployment, settlement, the verifier's answers, re-entrancy
contract SettleTest is RollupTest {
    function test_deployment() public view {
        assertAt(genesis(), "genesis");
        assertEq(rollup.CHAIN_ID(), CHAIN, "chain");
        assertEq(address(rollup.VERIFIER()), address(verifier), "verifier");
        assertEq(rollup.RULES(), RULES, "rules");
        assertEq(rollup.STATEMENT_VERSION(), 2, "version");
        assertTrue(address(rollup).code.length < 24_576, "EIP-170");
    }

    function test_deploymentNeedsAVerifier() public {
        VM.expectRevert(abi.encodeWithSelector(IBraidRollup.NoVerifier.selector, address(0xbeef)));
        deploy(IBraidVerifier(address(0xbeef)), CHAIN, genesis());
    }

    function test_deploymentNeedsRulesThatThereAre() public {
        uint8[3] memory unknown = [3, 4, type(uint8).max];
        for (uint256 index = 0; index < 3; ++index) {
            VM.expectRevert(abi.encodeWithSelector(IBraidRollup.UnknownRules.selector, unknown[index]));
            new BraidRollup(verifier, CHAIN, unknown[index], genesis(), address(this), TIMEOUT, OWNER);
        }
    }

    function test_deploymentNeedsACanonicalRoot() public {
        IBraidRollup.Checkpoint memory start = genesis();
        start.stateRoot = bytes32(type(uint256).max);
        VM.expectRevert(abi.encodeWithSelector(IBraidRollup.NonCanonicalStateRoot.selector, start.stateRoot));
        deploy(verifier, CHAIN, start);
    }

    function test_deploymentIsNotInTheFuture() public {
        IBraidRollup.Checkpoint memory start = genesis();
        start.timestamp = NOW + 60;
        deploy(verifier, CHAIN, start);
        start.timestamp = NOW + 61;
        VM.expectRevert(abi.encodeWithSelector(IBraidRollup.TimestampInFuture.selector, NOW + 61, NOW + 60));
        deploy(verifier, CHAIN, start);
    }

    function test_settlesAndEmits() public {
        Batches.Block[] memory blocks = twoBlocks();
        IBraidRollup.Checkpoint memory next = Batches.advance(genesis(), blocks);
        bytes memory batch = provable(blocks);
        assertSame(rollup.publicValues(batch), Batches.values(CHAIN, RULES, genesis(), next), "public values");
        VM.expectEmit(true, true, true, true, address(rollup));
        emit IBraidRollup.Settled(101, 102, address(this), next.blockHash, next.stateRoot);
        rollup.settle(batch, PROOF);
        assertAt(next, "after two blocks");
    }

    function test_settlesBatchAfterBatch() public {
        IBraidRollup.Checkpoint memory next = genesis();
        for (uint64 index = 1; index < 5; ++index) {
            Batches.Block[] memory blocks = one(makeBlock(12 * index, index));
            next = Batches.advance(next, blocks);
            rollup.settle(provable(blocks), PROOF);
            assertAt(next, "after a block");
        }
    }

    /// The chain id is the rollup's own, and it counts.
    function test_otherChains() public {
        bytes memory batch = Batches.encode(CHAIN, genesis(), twoBlocks());
        uint64[3] memory chains = [uint64(0), 1, type(uint64).max];
        for (uint256 index = 0; index < 3; ++index) {
            rollup = deploy(verifier, chains[index], genesis());
            bytes memory own = Batches.encode(chains[index], genesis(), twoBlocks());
            assertEq(rollup.publicValues(own).chainId, chains[index], "chain id");
            expectRefused(batch, abi.encodeWithSelector(IBraidRollup.WrongChain.selector, CHAIN, chains[index]));
            IBraidRollup.Checkpoint memory next = Batches.advance(genesis(), twoBlocks());
            verifier.accept(Batches.values(chains[index], RULES, genesis(), next), PROOF);
            rollup.settle(own, PROOF);
        }
    }

    /// The rules are the rollup's own, and they count.
    function test_otherRules() public {
        Batches.Block[] memory blocks = twoBlocks();
        IBraidRollup.Checkpoint memory next = Batches.advance(genesis(), blocks);
        bytes memory batch = Batches.encode(CHAIN, genesis(), blocks);
        for (uint8 rules = 0; rules <= rollup.LATEST_RULES(); ++rules) {
            verifier = new StubVerifier();
            rollup = new BraidRollup(verifier, CHAIN, rules, genesis(), address(this), TIMEOUT, OWNER);
            assertEq(rollup.publicValues(batch).rules, rules, "rules");
            verifier.accept(Batches.values(CHAIN, (rules + 1) % 3, genesis(), next), PROOF);
            VM.expectRevert(abi.encodeWithSelector(IBraidRollup.ProofRefused.selector));
            rollup.settle(batch, PROOF);
            verifier.accept(Batches.values(CHAIN, rules, genesis(), next), PROOF);
            rollup.settle(batch, PROOF);
            assertAt(next, "settled");
        }
    }

    /// A blob base fee of any length is part of the hash, and of nothing else.
    function test_blobBaseFees() public {
        uint256[6] memory fees = [uint256(0), 1, 255, 256, type(uint128).max, type(uint256).max];
        bytes32 previous = 0;
        for (uint256 index = 0; index < fees.length; ++index) {
            rollup = deploy(verifier, CHAIN, genesis());
            Batches.Block[] memory blocks = twoBlocks();
            blocks[0].blobBaseFee = fees[index];
            IBraidRollup.Checkpoint memory next = Batches.advance(genesis(), blocks);
            assertTrue(next.blockHash != previous, "the fee counts");
            previous = next.blockHash;
            rollup.settle(provable(blocks), PROOF);
            assertAt(next, "settled");
        }
    }

    function test_equalTimestampsAreFine() public {
        Batches.Block[] memory blocks = twoBlocks();
        blocks[0].timestamp = genesis().timestamp;
        blocks[1].timestamp = genesis().timestamp;
        rollup.settle(provable(blocks), PROOF);
        assertAt(Batches.advance(genesis(), blocks), "settled");
    }

    function test_emptyProofIsTheVerifiersBusiness() public {
        Batches.Block[] memory blocks = twoBlocks();
        bytes memory batch = provable(blocks);
        VM.expectRevert(abi.encodeWithSelector(IBraidRollup.ProofRefused.selector));
        rollup.settle(batch, "");
    }

    function test_refusedProof() public {
        bytes memory batch = Batches.encode(CHAIN, genesis(), twoBlocks());
        VM.expectRevert(abi.encodeWithSelector(IBraidRollup.ProofRefused.selector));
        rollup.settle(batch, PROOF);
        assertAt(genesis(), "nothing changed");
    }

    function test_verifiersOwnErrorComesThrough() public {
        verifier.refuseByReverting();
        bytes memory batch = Batches.encode(CHAIN, genesis(), twoBlocks());
        VM.expectRevert(abi.encodeWithSelector(StubVerifier.Refused.selector, PROOF.length));
        rollup.settle(batch, PROOF);
        assertAt(genesis(), "nothing changed");
    }

    /// Each of the eleven words that the proof was made for has to be the rollup's own.
    function test_proofOfAnythingElse() public {
        Batches.Block[] memory blocks = twoBlocks();
        IBraidRollup.Checkpoint memory next = Batches.advance(genesis(), blocks);
        bytes memory batch = Batches.encode(CHAIN, genesis(), blocks);
        for (uint256 word = 0; word < 11; ++word) {
            bytes memory encoded = abi.encode(Batches.values(CHAIN, RULES, genesis(), next));
            encoded[32 * word + 31] ^= 0x01;
            verifier.accept(abi.decode(encoded, (IBraidVerifier.PublicValues)), PROOF);
            VM.expectRevert(abi.encodeWithSelector(IBraidRollup.ProofRefused.selector));
            rollup.settle(batch, PROOF);
        }
        verifier.accept(Batches.values(CHAIN, RULES, genesis(), next), PROOF);
        rollup.settle(batch, PROOF);
    }

    function test_replay() public {
        bytes memory batch = provable(twoBlocks());
        rollup.settle(batch, PROOF);
        expectRefused(batch, abi.encodeWithSelector(IBraidRollup.WrongFirstBlock.selector, 101, 103));
    }

    /// Settling writes the checkpoint, three slots, and the clock beside the proposer, and nothing else.
    function test_writesFourSlots() public {
        bytes memory batch = provable(twoBlocks());
        VM.record();
        rollup.settle(batch, PROOF);
        (, bytes32[] memory writes) = VM.accesses(address(rollup));
        assertEq(writes.length, 4, "slots written");
    }

    function test_callBackCannotSettle() public {
        ReentrantVerifier reentrant = new ReentrantVerifier();
        rollup = deploy(IBraidVerifier(address(reentrant)), CHAIN, genesis());
        Batches.Block[] memory blocks = one(makeBlock(12, 1));
        bytes memory batch = Batches.encode(CHAIN, genesis(), blocks);
        // Anyone may settle, so that it is not for who it is that the call back cannot.
        VM.warp(rollup.openAt());
        // The same batch, which would be valid at this moment.
        reentrant.arm(batch, true);
        VM.expectRevert(abi.encodeWithSelector(ReentrantVerifier.CalledBack.selector, false, genesis().blockHash));
        rollup.settle(batch, PROOF);

        reentrant.arm(batch, false);
        rollup.settle(batch, PROOF);
        assertAt(Batches.advance(genesis(), blocks), "settled once");
        assertEq(reentrant.calls(), 0, "the call back settled nothing");

        // What the call back tried is possible for anyone who is not being asked.
        Batches.Block[] memory more = one(makeBlock(24, 1));
        rollup.settle(Batches.encode(CHAIN, rollup.checkpoint(), more), PROOF);
    }

    function test_takesNoEtherAndHasNoFallback() public {
        (bool paid,) = address(rollup).call{value: 1}("");
        assertTrue(!paid, "receives no ether");
        (bool called,) = address(rollup).call(hex"12345678");
        assertTrue(!called, "unknown function");
        bytes memory settlement = abi.encodeCall(IBraidRollup.settle, (provable(twoBlocks()), PROOF));
        (bool settled,) = address(rollup).call{value: 1}(settlement);
        assertTrue(!settled, "settle takes no ether");
        (settled,) = address(rollup).call(settlement);
        assertTrue(settled, "without ether it does");
    }
}
