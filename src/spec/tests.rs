//! Every kind of bad definition, with the place and the words of its error; good ones; hostile ones.

mod bad;
mod clients;
mod good;
mod hostile;
mod mutations;
mod rendering;
mod zone_kinds;

use super::{Diagnostics, read};
use crate::model::System;

#[track_caller]
fn good(text: &str) -> System {
    match read("test.toml", text.as_bytes()) {
        Ok(system) => system,
        Err(errors) => panic!("{errors}"),
    }
}

#[track_caller]
fn bad(text: &str) -> Diagnostics {
    match read("test.toml", text.as_bytes()) {
        Ok(system) => panic!("accepted as {system:?}"),
        Err(errors) => errors,
    }
}

/// A definition whose `[system]` table has these lines, the first of them in line 3.
fn system(lines: &str) -> String {
    format!("name = \"x\"\n[system]\n{lines}\n")
}
