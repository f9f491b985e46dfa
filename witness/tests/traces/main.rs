//! Traces agree with revm, stream in order and within bounds, and can be written and read.

mod files;
mod programs;
mod state_tests;
mod steps;
mod stream;
mod support;
mod workloads;
