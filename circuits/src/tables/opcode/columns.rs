//! The columns of `opcode`.

braid_stark::columns! {
    /// A row.
    pub struct OpcodeColumns<T> {
        /// How often the entry is looked up.
        pub count: T,
        /// How often the push length is looked up.
        pub push_count: T,
        /// How often what the opcode needs is looked up.
        pub needs_count: T,
    }
}

braid_stark::columns! {
    /// What the step table does with an opcode. All are 0 or 1 but for `length`, `depth` and `cost`.
    pub struct Operation<T> {
        /// Bytes of the instruction, its data included.
        pub length: T,
        /// A word is popped from the top of the stack.
        pub pops_a: T,
        /// A word is popped at `depth`.
        pub pops_b: T,
        /// How far below the top `b` is: 0 for the top itself.
        pub depth: T,
        /// A word is pushed.
        pub pushes: T,
        /// `a` is put where `b` was.
        pub keeps: T,
        /// The result is a function of the operands.
        pub computes: T,
        /// The result is a function of where the instruction is.
        pub immediate: T,
        /// The result is a function of the frame.
        pub environment: T,
        /// The step jumps.
        pub jumps: T,
        /// The step jumps unless `b` is zero.
        pub jumps_if: T,
        /// Another table does the step, and the frame goes on.
        pub steps: T,
        /// Another table does the step, and another frame goes on.
        pub leaves: T,
        /// The step halts the frame.
        pub halts: T,
        /// Gas of the step if no other table does it.
        pub cost: T,
    }
}

braid_stark::columns! {
    /// What a row offers.
    pub struct Fixed<T> {
        /// Index of the entry.
        pub index: T,
        /// What is done.
        pub operation: Operation<T>,
        /// A byte.
        pub byte: T,
        /// Bytes of data that follow it.
        pub push_length: T,
        /// What it needs if it is an opcode.
        pub needs: Needs<T>,
    }
}

braid_stark::columns! {
    /// What an opcode needs: all are zero for a byte that is none.
    pub struct Needs<T> {
        /// Whether it is an opcode other than INVALID.
        pub defined: T,
        /// Words that must be on the stack.
        pub inputs: T,
        /// Words that are there in their place afterwards.
        pub outputs: T,
        /// Whether the step table does it itself.
        pub own: T,
        /// Its gas then.
        pub cost: T,
    }
}
