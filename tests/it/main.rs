//! The integration tests, one binary.

mod check_commands;
mod commands;
mod histories;
mod history_oracle;
mod random;
