//! Steps that another table than `evm` does: the registers that it gets, and the three ways in which such a step goes on.

use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use crate::bus::{Message, outcome};
use crate::execution::PerformedStep;
use crate::gas::{SMALL_SCALE, TOP, gas_limbs, gas_of_limbs};
use crate::limbs::range_check_when;
use crate::tables::opcode::HALTING;

braid_stark::columns! {
    /// Where a step is, and what its frame has before it.
    pub struct Delegated<T> {
        /// The step's number.
        pub clock: T,
        /// The frame.
        pub frame: T,
        /// The bytecode, where the step ends or leaves the frame.
        pub code: T,
        /// Where in it, where the step ends or leaves the frame.
        pub pc: T,
        /// Words on the stack.
        pub sp: T,
        /// Gas left, in limbs ([`crate::gas`]) where that is shown.
        pub gas: [T; 4],
        /// Words of memory.
        pub words: T,
        /// Writes so far that can be undone.
        pub writes: T,
    }
}

/// What a frame has after a step.
#[derive(Clone, Copy, Debug)]
pub struct After<X> {
    /// Words on the stack.
    pub sp: X,
    /// Gas left.
    pub gas: X,
    /// Words of memory.
    pub words: X,
    /// Writes so far that can be undone.
    pub writes: X,
}

impl<X: Expression> Delegated<X> {
    /// Gas left.
    pub fn gas(&self) -> X {
        gas_of_limbs(self.gas, TOP)
    }

    /// What the frame has if the step changes nothing but to cost gas.
    pub fn paid(&self, cost: X) -> After<X> {
        After {
            sp: self.sp,
            gas: self.gas() - cost,
            words: self.words,
            writes: self.writes,
        }
    }

    /// Where `flag` is 1: the frame goes on with the next step.
    pub fn goes_on<B: ConstraintBuilder<X = X>>(
        &self,
        builder: &mut B,
        flag: X,
        opcode: X,
        after: After<X>,
    ) {
        let step = Message::Step {
            clock: self.clock,
            frame: self.frame,
            opcode,
            sp: self.sp,
            next_sp: after.sp,
            gas: self.gas(),
            next_gas: after.gas,
            words: self.words,
            next_words: after.words,
            writes: self.writes,
            next_writes: after.writes,
        };
        builder.receive(step, flag);
    }

    /// Where `flag` is 1: the step ends its frame, or opens another one.
    pub fn leaves<B: ConstraintBuilder<X = X>>(&self, builder: &mut B, flag: X, opcode: X) {
        self.leave(builder, flag, opcode);
    }

    /// Where `flag` is 1: the step halts its frame, which ends. Its gas is shown not to be negative: the frame had not used more than it was given.
    pub fn halts<B: ConstraintBuilder<X = X>>(&self, builder: &mut B, flag: X, opcode: X) {
        let [low, middle, high, most] = self.gas;
        range_check_when(builder, &[low, middle, high, most], flag);
        self.ends(builder, flag, opcode);
    }

    /// As [`Self::halts`]; where `small` is 1, which it may be only where `flag` is, the gas is below [`SMALL_GAS`](crate::gas::SMALL_GAS) too.
    ///
    /// There the top limb is zero, and its lookup serves for a multiple of the third one, which has its own.
    pub fn halts_far<B: ConstraintBuilder<X = X>>(
        &self,
        builder: &mut B,
        flag: X,
        opcode: X,
        small: X,
        label: &'static str,
    ) {
        let [low, middle, high, most] = self.gas;
        builder.assert_zero(label, small * most);
        let top = most + small * high.scale(SMALL_SCALE);
        range_check_when(builder, &[low, middle, high, top], flag);
        self.ends(builder, flag, opcode);
    }

    fn ends<B: ConstraintBuilder<X = X>>(&self, builder: &mut B, flag: X, opcode: X) {
        self.leave(builder, flag, opcode + X::from_u64(HALTING as u64));
        let end = Message::FrameEnd {
            clock: self.clock,
            frame: self.frame,
            outcome: X::from_u64(outcome::HALT),
            gas: X::zero(),
            writes: self.writes,
            offset: X::zero(),
            length: X::zero(),
        };
        builder.send(end, flag);
    }

    fn leave<B: ConstraintBuilder<X = X>>(&self, builder: &mut B, flag: X, index: X) {
        let leave = Message::Leave {
            clock: self.clock,
            frame: self.frame,
            code: self.code,
            pc: self.pc,
            index,
            sp: self.sp,
            gas: self.gas(),
            words: self.words,
            writes: self.writes,
        };
        builder.receive(leave, flag);
    }
}

impl Delegated<Felt> {
    /// Fills the columns. Gas of 2^63 or more gets a limb that no lookup takes: it cannot be shown.
    pub fn of(step: &PerformedStep) -> Self {
        let felt = Felt::from_noncanonical_u64;
        let (before, gas) = (&step.before, step.before.gas);
        Self {
            clock: felt(step.clock),
            frame: felt(step.frame),
            code: felt(step.code),
            pc: felt(step.pc),
            sp: felt(before.sp),
            gas: gas_limbs(gas, TOP),
            words: felt(before.words),
            writes: felt(before.writes),
        }
    }
}
