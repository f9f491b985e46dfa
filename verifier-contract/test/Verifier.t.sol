// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BraidVerifier} from "../src/BraidVerifier.sol";
import {IBraidVerifier} from "../src/IBraidVerifier.sol";
import {FINAL, FINAL_COUNT, OPENED_COMBINED, WORK, WORK_BITS, ZETA} from "../src/generated/WrapKey.sol";
import {VerifierErrors} from "../src/verifier/Errors.sol";
import {Test} from "./base/Test.sol";
import {VM} from "./base/Vm.sol";
import {VerifierFaults} from "./stubs/VerifierFaults.sol";
import {VerifierParts} from "./stubs/VerifierParts.sol";

/// @title The verifier with a real proof, and with forged ones
/// @notice More forgeries, and the comparison with the verifier in Rust, are in contract/tests/verifier.
contract VerifierTest is Test {
    uint256 private constant ORDER = 0xffffffff00000001;
    uint256 private constant HEAD = 8_856;
    uint256 private constant QUERY = 4_016;
    uint256 private constant LENGTH = 49_016;

    BraidVerifier private verifier;
    IBraidVerifier.PublicValues private honest;
    bytes private proof;

    function setUp() public {
        verifier = new BraidVerifier();
        (honest, proof) = _read("../examples/proofs/transfers.wrapped.json");
    }

    function test_acceptsARealProof() public view {
        assertTrue(verifier.verify(honest, proof), "real proof");
        assertTrue(address(verifier).code.length <= 24_576, "EIP-170");
    }

    function test_measuredPartsAreThoseOfAVerification() public {
        VerifierParts parts = new VerifierParts();
        uint256[11] memory gas = parts.measure(honest, proof);
        uint256 sum = 0;
        for (uint256 index = 0; index < gas.length; ++index) {
            sum += gas[index];
        }
        uint256 start = gasleft();
        verifier.verify(honest, proof);
        // What is left is the call and reading the proof from storage.
        assertTrue(sum < start - gasleft(), "parts");
    }

    /// Checks that a changed word of an honest proof never reaches: a commitment or the proof of work fails before.
    function test_refusesWhatOnlyACheatingProverReaches() public {
        VerifierFaults faults = new VerifierFaults();
        VerifierFaults.Moment moment = VerifierFaults.Moment.BeforeQueries;
        uint256 all = type(uint256).max;
        // Nothing is changed.
        faults.verifyWith(honest, proof, moment, FINAL, 0, all);

        // Leaves that do not combine to the committed codeword.
        VM.expectRevert(abi.encodeWithSelector(VerifierErrors.WrongFold.selector, 0));
        faults.verifyWith(honest, proof, moment, OPENED_COMBINED, 1, all);
        VM.expectRevert(abi.encodeWithSelector(VerifierErrors.WrongFold.selector, 0));
        faults.verifyWith(honest, proof, moment, OPENED_COMBINED + 32, 1, all);
        // A codeword that does not fold to the final polynomial.
        VM.expectRevert(abi.encodeWithSelector(VerifierErrors.WrongFinalPolynomial.selector, 0));
        faults.verifyWith(honest, proof, moment, FINAL, 1, all);
        VM.expectRevert(abi.encodeWithSelector(VerifierErrors.WrongFinalPolynomial.selector, 0));
        faults.verifyWith(honest, proof, moment, FINAL + 32 * (FINAL_COUNT - 1), 1, all);

        // The proof of work, to the bit.
        moment = VerifierFaults.Moment.BeforeLowDegree;
        uint256 limit = 1 << (64 - WORK_BITS);
        faults.verifyWith(honest, proof, moment, WORK, limit - 1, 0);
        VM.expectRevert(abi.encodeWithSelector(VerifierErrors.NoProofOfWork.selector));
        faults.verifyWith(honest, proof, moment, WORK, limit, 0);

        // A query's point is `zeta`; `zeta` is a row.
        for (uint256 query = 0; query < 10; query += 9) {
            uint256 point = faults.pointOf(honest, proof, query);
            VM.expectRevert(abi.encodeWithSelector(VerifierErrors.DegeneratePoint.selector));
            faults.verifyWith(honest, proof, moment, ZETA, point, 0);
        }
        VM.expectRevert(abi.encodeWithSelector(VerifierErrors.DegeneratePoint.selector));
        faults.verifyWith(honest, proof, VerifierFaults.Moment.BeforeZeta, ZETA, 1, 0);
    }

    function test_refusesOtherLengths() public {
        uint256[6] memory lengths = [uint256(0), 1, HEAD, LENGTH - 32, LENGTH - 1, LENGTH + 1];
        for (uint256 index = 0; index < lengths.length; ++index) {
            bytes memory forged = new bytes(lengths[index]);
            for (uint256 position = 0; position < forged.length && position < LENGTH; position += 1000) {
                forged[position] = proof[position];
            }
            VM.expectRevert(abi.encodeWithSelector(VerifierErrors.WrongLength.selector, lengths[index], LENGTH));
            verifier.verify(honest, forged);
        }
    }

    function test_refusesOtherWords() public {
        // Caps, openings, the cap of folded values, final polynomial, work.
        _refuses(0, VerifierErrors.WrongStatement.selector);
        _refuses(1_528, VerifierErrors.WrongStatement.selector);
        _refuses(1_536, VerifierErrors.ConstraintsFail.selector);
        _refuses(2_288 + 79 * 16, VerifierErrors.WrongStatement.selector);
        _refuses(3_800, VerifierErrors.ConstraintsFail.selector);
        _refuses(4_232, VerifierErrors.ConstraintsFail.selector);
        _refuses(4_240, VerifierErrors.NoProofOfWork.selector);
        _refuses(4_752, VerifierErrors.NoProofOfWork.selector);
        _refuses(8_848, VerifierErrors.NoProofOfWork.selector);
        for (uint256 query = 0; query < 10; query += 3) {
            uint256 start = HEAD + QUERY * query;
            // Leaves, paths, folded values and their path.
            uint16[7] memory positions = [0, 376, 1_016, 1_136, 1_328 + 512, 3_376, 4_008];
            for (uint256 index = 0; index < positions.length; ++index) {
                _refuses(start + positions[index], VerifierErrors.NotInTree.selector, true);
            }
        }
    }

    function test_refusesWordsThatAreNotCanonical() public {
        // The last ones are in the last query, and 8,848 is the last word of the head, which fills a word of the EVM in part only.
        uint16[8] memory positions = [0, 1_536, 4_240, 8_848, 8_856, 46_320, 48_376, 48_624];
        for (uint256 index = 0; index < positions.length; ++index) {
            uint64[2] memory words = [uint64(ORDER), type(uint64).max];
            for (uint256 which = 0; which < 2; ++which) {
                bytes memory forged = _with(positions[index], words[which]);
                VM.expectRevert(abi.encodeWithSelector(VerifierErrors.NotCanonical.selector));
                verifier.verify(honest, forged);
            }
        }
    }

    function test_refusesOtherStatements() public {
        for (uint256 word = 0; word < 11; ++word) {
            bytes memory encoded = abi.encode(honest);
            uint256[3] memory bits = [uint256(0), 40, 63];
            for (uint256 index = 0; index < bits.length; ++index) {
                // The rules have one limb.
                bool constantPart = word == 0 || word > 8 || (word == 2 && bits[index] > 31);
                _refusesStatement(encoded, word, bits[index], constantPart);
            }
            // The highest bits: a number may not have them.
            bool hash = word > 2 && word < 7;
            _refusesStatement(encoded, word, 64, !hash);
            _refusesStatement(encoded, word, 255, !hash);
        }
    }

    function test_refusesAnotherChain() public {
        IBraidVerifier.PublicValues memory values = honest;
        values.chainId = 1;
        VM.expectRevert(abi.encodeWithSelector(VerifierErrors.WrongStatement.selector));
        verifier.verify(values, proof);
    }

    function test_refusesOtherRules() public {
        IBraidVerifier.PublicValues memory values = honest;
        uint256[4] memory others = [uint256(0), 1, 2, type(uint32).max];
        for (uint256 index = 0; index < others.length; ++index) {
            if (others[index] == honest.rules) continue;
            values.rules = others[index];
            VM.expectRevert(abi.encodeWithSelector(VerifierErrors.WrongStatement.selector));
            verifier.verify(values, proof);
        }
    }

    function test_refusesAProofOfAnotherKey() public {
        (IBraidVerifier.PublicValues memory values, bytes memory other) =
            _read("../contract/tests/vectors/other_key.wrapped.json");
        assertEq(other.length, LENGTH, "length");
        VM.expectRevert(abi.encodeWithSelector(VerifierErrors.WrongStatement.selector));
        verifier.verify(values, other);
    }

    function _refuses(uint256 position, bytes4 selector) private {
        _refuses(position, selector, false);
    }

    /// A word changed to another element, or to other bytes.
    function _refuses(uint256 position, bytes4 selector, bool hasFields) private {
        uint64 word;
        for (uint256 index = 0; index < 8; ++index) {
            word = (word << 8) | uint8(proof[position + index]);
        }
        bytes memory forged = _with(position, word == 0 ? 1 : word - 1);
        if (hasFields) VM.expectPartialRevert(selector);
        else VM.expectRevert(abi.encodeWithSelector(selector));
        verifier.verify(honest, forged);
    }

    function _refusesStatement(bytes memory encoded, uint256 word, uint256 bit, bool malformed) private {
        bytes memory changed = bytes.concat(encoded);
        changed[32 * word + 31 - bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        bytes4 selector = malformed ? VerifierErrors.NoStatement.selector : VerifierErrors.WrongStatement.selector;
        VM.expectRevert(abi.encodeWithSelector(selector));
        verifier.verify(abi.decode(changed, (IBraidVerifier.PublicValues)), proof);
    }

    function _with(uint256 position, uint64 word) private view returns (bytes memory forged) {
        forged = proof;
        for (uint256 index = 0; index < 8; ++index) {
            forged[position + index] = bytes1(uint8(word >> (56 - 8 * index)));
        }
    }

    function _read(string memory path) private view returns (IBraidVerifier.PublicValues memory values, bytes memory bytes_) {
        string memory json = VM.readFile(path);
        values = IBraidVerifier.PublicValues({
            version: VM.parseJsonUint(json, ".publicValues.version"),
            chainId: VM.parseJsonUint(json, ".publicValues.chainId"),
            rules: _number(VM.parseJsonString(json, ".publicValues.rules")),
            prevBlockHash: VM.parseJsonBytes32(json, ".publicValues.prevBlockHash"),
            blockHash: VM.parseJsonBytes32(json, ".publicValues.blockHash"),
            prevStateRoot: VM.parseJsonBytes32(json, ".publicValues.prevStateRoot"),
            stateRoot: VM.parseJsonBytes32(json, ".publicValues.stateRoot"),
            firstBlock: VM.parseJsonUint(json, ".publicValues.firstBlock"),
            lastBlock: VM.parseJsonUint(json, ".publicValues.lastBlock"),
            messageRoot: VM.parseJsonBytes32(json, ".publicValues.messageRoot"),
            depositChain: VM.parseJsonBytes32(json, ".publicValues.depositChain")
        });
        bytes_ = VM.parseJsonBytes(json, ".proof");
    }

    /// The number of the rules with this name.
    function _number(string memory rules) private pure returns (uint256 number) {
        string[3] memory names = ["cancun", "prague", "osaka"];
        while (keccak256(bytes(names[number])) != keccak256(bytes(rules))) {
            ++number;
        }
    }
}
