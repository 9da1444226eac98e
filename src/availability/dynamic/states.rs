//! What may have failed, and who votes then: states up to nodes that are alike.

use super::assign::Rule;
use crate::model::{Dynamic, Repair, System, ZoneId};

/// What a node is to a rule beside its state.
type Alike = (Option<[u64; 2]>, Vec<usize>, u32, bool, bool);

/// What fails one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    Nodes,
    Zones,
    /// Whatever has times.
    Both,
}

/// A state: for each node its votes and whether it is up itself, then for each zone whether it is up.
pub(super) type State = Box<[u32]>;

/// A system whose votes are given anew.
#[derive(Debug)]
pub(super) struct Space<'a> {
    pub(super) rule: Rule<'a>,
    /// Nodes that can be exchanged, in order; then each zone alone.
    classes: Vec<Vec<usize>>,
    /// The zones around each node.
    around: Vec<Vec<usize>>,
    nodes: usize,
    failing: Failing,
}

/// Something that fails or comes back: which component, and what the state is then; `None` without a quorum.
#[derive(Debug)]
pub(super) struct Step {
    /// The first component of those that are alike.
    pub(super) component: usize,
    /// How many they are.
    pub(super) alike: usize,
    pub(super) to: Option<State>,
}

impl<'a> Space<'a> {
    pub(super) fn of(system: &'a System, dynamic: &'a Dynamic, failing: Failing) -> Self {
        let nodes = system.nodes().len();
        let around: Vec<Vec<usize>> =
            system.nodes().iter().map(|node| system.zones_of(node).map(ZoneId::index).collect()).collect();
        let bits = |times: Option<Repair>| times.map(|t| [t.mttf_hours.get().to_bits(), t.mttr_hours.get().to_bits()]);
        // Only rules that look at zones tell nodes of zones apart that cannot fail.
        let matters = |zone: &usize| {
            let times = system.zones()[*zone].repair.is_some();
            failing == Failing::Zones
                || (failing == Failing::Both && times)
                || dynamic.rule == crate::model::DynamicRule::RedundancyZones
        };
        let kind = |node: usize| -> Alike {
            let is = |role: Option<crate::model::NodeId>| role.is_some_and(|role| role.index() == node);
            let times = if failing == Failing::Both { bits(system.nodes()[node].repair) } else { None };
            let zones = around[node].iter().copied().filter(matters).collect();
            (times, zones, dynamic.votes[node], is(dynamic.witness), is(dynamic.tie_breaker))
        };
        // The first of several that have half of the votes is no other one.
        let is_ordered = dynamic.rule == crate::model::DynamicRule::DynamicLinearVoting;
        let mut classes: Vec<(Alike, Vec<usize>)> = Vec::new();
        for node in 0..nodes {
            let kind = kind(node);
            match classes.iter_mut().find(|(known, _)| *known == kind && !is_ordered) {
                Some((_, class)) => class.push(node),
                None => classes.push((kind, vec![node])),
            }
        }
        let zones = (nodes..nodes + system.zones().len()).map(|zone| vec![zone]);
        let classes = classes.into_iter().map(|(_, class)| class).chain(zones).collect();
        Space { rule: Rule::of(system, dynamic), classes, around, nodes, failing }
    }

    /// The same, with votes that stay as they are.
    pub(super) fn standing(&self) -> Self {
        let rule = self.rule.standing();
        Space { rule, classes: self.classes.clone(), around: self.around.clone(), ..*self }
    }

    /// Everything is up.
    pub(super) fn start(&self) -> State {
        let zones = self.classes.iter().flatten().count() - self.nodes;
        let votes = self.rule.start();
        votes.iter().map(|own| own << 1 | 1).chain(std::iter::repeat_n(1, zones)).collect()
    }

    /// How many steps it takes to look at a state.
    pub(super) fn cost(&self) -> u64 {
        let components = self.classes.iter().flatten().count() as u64;
        components * (components + 8)
    }

    /// The nodes that work.
    fn live(&self, state: &State) -> Vec<bool> {
        let is_up = |component: usize| state[component] & 1 == 1;
        (0..self.nodes)
            .map(|node| is_up(node) && self.around[node].iter().all(|zone| is_up(self.nodes + zone)))
            .collect()
    }

    /// Whether there is a quorum.
    pub(super) fn is_quorate(&self, state: &State) -> bool {
        let votes: Vec<u32> = state[..self.nodes].iter().map(|own| own >> 1).collect();
        self.rule.is_quorate(&self.live(state), &votes)
    }

    /// What happens when one component changes between up and down, of which components that are alike stand once.
    pub(super) fn steps(&self, state: &State, is_failure: bool, fails: impl Fn(usize) -> bool) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for class in &self.classes {
            let own = match self.failing {
                Failing::Nodes => class[0] < self.nodes,
                Failing::Zones => class[0] >= self.nodes,
                Failing::Both => true,
            };
            let mut seen: Option<u32> = None;
            for component in class.iter().copied().filter(|component| own && fails(*component)) {
                if (state[component] & 1 == 1) != is_failure {
                    continue;
                }
                // Those that are alike stand beside each other in a state that is ordered.
                if seen == Some(state[component]) {
                    steps.last_mut().expect("a step of one that is alike").alike += 1;
                    continue;
                }
                seen = Some(state[component]);
                steps.push(Step { component, alike: 1, to: self.changed(state, component) });
            }
        }
        steps
    }

    /// The state after one component changed; `None` without a quorum.
    pub(super) fn changed(&self, state: &State, component: usize) -> Option<State> {
        let mut next = state.clone();
        next[component] ^= 1;
        let live = self.live(&next);
        let votes: Vec<u32> = next[..self.nodes].iter().map(|own| own >> 1).collect();
        if !self.rule.is_quorate(&live, &votes) {
            return None;
        }
        let given = self.rule.next(&live, &votes);
        next.iter_mut().zip(given).for_each(|(own, votes)| *own = votes << 1 | (*own & 1));
        Some(next)
    }

    /// The state with components that are alike in one order.
    pub(super) fn ordered(&self, mut state: State) -> State {
        for class in self.classes.iter().filter(|class| class.len() > 1) {
            let mut own: Vec<u32> = class.iter().map(|node| state[*node]).collect();
            own.sort_unstable_by(|one, other| other.cmp(one));
            class.iter().zip(own).for_each(|(node, value)| state[*node] = value);
        }
        state
    }

    /// A component that is alike to `component` and stands in `state` as `value`.
    pub(super) fn like(&self, component: usize, value: u32, state: &State) -> Option<usize> {
        let class = self.classes.iter().find(|class| class.contains(&component))?;
        class.iter().copied().find(|other| state[*other] == value)
    }
}
