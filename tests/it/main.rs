//! The integration tests, one binary.

mod commands;
mod definitions;
mod diagrams;
mod golden;
mod layering;
mod oracle;
mod published;
mod readme;
mod scale;
mod support;
mod theorems;
