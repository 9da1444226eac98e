//! The integration tests, one binary.

mod commands;
mod definitions;
mod exports;
mod golden;
mod layering;
mod oracle;
mod published;
mod support;
mod theorems;
