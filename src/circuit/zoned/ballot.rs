//! The voters of one gate and the zones around them; those that are alike are one.

use super::Chances;
use super::plan::{Across, children};
use super::sums::Sums;
use crate::budget::{Exhausted, Meter};
use crate::circuit::chance::Chance;
use crate::model::{Formula, Gate, GateId};
use crate::number::Scaled;
use rustc_hash::FxHashMap;

/// A gate with zones around some of its children.
#[derive(Debug)]
pub(super) struct Ballot {
    /// Votes that make the gate hold.
    pub(super) quota: u64,
    /// Voters and zones of voters; what is in a zone stands before it.
    pub(super) members: Vec<Member>,
    /// Those outside of zones, and how many of each.
    pub(super) top: Vec<(usize, u64)>,
    /// Which member each child is, by position, and which each zone across the gate.
    pub(super) of_child: Vec<usize>,
    pub(super) of_zone: Vec<usize>,
}

/// A voter, or a zone of voters.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// All votes inside.
    pub(super) votes: u64,
    /// The probabilities of being live and dead; of a zone, of itself.
    pub(super) live: Scaled,
    pub(super) dead: Scaled,
    /// What is in a zone, and how many of each; `None` for a voter.
    pub(super) inside: Option<Vec<(usize, u64)>>,
}

/// What makes two members alike.
type Key = (u64, [(u64, i64); 2], Option<Vec<(usize, u64)>>);

/// Which votes are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ballots {
    /// Those of live voters; else those of dead ones.
    pub(super) live: bool,
    /// How many of them decide the gate.
    pub(super) enough: u64,
}

impl Ballot {
    /// The voters of a gate, given the chances of its children.
    pub(super) fn new(
        (formula, gate): (&Formula, GateId),
        across: &Across,
        value: &[Chance],
        chances: Chances<'_>,
    ) -> Self {
        let children = children(formula, gate);
        let (quota, votes): (u64, &[u64]) = match formula.gate(gate) {
            Gate::Weighted { quota, votes, .. } => (quota, votes),
            Gate::Threshold { k, .. } => (k as u64, &[]),
            Gate::Leaf(_) => (1, &[]),
        };
        let mut known: FxHashMap<Key, usize> = FxHashMap::default();
        let mut ballot = Ballot {
            quota,
            members: Vec::new(),
            top: Vec::new(),
            of_child: Vec::new(),
            of_zone: vec![0; across.zones.len()],
        };
        let mut inside: Vec<Vec<usize>> = vec![Vec::new(); across.zones.len()];
        let mut top = Vec::new();
        for (position, child) in children.iter().enumerate() {
            let (dead, live) = value[child.index()];
            let votes = votes.get(position).copied().unwrap_or(1);
            let member = ballot.intern(Member { votes, live, dead, inside: None }, &mut known);
            ballot.of_child.push(member);
            across.of_child[position].map_or(&mut top, |zone| &mut inside[zone]).push(member);
        }
        // Inner zones stand behind those around them.
        for (position, zone) in across.zones.iter().enumerate().rev() {
            let inside_of = counted(std::mem::take(&mut inside[position]));
            let votes = inside_of.iter().map(|(member, count)| ballot.members[*member].votes * count).sum();
            let (live, dead) = (chances.live[zone.zone.index()], chances.dead[zone.zone.index()]);
            let member = ballot.intern(Member { votes, live, dead, inside: Some(inside_of) }, &mut known);
            ballot.of_zone[position] = member;
            zone.inside.map_or(&mut top, |outer| &mut inside[outer]).push(member);
        }
        ballot.top = counted(top);
        ballot
    }

    fn intern(&mut self, member: Member, known: &mut FxHashMap<Key, usize>) -> usize {
        let key = (member.votes, [member.live.bits(), member.dead.bits()], member.inside.clone());
        let next = self.members.len();
        let place = *known.entry(key).or_insert(next);
        if place == next {
            self.members.push(member);
        }
        place
    }

    /// Live votes or dead ones: the fewer are needed to decide the gate.
    pub(super) fn count(&self) -> Ballots {
        let total: u64 = self.top.iter().map(|(member, count)| self.members[*member].votes * count).sum();
        let kills = total - self.quota + 1;
        Ballots { live: self.quota <= kills, enough: self.quota.min(kills) }
    }

    /// The probabilities that the gate fails and that it holds.
    ///
    /// # Complexity
    /// O(m q) for m voters and a quota of q, or as many sums as there are, if those are fewer.
    pub(super) fn chance(&self, meter: &mut Meter) -> Result<Chance, Exhausted> {
        let count = self.count();
        let sums = self.sums(count, meter)?;
        let (missed, reached) = self.together(&self.top, &sums, count, meter)?.tails();
        Ok(if count.live { (missed, reached) } else { (reached, missed) })
    }

    /// The votes that each member has.
    pub(super) fn sums(&self, count: Ballots, meter: &mut Meter) -> Result<Vec<Sums>, Exhausted> {
        let mut sums: Vec<Sums> = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let own = match &member.inside {
                None => self.voter(member, count),
                Some(inside) => {
                    let up = self.together(inside, &sums, count, meter)?;
                    up.or(member.live, &self.when_down(member, count), member.dead)
                }
            };
            sums.push(own);
        }
        Ok(sums)
    }

    fn voter(&self, member: &Member, count: Ballots) -> Sums {
        let chance = if count.live { (member.live, member.dead) } else { (member.dead, member.live) };
        Sums::voter(member.votes, chance, count.enough)
    }

    /// The votes of a zone that is down.
    pub(super) fn when_down(&self, member: &Member, count: Ballots) -> Sums {
        Sums::sure(if count.live { 0 } else { member.votes }, count.enough)
    }

    /// The votes of several members.
    pub(super) fn together(
        &self,
        members: &[(usize, u64)],
        sums: &[Sums],
        count: Ballots,
        meter: &mut Meter,
    ) -> Result<Sums, Exhausted> {
        let mut all = Sums::sure(0, count.enough);
        for (member, times) in members {
            for _ in 0..*times {
                all = all.add(&sums[*member], meter)?;
            }
        }
        Ok(all)
    }
}

/// Every different one, and how often it occurs.
fn counted(mut members: Vec<usize>) -> Vec<(usize, u64)> {
    members.sort_unstable();
    members.chunk_by(|a, b| a == b).map(|alike| (alike[0], alike.len() as u64)).collect()
}
