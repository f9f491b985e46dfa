//! The contracts of the workloads are what deploying leaves.

use super::*;

/// The compiler's own initialisation leaves the code and the variables that the workloads put into the state.
#[test]
fn deploying_gives_the_accounts_that_workloads_start_with() {
    let deployer = Address::repeat_byte(0xd0);
    let (one, two) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let supply = U256::from(77);
    let deploy = |contract: &Contract, arguments: &[U256]| {
        let mut code = contract.creation.to_vec();
        for argument in arguments {
            code.extend(argument.to_be_bytes::<32>());
        }
        created(deployer, code.into())
    };

    let token = Contract::named("Token").unwrap();
    let (code, storage) = deploy(token, &[supply]);
    assert_eq!(code, token.runtime);
    assert_eq!(storage[&token.slot("totalSupply").unwrap()], supply);
    assert_eq!(storage[&balance_slot(deployer)], supply);

    let pool = Contract::named("Pool").unwrap();
    let (code, storage) = deploy(pool, &[word(one), word(two)]);
    assert_eq!(code, pool.runtime);
    assert_eq!(storage[&pool.slot("token0").unwrap()], word(one));
    assert_eq!(storage[&pool.slot("token1").unwrap()], word(two));
    assert_eq!(storage[&pool.slot("locked").unwrap()], U256::ONE);

    let collectible = Contract::named("Collectible").unwrap();
    let (code, storage) = deploy(collectible, &[PIECE_PRICE, U256::from(9)]);
    assert_eq!(code, collectible.runtime);
    assert_eq!(
        storage[&collectible.slot("seller").unwrap()],
        word(deployer)
    );
    assert_eq!(storage[&collectible.slot("price").unwrap()], PIECE_PRICE);
    assert_eq!(storage[&collectible.slot("limit").unwrap()], U256::from(9));
}

/// The same of the contracts with scenes of their own: what their constructors set, and nothing else.
#[test]
fn deploying_gives_the_contracts_of_scenes() {
    let deployer = word(Address::repeat_byte(0xd0));
    let [one, two, three] = [1, 2, 3].map(|byte| word(Address::repeat_byte(byte)));
    let (number, now) = (U256::from(500), U256::from(1_700_000_012));
    let unit = U256::from(10).pow(U256::from(18));
    type Words<'a> = &'a [(&'static str, U256)];
    let cases: [(&str, &[U256], Words<'_>); 6] = [
        (
            "Oracle",
            &[number],
            &[("owner", deployer), ("price", number), ("updatedAt", now)],
        ),
        (
            "Market",
            &[one, two, number],
            &[("collectible", one), ("creator", two), ("royalty", number)],
        ),
        (
            "Lending",
            &[one, two, three, number],
            &[
                ("collateralToken", one),
                ("debtToken", two),
                ("oracle", three),
                ("rate", number),
                ("index", unit),
                ("lastAccrual", now),
            ],
        ),
        (
            "Staking",
            &[one, two, number, now],
            &[
                ("stakeToken", one),
                ("rewardToken", two),
                ("rate", number),
                ("end", now),
                ("lastAccrual", now),
            ],
        ),
        ("Game", &[one, number], &[("token", one), ("seed", number)]),
        (
            "Options",
            &[one, two, three],
            &[("underlying", one), ("quote", two), ("oracle", three)],
        ),
    ];
    for (name, arguments, expected) in cases {
        let contract = Contract::named(name).unwrap();
        let mut code = contract.creation.to_vec();
        for argument in arguments {
            code.extend(argument.to_be_bytes::<32>());
        }
        let (code, storage) = created(Address::repeat_byte(0xd0), code.into());
        assert_eq!(code, contract.runtime);
        let expected = expected
            .iter()
            .map(|(variable, value)| (contract.slot(variable).unwrap(), *value));
        assert_eq!(storage, expected.collect(), "{name}");
    }
}

/// Creates a contract and returns its code and storage.
fn created(deployer: Address, init_code: Bytes) -> (Bytes, BTreeMap<U256, U256>) {
    let workload = generate(&Preset::Transfers.config(1, 1)).unwrap();
    let mut block = workload.context().unwrap();
    block.environment.base_fee = U256::ZERO;
    let input = TxEnv {
        caller: deployer,
        gas_limit: 5_000_000,
        gas_price: 0,
        kind: TxKind::Create,
        data: init_code,
        chain_id: Some(SAMPLE_CHAIN_ID),
        ..TxEnv::default()
    };
    let state = State::default();
    let hashes = BlockHashes::default();
    let Baseline { results, state } =
        run_sequentially(block, &hashes, &state, vec![input]).unwrap();
    let ExecutionResult::Success {
        output: Output::Create(code, Some(address)),
        ..
    } = &results[0]
    else {
        panic!("{:?}", results[0]);
    };
    let storage = state[address].storage.iter();
    let storage = storage.map(|(slot, value)| (*slot, value.present_value));
    (code.clone(), storage.collect())
}
