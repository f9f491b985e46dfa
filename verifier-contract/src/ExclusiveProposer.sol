// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IExclusiveProposer} from "./IExclusiveProposer.sol";

/// @title The proposer, the owner and the clock
/// @notice A settlement voids every proof in the making, since these begin at the checkpoint before it. If anyone could settle at any time, anyone could
/// stall the rollup with empty blocks, whose proofs are quick. Hence one proposer; and hence the clock starts again after a stranger's
/// settlement too: the proposer has the whole time to itself before the next stranger can.
///
/// @dev Nothing but a settlement moves the clock. If a change of the proposer did, an owner could keep everybody else out for ever.
abstract contract ExclusiveProposer is IExclusiveProposer, Ownable2Step {
    /// @notice The longest timeout: a year. Users need not fear a longer silence, and a time that was meant to be in milliseconds is refused.
    uint64 public constant LONGEST_TIMEOUT = 365 days;

    /// @notice How many seconds without a settlement open settlement to anyone.
    uint64 public immutable PROPOSER_TIMEOUT;

    // Both lie in one slot.
    address private _proposer;
    uint64 private _settledAt;

    /// @notice Starts the clock.
    /// @param firstProposer The proposer.
    /// @param timeout How many seconds without a settlement open settlement to anyone: from 1 to `LONGEST_TIMEOUT`.
    /// @param firstOwner Who can exchange the proposer; zero if nobody ever can.
    constructor(address firstProposer, uint64 timeout, address firstOwner)
        // `Ownable` refuses to begin without an owner: where there is to be none, it is the deployer until the end of this constructor.
        Ownable(firstOwner == address(0) ? msg.sender : firstOwner)
    {
        if (timeout == 0 || timeout > LONGEST_TIMEOUT) revert TimeoutOutOfRange(timeout, LONGEST_TIMEOUT);
        PROPOSER_TIMEOUT = timeout;
        _changeProposer(firstProposer);
        _restartClock();
        if (firstOwner == address(0)) _transferOwnership(address(0));
    }

    /// @inheritdoc IExclusiveProposer
    function setProposer(address next) external onlyOwner {
        _changeProposer(next);
    }

    /// @inheritdoc IExclusiveProposer
    function proposer() external view returns (address) {
        return _proposer;
    }

    /// @inheritdoc IExclusiveProposer
    function openAt() public view returns (uint256) {
        // Two numbers below 2^64: no overflow.
        return uint256(_settledAt) + PROPOSER_TIMEOUT;
    }

    /// @notice Reverts unless the sender may settle now.
    function _requireMaySettle() internal view {
        // Who builds Ethereum's blocks can move their time by no more than seconds.
        // forge-lint: disable-next-line(block-timestamp)
        if (msg.sender != _proposer && block.timestamp < openAt()) revert NotProposer(msg.sender, _proposer, openAt());
    }

    /// @notice Remembers that something is settled now.
    function _restartClock() internal {
        // Seconds since the epoch reach 2^64 in half a trillion years.
        // forge-lint: disable-next-line(unsafe-typecast)
        _settledAt = uint64(block.timestamp);
    }

    /// @notice Exchanges the proposer.
    /// @param next The new one.
    function _changeProposer(address next) private {
        if (next == address(0)) revert NoProposer();
        emit ProposerChanged(_proposer, next);
        _proposer = next;
    }
}
