//! Do the quorums of the old system meet those of the new one?

use super::united::{Quorums, United};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{About, Formula, Kind, Lying, NodeSet, Pair, System};
use crate::operations::{Demands, Protocol, byzantine, overlap};
use crate::structure::intersection::intersection;
use crate::structure::resilience::resilience;
use crate::structure::three_way::three_apart;

/// Quorums of which system, and of which kind, are to meet which of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Between {
    /// Old phase 1, new phase 2: who still reads in the old system learns what the new one wrote.
    OldReadsNewWrites,
    /// New phase 1, old phase 2: the new system learns what the old one wrote.
    NewReadsOldWrites,
    /// Phase 1 of both: no two leaders of one term, of which each system elects one.
    OldReadsNewReads,
    /// Phase 2 of both: no two decisions in one view.
    OldWritesNewWrites,
    /// Old phase 1, and any two fast quorums of the new system, all three.
    OldReadsNewFast,
    /// New phase 1, and any two fast quorums of the old system, all three.
    NewReadsOldFast,
}

impl Between {
    /// The key in JSON and the column in CSV.
    pub fn name(self) -> &'static str {
        match self {
            Between::OldReadsNewWrites => "old_reads_new_writes",
            Between::NewReadsOldWrites => "new_reads_old_writes",
            Between::OldReadsNewReads => "old_reads_new_reads",
            Between::OldWritesNewWrites => "old_writes_new_writes",
            Between::OldReadsNewFast => "old_reads_new_fast",
            Between::NewReadsOldFast => "new_reads_old_fast",
        }
    }

    /// The same in words.
    pub fn words(self) -> &'static str {
        match self {
            Between::OldReadsNewWrites => "old phase 1 meets new phase 2",
            Between::NewReadsOldWrites => "new phase 1 meets old phase 2",
            Between::OldReadsNewReads => "old phase 1 meets new phase 1 (Raft)",
            Between::OldWritesNewWrites => "old phase 2 meets new phase 2",
            Between::OldReadsNewFast => "old phase 1 meets any two new fast quorums",
            Between::NewReadsOldFast => "new phase 1 meets any two old fast quorums",
        }
    }
}

/// Whether the quorums of two systems meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// Which ones.
    pub between: Between,
    /// Whether the change needs it; what no protocol was asked for that needs it, is only said.
    pub is_needed: bool,
    /// In how many nodes.
    pub required: usize,
    /// Whether all do; absent when the budget ended.
    pub holds: Option<bool>,
    /// The fewest nodes in common; absent when the budget ended.
    pub smallest: Option<usize>,
    /// An old and a new quorum, in the order of the name, that have too few nodes in common, in the numbering of the joint system; with fast
    /// quorums three.
    pub witness: Vec<NodeSet>,
}

/// What the quorums of two systems must do so that one may follow the other at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needs {
    overlap: usize,
    liars: Option<(usize, Lying)>,
    is_strict: bool,
    protocols: Vec<Protocol>,
}

impl Needs {
    /// What is demanded of two systems, whose joint one demands what both do.
    pub(super) fn of(joint: &System, demands: Demands, protocols: &[Protocol]) -> Needs {
        let own = joint.about().byzantine;
        let liars = match demands.byzantine {
            Some((liars, kind)) => Some((liars, kind.or(own.map(|(_, kind)| kind)).unwrap_or_default())),
            None => own,
        };
        let is_pbft = protocols.contains(&Protocol::Pbft);
        let liars = liars.or(is_pbft.then_some((1, Lying::Dissemination)));
        let overlap = demands.min_overlap.unwrap_or(1).max(1);
        Needs { overlap, liars, is_strict: demands.is_strict, protocols: protocols.to_vec() }
    }

    /// Nodes that quorums are to have in common.
    pub(super) fn overlap(&self) -> usize {
        self.overlap
    }

    /// Nodes that may lie, and how.
    pub(super) fn liars(&self) -> Option<(usize, Lying)> {
        self.liars
    }

    /// Whether one of these was asked for.
    pub(super) fn any(&self, protocols: &[Protocol]) -> bool {
        self.protocols.iter().any(|asked| protocols.contains(asked))
    }
}

/// Every question about how they meet: those that matter to everybody, and those of the protocols that were asked for.
pub(super) fn crossings(united: &United, needs: &Needs, budget: Budget) -> Vec<Crossing> {
    let (old, new) = (&united.old, &united.new);
    let asked = Asked { joint: &united.joint, needs, budget };
    let mut all = vec![
        asked.pair(Between::OldReadsNewWrites, &old.of.reads, &new.of.writes),
        asked.pair(Between::NewReadsOldWrites, &new.of.reads, &old.of.writes),
        asked.pair(Between::OldReadsNewReads, &old.of.reads, &new.of.reads),
    ];
    if needs.any(&[Protocol::Pbft, Protocol::BenOr]) {
        all.push(asked.pair(Between::OldWritesNewWrites, &old.of.writes, &new.of.writes));
    }
    if needs.any(&[Protocol::FastPaxos]) {
        let of = |one: &Quorums, other: &Quorums, between| asked.fast(between, &one.of.reads, &other.fast);
        all.push(of(old, new, Between::OldReadsNewFast));
        all.push(of(new, old, Between::NewReadsOldFast));
    }
    all
}

struct Asked<'a> {
    joint: &'a System,
    needs: &'a Needs,
    budget: Budget,
}

impl Asked<'_> {
    fn pair(&self, between: Between, one: &Formula, other: &Formula) -> Crossing {
        let is_needed = match between {
            Between::OldReadsNewReads => self.needs.any(&[Protocol::Raft, Protocol::BenOr]),
            _ => true,
        };
        // What nobody reads after a write need not stand liars.
        let liars = self.needs.liars.filter(|_| between != Between::OldReadsNewReads);
        let least = if between == Between::OldReadsNewReads { 1 } else { self.needs.overlap };
        let required = liars.map_or(least, |(liars, kind)| least.max(kind.shared(liars)));
        let mut crossing =
            Crossing { between, is_needed, required, holds: Some(true), smallest: None, witness: Vec::new() };
        if one.is_never() || other.is_never() {
            // There are no two that could miss each other.
            return crossing;
        }
        let formulas = Pair { reads: one.clone(), writes: other.clone() };
        let nodes = self.joint.nodes().iter().map(|node| crate::model::Node::new(node.name.as_str())).collect();
        let system = System::new(About::default(), nodes, formulas).expect("the nodes of the joint system");
        let compiled = Compiled::new(&system, self.budget);
        let meeting = intersection(&compiled, Kind::Read, Kind::Write);
        let found = overlap(&compiled, &meeting, required);
        crossing.holds = found.holds;
        crossing.smallest = meeting.fewest();
        crossing.witness = found.witness.map(Vec::from).unwrap_or_default();
        if let Some((liars, Lying::Opaque)) = liars
            && crossing.holds == Some(true)
        {
            let survives = compiled.of_both(|kind| resilience(&compiled, kind));
            let asked = Some((liars, Lying::Opaque));
            let lies = byzantine(&compiled, &meeting, &survives, asked, self.needs.is_strict);
            let opaque = lies.each.into_iter().find(|lies| lies.kind == Lying::Opaque);
            crossing.holds = opaque.as_ref().and_then(|lies| lies.consistency.map(|most| most >= liars));
            let pair = opaque.and_then(|lies| lies.witness?.quorums);
            crossing.witness = pair.filter(|_| crossing.holds == Some(false)).map(Vec::from).unwrap_or_default();
        }
        crossing
    }

    fn fast(&self, between: Between, reads: &Formula, fast: &Formula) -> Crossing {
        let found = three_apart(reads, fast, &self.budget);
        let holds = found.as_ref().ok().map(Option::is_none);
        let witness = found.ok().flatten().map(Vec::from).unwrap_or_default();
        Crossing { between, is_needed: true, required: 1, holds, smallest: None, witness }
    }
}
