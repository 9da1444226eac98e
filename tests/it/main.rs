//! The integration tests, one binary.

mod check_commands;
mod commands;
mod definitions;
mod diagrams;
mod exports;
mod golden;
mod histories;
mod history_oracle;
mod layering;
mod oracle;
mod published;
mod random;
mod random_histories;
mod readme;
mod scale;
mod search_commands;
mod simulation;
mod support;
mod theorems;
