//! Steps that another table than `evm` does: the registers that it gets, and the three ways in which such a step goes on.

use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use crate::bus::{Message, outcome};
use crate::execution::PerformedStep;
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
        /// Gas left, in limbs of 16 bits where that is shown.
        pub gas: [T; 3],
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
        X::from_limbs(&self.gas, 16)
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
        self.leave(builder, flag, opcode + X::from_u64(HALTING as u64));
        self.shows_gas(builder, flag);
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

    /// Where `flag` is 1: the gas is below 2^48, and not negative.
    pub fn shows_gas<B: ConstraintBuilder<X = X>>(&self, builder: &mut B, flag: X) {
        range_check_when(builder, &self.gas, flag);
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
    /// Fills the columns. Gas of 2^48 or more gets a high limb that no lookup takes: it cannot be shown.
    pub fn of(step: &PerformedStep) -> Self {
        let felt = Felt::from_noncanonical_u64;
        let (before, gas) = (&step.before, step.before.gas);
        Self {
            clock: felt(step.clock),
            frame: felt(step.frame),
            code: felt(step.code),
            pc: felt(step.pc),
            sp: felt(before.sp),
            gas: [
                felt(gas & 0xffff),
                felt((gas >> 16) & 0xffff),
                felt(gas >> 32),
            ],
            words: felt(before.words),
            writes: felt(before.writes),
        }
    }
}
