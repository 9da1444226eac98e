//! `quorate families`.

use super::args::FamiliesArgs;
use super::error::{self, Failure};
use super::files::Files;
use super::{Status, Terminal};
use crate::families::{ALBUM, FamilyInfo};
use crate::report;

pub(super) fn run(args: &FamiliesArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let album = match &args.name {
        Some(name) => std::slice::from_ref(family(name)?),
        None => ALBUM,
    };
    let output = Files::new(args.report.force).report(args.report.output.as_deref())?;
    let view = terminal.view(&output);
    output.write(&report::families(album, args.report.format(), view))?;
    Ok(Status::Done)
}

pub(super) fn family(name: &str) -> Result<&'static FamilyInfo, Failure> {
    ALBUM.iter().find(|family| family.name == name).ok_or_else(|| {
        let names: Vec<&str> = ALBUM.iter().map(|family| family.name).collect();
        Failure::UnknownFamily { name: name.into(), advice: error::advice(name, &names) }
    })
}
