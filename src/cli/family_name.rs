//! The name of a family on the command line.

use super::error;
use super::error::Failure;
use crate::families::ALBUM;
use crate::families::FamilyInfo;
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};
use std::ffi::OsStr;

pub(super) fn family(name: &str) -> Result<&'static FamilyInfo, Failure> {
    ALBUM.iter().find(|family| family.name == name).ok_or_else(|| {
        let names: Vec<&str> = ALBUM.iter().map(|family| family.name).collect();
        Failure::UnknownFamily { name: name.into(), advice: error::advice(name, &names) }
    })
}

/// The name of a family, of which completions know all; others are refused later, with advice.
#[derive(Debug, Clone, Copy)]
pub(super) struct FamilyName;

impl TypedValueParser for FamilyName {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(ALBUM.iter().map(|family| PossibleValue::new(family.name))))
    }
}
