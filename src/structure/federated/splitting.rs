//! Whose lies make two parts agree on different values?
//!
//! Nodes that lie may say anything to anyone, about their quorum sets too: they are deleted (Mazieres), and count as present for
//! everybody else. A set S splits the others when two disjoint sets of them, neither empty, can each go on with the help of S alone.
//!
//! # Method
//! Each side lies within a component of nodes that trust each other. Of two components, each need only go on: which of its nodes do is
//! a greatest fixed point over one variable a node, "it lies", on a decision diagram, quorum set by quorum set. For two sides of one
//! component a second variable says on which side a node is; the other side is the same function with the sides exchanged. What any
//! two leave is projected to S and closed upwards, and its minimal sets are the splitting sets, though splitting itself is not
//! monotone: of those that lie, some may be needed as a side.
//!
//! Where all of it is too much for one diagram, each pair of components has one of its own, and a smallest set is known at least.
//!
//! # Source
//! Mazieres, The Stellar consensus protocol, 2015 (deletion, dispensable sets); Florian, Henningsen, Ndolo and Scheuermann, The sum of
//! its parts: analysis of federated Byzantine agreement systems, 2022 (splitting sets); Lachowski, Complexity of the quorum
//! intersection property of the federated Byzantine agreement system, 2019 (components).

use super::components::{Component, components};
use super::set_family::SetFamily;
use super::sides::{Place, faulty, first_side, goes_on, is_faulty, node_of};
use super::trust::Trust;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{Count, Diagram, Ref};
use crate::model::{NodeId, NodeSet};

/// A smallest splitting set, and two disjoint sets of other nodes that each go on with its help.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SplitWitness {
    /// Who lies.
    pub faulty: NodeSet,
    /// The two sides, without those that lie.
    pub sides: [NodeSet; 2],
}

/// The minimal splitting sets, of which none is smaller than `at_least`, at most `limit` of them listed, and a smallest one at work.
///
/// # Errors
/// [`Exhausted`] when not even a smallest one is known.
pub(super) fn splitting(
    trust: &Trust,
    at_least: usize,
    limit: usize,
    budget: &Budget,
) -> Result<(SetFamily, Option<SplitWitness>), Exhausted> {
    let split = Split { trust, components: components(trust), at_least, budget };
    split.all(limit).or_else(|exhausted| {
        let smallest = split.smallest()?;
        let size = smallest.as_ref().map(|witness| witness.faulty.len());
        let set = smallest.as_ref().map(|witness| witness.faulty.clone());
        Ok((SetFamily::unlisted(size, set, Some(exhausted)), smallest))
    })
}

struct Split<'a> {
    trust: &'a Trust,
    components: Vec<Component>,
    /// No smaller set splits.
    at_least: usize,
    budget: &'a Budget,
}

impl Split<'_> {
    fn meter(&self) -> Meter {
        Meter::new(Resource::SearchSteps, self.budget.search_steps.saturating_mul(16))
    }

    /// An empty store with the variables of these components.
    fn store<'a>(&self, components: impl Iterator<Item = &'a Component>) -> Diagram {
        let mut order = Vec::new();
        for component in components {
            let mut classes: Vec<usize> =
                component.nodes.iter().filter_map(|node| self.trust.class[node.index()]).collect();
            classes.sort_unstable();
            let times = |class: &usize| classes.iter().filter(|other| *other == class).count();
            let mut by_size: Vec<(usize, usize)> = classes.iter().map(|class| (times(class), *class)).collect();
            // The quorum set that most nodes have gives the order: it names those together that stand together.
            by_size.sort_by_key(|(size, class)| (usize::MAX - size, *class));
            by_size.dedup();
            let named = by_size.iter().flat_map(|(_, class)| self.trust.classes[*class].reading_order());
            order.extend(named.chain(component.nodes.iter()).flat_map(|node| [faulty(node), first_side(node)]));
        }
        Diagram::new(&order, self.budget)
    }

    /// All splitting sets in one diagram.
    fn all(&self, limit: usize) -> Result<(SetFamily, Option<SplitWitness>), Exhausted> {
        let mut store = self.store(self.components.iter());
        let (mut one, mut two) = (Ref::FALSE, Ref::FALSE);
        let mut divided = Vec::new();
        for component in &self.components {
            let alone = goes_on(self.trust, &component.nodes, Place::Whole, &mut store)?;
            let beside = if component.twin.is_some() { alone } else { store.and(one, alone)? };
            two = store.or(two, beside)?;
            one = store.or(one, alone)?;
            if component.nodes.len() > 1 {
                let inside = self.inside(component, &mut store)?;
                let closed = store.some_subset(inside, |variable| !is_faulty(variable))?;
                two = store.or(two, closed)?;
                divided.push((component, inside));
            }
        }
        let closed = store.some_subset(two, |variable| !is_faulty(variable))?;
        let family = store.minimal_sets(closed)?;
        let mut meter = self.meter();
        let nodes = |set: &NodeSet| set.iter().map(node_of).collect::<NodeSet>();
        let first = store.list_family(family, 1, &mut meter)?;
        let found = SetFamily::of_diagram(&store, family, nodes, limit, &mut meter)?;
        let Some(smallest) = found.sets.as_ref().and_then(|sets| sets.first()).cloned().or(first.first().map(nodes))
        else {
            return Ok((found, None));
        };
        let witness = match self.apart(&smallest, &mut meter)? {
            Some(witness) => Some(witness),
            None => {
                let inside = |(component, inside): &(&Component, Ref)| {
                    self.divided(&component.nodes, (&store, *inside), &smallest, &mut meter).transpose()
                };
                divided.iter().find_map(inside).transpose()?
            }
        };
        Ok((found, witness))
    }

    /// The function that holds when the nodes of one component that do not lie go on, on both sides.
    fn inside(&self, component: &Component, store: &mut Diagram) -> Result<Ref, Exhausted> {
        let first = goes_on(self.trust, &component.nodes, Place::FirstSide, store)?;
        let second = store.turned(first, |variable| !is_faulty(variable))?;
        store.and(first, second)
    }

    /// A smallest splitting set alone: of two components, pair by pair, and then of one by itself where it may have a smaller one.
    fn smallest(&self) -> Result<Option<SplitWitness>, Exhausted> {
        let mut meter = self.meter();
        // How many have to lie for each component to go on at all: none that needs more than the best is in a better one.
        let mut alone: Vec<(usize, &Component)> = Vec::new();
        for component in &self.components {
            let mut store = self.store(std::iter::once(component));
            let on = goes_on(self.trust, &component.nodes, Place::Whole, &mut store)?;
            if let Some(least) = store.cheapest_path(on, Ref::TRUE, Count::Live) {
                alone.push((least.len(), component));
            }
        }
        alone.sort_by_key(|(least, _)| *least);
        let mut best: Option<SplitWitness> = None;
        let size = |best: &Option<SplitWitness>| best.as_ref().map_or(usize::MAX, |best| best.faulty.len());
        for (at, (least, second)) in alone.iter().enumerate() {
            for first in alone[..=at].iter().map(|(_, first)| *first) {
                let is_pair = !std::ptr::eq(first, *second) || second.twin.is_some();
                if is_pair && (*least).max(self.at_least) < size(&best) {
                    meter.charge(self.trust.classes.len() as u64)?;
                    best = self.closer_pair([first, second], size(&best), &mut meter)?.or(best);
                }
            }
        }
        for (least, component) in &alone {
            if component.nodes.len() > 1 && (*least).max(self.at_least) < size(&best) {
                let mut store = self.store(std::iter::once(*component));
                let inside = self.inside(component, &mut store)?;
                let closed = store.some_subset(inside, |variable| !is_faulty(variable))?;
                let found = store.cheapest_path(closed, Ref::TRUE, Count::Live);
                if let Some(found) = found.filter(|found| found.len() < size(&best)) {
                    let faulty: NodeSet = found.iter().map(node_of).collect();
                    best = self.divided(&component.nodes, (&store, inside), &faulty, &mut meter)?.or(best);
                }
            }
        }
        Ok(best)
    }

    /// A smallest set that lets two components go on, if it is smaller than this.
    fn closer_pair(
        &self,
        [first, second]: [&Component; 2],
        than: usize,
        meter: &mut Meter,
    ) -> Result<Option<SplitWitness>, Exhausted> {
        let mut store = self.store([first, second].into_iter());
        let goes = goes_on(self.trust, &first.nodes, Place::Whole, &mut store)?;
        let other = goes_on(self.trust, &second.nodes, Place::Whole, &mut store)?;
        let both = store.and(goes, other)?;
        match store.cheapest_path(both, Ref::TRUE, Count::Live).filter(|found| found.len() < than) {
            Some(found) => self.apart(&found.iter().map(node_of).collect(), meter),
            None => Ok(None),
        }
    }

    /// Two components of which some nodes go on when these lie.
    fn apart(&self, faulty: &NodeSet, meter: &mut Meter) -> Result<Option<SplitWitness>, Exhausted> {
        let mut sides: Vec<NodeSet> = Vec::new();
        let is_honest = |node: &NodeId| !faulty.contains(*node);
        for component in &self.components {
            let honest: NodeSet = component.nodes.iter().filter(is_honest).collect();
            let part = self.trust.least_part(&honest, faulty, meter)?;
            if part.is_empty() {
                continue;
            }
            sides.extend(component.twin.map(|twin| [twin].into_iter().collect()));
            sides.push(part);
            if let [.., first, second] = &sides[..] {
                let sides = [first.clone(), second.clone()];
                return Ok(Some(SplitWitness { faulty: faulty.clone(), sides }));
            }
        }
        Ok(None)
    }

    /// Two sides of one component that go on when these nodes lie.
    fn divided(
        &self,
        nodes: &NodeSet,
        (store, inside): (&Diagram, Ref),
        faulty: &NodeSet,
        meter: &mut Meter,
    ) -> Result<Option<SplitWitness>, Exhausted> {
        let fixed = |variable: NodeId| is_faulty(variable).then(|| faulty.contains(node_of(variable)));
        let Some(chosen) = store.completed(inside, fixed) else { return Ok(None) };
        let mut sides = [NodeSet::new(), NodeSet::new()];
        for node in nodes.iter().filter(|node| !faulty.contains(*node)) {
            sides[usize::from(!chosen.contains(first_side(node)))].insert(node);
        }
        let [first, second] = &sides;
        let first = self.trust.least_part(first, faulty, meter)?;
        let second = self.trust.least_part(second, faulty, meter)?;
        Ok(Some(SplitWitness { faulty: faulty.clone(), sides: [first, second] }))
    }
}
