// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Why a proof is refused
interface VerifierErrors {
    /// @notice The proof has another length than every proof of the circuit.
    /// @param length Its length in bytes.
    /// @param expected The circuit's.
    error WrongLength(uint256 length, uint256 expected);

    /// @notice Memory is not as the contract needs it: it is compiled in another way than its project says, and refuses every proof.
    /// @param free Where free memory begins.
    error MemoryInUse(uint256 free);

    /// @notice A part of the statement that is constant or limited is not as it must be.
    error NoStatement();

    /// @notice An element of the field is not below its order.
    error NotCanonical();

    /// @notice A challenge is a point at which nothing may be opened. Hardly ever happens to an honest proof.
    error DegeneratePoint();

    /// @notice The proof is of another statement.
    error WrongStatement();

    /// @notice The gates' constraints or the wiring do not hold.
    error ConstraintsFail();

    /// @notice There is too little work in the proof.
    error NoProofOfWork();

    /// @notice A leaf is not in its tree.
    /// @param query The query.
    /// @param tree The tree: constants, wires, running products, quotients, folded values.
    error NotInTree(uint256 query, uint256 tree);

    /// @notice A folded value is not what the openings give.
    /// @param query The query.
    error WrongFold(uint256 query);

    /// @notice The final polynomial is not what the folded values give.
    /// @param query The query.
    error WrongFinalPolynomial(uint256 query);
}
