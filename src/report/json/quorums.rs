//! How quorums of either kind meet, and how many and how large they are, in the JSON.

use serde::Serialize;

use super::{Analysed, Names};
use crate::model::{Kind, System};
use crate::structure::intersection::Intersection;

#[derive(Serialize)]
pub(super) struct Meeting<'a> {
    holds: Option<bool>,
    smallest: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    smallest_bounds: Option<[usize; 2]>,
    witness: Option<[Names<'a>; 2]>,
}

#[derive(Serialize)]
pub(super) struct Quorums<'a> {
    count: Option<String>,
    smallest: Option<usize>,
    largest: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count_bounds: Option<[String; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    largest_bounds: Option<[usize; 2]>,
    resilience: Option<usize>,
    transversal: Option<Names<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quorums: Option<Vec<Names<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quorums_complete: Option<bool>,
}

impl<'a> Meeting<'a> {
    pub(super) fn of(system: &'a System, answer: &'a Intersection) -> Self {
        let names = |set| Names { system, set };
        Meeting {
            holds: answer.verdict.known(),
            smallest: answer.smallest,
            smallest_bounds: answer.bounds,
            witness: answer.witness.as_ref().map(|[first, second]| [names(first), names(second)]),
        }
    }
}

impl<'a> Quorums<'a> {
    pub(super) fn of(analysed: &'a Analysed, kind: Kind) -> Self {
        let Analysed { system, analysis, .. } = analysed;
        let (minimal, resilience) = (analysis.minimal.of(kind), analysis.resilience.of(kind));
        let names = |set| Names { system, set };
        // A transversal that is not known to be a smallest one is told in the notes only.
        let transversal = resilience.transversal.as_ref().filter(|_| resilience.exhausted.is_none());
        let listing = minimal.listing.as_ref();
        Quorums {
            count: minimal.count.as_ref().map(ToString::to_string),
            smallest: minimal.smallest,
            largest: minimal.largest,
            count_bounds: minimal.count_between().map(|bounds| bounds.map(|bound| bound.to_string())),
            largest_bounds: minimal.largest_bounds,
            resilience: resilience.value(),
            transversal: transversal.map(names),
            quorums: listing.map(|listing| listing.quorums.iter().map(names).collect()),
            quorums_complete: listing.map(|listing| listing.complete),
        }
    }
}
