//! `quorate families`.

use super::args::FamiliesArgs;
use super::error::Failure;
use super::family_name::family;
use super::files::Files;
use super::{Status, Terminal};
use crate::families::ALBUM;
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
