// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IExclusiveProposer} from "./IExclusiveProposer.sol";
import {IBraidVerifier} from "./IBraidVerifier.sol";

/// @title Settlement of a Braid rollup
/// @notice Holds the rollup's last settled checkpoint and advances it by batches of blocks whose execution is proved. The layout of a batch
/// is in docs/settlement.md.
interface IBraidRollup is IExclusiveProposer {
    /// @notice The rollup's position between two blocks.
    struct Checkpoint {
        /// Hash of the last settled block.
        bytes32 blockHash;
        /// State after it: four field elements, eight big-endian bytes each.
        bytes32 stateRoot;
        /// Its number.
        uint64 number;
        /// Its timestamp, in seconds since the epoch.
        uint64 timestamp;
    }

    /// @notice Blocks `firstBlock` to `lastBlock` are settled.
    /// @param firstBlock Number of the first.
    /// @param lastBlock Number of the last.
    /// @param settler Who settled them: the proposer, or somebody else after the timeout.
    /// @param blockHash Hash of the last.
    /// @param stateRoot State after the last.
    event Settled(
        uint64 indexed firstBlock, uint64 indexed lastBlock, address indexed settler, bytes32 blockHash, bytes32 stateRoot
    );

    /// @notice There is no contract at the verifier's address.
    /// @param verifier The address.
    error NoVerifier(address verifier);

    /// @notice There are no rules with this number.
    /// @param rules The number.
    error UnknownRules(uint256 rules);

    /// @notice The calldata is not the canonical ABI encoding of its arguments: offsets, padding or length differ.
    /// @param length The length of the calldata in bytes.
    /// @param canonicalLength What it would be.
    error NonCanonicalCalldata(uint256 length, uint256 canonicalLength);

    /// @notice The batch ends within a field.
    /// @param offset Where in the batch the field begins, in bytes.
    /// @param needed The field's length in bytes.
    /// @param length The batch's length in bytes.
    error BatchTruncated(uint256 offset, uint256 needed, uint256 length);

    /// @notice The batch has no block.
    error EmptyBatch();

    /// @notice The batch is for another version of the statement.
    /// @param version The batch's.
    /// @param expected This contract's.
    error WrongVersion(uint256 version, uint256 expected);

    /// @notice The batch is for another chain.
    /// @param chainId The batch's.
    /// @param expected This contract's.
    error WrongChain(uint256 chainId, uint256 expected);

    /// @notice The batch does not begin with the next block: it is settled already, or blocks are missing.
    /// @param number The batch's first block.
    /// @param expected The number after the last settled one.
    error WrongFirstBlock(uint256 number, uint256 expected);

    /// @notice The batch does not follow the last settled block, but another of the same number.
    /// @param blockHash What the batch follows.
    /// @param expected The last settled block's hash.
    error WrongPreviousBlock(bytes32 blockHash, bytes32 expected);

    /// @notice A block's number would be 2^64 or above.
    error BlockNumberOverflow();

    /// @notice A block is older than the one before it.
    /// @param number The block's number.
    /// @param timestamp Its timestamp.
    /// @param previous The timestamp of the block before it.
    error TimestampFalls(uint256 number, uint256 timestamp, uint256 previous);

    /// @notice The last block is from the future.
    /// @param timestamp Its timestamp.
    /// @param latest The latest that is accepted now.
    error TimestampInFuture(uint256 timestamp, uint256 latest);

    /// @notice A state root's element is not below the field's order.
    /// @param stateRoot The state root.
    error NonCanonicalStateRoot(bytes32 stateRoot);

    /// @notice A blob base fee is not in its shortest form: it begins with a zero byte, or has more than 32 bytes.
    /// @param offset Where in the batch it begins, in bytes.
    /// @param length How many bytes it is said to have.
    error NonCanonicalBlobBaseFee(uint256 offset, uint256 length);

    /// @notice The verifier does not accept the proof.
    error ProofRefused();

    /// @notice Settles the next blocks. The proposer may call it, and from `openAt` on anyone.
    /// @param batch The blocks.
    /// @param proof The proof of their execution, as the verifier reads it.
    function settle(bytes calldata batch, bytes calldata proof) external;

    /// @notice What the proof for a batch has to prove now.
    /// @param batch The blocks.
    /// @return values The public values.
    function publicValues(bytes calldata batch) external view returns (IBraidVerifier.PublicValues memory values);

    /// @notice The last settled checkpoint.
    /// @return The checkpoint.
    function checkpoint() external view returns (Checkpoint memory);
}
