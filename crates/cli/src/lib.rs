//! The words of the command line, apart from the program, so that the man pages and completions
//! are made from them (`examples/manual.rs`). Everything else is in `main.rs`.

pub mod args;
