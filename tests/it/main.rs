//! The integration tests, one binary.

mod availability_exact;
mod check_commands;
mod commands;
mod definitions;
mod diagrams;
mod dynamo;
mod exports;
mod goals;
mod golden;
mod histories;
mod history_oracle;
mod layering;
mod oracle;
mod published;
mod random;
mod random_histories;
mod readme;
mod reliability;
mod sampling;
mod scale;
mod search_commands;
mod simulation;
mod strategies;
mod support;
mod theorems;
mod verification;
