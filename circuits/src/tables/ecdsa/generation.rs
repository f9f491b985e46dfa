//! Filling `ecdsa` and `secp_ladder`.

use core::array::from_fn;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{EcdsaColumns, Point};
use crate::bus::string;
use crate::error::Error;
use crate::limbs::{felts, limbs16, product, square};
use crate::secp256k1::scalar::{DIGIT_SURPLUS, Halves, digits_of, halve, split};
use crate::secp256k1::{Affine, HALF_ORDER, N, P, folded, mul, unsigned_limbs};
use crate::tables::arith::Operation;
use crate::tables::keccak_sponge::HashRequest;
use crate::tables::secp_ladder::{LadderRequest, SecpLadderColumns, fill_block};
use crate::word::{hash_word, word};

/// A signature to be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EcdsaRequest {
    /// What was signed.
    pub hash: B256,
    /// Parity of R's y.
    pub odd_y: bool,
    /// r.
    pub r: U256,
    /// s.
    pub s: U256,
    /// The public key's x.
    pub public_key_x: U256,
    /// The public key's y.
    pub public_key_y: U256,
    /// The signer.
    pub address: Address,
    /// Whether the public key would be infinity instead; then the given one is any.
    pub infinite: bool,
}

/// Filled tables and what they ask of others.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The rows of `ecdsa`.
    pub ecdsa: Trace,
    /// The rows of `secp_ladder`.
    pub ladder: Trace,
    /// For `arith`.
    pub operations: Vec<Operation>,
    /// For the sponge.
    pub hashes: Vec<HashRequest>,
}

/// One row for each of `requests`, in order, and its block of the ladder.
///
/// # Errors
/// When a signature is out of range or is not the given key's and address's.
pub fn generate(requests: &[EcdsaRequest]) -> Result<Generated, Error> {
    let mut generated = Generated {
        ecdsa: Trace::new(EcdsaColumns::<Felt>::WIDTH),
        ladder: Trace::new(SecpLadderColumns::<Felt>::WIDTH),
        operations: Vec::with_capacity(10 * requests.len()),
        hashes: Vec::with_capacity(requests.len()),
    };
    for (request, index) in requests.iter().zip(1..) {
        let refused = |why| Error::Events(format!("signature {index} {why}"));
        check(request).map_err(refused)?;
        let witness = Witness::of(request).map_err(refused)?;
        let (witness, (offset, block)) = witness
            .first_multiple(fill_block)
            .ok_or_else(|| refused("does not belong to the public key"))?;
        for row in block {
            *generated.ladder.push() = row;
        }
        witness
            .fill(generated.ecdsa.push(), offset)
            .ok_or_else(|| refused("has a point that is not on the curve"))?;
        witness.operations(&mut generated.operations);
        let bytes = Bytes::copy_from_slice(&witness.key_bytes);
        generated.hashes.push(HashRequest {
            by_limbs: true,
            ..HashRequest::whole(string::PUBLIC_KEY, index, bytes)
        });
    }
    Ok(generated)
}

/// How many multiples of `z`, `v` and `w` are tried. A signer who makes `z` and `v` small chooses the digits of `w` at will, and
/// can search for digits with which an addition fails in the base field, for one offset after the other (2^62 steps and 62
/// of the 256 bits of `w` each). Those digits are used up after four offsets; multiples of the scalars have others.
const MULTIPLES: u128 = 4;

/// Everything about one signature.
#[derive(Clone)]
pub(super) struct Witness {
    pub(super) request: EcdsaRequest,
    pub(super) ladder: LadderRequest,
    pub(super) key_bytes: [u8; 64],
    pub(super) digest: B256,
    pub(super) z: U256,
    pub(super) v: U256,
    pub(super) w: U256,
    pub(super) digits: U256,
}

/// What is left of 2^256 above a limit.
fn room(limit: U256) -> U256 {
    U256::ZERO.wrapping_sub(limit)
}

/// What [`Witness::of`] does not need to hold.
fn check(request: &EcdsaRequest) -> Result<(), &'static str> {
    let EcdsaRequest { r, s, .. } = *request;
    let in_range = |value: U256, limit: U256| !value.is_zero() && value < limit;
    if !in_range(r, N) || !in_range(s, HALF_ORDER.wrapping_add(U256::ONE)) {
        return Err("has r or s out of range");
    }
    let key = Affine {
        x: request.public_key_x,
        y: request.public_key_y,
    };
    if !key.is_on_curve() {
        return Err("has a public key that is not on the curve");
    }
    Ok(())
}

impl Witness {
    pub(super) fn of(request: &EcdsaRequest) -> Result<Self, &'static str> {
        let EcdsaRequest { r, s, .. } = *request;
        let nonce_point = Affine::decompress(r, request.odd_y).ok_or("has an r without a point")?;
        let key = Affine {
            x: request.public_key_x,
            y: request.public_key_y,
        };
        let mut key_bytes = [0; 64];
        key_bytes[..32].copy_from_slice(&key.x.to_be_bytes::<32>());
        key_bytes[32..].copy_from_slice(&key.y.to_be_bytes::<32>());
        let digest = keccak256(key_bytes);
        if digest[12..] != request.address[..] {
            return Err("does not belong to the address");
        }
        let inverse = s.inv_mod(N).ok_or("has an s without an inverse")?;
        let halves = match request.infinite {
            false => halve((r % N).mul_mod(inverse, N)),
            true => Halves {
                z: U256::ONE,
                v: U256::ZERO,
                negative: false,
            },
        };
        let hash = U256::from_be_bytes(request.hash.0);
        let w = hash.mul_mod(inverse, N).mul_mod(halves.z, N);
        let digits = digits_of(w);
        let (low, high) = split(digits);
        Ok(Self {
            request: *request,
            ladder: LadderRequest {
                nonce_point,
                key,
                negative: halves.negative,
                z: split(halves.z).0,
                v: split(halves.v).0,
                low,
                high,
            },
            key_bytes,
            digest,
            z: halves.z,
            v: halves.v,
            w,
            digits,
        })
    }

    /// The first multiple that `fill` finds a ladder for.
    pub(super) fn first_multiple<T>(
        &self,
        fill: impl Fn(&LadderRequest) -> Option<T>,
    ) -> Option<(Self, T)> {
        (1..=MULTIPLES)
            .map_while(|factor| self.multiple(factor))
            .find_map(|multiple| fill(&multiple.ladder).map(|filled| (multiple, filled)))
    }

    /// The same claim with all scalars multiplied by `factor`, if `z` and `v` stay below 2^128.
    pub(super) fn multiple(&self, factor: u128) -> Option<Self> {
        let z = self.ladder.z.checked_mul(factor)?;
        let v = self.ladder.v.checked_mul(factor)?;
        let w = self.w.mul_mod(U256::from(factor), N);
        let digits = digits_of(w);
        let (low, high) = split(digits);
        Some(Self {
            ladder: LadderRequest {
                z,
                v,
                low,
                high,
                ..self.ladder
            },
            z: U256::from(z),
            v: U256::from(v),
            w,
            digits,
            ..self.clone()
        })
    }

    pub(super) fn fill(&self, row: &mut EcdsaColumns<Felt>, offset: usize) -> Option<()> {
        let EcdsaRequest {
            hash, odd_y, r, s, ..
        } = self.request;
        let LadderRequest {
            nonce_point,
            key,
            negative,
            ..
        } = self.ladder;
        row.active = Felt::ONE;
        row.infinite = Felt::from_bool(self.request.infinite);
        row.hash = hash_word(hash);
        row.odd_y = Felt::from_bool(odd_y);
        row.half_y = Felt::from_canonical_u64(limbs16(nonce_point.y)[0] >> 1);
        row.s = word(s);
        fill_point(&mut row.nonce_point, nonce_point)?;
        fill_point(&mut row.key, key)?;
        *row.offset.get_mut(offset)? = Felt::ONE;
        let half = |value| from_fn(|k| word(value)[k]);
        row.z = half(self.z);
        row.v = half(self.v);
        row.digits = word(self.digits);
        row.w = word(self.w);
        self.fill_total(row);
        let modulo = |a: U256, b: U256| word(a.mul_mod(b, N));
        row.hash_product = modulo(s, self.w);
        row.r_product = modulo(self.z, r);
        row.v_product = modulo(s, self.v);
        row.negative = Felt::from_bool(negative);
        let sums: [Felt; 3] = [
            row.z.into_iter().sum(),
            row.nonce_point.x.into_iter().sum(),
            row.s.into_iter().sum(),
        ];
        for (inverse, sum) in row.inverses.iter_mut().zip(sums) {
            *inverse = sum.try_inverse()?;
        }
        let below = |a: U256, limit: U256| word(a.wrapping_add(room(limit)));
        row.r_room = below(r, N);
        row.s_room = below(s, HALF_ORDER.wrapping_add(U256::ONE));
        row.nonce_y_room = below(nonce_point.y, P);
        row.key_x_room = below(key.x, P);
        row.key_y_room = below(key.y, P);
        row.digest = hash_word(self.digest);
        Some(())
    }

    /// The sum of the digits and their surplus.
    fn fill_total(&self, row: &mut EcdsaColumns<Felt>) {
        let reduced = self.w < DIGIT_SURPLUS;
        row.w_reduced = Felt::from_bool(reduced);
        let limb = |value: U256, k: usize| {
            i128::from(limbs16(value)[2 * k]) + (i128::from(limbs16(value)[2 * k + 1]) << 16)
        };
        let mut carry = 0;
        for (k, cell) in row.w_carries.iter_mut().enumerate() {
            let taken = if reduced { limb(N, k) } else { 0 };
            let sum = limb(self.digits, k) + limb(DIGIT_SURPLUS, k) + carry;
            carry = (sum - limb(self.w, k) - taken) >> 32;
            *cell = crate::limbs::signed_felt(carry);
        }
    }

    /// The claims that the row makes of `arith`.
    pub(super) fn operations(&self, operations: &mut Vec<Operation>) {
        let EcdsaRequest { hash, r, s, .. } = self.request;
        let LadderRequest {
            nonce_point,
            key,
            negative,
            ..
        } = self.ladder;
        let below = |a: U256, limit: U256| Operation::Add { a, b: room(limit) };
        operations.extend([
            below(r, N),
            below(s, HALF_ORDER.wrapping_add(U256::ONE)),
            below(nonce_point.y, P),
            below(key.x, P),
            below(key.y, P),
        ]);
        let modulo = |a: U256, b: U256| Operation::MulMod { a, b, m: N };
        operations.extend([
            modulo(s, self.w),
            modulo(self.z, U256::from_be_bytes(hash.0)),
            modulo(self.z, r),
            modulo(s, self.v),
        ]);
        if negative {
            operations.push(Operation::Add {
                a: self.z.mul_mod(r, N),
                b: s.mul_mod(self.v, N),
            });
        }
    }
}

fn fill_point(cells: &mut Point<Felt>, point: Affine) -> Option<()> {
    let x_squared = mul(point.x, point.x);
    let [x, y, squared] = [point.x, point.y, x_squared].map(unsigned_limbs);
    cells.x = felts(limbs16(point.x));
    cells.y = felts(limbs16(point.y));
    cells.x_squared = felts(limbs16(x_squared));
    let joined: [i64; 8] = from_fn(|k| -(squared[2 * k] + (squared[2 * k + 1] << 16)));
    cells.square_carries = folded::carries(&square(&x), &joined)?;
    let (y_squared, cube) = (square(&y), product(&squared, &x));
    let products = from_fn(|k| y_squared[k] - cube[k]);
    cells.curve_carries = folded::carries(&products, &[-7, 0, 0, 0, 0, 0, 0, 0])?;
    Some(())
}
