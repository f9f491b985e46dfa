//! What the contracts of single scenes promise, computed without the EVM.

use super::model::{Model, selector};
use super::*;

const ONE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// A call as its contract sees it.
struct Call<'a> {
    model: &'a mut Model,
    workload: &'a Workload,
    transaction: &'a SignedTransaction,
    address: Address,
    code: &'static Contract,
}

/// Does what a call does that succeeds. Returns the method's signature.
pub fn apply(
    model: &mut Model,
    workload: &Workload,
    transaction: &SignedTransaction,
) -> &'static str {
    let address = transaction.to.unwrap();
    let name = workload.contracts[&address];
    let call = Call {
        model,
        workload,
        transaction,
        address,
        code: Contract::named(name).unwrap(),
    };
    match name {
        "Market" => call.market(),
        "Collectible" => call.collectible(),
        "Lending" => call.lending(),
        "Staking" => call.staking(),
        "Game" => call.game(),
        "Options" => call.options(),
        "Oracle" => call.oracle(),
        _ => panic!("{name}"),
    }
}

fn address(word: U256) -> Address {
    Address::from_word(word.into())
}

/// The bits of a word from one number up to another.
fn bits(word: U256, from: usize, to: usize) -> U256 {
    (word >> from) & ((U256::ONE << (to - from)) - U256::ONE)
}

fn rounded_up(amount: U256, by: U256) -> U256 {
    let (quotient, rest) = (amount / by, amount % by);
    quotient + U256::from(u8::from(!rest.is_zero()))
}

impl Call<'_> {
    fn method(&self, methods: &[&'static str]) -> &'static str {
        let is_called = |method: &&&str| selector(method) == self.transaction.data[..4];
        methods.iter().find(is_called).unwrap()
    }

    fn argument(&self, index: usize) -> U256 {
        U256::from_be_slice(&self.transaction.data[4 + 32 * index..36 + 32 * index])
    }

    fn sender(&self) -> U256 {
        word(self.transaction.sender)
    }

    fn time(&self) -> U256 {
        U256::from(self.workload.file.blocks[0].environment.timestamp)
    }

    fn slot(&mut self, slot: U256) -> &mut U256 {
        self.model.slot(self.workload, self.address, slot)
    }

    fn variable(&mut self, name: &str) -> &mut U256 {
        let slot = self.code.slot(name).unwrap();
        self.slot(slot)
    }

    fn get(&mut self, name: &str) -> U256 {
        *self.variable(name)
    }

    fn of(&mut self, mapping: &str, key: U256) -> &mut U256 {
        self.word_of(mapping, key, 0)
    }

    fn word_of(&mut self, mapping: &str, key: U256, number: u64) -> &mut U256 {
        let slot = self.code.entry(mapping, &[key]).unwrap();
        self.slot(slot + U256::from(number))
    }

    /// Sends a token that a variable names.
    fn send(&mut self, token: &str, [from, to]: [U256; 2], amount: U256) {
        let token = address(self.get(token));
        let ends = [address(from), address(to)];
        self.model.send_token(self.workload, token, ends, amount);
    }

    fn take(&mut self, token: &str, amount: U256) {
        let ends = [self.sender(), word(self.address)];
        self.send(token, ends, amount);
    }

    fn give(&mut self, token: &str, amount: U256) {
        let ends = [word(self.address), self.sender()];
        self.send(token, ends, amount);
    }

    fn price(&mut self) -> U256 {
        let oracle = address(self.get("oracle"));
        let slot = Contract::named("Oracle").unwrap().slot("price").unwrap();
        *self.model.slot(self.workload, oracle, slot)
    }

    fn pay(&mut self, to: U256, amount: U256) {
        self.model.send_wei([self.address, address(to)], amount);
    }

    fn oracle(mut self) -> &'static str {
        let method = self.method(&["setPrice(uint256)"]);
        assert_eq!(self.get("owner"), self.sender());
        *self.variable("price") = self.argument(0);
        *self.variable("updatedAt") = self.time();
        method
    }

    fn collectible(mut self) -> &'static str {
        let method = self.method(&["approve(address,uint256)"]);
        let (approved, id) = (self.argument(0), self.argument(1));
        let owner = *self.of("ownerOf", id);
        assert_eq!(owner, self.sender());
        *self.of("getApproved", id) = approved;
        method
    }

    /// Moves a piece between the sender and the market.
    fn move_piece(&mut self, id: U256, [from, to]: [U256; 2]) {
        let (at, collectible) = (address(self.get("collectible")), "Collectible");
        let code = Contract::named(collectible).unwrap();
        let mut set = |mapping: &str, key: U256, change: &dyn Fn(U256) -> U256| {
            let slot = code.entry(mapping, &[key]).unwrap();
            let word = self.model.slot(self.workload, at, slot);
            *word = change(*word);
        };
        set("ownerOf", id, &|owner| {
            assert_eq!(owner, from);
            to
        });
        set("getApproved", id, &|_| U256::ZERO);
        set("balanceOf", from, &|count| count - U256::ONE);
        set("balanceOf", to, &|count| count + U256::ONE);
    }

    fn market(mut self) -> &'static str {
        let method = self.method(&["list(uint256,uint96)", "buy(uint256)", "cancel(uint256)"]);
        let (id, here, sender) = (self.argument(0), word(self.address), self.sender());
        let listing = *self.of("listings", id);
        let (seller, price) = (bits(listing, 0, 160), bits(listing, 160, 256));
        match method {
            "list(uint256,uint96)" => {
                let offered = self.argument(1);
                *self.of("listings", id) = sender | offered << 160;
                self.move_piece(id, [sender, here]);
            }
            "buy(uint256)" => {
                assert_eq!(price, self.transaction.value);
                *self.of("listings", id) = U256::ZERO;
                self.move_piece(id, [here, sender]);
                // Five percent.
                let royalty = price / U256::from(20);
                let creator = self.get("creator");
                self.pay(creator, royalty);
                self.pay(seller, price - royalty);
            }
            _ => {
                assert_eq!(seller, sender);
                *self.of("listings", id) = U256::ZERO;
                self.move_piece(id, [here, sender]);
            }
        }
        method
    }

    fn debt(&mut self, borrower: U256) -> U256 {
        let index = self.get("index");
        rounded_up(*self.of("sharesOf", borrower) * index, ONE)
    }

    /// A debt in percent of its collateral, rounded down.
    fn percent(&mut self, borrower: U256) -> U256 {
        let worth = *self.of("collateralOf", borrower) * self.price() / ONE;
        self.debt(borrower) * U256::from(100) / worth
    }

    fn repaid(&mut self, borrower: U256, amount: U256) {
        let shares = match amount == self.debt(borrower) {
            true => *self.of("sharesOf", borrower),
            false => amount * ONE / self.get("index"),
        };
        *self.of("sharesOf", borrower) -= shares;
        *self.variable("totalShares") -= shares;
        self.take("debtToken", amount);
    }

    fn lending(mut self) -> &'static str {
        let method = self.method(&[
            "deposit(uint256)",
            "borrow(uint256)",
            "repay(uint256)",
            "withdraw(uint256)",
            "liquidate(address,uint256)",
        ]);
        let sender = self.sender();
        if method == "deposit(uint256)" {
            let amount = self.argument(0);
            *self.of("collateralOf", sender) += amount;
            self.take("collateralToken", amount);
            return method;
        }
        let seconds = self.time() - self.get("lastAccrual");
        let interest = self.get("index") * self.get("rate") * seconds / ONE;
        *self.variable("index") += interest;
        *self.variable("lastAccrual") = self.time();
        match method {
            "borrow(uint256)" => {
                let amount = self.argument(0);
                let shares = rounded_up(amount * ONE, self.get("index"));
                *self.of("sharesOf", sender) += shares;
                *self.variable("totalShares") += shares;
                self.give("debtToken", amount);
                assert!(self.percent(sender) < U256::from(75));
            }
            "repay(uint256)" => {
                let amount = self.argument(0).min(self.debt(sender));
                self.repaid(sender, amount);
            }
            "withdraw(uint256)" => {
                let amount = self.argument(0);
                *self.of("collateralOf", sender) -= amount;
                self.give("collateralToken", amount);
                assert!(self.percent(sender) < U256::from(75));
            }
            _ => {
                let (borrower, amount) = (self.argument(0), self.argument(1));
                assert!(self.percent(borrower) >= U256::from(80));
                let worth = amount * U256::from(108) / U256::from(100);
                let seized = worth * ONE / self.price();
                *self.of("collateralOf", borrower) -= seized;
                self.repaid(borrower, amount);
                self.give("collateralToken", seized);
                assert!(self.percent(borrower) < U256::from(80));
            }
        }
        method
    }

    fn staking(mut self) -> &'static str {
        let method = self.method(&["stake(uint256)", "unstake(uint256)", "claim()"]);
        let sender = self.sender();
        let seconds = self.time() - self.get("lastAccrual");
        let reward = self.get("rate") * seconds;
        let more = reward * ONE / self.get("totalStaked");
        *self.variable("accumulated") += more;
        *self.variable("lastAccrual") = self.time();
        let accumulated = self.get("accumulated");
        let since = accumulated - *self.of("accounted", sender);
        let earned = *self.of("staked", sender) * since / ONE;
        *self.of("earned", sender) += earned;
        *self.of("accounted", sender) = accumulated;
        match method {
            "claim()" => {
                let paid = core::mem::take(self.of("earned", sender));
                assert!(paid > U256::ZERO);
                self.give("rewardToken", paid);
            }
            "stake(uint256)" => {
                let amount = self.argument(0);
                *self.of("staked", sender) += amount;
                *self.variable("totalStaked") += amount;
                self.take("stakeToken", amount);
            }
            _ => {
                let amount = self.argument(0);
                *self.of("staked", sender) -= amount;
                *self.variable("totalStaked") -= amount;
                self.give("stakeToken", amount);
            }
        }
        method
    }

    /// A number that the game's seed and other words decide.
    fn grown(&mut self, words: &[U256]) -> U256 {
        let words = [&[self.get("seed")], words].concat();
        let bytes: Vec<u8> = words
            .iter()
            .flat_map(|word| word.to_be_bytes::<32>())
            .collect();
        U256::from_be_bytes(keccak256(bytes).0)
    }

    fn game(mut self) -> &'static str {
        let method = self.method(&["join()", "move(uint8)", "cashIn()"]);
        let sender = self.sender();
        let player = *self.of("players", sender);
        assert_eq!(bits(player, 0, 8), U256::from(u8::from(method != "join()")));
        let points = player >> 56;
        match method {
            "join()" => {
                let square = self.grown(&[sender]);
                let place = bits(square, 0, 5) << 8 | bits(square, 5, 10) << 16;
                *self.of("players", sender) = U256::ONE | place;
            }
            "move(uint8)" => {
                let [x, y] = [8, 16].map(|from| bits(player, from, from + 8).to::<u64>());
                let (x, y) = match self.argument(0).to::<u8>() {
                    0 => (x, y - 1),
                    1 => (x + 1, y),
                    2 => (x, y + 1),
                    _ => (x - 1, y),
                };
                assert!(x < 32 && y < 32);
                let square = U256::from(32 * y + x);
                let last = *self.of("gatheredAt", square);
                let number = U256::from(self.workload.file.blocks[0].environment.number);
                let mut gathered = U256::ZERO;
                if last.is_zero() || number - last >= U256::from(50) {
                    *self.of("gatheredAt", square) = number;
                    gathered = bits(self.grown(&[square, last]), 0, 3) + U256::ONE;
                }
                let moves = bits(player, 24, 56) + U256::ONE;
                let place = U256::ONE | U256::from(x) << 8 | U256::from(y) << 16;
                *self.of("players", sender) = place | moves << 24 | (points + gathered) << 56;
            }
            _ => {
                assert!(points > U256::ZERO);
                *self.of("players", sender) = bits(player, 0, 56);
                self.give("token", points * ONE);
            }
        }
        method
    }

    fn options(mut self) -> &'static str {
        let method = self.method(&[
            "write(uint128,uint128,uint256,uint64)",
            "buy(uint256)",
            "settle(uint256)",
            "close(uint256)",
        ]);
        let (sender, here) = (self.sender(), word(self.address));
        if method == "write(uint128,uint128,uint256,uint64)" {
            let [amount, strike, premium, expiry] = [0, 1, 2, 3].map(|index| self.argument(index));
            *self.variable("count") += U256::ONE;
            let id = self.get("count");
            *self.word_of("options", id, 0) = sender | expiry << 160;
            *self.word_of("options", id, 2) = strike | amount << 128;
            *self.word_of("options", id, 3) = premium;
            self.take("underlying", amount);
            return method;
        }
        let id = self.argument(0);
        let [first, holder, terms, premium] =
            [0, 1, 2, 3].map(|number| *self.word_of("options", id, number));
        let (writer, expiry) = (bits(first, 0, 160), bits(first, 160, 224));
        let (strike, amount) = (bits(terms, 0, 128), bits(terms, 128, 256));
        let expired = expiry < self.time();
        if method == "buy(uint256)" {
            assert!(holder.is_zero() && !writer.is_zero() && !expired);
            *self.word_of("options", id, 1) = sender;
            self.send("quote", [sender, writer], premium);
            return method;
        }
        for number in 0..4 {
            *self.word_of("options", id, number) = U256::ZERO;
        }
        if method == "settle(uint256)" {
            assert!(holder == sender && !expired);
            let price = self.price();
            let payoff = amount * (price - strike) / price;
            assert!(payoff > U256::ZERO);
            self.give("underlying", payoff);
            self.send("underlying", [here, writer], amount - payoff);
        } else {
            assert!(writer == sender && (expired || holder.is_zero()));
            self.give("underlying", amount);
        }
        method
    }
}
