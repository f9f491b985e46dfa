//! The tables, a folder each: `columns`, `air` (constraints and messages) and `generation` (filling).
