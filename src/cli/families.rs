//! `quorate families`.

use super::args::FamiliesArgs;
use super::error::Failure;
use super::files::Files;
use super::{Status, Terminal};
use crate::families::{ALBUM, FamilyInfo};
use crate::report;

/// Words that are at least this similar, on a scale to 1, are probably the same word with a typing error.
const SIMILAR: f64 = 0.5;

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
    ALBUM
        .iter()
        .find(|family| family.name == name)
        .ok_or_else(|| Failure::UnknownFamily { name: name.into(), advice: advice(name) })
}

fn advice(name: &str) -> String {
    let similarity = |family: &FamilyInfo| strsim::normalized_damerau_levenshtein(name, family.name);
    let closest = ALBUM.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    match closest.filter(|family| similarity(family) >= SIMILAR) {
        Some(family) => format!("did you mean {:?}?", family.name),
        None => {
            let names: Vec<_> = ALBUM.iter().map(|family| family.name).collect();
            format!("there are {}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_families_get_advice() {
        assert_eq!(advice("gird"), "did you mean \"grid\"?");
        assert_eq!(advice("majorities"), "did you mean \"majority\"?");
        assert!(advice("zzz").starts_with("there are majority, threshold,"));
    }
}
