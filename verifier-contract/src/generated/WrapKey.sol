// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

// Generated from the verifying key by `braid export-verifier`: not to be edited.

// The key.

/// @dev Hash of the key's file.
bytes32 constant KEY_HASH = 0x79022324ce0f1a1bb27f0c79a58e559663335b6b537cd2a2cf3e652e7bb4ff60;
/// @dev Digest of the circuit.
bytes32 constant CIRCUIT_DIGEST = 0x30cdb97695271e4354e7c61a75d7f7c29d33e280760080a206105c76335284af;
/// @dev Bytes of the parameters.
uint256 constant PARAMETERS_BYTES = 72;
/// @dev A part of them.
bytes32 constant PARAMETERS_0 = 0x0000000000000008000000000000000400000000000000160000000000000000;
/// @dev A part of them.
bytes32 constant PARAMETERS_1 = 0x0000000000000004000000000000000a0000000000000000000000000000000c;
/// @dev A part of them.
bytes32 constant PARAMETERS_2 = 0x0000000000000004000000000000000000000000000000000000000000000000;

// The circuit.

/// @dev log2 of the number of rows.
uint256 constant DEGREE_BITS = 12;
/// @dev The number of rows.
uint256 constant DEGREE = 4096;
/// @dev From a row to the next one.
uint256 constant ROW_ROOT = 0x3c713933c4eb986b;
/// @dev Version of the statement.
uint256 constant STATEMENT_VERSION = 2;
/// @dev Constants that are selectors.
uint256 constant SELECTORS = 4;

// The wiring.

/// @dev Challenges of each kind.
uint256 constant CHALLENGES = 3;
/// @dev Wires of a step of a running product.
uint256 constant CHUNK = 8;
/// @dev Steps from one row to the next.
uint256 constant CHUNKS = 5;
/// @dev From a wire's coset to the next wire's.
uint256 constant COSET_SHIFT = 0xc65c18b67785d900;
/// @dev Terms of the vanishing polynomial.
uint256 constant TERM_COUNT = 85;
/// @dev Columns of a quotient.
uint256 constant QUOTIENT_PARTS = 8;

// The low-degree test.

/// @dev Queries.
uint256 constant QUERIES = 10;
/// @dev Leading zeros of the response to the proof of work.
uint256 constant WORK_BITS = 22;
/// @dev log2 of the points of the domain.
uint256 constant DOMAIN_BITS = 20;
/// @dev The points of the domain.
uint256 constant DOMAIN_SIZE = 1048576;
/// @dev The coset's shift.
uint256 constant DOMAIN_SHIFT = 0xc65c18b67785d900;
/// @dev log2 of how many values are folded to one.
uint256 constant FOLD_BITS = 4;
/// @dev How many values are folded to one.
uint256 constant FOLD_SIZE = 16;
/// @dev Coefficients of the final polynomial.
uint256 constant FINAL_COUNT = 256;

// The gates.

/// @dev See `Row.close`.
uint256 constant CONSTANT_GATE = 0x300070001;
/// @dev Constants of a row.
uint256 constant CONSTANT_GATE_CONSTANTS = 3;
/// @dev See `Row.close`.
uint256 constant PUBLIC_INPUT_GATE = 0x400070002;
/// @dev See `Row.close`.
uint256 constant STATEMENT_GATE = 0x100070003;
/// @dev The column that holds the statement.
uint256 constant STATEMENT_COLUMN = 79;
/// @dev See `Row.close`.
uint256 constant BASE_SUM_GATE = 0x2800070004;
/// @dev Bits of a sum.
uint256 constant BASE_SUM_LIMBS = 39;
/// @dev See `Row.close`.
uint256 constant ARITHMETIC_GATE = 0xa010b0708;
/// @dev Operations in a row.
uint256 constant ARITHMETIC_OPERATIONS = 10;
/// @dev See `Row.close`.
uint256 constant ARITHMETIC_EXTENSION_GATE = 0xa010b0707;
/// @dev Operations in a row.
uint256 constant ARITHMETIC_EXTENSION_OPERATIONS = 5;
/// @dev See `Row.close`.
uint256 constant MUL_EXTENSION_GATE = 0xc010b0709;
/// @dev Operations in a row.
uint256 constant MUL_EXTENSION_OPERATIONS = 6;
/// @dev See `Row.close`.
uint256 constant REDUCING_GATE = 0x3200070006;
/// @dev Coefficients in a row.
uint256 constant REDUCING_COEFFICIENTS = 25;
/// @dev See `Row.close`.
uint256 constant REDUCING_EXTENSION_GATE = 0x2200070005;
/// @dev Coefficients in a row.
uint256 constant REDUCING_EXTENSION_COEFFICIENTS = 17;
/// @dev See `Row.close`.
uint256 constant EXPONENTIATION_GATE = 0x27010b070a;
/// @dev Bits of an exponent.
uint256 constant EXPONENTIATION_BITS = 38;
/// @dev See `Row.close`.
uint256 constant RANDOM_ACCESS_GATE = 0xf020d0b0b;
/// @dev log2 of a list's length.
uint256 constant RANDOM_ACCESS_BITS = 4;
/// @dev A list's length.
uint256 constant RANDOM_ACCESS_LENGTH = 16;
/// @dev Lists in a row.
uint256 constant RANDOM_ACCESS_COPIES = 2;
/// @dev Constants in a row.
uint256 constant RANDOM_ACCESS_CONSTANTS = 3;
/// @dev See `Row.close`.
uint256 constant COSET_INTERPOLATION_GATE = 0xc020d0b0c;
/// @dev Points of an interpolation.
uint256 constant COSET_POINTS = 16;
/// @dev Intermediate values of each kind.
uint256 constant COSET_INTERMEDIATES = 2;
/// @dev The inverse of their number.
uint256 constant COSET_POINTS_INVERSE = 0xefffffff10000001;
/// @dev From one point to the next.
uint256 constant COSET_ROOT = 0x1000;
/// @dev Points before intermediate values are wires; one less between them.
uint256 constant COSET_INTERPOLATION_DEGREE = 6;
/// @dev See `Row.close`.
uint256 constant POSEIDON_FRONT_GATE = 0x43030f0d0e;
/// @dev See `Row.close`.
uint256 constant POSEIDON_BACK_GATE = 0x43030f0d0d;
/// @dev Partial rounds of the front.
uint256 constant POSEIDON_FRONT_PARTIAL_ROUNDS = 14;

// A proof.

/// @dev Bytes of a Merkle cap.
uint256 constant CAP_BYTES = 512;
/// @dev Columns that are opened at zeta.
uint256 constant OPENED = 166;
/// @dev Columns that are opened at the next row too.
uint256 constant OPENED_NEXT = 3;
/// @dev Where the openings are.
uint256 constant OPENINGS_OFFSET = 1536;
/// @dev Their bytes.
uint256 constant OPENINGS_BYTES = 2704;
/// @dev Where the cap of folded values is.
uint256 constant FRI_CAP_OFFSET = 4240;
/// @dev Where the final polynomial is.
uint256 constant FINAL_OFFSET = 4752;
/// @dev Its bytes, and those of the proof of work.
uint256 constant FINAL_BYTES = 4104;
/// @dev Bytes before the queries.
uint256 constant HEAD_BYTES = 8856;
/// @dev Trees of a query, without that of folded values.
uint256 constant TREES = 4;
/// @dev Bytes of their leaves, 16 bits each.
uint256 constant LEAF_BYTES = 0xc0007802800178;
/// @dev Bytes of all leaves of a query.
uint256 constant LEAVES_BYTES = 1328;
/// @dev Bytes of a path.
uint256 constant PATH_BYTES = 512;
/// @dev Bytes of the values that are folded.
uint256 constant FOLD_BYTES = 256;
/// @dev Where in a query they are.
uint256 constant QUERY_FOLD_OFFSET = 3376;
/// @dev Where in a query the running products are.
uint256 constant QUERY_ZS_OFFSET = 1016;
/// @dev Bytes of a query.
uint256 constant QUERY_BYTES = 4016;
/// @dev Bytes of a proof.
uint256 constant PROOF_BYTES = 49016;

// Addresses in memory. An element of the extension takes a word.

/// @dev The wiring's challenges.
uint256 constant BETAS = 0x0080;
/// @dev The wiring's other challenges.
uint256 constant GAMMAS = 0x00e0;
/// @dev What constraints are combined with.
uint256 constant ALPHAS = 0x0140;
/// @dev Where polynomials are opened.
uint256 constant ZETA = 0x01a0;
/// @dev Its power: as many as there are rows.
uint256 constant ZETA_POWER = 0x01c0;
/// @dev What quotients are combined with.
uint256 constant FRI_ALPHA = 0x01e0;
/// @dev Openings, combined by it.
uint256 constant OPENED_COMBINED = 0x0200;
/// @dev Where folded polynomials are.
uint256 constant FRI_BETA = 0x0240;
/// @dev Response to the proof of work.
uint256 constant WORK = 0x0260;
/// @dev The queries' indices are the low bits.
uint256 constant INDICES = 0x0280;
/// @dev The queries' points.
uint256 constant POINTS = 0x03c0;
/// @dev From zeta and the next row to them.
uint256 constant DISTANCES = 0x0500;
/// @dev Products of the points and these norms.
uint256 constant NORMS = 0x0780;
/// @dev Their inverses.
uint256 constant INVERSES = 0x08c0;
/// @dev The public inputs, eight bytes each.
uint256 constant STATEMENT_DIGEST = 0x0a00;
/// @dev Merkle caps: that of the key,
uint256 constant CAPS = 0x0a20;
/// @dev those of wires, running products and quotients,
uint256 constant WIRES_CAP = 0x0c20;
/// @dev that of folded values.
uint256 constant FRI_CAP = 0x1220;
/// @dev Openings, in the proof's order:
uint256 constant OPENINGS = 0x1420;
/// @dev constants, the selectors first,
uint256 constant CONSTANTS = 0x1420;
/// @dev the wiring,
uint256 constant SIGMAS = 0x1500;
/// @dev wires,
uint256 constant WIRES = 0x1a00;
/// @dev running products,
uint256 constant ZS = 0x2400;
/// @dev their steps,
uint256 constant PARTIAL_PRODUCTS = 0x2460;
/// @dev quotients,
uint256 constant QUOTIENTS = 0x25e0;
/// @dev running products at the next row.
uint256 constant ZS_NEXT = 0x28e0;
/// @dev The statement's column.
uint256 constant STATEMENT_OPENING = 0x23e0;
/// @dev Terms of the vanishing polynomial, two words each: of the wiring,
uint256 constant TERMS = 0x2940;
/// @dev of the gates.
uint256 constant GATE_TERMS = 0x2dc0;
/// @dev One gate's constraints.
uint256 constant CONSTRAINTS = 0x3e80;
/// @dev Room for a state or a list.
uint256 constant STATE = 0x46e0;
/// @dev Constants of Poseidon, eight bytes each.
uint256 constant POSEIDON_FIRST_ROUNDS = 0x4b60;
/// @dev Constants of Poseidon, eight bytes each.
uint256 constant POSEIDON_LAST_ROUNDS = 0x4ce0;
/// @dev Constants of Poseidon, eight bytes each.
uint256 constant POSEIDON_FIRST_CONSTANTS = 0x4e60;
/// @dev Constants of Poseidon, eight bytes each.
uint256 constant POSEIDON_INITIAL_MATRIX = 0x4ec0;
/// @dev Constants of Poseidon, eight bytes each.
uint256 constant POSEIDON_PARTIAL_ROUNDS = 0x5288;
/// @dev Powers, with lanes 136 bits apart.
uint256 constant ALPHA_POWERS = 0x6320;
/// @dev Each the square of the one before.
uint256 constant BETA_POWERS = 0x77e0;
/// @dev Inverses of the roots of the points of pairs.
uint256 constant FOLD_ROOTS = 0x7860;
/// @dev Roots of unity for the positions among folded values.
uint256 constant POSITION_ROOTS = 0x7960;
/// @dev Roots of unity for four bits of an index.
uint256 constant NIBBLE_ROOTS = 0x7b60;
/// @dev The final polynomial, with lanes 136 bits apart.
uint256 constant FINAL = 0x7d60;
/// @dev What is being hashed.
uint256 constant MESSAGE = 0x9d60;
/// @dev Behind all of this.
uint256 constant MEMORY_END = 0xae80;

/// @title The tables of the verifying key
library WrapKey {
    /// @notice Writes the key's Merkle cap, the constants of Poseidon and the roots for folding to memory.
    function load() internal pure {
        assembly ("memory-safe") {
            mstore(0x0a20, 0x5ab36e431b0debea8cee78a3e6c602288da77d0419be437c1e2aa1bb1ebda903)
            mstore(0x0a40, 0x8f3cef6c8cd6bda07fb690b929c5377d44f74740825a6c895ee6aadafd657840)
            mstore(0x0a60, 0xd5343d03b8ba2391e26eb5217799ba4eb2c23acbacef15f0b96debbf29be92da)
            mstore(0x0a80, 0x40ba4e99c1d1405a853dd38fbb1f7b5e05c560d0621693423d69aea450b8953b)
            mstore(0x0aa0, 0xd4d23ae9e837b874664ecc6c409a5c22fd1fe763ec85acca48738af657a63f06)
            mstore(0x0ac0, 0x91b62971bfcefca24d066ca72e097ca160564b5042a4e2ad7edd8255b1e9bbbd)
            mstore(0x0ae0, 0xa29ba9322844ba72762ab48b819ee46ae1fb4a599ddb84bcbe6e0b212f0349e5)
            mstore(0x0b00, 0xb1d04521f77dbfb40cd4daf152ca026585f5175087fe0d4f02ff0abf5f1e93ca)
            mstore(0x0b20, 0x5c0b210a4ece022499634fb93e900e9d1ffd2ed196df30107b22acc782c0b660)
            mstore(0x0b40, 0xe3ecdd51290290108c040ab02d32f48ce3bc02a4395c45d638f2b3d782edef7b)
            mstore(0x0b60, 0xf23673f61e3a7664e73c7953ec7ff194493b8857e7b8eaa5837e5c1f87b556ad)
            mstore(0x0b80, 0x0c4ae8623d9be4b05d4e06ce70a486a3540b70621d8a5c1be9bf9d5afefdd37e)
            mstore(0x0ba0, 0xa702e9e04c5473716f11b3432b8a39714102996bce45f8d56874b425319da67d)
            mstore(0x0bc0, 0xee60a6df1bef1dd1ad9ae676b146f1d3ed6daed865815bf47bf92dca0fa952fb)
            mstore(0x0be0, 0x8ba730674c9c2bdc11cb7918b42369d5170a1c2701c406c5ddd1c30622f9e27d)
            mstore(0x0c00, 0xd282c11e21854ec3ad1df65bcd1a4b05f1526aa5aa9f62518689d290e5f14a6a)
            mstore(0x7860, 0x0000000000000000000000000000000000000000000000000000000000000001)
            mstore(0x7880, 0x000000000000000000000000000000000000000000000000fffeffff00000001)
            mstore(0x78a0, 0x000000000000000000000000000000000000000000000000fffffeff00000101)
            mstore(0x78c0, 0x000000000000000000000000000000000000000000000000fffffffeff000001)
            mstore(0x78e0, 0x000000000000000000000000000000000000000000000000ffefffff00100001)
            mstore(0x7900, 0x000000000000000000000000000000000000000000000000ffffffef00000001)
            mstore(0x7920, 0x000000000000000000000000000000000000000000000000efffffff00000001)
            mstore(0x7940, 0x000000000000000000000000000000000000000000000000fffffffefffff001)
            mstore(0x7960, 0x0000000000000000000000000000000000000000000000000000000000000001)
            mstore(0x7980, 0x000000000000000000000000000000000000000000000000ffffffff00000000)
            mstore(0x79a0, 0x0000000000000000000000000000000000000000000000000001000000000000)
            mstore(0x79c0, 0x000000000000000000000000000000000000000000000000fffeffff00000001)
            mstore(0x79e0, 0x0000000000000000000000000000000000000000000000000000000001000000)
            mstore(0x7a00, 0x000000000000000000000000000000000000000000000000fffffffeff000001)
            mstore(0x7a20, 0x000000000000000000000000000000000000000000000000000000ffffffff00)
            mstore(0x7a40, 0x000000000000000000000000000000000000000000000000fffffeff00000101)
            mstore(0x7a60, 0x0000000000000000000000000000000000000000000000000000000000001000)
            mstore(0x7a80, 0x000000000000000000000000000000000000000000000000fffffffefffff001)
            mstore(0x7aa0, 0x0000000000000000000000000000000000000000000000001000000000000000)
            mstore(0x7ac0, 0x000000000000000000000000000000000000000000000000efffffff00000001)
            mstore(0x7ae0, 0x0000000000000000000000000000000000000000000000000000001000000000)
            mstore(0x7b00, 0x000000000000000000000000000000000000000000000000ffffffef00000001)
            mstore(0x7b20, 0x000000000000000000000000000000000000000000000000000ffffffff00000)
            mstore(0x7b40, 0x000000000000000000000000000000000000000000000000ffefffff00100001)
            mstore(0x7b60, 0x0000000000000000000000000000000000000000000000000000000000000001)
            mstore(0x7b80, 0x0000000000000000000000000000000000000000000000004f5aafc1370cc51a)
            mstore(0x7ba0, 0x0000000000000000000000000000000000000000000000002f57bb2f67816280)
            mstore(0x7bc0, 0x000000000000000000000000000000000000000000000000072df358ff609bbc)
            mstore(0x7be0, 0x0000000000000000000000000000000000000000000000007ca80b47ba4b38bd)
            mstore(0x7c00, 0x0000000000000000000000000000000000000000000000001cfcc680dc9b9f66)
            mstore(0x7c20, 0x0000000000000000000000000000000000000000000000002afeea05a671f2c3)
            mstore(0x7c40, 0x000000000000000000000000000000000000000000000000572a9a831671ef1b)
            mstore(0x7c60, 0x0000000000000000000000000000000000000000000000001b5c0ad6b72db3a1)
            mstore(0x7c80, 0x0000000000000000000000000000000000000000000000000fa7cf2f1c3d7390)
            mstore(0x7ca0, 0x000000000000000000000000000000000000000000000000c9dd3a57f434d639)
            mstore(0x7cc0, 0x000000000000000000000000000000000000000000000000bea0be9543f4f92b)
            mstore(0x7ce0, 0x000000000000000000000000000000000000000000000000e1e812770c57ccaf)
            mstore(0x7d00, 0x000000000000000000000000000000000000000000000000a278bb9b5cc7f366)
            mstore(0x7d20, 0x0000000000000000000000000000000000000000000000009252f98daf81187b)
            mstore(0x7d40, 0x00000000000000000000000000000000000000000000000097b38960f2c609f6)
            mstore(0x4b60, 0xb585f766f21444057746a55f43921ad7b2fb0d31cee799b40f6760a4803427d7)
            mstore(0x4b80, 0xe10d666650f4e0128cae14cb07d09bf1d438539c95f63e9fef781c7ce35b4c3d)
            mstore(0x4ba0, 0xcdc4a239b0c44426277fa208bf337bffe17653a29da578a1c54302f225db2c76)
            mstore(0x4bc0, 0x86287821f722c88159cd1a8a41c18e55c3b919ad495dc574a484c4c5ef6a0781)
            mstore(0x4be0, 0x308bbd23dc5416cc6e4a40c18f30c09c9a2eedb70d8f8cfae360c6e0ae486f38)
            mstore(0x4c00, 0xd5c7718fbfc647fbc35eae071903ff0b849c2656969c4be7c0572c8c08cbbbad)
            mstore(0x4c20, 0xe9fa634a21de0082f56f6d48959a600df7d713e8063911658297132b32825daf)
            mstore(0x4c40, 0xad6805e0e30b2c8aac51d9f5fcf8535e502ad7dc18c2ad8757a1550c110b3041)
            mstore(0x4c60, 0x66bbd30e6ce0e5830da2abef589d644ef061274fdb150d6128b8ec3ae9c29633)
            mstore(0x4c80, 0x92a756e67e2b941370e741ebfee96586019d5ee2af82ec1c6f6f2ed772466352)
            mstore(0x4ca0, 0x7cf416cfe7e14ca161df517b86a4643985dc499b11d77b754b959b48b9c10733)
            mstore(0x4cc0, 0xe8be3e5da8043e57f5c0bc1de6da869940b12cbf09ef74bfa637093ecb2ad631)
            mstore(0x4ce0, 0x475cd3205a3bdcde18a42105c31b7e88023e7414af66306815147108121967d7)
            mstore(0x4d00, 0xe4a3dff1d7d6fef901a8d1a58808573711b4c74eda62beefe587cc0d69a73346)
            mstore(0x4d20, 0x1ff7327017aa2a6e594e29c42473d06bf6f31db1899b12d5c02ac5e47312d3ca)
            mstore(0x4d40, 0xe70201e960cb78b86f90ff3b6a65f10842747a7245e7fa84d1f507e43ab749b2)
            mstore(0x4d60, 0x1c86d265f15750cd3996ce73dd832c1c8e7fba02983224bdba0dec7103255dd4)
            mstore(0x4d80, 0x9e9cbd781628fc5bdae8645996edd6a5debe0853b1a1d378a49229d24d014343)
            mstore(0x4da0, 0x7be5b9ffda905e1ca3c95eaec244aa300230bca8f4df05444135c2bebfe148c6)
            mstore(0x4dc0, 0x166fc0cc438a3c723762b59a8ae83efae8928a4c891147502a440b51a4945ee5)
            mstore(0x4de0, 0x80cefd2b7d99ff83bb9879c6e61fd62a6e7c8f1a84265034164bb2de1bbeddc8)
            mstore(0x4e00, 0xf3c12fe54d5c653b40b9e922ed9771e2551f5b0fbe7b184025032aa7c4cb1811)
            mstore(0x4e20, 0xaaed34074b1643468ffd96bbf9c9c81d70fc91eb5937085c7f795e2a5f915440)
            mstore(0x4e40, 0x4543d9df5476d3cbf172d73e004fc90ddfd1c4febcc81238bc8dfb627fe558fc)
            mstore(0x4e60, 0x3cc3f892184df408e993fd841e7e97f1f2831d3575f0f3afd2500e0a350994ca)
            mstore(0x4e80, 0xc5571f35d728863391d89c5184109a02f37f925d04e5667b2d6e448371955a69)
            mstore(0x4ea0, 0x740ef19ce01398a1694d24c0752fdf4560936af96ee2f148c33448feadc78f0c)
            mstore(0x4ec0, 0x80772dc2645b280be796d293a47a64cbdcedab70f40718baf4a437f2888ae909)
            mstore(0x4ee0, 0xf97abba0dffb6c507f8e41e0b0a6cdff726af914971c137464dd936da878404d)
            mstore(0x4f00, 0x85418a9fef8a9890156048ee7a738154d841e8ef9dde8ba0dc927721da922cf8)
            mstore(0x4f20, 0xb124c33152a2421a14a4a64da0b2668fc537d44dc28754035e40f0c9bb82aab5)
            mstore(0x4f40, 0x4b1ba8d40afca97d1d7f8a2cce1a9d004db9a2ead2bd7262d8a2eb7ef5e707ad)
            mstore(0x4f60, 0x91f7562377e81df5156048ee7a738154c1978156516879ad0ee5dc0ce131268a)
            mstore(0x4f80, 0x4715b8e5ab34653b7f68007619fd8ba95996a80497e24a6b623708f28fca70e8)
            mstore(0x4fa0, 0x18737784700c75cdbe2e19f6d07f1a83bfe85ababed2d882d8a2eb7ef5e707ad)
            mstore(0x4fc0, 0x85418a9fef8a989090e80c591f48b603a9032a52f930fae61e8916a99c93a88e)
            mstore(0x4fe0, 0xa4911db6a32612da07084430a7307c9abf150dc4914d380f7fb45d605dd82838)
            mstore(0x5000, 0x02290fe23c20351abe2e19f6d07f1a834db9a2ead2bd726264dd936da878404d)
            mstore(0x5020, 0x3a2432625475e3ae7e33ca8c814280debba4b5d86b9a3b2c2f7e9aade3fdaec1)
            mstore(0x5040, 0xad2f570a5b8545aac26a083554767106862361aeab0f9b6e7fb45d605dd82838)
            mstore(0x5060, 0x18737784700c75cd1d7f8a2cce1a9d00726af914971c137400a2d4321cca94fe)
            mstore(0x5080, 0xad11180f69a8c29ee76649f9bd5d5c2ee7ffd578da4ea43dab7f81fef4274770)
            mstore(0x50a0, 0x753b8b1126665c22c26a083554767106bf150dc4914d380f623708f28fca70e8)
            mstore(0x50c0, 0x4b1ba8d40afca97d7f8e41e0b0a6cdff77736f524010c932c75ac6d5b5a10ff3)
            mstore(0x50e0, 0xaf8e2518a1ece54d43a608e7afa6b5c2cb81f535cf98c9e9ab7f81fef4274770)
            mstore(0x5100, 0xad2f570a5b8545aa07084430a7307c9a5996a80497e24a6b5e40f0c9bb82aab5)
            mstore(0x5120, 0xf97abba0dffb6c50904d3f2804a36c54f0674a8dc5a387ecdcda1344cdca873f)
            mstore(0x5140, 0xca46546aa99e157543a608e7afa6b5c2e7ffd578da4ea43d2f7e9aade3fdaec1)
            mstore(0x5160, 0xa4911db6a32612da7f68007619fd8ba9c537d44dc2875403f4a437f2888ae909)
            mstore(0x5180, 0xbf9b39e28a16f354b36d43120eaa5e2bcd080204256088e5dcda1344cdca873f)
            mstore(0x51a0, 0xaf8e2518a1ece54de76649f9bd5d5c2ebba4b5d86b9a3b2c1e8916a99c93a88e)
            mstore(0x51c0, 0x4715b8e5ab34653b14a4a64da0b2668fdcedab70f40718ba3a1ded54a6cd058b)
            mstore(0x51e0, 0x6f232aab4b533a25b36d43120eaa5e2bf0674a8dc5a387ecc75ac6d5b5a10ff3)
            mstore(0x5200, 0xad11180f69a8c29e7e33ca8c814280dea9032a52f930fae60ee5dc0ce131268a)
            mstore(0x5220, 0xb124c33152a2421ae796d293a47a64cb42392870da5737cf3a1ded54a6cd058b)
            mstore(0x5240, 0xbf9b39e28a16f354904d3f2804a36c5477736f524010c93200a2d4321cca94fe)
            mstore(0x5260, 0x3a2432625475e3ae90e80c591f48b603c1978156516879addc927721da922cf8)
            mstore(0x5280, 0x80772dc2645b280b74cb2e819ae421ab00000000000000193d999c961b7c63b0)
            mstore(0x52a0, 0x814e82efcd1725292421e5d236704588887af7d4dd482328a5e9c291f6119b27)
            mstore(0x52c0, 0xbdc52b2676a4b4aa64832009d29bcf5709c4155174a552cc463f9ee03d290810)
            mstore(0x52e0, 0xc810936e64982542043b1c289f7bc3ac94877900674181c3c6c67cc37a2a2bbd)
            mstore(0x5300, 0xd667c2055387940f0ba63a63e94b5ff099460cc41b8f079f7ff02375ed524bb3)
            mstore(0x5320, 0xea0870b47a8caf0eabcad82633b7bc9d3b8d135261052241fb4515f5e5b0d539)
            mstore(0x5340, 0x3ee8011c2b37f77cd2559d2370e7f6630000000000000019673655aae8be5a8b)
            mstore(0x5360, 0xd510fe714f39fa102c68a099b51c9e73a667bfa9aa96999d4d67e72f063e2108)
            mstore(0x5380, 0xf84dde3e6acda17940f9cc8c08f809815ead0320500971426591b02092d671bb)
            mstore(0x53a0, 0x00e18c71963dd1b78a21bcd24a14218a0adef3740e71c726a37bf67c6f986559)
            mstore(0x53c0, 0xc6b16f7ed4fa1b006a065da88d8bfc3c4cabc0916844b46f407faac0f02e78d1)
            mstore(0x53e0, 0x07a786d9cf0852cf42433fb6949a629a891682a147ce43b026cfd58e7b003b55)
            mstore(0x5400, 0x2bbf0ed7b657acb362bf78acf843d17c0000000000000019202800f4addbdc87)
            mstore(0x5420, 0xe4b5bdb1cc3504ffbe32b32a825596e78e0f68c5dc223b9a58022d9e1c256ce3)
            mstore(0x5440, 0x584d29227aa073ac8b9352ad04bef9e7aead42a3f445ecbf3c667a1d833a3cca)
            mstore(0x5460, 0xda6f61838efa1ffee8f749470bd7c446481ac7746b159c67e367de32f108e278)
            mstore(0x5480, 0x73f260087ad28bec5cfc82216bc1bdcacaccc870a2663a0edb69cd7b4298c45d)
            mstore(0x54a0, 0x7bc9e0c57243e62d3cc51c5d368693ae366b4e8cc068895b2bd18715cdabbca4)
            mstore(0x54c0, 0xa752061c4f33b8cfd5ab7b67e14d1fb40000000000000019c5b85bab9e5b3869)
            mstore(0x54e0, 0x45245258aec51cf716e6b8e68b931830e2ae0f051418112c0470e26a0093a65b)
            mstore(0x5500, 0x6bef71973a8146ed119265be51812dafb0be7356254bea2e8584defff7589bd7)
            mstore(0x5520, 0x3c5fe4aeb1fb52ba9e7cd88acf543a5eb22d2432b72d50989e18a487f44d2fe4)
            mstore(0x5540, 0x4b39e14ce22abd3c9e77fde2eb315e0dca5e0385fe67014d0c2cb99bf1b6bddb)
            mstore(0x5560, 0x99ec1cd2a4460bfe8577a815a2ff843f7d80a6b4fd6518a5eb6c67123eab62cb)
            mstore(0x5580, 0x8f7851650eca21a5b9fe2ae6e0969bdc0000000000000019179be4bba87f0a8c)
            mstore(0x55a0, 0xacf63d95d88873556696670196b0074fd99ddf1fe75085f9c2597881fef0283b)
            mstore(0x55c0, 0xcf48395ee6c54f1415226a8e4cd8d3b6c053297389af5d3b2c08893f0d1580e2)
            mstore(0x55e0, 0x0ed3cbcff6fcc5bac82f510ecf81f6d011ba9a1b81718c2a9f7d798a3323410c)
            mstore(0x5600, 0xa821855c8c1cf5e5535e8d6fac0031b2404e7c751b634320a729353f6e55d354)
            mstore(0x5620, 0x4db97d92e58bb831b53926c27897bf7d965040d52fe115c59565fa41ebd31fd7)
            mstore(0x5640, 0xaae4438c877ea8f4e33fdf79f92a10e8000000000000001994b06183acb715cc)
            mstore(0x5660, 0x500392ed0d431137861cc95ad5c8632305830a443f86c4ac3b68225874a20a7c)
            mstore(0x5680, 0x10b3309838e236fb9b77fc8bcd559e2cbdecf5e0cb9cb21330276f1221ace5fa)
            mstore(0x56a0, 0x7935dd342764a144eac6db520bb0370837f4e36af6073c6e4edc0918210800e9)
            mstore(0x56c0, 0xc44998e99eae41889f4310d05d0683389ec7fe4350680f29c5b2c1fdc0b50874)
            mstore(0x56e0, 0xa01920c5ef8b2ebe59fa6f8bd91d58ba8bfc9eb89b515a82be86a7a2555ae775)
            mstore(0x5700, 0xcbb8bbaa3810babf0ea2bb4c2b25989b00000000000000197186a80551025f8f)
            mstore(0x5720, 0x622247557e9b5371c4cbe326d1ad974255f1523ac6a23ea2a13dfe77a3d52f53)
            mstore(0x5740, 0xe30750b6301c045208bd488070a3a32bcd800caef5b72ae383329c90f04233ce)
            mstore(0x5760, 0xb5b99e6664a0a3ee6b0731849e200a7f577f9a9e7ee3f9c288c522b949ace7b1)
            mstore(0x5780, 0x82f07007c8b721068283d37c6675b50e98b074d9bbac112375c56fb7758317c1)
            mstore(0x57a0, 0xfed24e206052bc7226d7c3d1bc07dae5f88c5e441e28dbb44fe27f9f96615270)
            mstore(0x57c0, 0x514d4ba49c2b14feca9121fbf9d38f060000000000000019ec3fabc192b01799)
            mstore(0x57e0, 0x382b38cee8ee53753bfb6c3f0e616572514abd0cf6c7bc8647521b1361dcc546)
            mstore(0x5800, 0x178093843f863d14ad1003c5d28918e7738450e42495bc81af947c59af5e4047)
            mstore(0x5820, 0x4653fb0685084ef2057fde2062ae35bff02a3ac068ee110b0a3630dafb8ae2d7)
            mstore(0x5840, 0xce0dc874eaf9b55c9a95f6cff5b55c7e626d76abfed00c7ba0c1cf1251c204ad)
            mstore(0x5860, 0xdaebd3006321052c3d4bd48b625a80657f1e584e071f6ed2720574f0501caed3)
            mstore(0x5880, 0xe3260ba93d23540abdd9b0aa81f58fa40000000000000019e376678d843ce55e)
            mstore(0x58a0, 0x66f3860d7514e7fc7817f3dfff8b4ffa3929624a9def725b0126ca37f215a80a)
            mstore(0x58c0, 0xfce2f5d02762a3031bc927375febbad785b481e5243f60bf2d3c5f42a39c91a0)
            mstore(0x58e0, 0x0811719919351ae8f669de0add993131ab1cbd41d8c1e3359322ed4c0bc2df01)
            mstore(0x5900, 0x51c3c0983d4284e594178e291145c231fd0f1a973d6b2085d427ad96e2b39719)
            mstore(0x5920, 0x8a52437fecaac06bdc20ee4b8c4c9a80a2c98e9549da21001603fe12613db5b6)
            mstore(0x5940, 0x0e174929433c550583079fa4ecf20d7e00000000000000197de38bae084da92d)
            mstore(0x5960, 0x5b848442237e8a9bf6c705da84d5731031e6a4bdb6a49017889489706e5c5c0f)
            mstore(0x5980, 0x0e4a205459692a1bbac3fa75ee26f2995f5894f4057d755eb0dc3ecd724bb076)
            mstore(0x59a0, 0x5e34d8554a6452ba04f78fd8c1fdcc5f3d4eab2b8ef5f796cfff421583896e22)
            mstore(0x59c0, 0x4143cb32d39ac3d922365051b78a5b656f7fd010d027c9b6d9dd36fba77522ab)
            mstore(0x59e0, 0xa44cf1cb33e371653fc83d3038c86417c4588d418e88d270ce1320f10ab80fe2)
            mstore(0x5a00, 0xdb5eadbbec18de5d650b838edfcc4ad300000000000000194dd19c38779512ea)
            mstore(0x5a20, 0xdb79ba02704620e992a29a3675a5d2bed5177029fe495166d32b3298a13330c1)
            mstore(0x5a40, 0x251c4a3eb2c5f8fde1c48b26e0d988253301d3362a4ffccb09bb6c88de8cd178)
            mstore(0x5a60, 0xdc05b676564f538a60192d883e473fee1183dfce7c454afd21cea4aa3d3ed949)
            mstore(0x5a80, 0x0fce6f70303f230419557d34b55551be4c56f689afc5bbc9a1e920844334f944)
            mstore(0x5aa0, 0xbad66d423d2ec861f318c785dc9e047999e2032e765ddd81400ccc9906d66f45)
            mstore(0x5ac0, 0xe1197454db2e0dd977180c88583c76ac000000000000001916b9774801ac44a0)
            mstore(0x5ae0, 0x3cb8411e786d3c8ea86e9cf5050724910178928152e109ae5317b905a6e1ab7b)
            mstore(0x5b00, 0xda20b3be7f53d59fcb97dedecebee9ad4bd545218c59f58d77dc8d856c05a44a)
            mstore(0x5b20, 0x87948589e4f243fd7e5217af969952c284d1ecc4d53d2ff1d8af8b9ceb4e11b6)
            mstore(0x5b40, 0x335856bb527b52f4c756f17fb59be595c0654e4ea5553a789e9a46b61f2ea942)
            mstore(0x5b60, 0x14fc8b5b3b809127d7009f0f103be4133e0ee7b7a9fb4601a74e888922085ed7)
            mstore(0x5b80, 0xe80a7cde3d4ac526af8c20753143a1800000000000000019bc58987d06a84e4d)
            mstore(0x5ba0, 0x0b5d420244c9cae3a3c4711b938c02c03aace640a3e03990865a0f3249aacd8a)
            mstore(0x5bc0, 0x8d00b2a7dbed06c76eacb905beb7e2f8045322b216ec3ec7eb9de00d594828e6)
            mstore(0x5be0, 0x088c5f20df9e5c26f555f4112b19781f238aa6daa612186d9137a5c630bad4b4)
            mstore(0x5c00, 0xc7db3817870c5eda217e4f04e5718dc9cae814e2817bd99de3292e7ab770a8ba)
            mstore(0x5c20, 0x7bb36ef70b6b94823c7835fb85bca2d3fe2cdf8ee3c25e8661b3915ad7274b20)
            mstore(0x5c40, 0xeab75ca7c918e4efb8ccfe9989a391750000000000000019a8cedbff1813d3a7)
            mstore(0x5c60, 0x50dcaee0fd27d164f1cb02417e23bd82faf322786e2abe8b937a4315beb5d9b6)
            mstore(0x5c80, 0x1b18992921a11d857d66c4368b3c497b0e7946317a6b4e99be4430134182978b)
            mstore(0x5ca0, 0x3771e82493ab262da671690d8095ce82d6e15ffc055e154eec67881f381a32bf)
            mstore(0x5cc0, 0xfbb1196092bf409cdc9d2e07830ba2260698ef3245ff7988194fae2974f8b576)
            mstore(0x5ce0, 0x7a5d9bea6ca4910e7aebfea95ccdd1c9f9bd38a67d5f0e86fa65539de65492d8)
            mstore(0x5d00, 0xf0dfcbe7653ff787954a1729f60cc9c50000000000000019b035585f6e929d9d)
            mstore(0x5d20, 0xba1579c7e219b954cb201cf846db4ba3287bf9177372cf45a350e4f61147d0a6)
            mstore(0x5d40, 0xd5d0ecfb50bcff992e166aa6c776ed21e1e66c991990e282662b329b01e7bb38)
            mstore(0x5d60, 0x8aa674b36144d9a9cbabf78f97f95e650bd87ad3904202580ad8617bca9e33c8)
            mstore(0x5d80, 0x0c00ad377a1e26660ac6fc58b3f0518f0c0cc8a892cc41730c210accb117bc21)
            mstore(0x5da0, 0x0b73630dbb46ca180c8be4920cbd4a540bfe877a21be16900ae790559b0ded81)
            mstore(0x5dc0, 0x0bf50db2f8d6ce31deb5b550c4dca53b0000000000000019eec24b15a06b53fe)
            mstore(0x5de0, 0xc8a7aa07c5633533efe9c6fa4311ad51b9173f13977109a169ce43c9cc94aedc)
            mstore(0x5e00, 0xecf623c9cd11881528625def198c33c7ccfc5f7de5c3636af5e6c40f1621c299)
            mstore(0x5e20, 0xcec0e58c34cb64b1a868ea113387939f000cf29427ff7c58000bd9b3cf49eec8)
            mstore(0x5e40, 0x000d1dc8aa81fb26000bc792d5c394ef000d2ae0b2266453000d413f12c496c1)
            mstore(0x5e60, 0x000c84128cfed618000db5ebd48fc0d4000d1b77326dcb90000beb0ccc145421)
            mstore(0x5e80, 0x000d10e5b22b11d1f01bb0b00f77011e0000000000000019d8dddbdc5ce4ef45)
            mstore(0x5ea0, 0xacfc51de8131458c146bb3c0fe499ac09e65309f1594390380d0ad980773aa70)
            mstore(0x5ec0, 0xf97817d4ddbf0607e4626620a75ba2760dfdc7fd6fc74f66f464864ad6f2bb93)
            mstore(0x5ee0, 0x02d55e52a5d44414dd8de62487c4092500000e24c99adad800000cf389ed4bc8)
            mstore(0x5f00, 0x00000e580cbf696600000cde5fd7e04f00000e63628041b300000e7e81a87361)
            mstore(0x5f20, 0x00000dabe78f6d9800000efb14cac55400000e5574743b1000000d05709f42c1)
            mstore(0x5f40, 0x00000e4690c96af1a1ebb404b676afd90000000000000019c15acf44759545a3)
            mstore(0x5f60, 0xcbfdcf39869719d433f62042e2f802252599c5ead81d8fa30b306cb6c1d7c8d0)
            mstore(0x5f80, 0x658c80d3df3729b1e8d1b2b21b41429ca1b67f09d4b3ccb80e1adf8b84437180)
            mstore(0x5fa0, 0x0d593a5e584af47ba023d94c56e151c70000000f7157bc980000000e3006d948)
            mstore(0x5fc0, 0x0000000fa65811e60000000e0d127e2f0000000fc18bfe530000000fd002d901)
            mstore(0x5fe0, 0x0000000eed6461d800000010685627540000000fa0236f500000000e3af13ee1)
            mstore(0x6000, 0x0000000fa460f6d1860b6e1597a0173e000000000000001949026cc3a4afc5a6)
            mstore(0x6020, 0xe06dff00ab25b91b0ab38c561e8850ff92c3c8275e105eebb65256e546889bd0)
            mstore(0x6040, 0x3c0468236ea142f6ee61766b889e18f2a206f41b12c3041502fe9d756c9f12d1)
            mstore(0x6060, 0xe9633210630cbf121ffea9fe85a0b0b10000000011131738000000000f56d588)
            mstore(0x6080, 0x0000000011050f86000000000f848f4f00000000111527d300000000114369a1)
            mstore(0x60a0, 0x00000000106f2f380000000011e2ca9400000000110a29f0000000000fa9f5c1)
            mstore(0x60c0, 0x0000000010f625d1308bb65a036acbce000000000000001981d1ae8cc50240f3)
            mstore(0x60e0, 0xf4c77a079a4607d7ed446b2315e3efc10b0a6b70915178c3b11ff3e089f15d9a)
            mstore(0x6100, 0x1d4dba0b7ae9cc1865d74e2f43b48d05a2df8c6b8ae0804aa4e6f0a8c33348a6)
            mstore(0x6120, 0xc0a26efc7be5669ba6b6582c547d0d60000000000011f718000000000010b6c8)
            mstore(0x6140, 0x0000000000134a96000000000010cf7f0000000000124d03000000000013f8a1)
            mstore(0x6160, 0x0000000000117c580000000000132c940000000000134fc0000000000010a091)
            mstore(0x6180, 0x00000000001289611aca78f31c97c876000000000000001984afc741f1c13213)
            mstore(0x61a0, 0x2f8f43734fc906f3de682d72da0a02d90bb005236adb9ef25bdf35c10a8b5624)
            mstore(0x61c0, 0x0739a8a34395001052f515f44785cfbccbaf4e5d82856c60ac9ea09074e3e150)
            mstore(0x61e0, 0x8f0fa011a2035fb01a37905d8450904a00000000000013000000000000001750)
            mstore(0x6200, 0x000000000000114e000000000000131f000000000000167b0000000000001371)
            mstore(0x6220, 0x0000000000001230000000000000182c00000000000013680000000000000f31)
            mstore(0x6240, 0x00000000000015c9000000000000000000000000000000193abeb80def61cc85)
            mstore(0x6260, 0x9d19c9dd4eac4133075a652d9641a9859daf69ae1b67e667364f71da77920a18)
            mstore(0x6280, 0x50bd769f745c95b1f223d1180dbbf3fc2f885e584e04aa99b69a0fa70aea684a)
            mstore(0x62a0, 0x09584acaa6e062a00bc051640145b19b00000000000000140000000000000022)
            mstore(0x62c0, 0x00000000000000120000000000000027000000000000000d000000000000000d)
            mstore(0x62e0, 0x000000000000001c000000000000000200000000000000100000000000000029)
            mstore(0x6300, 0x000000000000000f000000000000000000000000000000000000000000000000)
        }
    }
}
