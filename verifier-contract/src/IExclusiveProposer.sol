// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Who may settle, and when
/// @notice One account, the proposer, may settle. Once nothing has been settled for `PROPOSER_TIMEOUT` seconds, anyone may, once: every settlement,
/// whoever makes it, starts the time again. An owner can exchange the proposer; without an owner it is fixed for ever. Ownership is
/// OpenZeppelin's `Ownable2Step`. docs/settlement.md says what follows for users.
interface IExclusiveProposer {
    /// @notice There is another proposer from now on. Also emitted at deployment.
    /// @param previous Who it was before; zero at deployment.
    /// @param current Who it is now.
    event ProposerChanged(address indexed previous, address indexed current);

    /// @notice Only the proposer may settle now.
    /// @param sender Who tried to.
    /// @param proposer Who may.
    /// @param openAt From when on anyone may, in seconds since the epoch, if nothing is settled until then.
    error NotProposer(address sender, address proposer, uint256 openAt);

    /// @notice The proposer's address must not be zero.
    error NoProposer();

    /// @notice The timeout is zero, which would let anyone settle at any time, or longer than the longest.
    /// @param timeout The timeout in seconds.
    /// @param longest The longest in seconds.
    error TimeoutOutOfRange(uint256 timeout, uint256 longest);

    /// @notice Exchanges the proposer. Only the owner may call it. It takes effect at once, and moves no clock.
    /// @param next The new proposer: any address but zero.
    function setProposer(address next) external;

    /// @notice The account that may settle at any time.
    /// @return The account, or a contract.
    function proposer() external view returns (address);

    /// @notice From when on anyone may settle, if nothing is settled until then.
    /// @return In seconds since the epoch.
    function openAt() external view returns (uint256);
}
