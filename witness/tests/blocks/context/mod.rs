//! What a block is told beside its environment: hashes of earlier blocks, excess blob gas, the parent's beacon root.

pub(super) mod beacon_root;
mod hashes;

use alloy_primitives::{address, hex};
use braid_witness::execution::baseline::run_sequentially;
use braid_witness::execution::changed::Changed;
use braid_witness::execution::machine::transaction_input;
use braid_witness::execution::{
    Detail, ExecutedBlock, Options, StateChanges, StateReader, execute_next,
};
use braid_witness::store::{Ahead, Genesis, Store};

use super::*;

const CONTRACT: Address = address!("00000000000000000000000000000000000000c0");

/// `storage[1] = blockhash(calldata[0]); storage[2] = blobbasefee + 1`.
const PROBE: &[u8] = &hex!("5f35406001554a60010160025500");

/// A block of one call of `CONTRACT`, which has this code.
fn call(code: &[u8], data: U256) -> BlockFile {
    let call = Draft {
        to: Some(CONTRACT),
        gas_limit: 1_000_000,
        data: Bytes::from(data.to_be_bytes::<32>()),
        ..draft()
    };
    let mut file = file(vec![call.sign(&key()).unwrap()]);
    let account = AllocAccount {
        code: Bytes::copy_from_slice(code),
        nonce: 1,
        ..AllocAccount::default()
    };
    file.alloc.insert(CONTRACT, account);
    file
}

const ROOT: B256 = B256::repeat_byte(0xbe);

/// Executes a file in every way there is, all with the same state, and gives the chain after it.
pub(super) fn everywhere(file: &BlockFile) -> MemoryChain {
    let (execution, after) = execute_file(file, Settings::default()).unwrap();
    for (workers, detail) in [
        (1, Detail::Receipts),
        (2, Detail::Receipts),
        (2, Detail::Accesses),
    ] {
        let options = Options {
            workers,
            detail,
            ..Options::default()
        };
        let settings = Settings {
            options,
            ..Settings::default()
        };
        let (_, other) = execute_file(file, settings).unwrap();
        assert_eq!(other.position(), after.position());
        let folder = tempfile::tempdir().unwrap();
        drop(Store::init(folder.path(), &Genesis::from(file)).unwrap());
        let untouched = tempfile::tempdir().unwrap();
        let base = Store::init(untouched.path(), &Genesis::from(file)).unwrap();
        let mut ahead = Ahead::new(base.snapshot().unwrap()).unwrap();
        for block in &file.blocks {
            let mut store = Store::open(folder.path(), None).unwrap();
            execute_next(&mut store, block, settings).unwrap();
            execute_next(&mut ahead, block, settings).unwrap();
        }
        let store = Store::open(folder.path(), None).unwrap();
        assert_eq!(store.position(), after.position());
        assert_eq!(store.block_hashes(), after.block_hashes());
        assert_eq!(ahead.position(), after.position());
        assert_eq!(ahead.block_hashes(), after.block_hashes());
        store.check().unwrap();
        // A file that begins there has the same state.
        let next = after.next_file(vec![file.blocks[0].clone()]);
        let next = MemoryChain::new(&next).unwrap();
        assert_eq!(next.position(), after.position());
        assert_eq!(next.tree().root(), after.tree().root());
    }
    sequentially(file, &execution.blocks);
    after
}

/// revm as it comes, one transaction after the other, uses the same gas.
fn sequentially(file: &BlockFile, blocks: &[ExecutedBlock]) {
    let mut chain = MemoryChain::new(file).unwrap();
    for block in blocks {
        let context = block.context(file.chain_id);
        let mut hashes = chain.block_hashes();
        hashes
            .add_older(block.environment.number, &block.older_hashes)
            .unwrap();
        let state = Changed::new(chain.state(), &block.before_transactions).unwrap();
        let inputs = block.transactions.iter();
        let inputs = inputs.map(|sent| transaction_input(sent, file.chain_id));
        let baseline = run_sequentially(context, &hashes, &state, inputs.collect()).unwrap();
        assert_eq!(baseline.gas_used(), block.execution.gas_used);
        let (changes, end) = (&block.execution.changes, block.end);
        chain.commit(changes, &mut |_| end).unwrap();
    }
}

pub(super) fn slot(chain: &MemoryChain, owner: Address, slot: u64) -> U256 {
    StateReader::storage(chain.state(), &owner, &U256::from(slot)).unwrap()
}

#[test]
fn blobbasefee_follows_from_excess_blob_gas() {
    // fake_exponential(1, excess, 3338477) of EIP-4844, computed elsewhere.
    for (excess, fee) in [
        (0, 1_u128),
        (2_314_057, 1),
        (2_314_058, 2),
        (33_384_770, 22_026),
        (123_456_789, 11_486_776_553_980_105),
        // Products of the series are above 2^128 from here on.
        (0xb80_0000, 12_555_688_118_111_577_933_600_903),
        (0x1000_0000, 83_200_500_732_866_196_060_179_883_162_823_018),
        // The last one below 2^128.
        (
            296_199_157,
            340_282_290_560_605_955_201_531_563_932_614_965_989,
        ),
    ] {
        let mut file = call(PROBE, U256::from(101));
        file.blocks[0].excess_blob_gas = excess;
        let after = everywhere(&file);
        assert_eq!(slot(&after, CONTRACT, 2), U256::from(fee + 1), "{excess}");
    }
    // Nothing in a block of transfers sees it, so that it can be proved.
    let mut file = file(vec![draft().sign(&key()).unwrap()]);
    let plain = execute(&file).unwrap();
    file.blocks[0].excess_blob_gas = 33_384_770;
    file.blocks[0].older_hashes = [(60, B256::ZERO)].into();
    let mut executed = execute(&file).unwrap();
    // The block hash has it all the same.
    let fee = &mut executed.blocks[0].environment.blob_base_fee;
    assert_eq!(core::mem::replace(fee, U256::ONE), U256::from(22_026));
    let transactions = |found: &braid_witness::ExecutedBlocks| found.blocks[0].transactions.clone();
    assert_eq!(transactions(&executed), transactions(&plain));
}

#[test]
fn excess_blob_gas_whose_price_exceeds_128_bits_is_refused_at_once() {
    for excess in [296_199_158, 0x1_0000_0000, 1 << 63, u64::MAX] {
        let mut file = call(PROBE, U256::from(101));
        file.blocks[0].excess_blob_gas = excess;
        let refused = execute_file(&file, Settings::default()).map(|_| ());
        let refused = refused.unwrap_err();
        assert!(refused.to_string().contains("excessBlobGas"), "{refused}");
        assert!(matches!(refused, Error::InvalidBlock { .. }), "{refused}");
        // Proving refuses the call as well.
        let refused = execute(&file).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidBlock, "{refused}");
        let refused = BlockFile::from_json(file.to_json().as_bytes()).unwrap_err();
        assert!(
            matches!(&refused, Error::Malformed { place, .. } if place == "blocks[0].excessBlobGas"),
            "{refused}"
        );
    }
}

#[test]
fn files_say_all_of_it_and_old_files_say_nothing() {
    let mut file = file(vec![]);
    let json = file.to_json();
    for field in ["blockHashes", "excessBlobGas", "parentBeaconBlockRoot"] {
        assert!(!json.contains(field));
    }
    file.blocks[0].older_hashes = [(9, B256::repeat_byte(1)), (10, B256::ZERO)].into();
    file.blocks[0].excess_blob_gas = 296_199_157;
    file.blocks[0].parent_beacon_block_root = Some(ROOT);
    let json = file.to_json();
    assert_eq!(BlockFile::from_json(json.as_bytes()).unwrap(), file);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let block = &json["blocks"][0];
    assert_eq!(
        block["blockHashes"]["0x9"],
        format!("0x{}", "01".repeat(32))
    );
    assert_eq!(block["excessBlobGas"], "0x11a7a3f5");
    assert_eq!(
        block["parentBeaconBlockRoot"],
        format!("0x{}", "be".repeat(32))
    );
}
