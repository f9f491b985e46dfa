// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BatchReader} from "../../src/BatchReader.sol";

/// @title The batch reader on its own
contract ReaderHarness {
    using BatchReader for BatchReader.Cursor;
    using BatchReader for BatchReader.Sealed;

    /// @notice Chain over the transactions and hash of each block of a batch.
    function read(bytes calldata batch, uint256 count)
        external
        pure
        returns (bytes32[] memory transactionsHashes, bytes32[] memory blockHashes)
    {
        BatchReader.Cursor memory cursor = BatchReader.open(batch);
        BatchReader.Header memory header = cursor.readHeader();
        BatchReader.Sealed memory current;
        bytes32 parentHash = header.previousBlockHash;
        transactionsHashes = new bytes32[](count);
        blockHashes = new bytes32[](count);
        for (uint256 index = 0; index < count; ++index) {
            current.parentHash = parentHash;
            current.number = header.firstBlock + index;
            cursor.readBlock(current);
            transactionsHashes[index] = current.transactionsHash;
            parentHash = current.hash();
            blockHashes[index] = parentHash;
        }
        require(cursor.done(), "bytes behind the last block");
    }
}
