//! What the contracts of the workloads promise, computed without the EVM.

use super::*;

/// Balances in wei, storage, owners and reserves, kept without an EVM.
pub struct Model {
    wei: BTreeMap<Address, U256>,
    /// Slots of all contracts but pools and the sale of collectibles.
    slots: BTreeMap<(Address, U256), U256>,
    reserves: BTreeMap<Address, [U256; 2]>,
    owners: Vec<Address>,
}

impl Model {
    pub fn before(workload: &Workload) -> Self {
        let alloc = &workload.file.alloc;
        let wei = alloc
            .iter()
            .map(|(address, account)| (*address, account.balance));
        let mask = (U256::ONE << 112) - U256::ONE;
        let reserves = workload.pools.iter().map(|pool| {
            let slot = Contract::named("Pool").unwrap().slot("reserve0").unwrap();
            let packed = alloc[&pool.address].storage[&slot];
            (pool.address, [packed & mask, packed >> 112 & mask])
        });
        Self {
            wei: wei.collect(),
            slots: BTreeMap::new(),
            reserves: reserves.collect(),
            owners: Vec::new(),
        }
    }

    pub fn slot(&mut self, workload: &Workload, address: Address, slot: U256) -> &mut U256 {
        let before = || stored(&workload.file.alloc[&address].storage, slot);
        self.slots.entry((address, slot)).or_insert_with(before)
    }

    pub fn send_wei(&mut self, [from, to]: [Address; 2], amount: U256) {
        *self.wei.entry(from).or_default() -= amount;
        *self.wei.entry(to).or_default() += amount;
    }

    pub fn send_token(
        &mut self,
        workload: &Workload,
        token: Address,
        [from, to]: [Address; 2],
        amount: U256,
    ) {
        *self.slot(workload, token, balance_slot(from)) -= amount;
        *self.slot(workload, token, balance_slot(to)) += amount;
    }

    fn swap(&mut self, workload: &Workload, pool: PoolPlace, trader: Address, arguments: &[U256]) {
        let token_in = Address::from_word(arguments[0].into());
        let (amount, minimum) = (arguments[1], arguments[2]);
        let [reserve0, reserve1] = self.reserves[&pool.address];
        let zero_for_one = token_in == pool.token0;
        assert!(zero_for_one || token_in == pool.token1);
        let (reserve_in, reserve_out, token_out) = match zero_for_one {
            true => (reserve0, reserve1, pool.token1),
            false => (reserve1, reserve0, pool.token0),
        };
        // (in + 0.997 amount) (out - bought) = in * out, rounded down.
        let thousand = U256::from(1_000);
        let paid = amount * U256::from(997);
        let bought = paid * reserve_out / (reserve_in * thousand + paid);
        assert!(bought >= minimum && !bought.is_zero());
        assert!((reserve_in + amount) * (reserve_out - bought) > reserve_in * reserve_out);
        self.send_token(workload, token_in, [trader, pool.address], amount);
        self.send_token(workload, token_out, [pool.address, trader], bought);
        let after = match zero_for_one {
            true => [reserve0 + amount, reserve1 - bought],
            false => [reserve0 - bought, reserve1 + amount],
        };
        self.reserves.insert(pool.address, after);
    }

    /// Takes what a transaction costs.
    pub fn pay_fee(&mut self, workload: &Workload, transaction: &SignedTransaction, gas_used: u64) {
        let environment = workload.file.blocks[0].environment;
        let price = effective_gas_price(transaction, environment.base_fee);
        *self.wei.entry(transaction.sender).or_default() -= price * U256::from(gas_used);
        *self.wei.entry(environment.coinbase).or_default() +=
            tip(transaction, environment.base_fee, gas_used);
    }

    /// Does what a transaction does that succeeds. Returns the method that it calls.
    pub fn apply(&mut self, workload: &Workload, transaction: &SignedTransaction) -> &'static str {
        let (sender, to) = (transaction.sender, transaction.to.unwrap());
        self.send_wei([sender, to], transaction.value);
        let words = transaction.data.get(4..).unwrap_or_default();
        let arguments: Vec<U256> = words.chunks(32).map(U256::from_be_slice).collect();
        if workload.tokens.contains(&to) {
            let method = "transfer(address,uint256)";
            assert_eq!(transaction.data[..4], selector(method));
            let recipient = Address::from_word(arguments[0].into());
            self.send_token(workload, to, [sender, recipient], arguments[1]);
            method
        } else if let Some(pool) = workload.pools.iter().find(|pool| pool.address == to) {
            let method = "swap(address,uint256,uint256,address)";
            assert_eq!(transaction.data[..4], selector(method));
            self.swap(workload, *pool, sender, &arguments);
            method
        } else if workload.collectible == Some(to) {
            assert_eq!(transaction.data[..4], selector("mint()"));
            assert_eq!(transaction.value, PIECE_PRICE);
            self.owners.push(sender);
            "mint()"
        } else if workload.contracts.contains_key(&to) {
            contracts::apply(self, workload, transaction)
        } else {
            assert!(transaction.data.is_empty());
            ""
        }
    }

    /// Compares with what revm left, and returns how many values there were.
    pub fn compare(&self, workload: &Workload, after: &After<'_>) -> usize {
        for (address, wei) in &self.wei {
            assert_eq!(after.wei(*address), *wei, "{address}");
        }
        for ((address, slot), value) in &self.slots {
            let name = workload.contracts[address];
            assert_eq!(after.slot(*address, *slot), *value, "{name} {slot}");
        }
        // And nothing else has changed.
        for (address, name) in &workload.contracts {
            if *name == "Pool" || workload.collectible == Some(*address) {
                continue;
            }
            let account = after.baseline.state.get(address);
            for (slot, value) in account.iter().flat_map(|account| &account.storage) {
                let before = stored(&workload.file.alloc[address].storage, *slot);
                let expected = self.slots.get(&(*address, *slot)).copied();
                let expected = expected.unwrap_or(before);
                assert_eq!(value.present_value, expected, "{name} {slot}");
            }
        }
        let code = Contract::named("Pool").unwrap();
        for (pool, [reserve0, reserve1]) in &self.reserves {
            let packed = after.slot(*pool, code.slot("reserve0").unwrap());
            let reserves = code.packed("reserve0", *reserve0).unwrap()
                | code.packed("reserve1", *reserve1).unwrap();
            let mask = (U256::ONE << 224) - U256::ONE;
            assert_eq!(packed & mask, reserves);
            // Free to be entered again.
            assert_eq!(after.slot(*pool, code.slot("locked").unwrap()), U256::ONE);
        }
        if let Some(address) = workload.collectible {
            let code = Contract::named("Collectible").unwrap();
            let sold = after.slot(address, code.slot("totalSupply").unwrap());
            assert_eq!(sold, U256::from(self.owners.len()));
            for (index, owner) in self.owners.iter().enumerate() {
                let slot = code.entry("ownerOf", &[U256::from(index + 1)]).unwrap();
                assert_eq!(after.slot(address, slot), word(*owner));
            }
        }
        self.wei.len() + self.slots.len() + self.reserves.len() + self.owners.len()
    }
}

/// The state after the block.
pub struct After<'a> {
    pub workload: &'a Workload,
    pub baseline: &'a Baseline,
}

impl After<'_> {
    pub fn wei(&self, address: Address) -> U256 {
        let before = self.workload.file.alloc.get(&address);
        match self.baseline.state.get(&address) {
            Some(account) => account.info.balance,
            None => before.map(|account| account.balance).unwrap_or_default(),
        }
    }

    pub fn slot(&self, address: Address, slot: U256) -> U256 {
        let account = self.baseline.state.get(&address);
        match account.and_then(|account| account.storage.get(&slot)) {
            Some(value) => value.present_value,
            None => stored(&self.workload.file.alloc[&address].storage, slot),
        }
    }
}

fn stored(storage: &BTreeMap<U256, U256>, slot: U256) -> U256 {
    storage.get(&slot).copied().unwrap_or_default()
}

pub fn balance_slot(holder: Address) -> U256 {
    let token = Contract::named("Token").unwrap();
    token.entry("balanceOf", &[word(holder)]).unwrap()
}

pub fn selector(signature: &str) -> [u8; 4] {
    keccak256(signature)[..4].try_into().unwrap()
}
