// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {BraidRollup} from "../src/BraidRollup.sol";
import {IExclusiveProposer} from "../src/IExclusiveProposer.sol";
import {RollupTest} from "./base/RollupTest.sol";
import {VM} from "./base/Vm.sol";

/// @title Who is proposer and owner: at deployment, and how it changes
contract OwnerTest is RollupTest {
    address private constant NEXT = address(0x4e87);
    address private constant STRANGER = address(0x57a6);

    function _expectUnauthorized(address sender) private {
        VM.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, sender));
        VM.prank(sender);
    }

    /// Nobody in this list can do what only an owner can.
    function _assertNotOwners(address[4] memory senders) private {
        for (uint256 index = 0; index < 4; ++index) {
            _expectUnauthorized(senders[index]);
            rollup.setProposer(NEXT);
            _expectUnauthorized(senders[index]);
            rollup.transferOwnership(NEXT);
            _expectUnauthorized(senders[index]);
            rollup.renounceOwnership();
        }
    }

    function _setProposer(address next) private {
        VM.prank(OWNER);
        rollup.setProposer(next);
    }

    function test_deployment() public {
        VM.expectEmit(true, true, true, true);
        emit Ownable.OwnershipTransferred(address(0), OWNER);
        VM.expectEmit(true, true, true, true);
        emit IExclusiveProposer.ProposerChanged(address(0), address(this));
        rollup = deploy(verifier, CHAIN, genesis());
        assertEq(rollup.proposer(), address(this), "proposer");
        assertEq(rollup.owner(), OWNER, "owner");
        assertEq(rollup.pendingOwner(), address(0), "pending owner");
        assertEq(rollup.PROPOSER_TIMEOUT(), TIMEOUT, "timeout");
        assertEq(rollup.LONGEST_TIMEOUT(), 365 days, "longest timeout");
        assertEq(rollup.openAt(), uint256(NOW) + TIMEOUT, "clock");
    }

    function test_deploymentNeedsAProposer() public {
        VM.expectRevert(abi.encodeWithSelector(IExclusiveProposer.NoProposer.selector));
        new BraidRollup(verifier, CHAIN, RULES, genesis(), address(0), TIMEOUT, OWNER);
    }

    /// With a time of zero anyone could settle at any time; one above a year may be in milliseconds.
    function test_deploymentNeedsATimeout() public {
        uint64[3] memory timeouts = [uint64(0), 365 days + 1, type(uint64).max];
        for (uint256 index = 0; index < 3; ++index) {
            VM.expectRevert(abi.encodeWithSelector(IExclusiveProposer.TimeoutOutOfRange.selector, timeouts[index], 365 days));
            new BraidRollup(verifier, CHAIN, RULES, genesis(), address(this), timeouts[index], OWNER);
        }
    }

    /// Without an owner the proposer is fixed for ever, for the deployer as for everybody else.
    function test_withoutAnOwner() public {
        rollup = new BraidRollup(verifier, CHAIN, RULES, genesis(), STRANGER, TIMEOUT, address(0));
        assertEq(rollup.owner(), address(0), "owner");
        assertEq(rollup.pendingOwner(), address(0), "pending owner");
        _assertNotOwners([address(this), OWNER, STRANGER, NEXT]);
        _expectUnauthorized(address(this));
        rollup.acceptOwnership();
        assertEq(rollup.proposer(), STRANGER, "proposer");
        settleAs(STRANGER, twoBlocks());
    }

    function test_theOwnerExchangesTheProposer() public {
        VM.expectEmit(true, true, true, true, address(rollup));
        emit IExclusiveProposer.ProposerChanged(address(this), NEXT);
        _setProposer(NEXT);
        assertEq(rollup.proposer(), NEXT, "proposer");
        expectNotProposer(address(this), provable(twoBlocks()));
        settleAs(NEXT, twoBlocks());
        // And back.
        _setProposer(address(this));
        expectNotProposer(NEXT, provable(one(makeBlock(36, 1))));
        settleAs(address(this), one(makeBlock(36, 1)));
    }

    function test_nobodyElseExchangesTheProposer() public {
        VM.prank(OWNER);
        rollup.transferOwnership(NEXT);
        // The proposer, a stranger, who is to be the owner and is not yet, the contract itself.
        _assertNotOwners([address(this), STRANGER, NEXT, address(rollup)]);
        assertEq(rollup.proposer(), address(this), "proposer");
        assertEq(rollup.owner(), OWNER, "owner");
    }

    function test_theProposerIsNeverZero() public {
        VM.prank(OWNER);
        VM.expectRevert(abi.encodeWithSelector(IExclusiveProposer.NoProposer.selector));
        rollup.setProposer(address(0));
        assertEq(rollup.proposer(), address(this), "proposer");
    }

    /// The clock is nobody's: if a change of the proposer started it again, an owner could keep everybody else out for ever.
    function test_aChangeMovesNoClock() public {
        VM.warp(NOW + TIMEOUT - 1);
        _setProposer(NEXT);
        assertEq(rollup.openAt(), uint256(NOW) + TIMEOUT, "clock");
        VM.prank(OWNER);
        rollup.transferOwnership(NEXT);
        VM.prank(NEXT);
        rollup.acceptOwnership();
        VM.warp(NOW + TIMEOUT);
        VM.prank(NEXT);
        rollup.setProposer(address(this));
        assertEq(rollup.openAt(), uint256(NOW) + TIMEOUT, "nor does it close what is open");
        settleAs(STRANGER, twoBlocks());
    }

    function test_ownershipIsTransferredInTwoSteps() public {
        VM.expectEmit(true, true, true, true, address(rollup));
        emit Ownable2Step.OwnershipTransferStarted(OWNER, NEXT);
        VM.prank(OWNER);
        rollup.transferOwnership(NEXT);
        assertEq(rollup.owner(), OWNER, "not yet");
        assertEq(rollup.pendingOwner(), NEXT, "pending owner");
        // Meanwhile the owner is the owner.
        _setProposer(STRANGER);

        _expectUnauthorized(STRANGER);
        rollup.acceptOwnership();
        _expectUnauthorized(OWNER);
        rollup.acceptOwnership();
        VM.expectEmit(true, true, true, true, address(rollup));
        emit Ownable.OwnershipTransferred(OWNER, NEXT);
        VM.prank(NEXT);
        rollup.acceptOwnership();
        assertEq(rollup.owner(), NEXT, "owner");
        assertEq(rollup.pendingOwner(), address(0), "nobody waits");

        _assertNotOwners([OWNER, STRANGER, address(this), address(rollup)]);
        VM.prank(NEXT);
        rollup.setProposer(address(this));
        assertEq(rollup.proposer(), address(this), "by the new owner");
    }

    function test_aTransferCanBeReplacedAndTakenBack() public {
        VM.prank(OWNER);
        rollup.transferOwnership(STRANGER);
        VM.prank(OWNER);
        rollup.transferOwnership(NEXT);
        _expectUnauthorized(STRANGER);
        rollup.acceptOwnership();
        VM.prank(OWNER);
        rollup.transferOwnership(address(0));
        _expectUnauthorized(NEXT);
        rollup.acceptOwnership();
        assertEq(rollup.owner(), OWNER, "owner");
    }

    /// An owner can fix the proposer later too. Nobody who was to be the owner becomes it after that.
    function test_renouncingFixesTheProposer() public {
        VM.prank(OWNER);
        rollup.transferOwnership(NEXT);
        VM.expectEmit(true, true, true, true, address(rollup));
        emit Ownable.OwnershipTransferred(OWNER, address(0));
        VM.prank(OWNER);
        rollup.renounceOwnership();
        assertEq(rollup.owner(), address(0), "owner");
        _expectUnauthorized(NEXT);
        rollup.acceptOwnership();
        _assertNotOwners([OWNER, NEXT, address(this), STRANGER]);
        settleAs(address(this), twoBlocks());
    }

    /// What owners do leaves the checkpoint alone.
    function test_theOwnerTouchesNothingElse() public {
        _setProposer(NEXT);
        VM.prank(OWNER);
        rollup.transferOwnership(NEXT);
        VM.prank(NEXT);
        rollup.acceptOwnership();
        VM.prank(NEXT);
        rollup.renounceOwnership();
        assertAt(genesis(), "checkpoint");
        assertEq(address(rollup.VERIFIER()), address(verifier), "verifier");
    }
}
