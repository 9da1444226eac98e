//! What is asked of nodes that choose whom they trust, as JSON.

use serde::Serialize;

use super::missing::{null, nulls};
use super::shared::{Names, Witness};
use crate::model::System;
use crate::report::Analysed;
use crate::structure::federated::SetFamily;

/// Quorums, how they meet, and the sets that block and split.
#[derive(Serialize)]
pub(super) struct Federated<'a> {
    quorums: Family<'a>,
    intersection: Meeting<'a>,
    blocking: Family<'a>,
    splitting: Splitting<'a>,
    top_tier: Option<Names<'a>>,
}

#[derive(Serialize)]
struct Meeting<'a> {
    holds: Option<bool>,
    witness: Option<[Names<'a>; 2]>,
}

#[derive(Serialize)]
struct Family<'a> {
    count: Option<String>,
    smallest: Option<usize>,
    sets: Option<Vec<Names<'a>>>,
    sets_complete: Option<bool>,
}

#[derive(Serialize)]
struct Splitting<'a> {
    #[serde(flatten)]
    family: Family<'a>,
    witness: Option<Witness<'a>>,
}

impl<'a> Family<'a> {
    fn of(system: &'a System, family: &'a SetFamily) -> Self {
        let names = |set| Names { system, set };
        Family {
            count: family.count.as_ref().map(ToString::to_string),
            smallest: family.smallest,
            sets: family.sets.as_ref().map(|sets| sets.iter().map(names).collect()),
            sets_complete: family.is_complete,
        }
    }
}

/// The answers about a federated system; nothing for others.
pub(super) fn federated(analysed: &Analysed) -> Option<Federated<'_>> {
    let Analysed { system, analysis, .. } = analysed;
    let found = analysis.federated.as_ref()?;
    let names = |set| Names { system, set };
    let meeting = &analysis.intersections.read_write;
    Some(Federated {
        quorums: Family::of(system, &found.quorums),
        intersection: Meeting {
            holds: meeting.verdict.known(),
            witness: meeting.witness.as_ref().map(|quorums| quorums.each_ref().map(names)),
        },
        blocking: Family::of(system, &found.blocking),
        splitting: Splitting {
            family: Family::of(system, &found.splitting),
            witness: found.witness.as_ref().map(|witness| Witness {
                quorums: witness.sides.iter().map(names).collect(),
                faulty: names(&witness.faulty),
            }),
        },
        top_tier: found.top_tier.as_ref().map(names),
    })
}

/// Why some of it is missing.
pub(super) fn missing(analysed: &Analysed) -> Vec<String> {
    let Some(found) = &analysed.analysis.federated else { return Vec::new() };
    let mut notes = Vec::new();
    let families = [("quorums", &found.quorums), ("blocking", &found.blocking), ("splitting", &found.splitting)];
    for (name, family) in families {
        let is_none = family.count.as_ref().is_some_and(|count| *count == 0u32.into());
        let why = format!("in `federated.{name}` there is no such set");
        notes.extend(nulls(&[("smallest", is_none, &why)]));
        let absent = [
            ("count", family.count.is_none()),
            ("smallest", family.smallest.is_none() && !is_none),
            ("sets", family.sets.is_none()),
            ("sets_complete", family.is_complete.is_none()),
        ];
        let keys: Vec<&str> = absent.iter().filter(|(_, is_absent)| *is_absent).map(|(key, _)| *key).collect();
        if !keys.is_empty() {
            notes.push(null(&keys, &format!("in `federated.{name}` they are beyond the limits")));
        }
    }
    let is_split = found.splitting.count.as_ref().is_none_or(|count| *count != 0u32.into());
    notes.extend(nulls(&[
        ("witness", found.witness.is_none() && !is_split, "no set of nodes that lie splits the others"),
        ("witness", found.witness.is_none() && is_split, "nodes that split the others are beyond the limits"),
        ("top_tier", found.top_tier.is_none(), "which nodes are in a minimal quorum is beyond the limits"),
    ]));
    notes
}
