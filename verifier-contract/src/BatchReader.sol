// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidRollup} from "./IBraidRollup.sol";

/// @title Reads the published blocks of a batch
/// @notice A batch is a string of bytes without padding, offsets or anything optional; numbers are big-endian:
///
///     batch       = header block block ...                          to the last byte
///     header      = version:4 chainId:8 firstBlock:8 previousBlockHash:32
///     block       = timestamp:8 gasLimit:8 gasUsed:8 baseFee:8 coinbase:20 prevRandao:32 logChain:32 stateRoot:32
///                   transactionCount:4 length:1 blobBaseFee:length  a number in its shortest form
///                   transaction transaction ...                     as many as the count says
///     transaction = length:3 bytes:length                           a signed transaction (EIP-2718)
///
/// @dev Reading goes on from byte to byte and never back, so that every byte of a batch is read exactly once, as one thing. No count or
/// length leads to memory or loops beyond what is there: each field is checked to lie within the batch before it is used.
library BatchReader {
    /// @notice Bytes of a batch's header.
    uint256 internal constant HEADER_BYTES = 52;
    /// @notice Bytes of a block before its blob base fee.
    uint256 internal constant BLOCK_BYTES = 153;
    /// @notice Most bytes of a blob base fee.
    uint256 internal constant BLOB_BASE_FEE_BYTES = 32;
    /// @notice Bytes of a transaction's length.
    uint256 internal constant LENGTH_BYTES = 3;

    /// @notice Order of the field of the state tree: 2^64 - 2^32 + 1.
    uint256 internal constant FIELD_ORDER = 0xffffffff00000001;

    uint256 private constant MASK64 = 0xffffffffffffffff;

    /// @notice Where a batch lies in calldata, and how much of it is read.
    struct Cursor {
        /// Calldata offset of the next byte.
        uint256 offset;
        /// Calldata offset of the batch's first byte.
        uint256 start;
        /// Calldata offset after the batch's last byte.
        uint256 end;
    }

    /// @notice What the header says.
    struct Header {
        uint256 version;
        uint256 chainId;
        uint256 firstBlock;
        bytes32 previousBlockHash;
    }

    /// @notice The twelve words that a block's hash is made of, in order. The reader keeps one of these and writes block after block over it.
    struct Sealed {
        bytes32 parentHash;
        uint256 number;
        uint256 timestamp;
        uint256 coinbase;
        uint256 gasLimit;
        uint256 baseFee;
        bytes32 prevRandao;
        uint256 blobBaseFee;
        bytes32 transactionsHash;
        bytes32 logChain;
        uint256 gasUsed;
        bytes32 stateRoot;
    }

    /// @notice A cursor at a batch's beginning.
    /// @param batch The batch.
    /// @return cursor The cursor.
    function open(bytes calldata batch) internal pure returns (Cursor memory cursor) {
        uint256 start;
        assembly ("memory-safe") {
            start := batch.offset
        }
        cursor.offset = start;
        cursor.start = start;
        // The ABI decoder has checked that the batch lies within the calldata, so that this cannot overflow.
        cursor.end = start + batch.length;
    }

    /// @notice Whether everything is read.
    /// @param cursor The cursor.
    /// @return Whether it is at the batch's end.
    function done(Cursor memory cursor) internal pure returns (bool) {
        return cursor.offset == cursor.end;
    }

    /// @notice Reads the header.
    /// @param cursor At the batch's beginning; afterwards behind the header.
    /// @return header What it says.
    function readHeader(Cursor memory cursor) internal pure returns (Header memory header) {
        uint256 offset = _take(cursor, HEADER_BYTES);
        uint256 word = uint256(_load(offset));
        header.version = word >> 224;
        header.chainId = (word >> 160) & MASK64;
        header.firstBlock = (word >> 96) & MASK64;
        header.previousBlockHash = _load(offset + 20);
    }

    /// @notice Reads a block with its transactions into everything of `target` but parent hash and number, which the caller knows.
    /// @param cursor At the block's beginning; afterwards behind its last transaction.
    /// @param target Where the fields go.
    function readBlock(Cursor memory cursor, Sealed memory target) internal pure {
        uint256 offset = _take(cursor, BLOCK_BYTES);
        uint256 numbers = uint256(_load(offset));
        target.timestamp = numbers >> 192;
        target.gasLimit = (numbers >> 128) & MASK64;
        target.gasUsed = (numbers >> 64) & MASK64;
        target.baseFee = numbers & MASK64;
        target.coinbase = uint256(_load(offset + 32)) >> 96;
        target.prevRandao = _load(offset + 52);
        target.logChain = _load(offset + 84);
        target.stateRoot = _load(offset + 116);
        requireCanonical(target.stateRoot);
        uint256 counts = uint256(_load(offset + 148));
        target.blobBaseFee = _readBlobBaseFee(cursor, (counts >> 216) & 0xff);
        target.transactionsHash = _readTransactions(cursor, counts >> 224);
    }

    /// @notice Hash of a sealed block.
    /// @param words What it is made of.
    /// @return digest Keccak-256 of the twelve words.
    function hash(Sealed memory words) internal pure returns (bytes32 digest) {
        // A struct of twelve words lies in memory as these words: encoding it again would only copy it.
        assembly ("memory-safe") {
            digest := keccak256(words, 384)
        }
    }

    /// @notice Reverts unless all four elements of a state root are below the field's order.
    /// @param stateRoot The state root.
    function requireCanonical(bytes32 stateRoot) internal pure {
        uint256 word = uint256(stateRoot);
        bool canonical = (word >> 192) < FIELD_ORDER && ((word >> 128) & MASK64) < FIELD_ORDER
            && ((word >> 64) & MASK64) < FIELD_ORDER && (word & MASK64) < FIELD_ORDER;
        if (!canonical) revert IBraidRollup.NonCanonicalStateRoot(stateRoot);
    }

    /// @notice Reads a blob base fee. Each number has one form: without leading zero bytes, and zero without any bytes.
    /// @param cursor At the fee; afterwards behind it.
    /// @param length Its length in bytes, below 256.
    /// @return fee The fee.
    function _readBlobBaseFee(Cursor memory cursor, uint256 length) private pure returns (uint256 fee) {
        if (length == 0) return 0;
        uint256 offset = cursor.offset;
        if (length > BLOB_BASE_FEE_BYTES) revert IBraidRollup.NonCanonicalBlobBaseFee(offset - cursor.start, length);
        _take(cursor, length);
        uint256 word = uint256(_load(offset));
        if (word >> 248 == 0) revert IBraidRollup.NonCanonicalBlobBaseFee(offset - cursor.start, length);
        fee = word >> (256 - 8 * length);
    }

    /// @notice Reads transactions and hashes their bytes, one transaction after the other without their lengths. Signed transactions end where their own bytes say, so that one string of bytes has one sequence of them.
    /// @param cursor At the first transaction; afterwards behind the last.
    /// @param count How many there are.
    /// @return digest Keccak-256 of the bytes.
    function _readTransactions(Cursor memory cursor, uint256 count) private pure returns (bytes32 digest) {
        uint256 offset = cursor.offset;
        uint256 end = cursor.end;
        uint256 length = 0;
        assembly ("memory-safe") {
            // Memory from the free pointer on may be written without being allocated: the bytes are needed only until they are hashed. What is
            // behind the end of calldata reads as zero, and a length that begins or ends behind the batch leads behind it too.
            let free := mload(0x40)
            let target := free
            for {} count { count := sub(count, 1) } {
                length := shr(232, calldataload(offset))
                let next := add(add(offset, LENGTH_BYTES), length)
                if gt(next, end) { break }
                calldatacopy(target, add(offset, LENGTH_BYTES), length)
                target := add(target, length)
                offset := next
            }
            digest := keccak256(free, sub(target, free))
        }
        cursor.offset = offset;
        if (count != 0) {
            // Whether it is the length or the bytes that are cut off.
            uint256 needed = offset + LENGTH_BYTES > end ? LENGTH_BYTES : LENGTH_BYTES + length;
            revert IBraidRollup.BatchTruncated(offset - cursor.start, needed, end - cursor.start);
        }
    }

    /// @notice Moves behind a field of fixed length, or reverts if it does not lie within the batch.
    /// @param cursor At the field.
    /// @param size The field's length in bytes.
    /// @return offset Calldata offset of the field.
    function _take(Cursor memory cursor, uint256 size) private pure returns (uint256 offset) {
        offset = cursor.offset;
        if (size > cursor.end - offset) {
            revert IBraidRollup.BatchTruncated(offset - cursor.start, size, cursor.end - cursor.start);
        }
        cursor.offset = offset + size;
    }

    /// @notice A word of calldata.
    /// @param offset Its offset; what is behind the end of calldata reads as zero.
    /// @return word The word.
    function _load(uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(offset)
        }
    }
}
