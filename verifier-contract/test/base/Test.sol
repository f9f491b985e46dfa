// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title What tests assert with
/// @notice A test fails by reverting.
abstract contract Test {
    /// @notice Two words differ.
    error NotEqual(string what, bytes32 left, bytes32 right);
    /// @notice Something that must hold does not.
    error NotTrue(string what);

    /// @notice Fails unless two words are equal.
    function assertEq(bytes32 left, bytes32 right, string memory what) internal pure {
        if (left != right) revert NotEqual(what, left, right);
    }

    /// @notice Fails unless two numbers are equal.
    function assertEq(uint256 left, uint256 right, string memory what) internal pure {
        assertEq(bytes32(left), bytes32(right), what);
    }

    /// @notice Fails unless two addresses are equal.
    function assertEq(address left, address right, string memory what) internal pure {
        assertEq(uint160(left), uint160(right), what);
    }

    /// @notice Fails unless two strings of bytes are equal.
    function assertEq(bytes memory left, bytes memory right, string memory what) internal pure {
        assertEq(keccak256(left), keccak256(right), what);
    }

    /// @notice Fails unless something holds.
    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }
}
