// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title The part of forge's cheatcodes that the tests and scripts use
/// @notice See Foundry's reference of cheatcodes. Written here so that no package has to be fetched for it.
interface Vm {
    /// @notice Expects the next call to revert with exactly this data.
    function expectRevert(bytes calldata data) external;

    /// @notice Expects the next call to revert with this error, whatever its fields.
    function expectPartialRevert(bytes4 selector) external;

    /// @notice Expects the next call to emit the event that is emitted next here, from this address: topics and data.
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data, address emitter) external;

    /// @notice Expects the next call, or creation, to emit the event that is emitted next here, from whatever address: topics and data.
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data) external;

    /// @notice Makes the next call come from this address.
    function prank(address sender) external;

    /// @notice Makes the next call come from this address, in a transaction of another one.
    function prank(address sender, address origin) external;

    /// @notice Sets the timestamp of the current block.
    function warp(uint256 timestamp) external;

    /// @notice Rejects a fuzz input unless the condition holds.
    function assume(bool condition) external pure;

    /// @notice Records every storage access from here on.
    function record() external;

    /// @notice Slots of a contract that were read and written since `record`.
    function accesses(address target) external returns (bytes32[] memory reads, bytes32[] memory writes);

    /// @notice Reads a file as text.
    function readFile(string calldata path) external view returns (string memory);

    /// @notice A value of a JSON document by its path.
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);

    /// @notice A value of a JSON document by its path.
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);

    /// @notice A value of a JSON document by its path.
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);

    /// @notice Values of a JSON document by their path.
    function parseJsonBytes32Array(string calldata json, string calldata key) external pure returns (bytes32[] memory);

    /// @notice A value of a JSON document by its path.
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);

    /// @notice Sets a variable of the environment.
    function setEnv(string calldata name, string calldata value) external;

    /// @notice A variable of the environment.
    function envAddress(string calldata name) external view returns (address);

    /// @notice A variable of the environment.
    function envBytes32(string calldata name) external view returns (bytes32);

    /// @notice A variable of the environment.
    function envUint(string calldata name) external view returns (uint256);

    /// @notice A value as text.
    function toString(address value) external pure returns (string memory);

    /// @notice A value as text.
    function toString(bytes32 value) external pure returns (string memory);

    /// @notice A value as text.
    function toString(uint256 value) external pure returns (string memory);

    /// @notice Sends the calls that follow as transactions.
    function startBroadcast() external;

    /// @notice Ends what `startBroadcast` began.
    function stopBroadcast() external;
}

// The cheatcodes; their address is the last twenty bytes of the hash of "hevm cheat code".
Vm constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
