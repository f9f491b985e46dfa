// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BatchReader} from "./BatchReader.sol";
import {ExclusiveProposer} from "./ExclusiveProposer.sol";
import {IBraidRollup} from "./IBraidRollup.sol";
import {IBraidVerifier} from "./IBraidVerifier.sol";

/// @title Settlement contract of a Braid rollup
/// @notice Advances the rollup's checkpoint, block hash and state root, when the proposer, or after a time without settlement anyone, publishes the next
/// blocks with a proof of their execution.
///
/// What has to be trusted: the verifier's code and the verifying key in it (with the cryptography that it stands on); that the checkpoint
/// given at deployment is what users think it is; Ethereum, on which this runs and which keeps the published data. There is no upgrade
/// and no pause: nobody can change what is accepted or take a settlement back, the deployer included. The owner, if there is one, can exchange the
/// proposer and nothing else; neither can keep others from settling once the time is over. It also means that nobody is obliged to
/// settle, and that of two different valid batches for the same height the first one counts.
///
/// @dev The eleven public words are made here, from storage, immutables and the published blocks. None is taken from the caller, so that no claim of
/// his has to be compared; what the batch's header says of chain, height and parent is there to refuse a misplaced batch by
/// name and before the costly part.
contract BraidRollup is IBraidRollup, ExclusiveProposer {
    using BatchReader for BatchReader.Cursor;
    using BatchReader for BatchReader.Sealed;

    /// @notice Version of the statement that proofs for this contract prove.
    uint256 public constant STATEMENT_VERSION = 2;

    /// @notice The latest rules that a statement can name: Osaka's.
    uint8 public constant LATEST_RULES = 2;

    /// @notice How many seconds a block may be ahead of Ethereum's clock. Without a limit, one settlement could move the rollup's clock forward for
    /// good. A block is settled long after it was made: this leaves room for clocks that differ.
    uint256 public constant MAX_SECONDS_AHEAD = 60;

    /// @notice The verifier of proofs.
    IBraidVerifier public immutable VERIFIER;

    /// @notice The rollup's chain id.
    uint64 public immutable CHAIN_ID;

    /// @notice The rules of the rollup's transactions: 0 for Cancun, 1 for Prague, 2 for Osaka.
    uint8 public immutable RULES;

    Checkpoint private _checkpoint;

    /// @notice Begins a rollup. Everything given here is final, but proposer and owner if there is an owner.
    /// @param verifier The verifier, deployed already.
    /// @param chainId The rollup's chain id.
    /// @param rules The rules of its transactions: at most `LATEST_RULES`.
    /// @param genesis The checkpoint that the first batch follows.
    /// @param firstProposer Who may settle at any time.
    /// @param timeout How many seconds without a settlement open settlement to anyone: from 1 to `LONGEST_TIMEOUT`.
    /// @param firstOwner Who can exchange the proposer; zero if nobody ever can.
    constructor(
        IBraidVerifier verifier,
        uint64 chainId,
        uint8 rules,
        Checkpoint memory genesis,
        address firstProposer,
        uint64 timeout,
        address firstOwner
    ) ExclusiveProposer(firstProposer, timeout, firstOwner) {
        if (address(verifier).code.length == 0) revert NoVerifier(address(verifier));
        if (rules > LATEST_RULES) revert UnknownRules(rules);
        BatchReader.requireCanonical(genesis.stateRoot);
        _requireNotInFuture(genesis.timestamp);
        VERIFIER = verifier;
        CHAIN_ID = chainId;
        RULES = rules;
        _checkpoint = genesis;
    }

    /// @inheritdoc IBraidRollup
    /// @dev The verifier is asked by a static call: nothing can change, here or elsewhere, between the checks and the new checkpoint, and a verifier
    /// that calls back can do no more than read the old one. Who copies a pending transaction is not the proposer, and once the time is over settles
    /// the same blocks with the same result.
    function settle(bytes calldata batch, bytes calldata proof) external {
        _requireMaySettle();
        _requireCanonicalCalldata(batch, proof);
        (IBraidVerifier.PublicValues memory values, uint64 timestamp) = _statement(batch);
        if (!VERIFIER.verify(values, proof)) revert ProofRefused();

        // The numbers are below 2^64: `_statement` has checked it.
        uint64 firstBlock = uint64(values.firstBlock);
        uint64 lastBlock = uint64(values.lastBlock);
        _checkpoint = Checkpoint(values.blockHash, values.stateRoot, lastBlock, timestamp);
        _restartClock();
        emit Settled(firstBlock, lastBlock, msg.sender, values.blockHash, values.stateRoot);
    }

    /// @inheritdoc IBraidRollup
    /// @dev Reverts where `settle` would, but for who asks, the proof and the form of its calldata.
    function publicValues(bytes calldata batch) external view returns (IBraidVerifier.PublicValues memory values) {
        (values,) = _statement(batch);
    }

    /// @inheritdoc IBraidRollup
    function checkpoint() external view returns (Checkpoint memory) {
        return _checkpoint;
    }

    /// @notice Reads a batch, checks everything that needs no proof, and says what has to be proved.
    /// @param batch The blocks.
    /// @return values The public values.
    /// @return timestamp The last block's timestamp.
    function _statement(bytes calldata batch) private view returns (IBraidVerifier.PublicValues memory values, uint64 timestamp) {
        Checkpoint memory last = _checkpoint;
        BatchReader.Cursor memory cursor = BatchReader.open(batch);
        values.version = STATEMENT_VERSION;
        values.chainId = CHAIN_ID;
        values.rules = RULES;
        values.prevBlockHash = last.blockHash;
        values.prevStateRoot = last.stateRoot;
        values.firstBlock = uint256(last.number) + 1;
        _checkHeader(cursor.readHeader(), values);
        if (cursor.done()) revert EmptyBatch();

        BatchReader.Sealed memory current;
        current.number = last.number;
        bytes32 blockHash = last.blockHash;
        uint256 previous = last.timestamp;
        while (!cursor.done()) {
            current.parentHash = blockHash;
            // Below 2^64 plus the number of blocks that fit into calldata.
            unchecked {
                ++current.number;
            }
            cursor.readBlock(current);
            if (current.timestamp < previous) revert TimestampFalls(current.number, current.timestamp, previous);
            previous = current.timestamp;
            blockHash = current.hash();
        }
        if (current.number > type(uint64).max) revert BlockNumberOverflow();
        // Timestamps do not fall: the last is the greatest.
        _requireNotInFuture(previous);

        values.blockHash = blockHash;
        values.stateRoot = current.stateRoot;
        values.lastBlock = current.number;
        // A timestamp has eight bytes in a batch, and 64 bits in a checkpoint.
        // forge-lint: disable-next-line(unsafe-typecast)
        timestamp = uint64(previous);
    }

    /// @notice Reverts unless a batch is for this rollup as it stands.
    /// @param header The batch's header.
    /// @param expected The public values as far as they are known without the batch.
    function _checkHeader(BatchReader.Header memory header, IBraidVerifier.PublicValues memory expected) private pure {
        if (header.version != expected.version) revert WrongVersion(header.version, expected.version);
        if (header.chainId != expected.chainId) revert WrongChain(header.chainId, expected.chainId);
        if (header.firstBlock != expected.firstBlock) revert WrongFirstBlock(header.firstBlock, expected.firstBlock);
        if (header.previousBlockHash != expected.prevBlockHash) {
            revert WrongPreviousBlock(header.previousBlockHash, expected.prevBlockHash);
        }
    }

    /// @notice Reverts if a timestamp is too far ahead of Ethereum's clock.
    /// @param timestamp The timestamp.
    function _requireNotInFuture(uint256 timestamp) private view {
        uint256 latest = block.timestamp + MAX_SECONDS_AHEAD;
        if (timestamp > latest) revert TimestampInFuture(timestamp, latest);
    }

    /// @notice Reverts unless the calldata of `settle` is laid out in the one canonical way: both offsets, the batch, its padding, the proof, its padding,
    /// and nothing else. ABI decoders would also take arguments that overlap or lie apart; this way whoever reads the published
    /// blocks from calldata need not know how this contract decodes it.
    /// @param batch The first argument.
    /// @param proof The second.
    function _requireCanonicalCalldata(bytes calldata batch, bytes calldata proof) private pure {
        // Four bytes of selector, two offsets and the batch's length come before the batch. Lengths are below 2^64: the decoder has checked them.
        uint256 canonicalProofStart = 132 + _padded(batch.length);
        uint256 canonicalLength = canonicalProofStart + _padded(proof.length);
        uint256 batchStart;
        uint256 proofStart;
        uint256 padding;
        assembly ("memory-safe") {
            batchStart := batch.offset
            proofStart := proof.offset
            // The last word of an argument without the argument's own bits; nothing is left where it ends with its last word.
            let batchBits := mul(8, and(batch.length, 31))
            let proofBits := mul(8, and(proof.length, 31))
            let batchTail := calldataload(sub(add(batchStart, batch.length), and(batch.length, 31)))
            let proofTail := calldataload(sub(add(proofStart, proof.length), and(proof.length, 31)))
            if batchBits { padding := shl(batchBits, batchTail) }
            if proofBits { padding := or(padding, shl(proofBits, proofTail)) }
        }
        bool canonical =
            batchStart == 100 && proofStart == canonicalProofStart && msg.data.length == canonicalLength && padding == 0;
        if (!canonical) revert NonCanonicalCalldata(msg.data.length, canonicalLength);
    }

    /// @notice A length rounded up to whole words.
    /// @param length In bytes.
    /// @return In bytes.
    function _padded(uint256 length) private pure returns (uint256) {
        return (length + 31) & ~uint256(31);
    }
}
