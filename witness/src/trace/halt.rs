//! revm's reasons as the trace's.

use braid_circuits::event::trace::{FrameResult, Halt, Refused};
use revm::interpreter::InstructionResult;

/// How a frame ended. A creation whose creator's nonce cannot grow looks like a success to revm: the caller knows.
pub(super) fn frame_result(result: InstructionResult) -> FrameResult {
    use InstructionResult as I;
    let halt = match result {
        I::Stop | I::Return | I::SelfDestruct | I::Suspend => return FrameResult::Success,
        I::Revert => return FrameResult::Revert,
        I::CallTooDeep => return FrameResult::Refused(Refused::Depth),
        I::OutOfFunds => return FrameResult::Refused(Refused::Funds),
        I::OutOfGas
        | I::MemoryOOG
        | I::MemoryLimitOOG
        | I::PrecompileOOG
        | I::InvalidOperandOOG
        | I::ReentrancySentryOOG => Halt::OutOfGas,
        I::StackUnderflow => Halt::StackUnderflow,
        I::StackOverflow => Halt::StackOverflow,
        I::InvalidJump => Halt::InvalidJump,
        I::InvalidFEOpcode => Halt::InvalidOpcode,
        I::CallNotAllowedInsideStatic | I::StateChangeDuringStaticCall => Halt::StaticViolation,
        I::OutOfOffset => Halt::ReturnDataOutOfBounds,
        I::CreateCollision => Halt::Collision,
        I::OverflowPayment => Halt::BalanceOverflow,
        I::NonceOverflow => Halt::NonceOverflow,
        I::CreateContractSizeLimit => Halt::CodeSize,
        I::CreateContractStartingWithEF => Halt::CodePrefix,
        I::CreateInitCodeSizeLimit => Halt::InitCodeSize,
        I::PrecompileError | I::FatalExternalError => Halt::Precompile,
        // The last three belong to forks after Cancun.
        I::OpcodeNotFound
        | I::NotActivated
        | I::CreateInitCodeStartingEF00
        | I::InvalidEOFInitCode
        | I::InvalidExtDelegateCallTarget
        | I::InvalidImmediateEncoding => Halt::UndefinedOpcode,
    };
    FrameResult::Halt(halt)
}
