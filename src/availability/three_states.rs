//! Nodes that are well, down or lying: how probable is it that a system is safe, and live?

use rustc_hash::FxHashMap;

use super::node_states::{NodeStates, common};
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{Diagram, Ref};
use crate::model::{Kind, NodeId, NodeSet, Probability, System, ZoneId};
use crate::number::Scaled;

/// How probable it is that a system whose nodes may lie is safe and live; each of the six is a sum of its own.
///
/// *Safe*: no read and no write quorum have only liars in common. *Live*: the nodes that are well contain a read quorum and a write
/// quorum.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ThreeStates {
    /// The probability with which each node lies, when they all have the same.
    pub node_byzantine_probability: Option<Probability>,
    /// P(safe).
    pub safe: Scaled,
    /// P(live).
    pub live: Scaled,
    /// P(safe and live).
    pub safe_and_live: Scaled,
    /// P(not safe).
    pub not_safe: Scaled,
    /// P(not live).
    pub not_live: Scaled,
    /// P(not safe or not live).
    pub not_both: Scaled,
}

/// Why there is no answer about liars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum NoThreeStates {
    /// Some node would be down or lie more often than always.
    MoreThanAlways,
    /// Nodes stand in zones of several kinds.
    ZonesOverlap,
    /// The budget ended.
    Exhausted(Exhausted),
}

/// What happens on the way through the nodes.
#[derive(Debug, Clone, Copy)]
enum Step {
    Enter(ZoneId),
    Ask(NodeId),
    Leave(ZoneId),
}

/// What is left of "not safe" and of "live", and the outermost zone around that has failed.
type State = (Ref, Ref, Option<ZoneId>);

/// Safe, live and both, for nodes that are down with probability p, lie with probability q and are well otherwise, all independent; a
/// failed zone means down.
///
/// # Method
/// A decision diagram of the sets of liars that make the system unsafe, one of the sets of well nodes that keep it live, and one walk
/// down both, node by node and zone by zone: the mass of every pair of places is moved on by the three states of the node. Only positive
/// terms are added, so tiny results keep their digits.
///
/// # Source
/// Malkhi and Reiter, Byzantine quorum systems, 1998: what liars may have in common; the three states of "Real life is uncertain", 2025,
/// for thresholds.
///
/// # Complexity
/// O(ab) for each node, of diagrams of a and b nodes on its level; the diagrams are made once, whatever the probabilities.
#[derive(Debug)]
pub(crate) struct Liars<'a> {
    system: &'a System,
    steps: Vec<Step>,
    diagram: Diagram,
    not_safe: Ref,
    live: Ref,
    budget: &'a Budget,
}

impl<'a> Liars<'a> {
    /// What liars can do to a system.
    ///
    /// # Errors
    /// [`NoThreeStates`] when the diagrams are beyond the budget, and where zones overlap.
    pub(crate) fn of(system: &'a System, budget: &'a Budget) -> Result<Self, NoThreeStates> {
        if system.nodes().iter().any(|node| !node.also_in.is_empty()) {
            // No order of the nodes has those of each zone side by side.
            return Err(NoThreeStates::ZonesOverlap);
        }
        Liars::compiled(system, budget).map_err(NoThreeStates::Exhausted)
    }

    fn compiled(system: &'a System, budget: &'a Budget) -> Result<Self, Exhausted> {
        let steps = steps(system);
        let order: Vec<NodeId> =
            steps.iter().filter_map(|step| if let Step::Ask(node) = step { Some(*node) } else { None }).collect();
        let mut diagram = Diagram::new(&order, budget);
        let reads = diagram.compile(system.formula(Kind::Read))?;
        let writes = diagram.compile(system.formula(Kind::Write))?;
        let (not_safe, live) = (diagram.unmet(reads, writes)?, diagram.and(reads, writes)?);
        Ok(Liars { system, steps, diagram, not_safe, live, budget })
    }

    /// The answer for these states of the nodes.
    ///
    /// # Errors
    /// [`NoThreeStates`] when the walk is beyond the budget, and for states that cannot be.
    pub(crate) fn answer(&self, states: &[NodeStates]) -> Result<ThreeStates, NoThreeStates> {
        match states.iter().all(|state| state.is_possible()) {
            true => self.walk(states).map_err(NoThreeStates::Exhausted),
            false => Err(NoThreeStates::MoreThanAlways),
        }
    }

    fn walk(&self, states: &[NodeStates]) -> Result<ThreeStates, Exhausted> {
        let mut meter = Meter::new(Resource::SearchSteps, self.budget.search_steps);
        let mut mass = Mass::default();
        mass.add((self.not_safe, self.live, None), Scaled::ONE);
        for step in &self.steps {
            meter.charge(mass.all.len() as u64)?;
            mass = match *step {
                Step::Ask(node) => mass.asked(&self.diagram, node, states[node.index()]),
                Step::Enter(zone) => mass.entered(zone, self.system.zones()[zone.index()].failure.get()),
                Step::Leave(zone) => mass.left(zone),
            };
        }
        let sum = |counts: fn(bool, bool) -> bool| {
            let counted =
                mass.all.iter().filter(|((not_safe, live, _), _)| counts(*not_safe != Ref::TRUE, *live == Ref::TRUE));
            counted.fold(Scaled::ZERO, |sum, (_, mass)| sum + *mass)
        };
        Ok(ThreeStates {
            node_byzantine_probability: common(states.iter().map(|state| state.lies)),
            safe: sum(|safe, _| safe),
            live: sum(|_, live| live),
            safe_and_live: sum(|safe, live| safe && live),
            not_safe: sum(|safe, _| !safe),
            not_live: sum(|_, live| !live),
            not_both: sum(|safe, live| !(safe && live)),
        })
    }
}

/// The nodes that quorums ask for in an order that reads well, those of a zone that may fail one after another.
fn steps(system: &System) -> Vec<Step> {
    let mut order = system.formula(Kind::Read).reading_order();
    order.extend(system.formula(Kind::Write).reading_order());
    let mut seen = NodeSet::new();
    order.retain(|node| {
        let is_new = !seen.contains(*node);
        seen.insert(*node);
        is_new
    });
    let may_fail = |zone: &ZoneId| system.zones()[zone.index()].failure.get() > 0.0;
    // From the outermost zone to the node.
    let path = |node: NodeId| {
        let zone = system.nodes()[node.index()].zone;
        let mut around: Vec<ZoneId> =
            zone.into_iter().flat_map(|zone| system.zones_around(zone)).filter(may_fail).collect();
        around.reverse();
        around
    };
    let paths: Vec<Vec<ZoneId>> = order.iter().map(|node| path(*node)).collect();
    // Where each zone is met first, outermost first: that is where all of it goes.
    let mut first: FxHashMap<ZoneId, usize> = FxHashMap::default();
    for (at, path) in paths.iter().enumerate() {
        for zone in path {
            first.entry(*zone).or_insert(at);
        }
    }
    let key = |at: usize| paths[at].iter().map(|zone| first[zone]).chain([at]).collect::<Vec<_>>();
    let mut sorted: Vec<usize> = (0..order.len()).collect();
    sorted.sort_by_cached_key(|at| key(*at));
    let mut steps = Vec::new();
    let mut inside: Vec<ZoneId> = Vec::new();
    for at in sorted {
        let shared = inside.iter().zip(&paths[at]).take_while(|(a, b)| a == b).count();
        steps.extend(inside.drain(shared..).rev().map(Step::Leave));
        steps.extend(paths[at][shared..].iter().map(|zone| Step::Enter(*zone)));
        inside.clone_from(&paths[at]);
        steps.push(Step::Ask(order[at]));
    }
    steps.extend(inside.drain(..).rev().map(Step::Leave));
    steps
}

/// The probability of each state, in the order in which they were met first.
#[derive(Debug, Default)]
struct Mass {
    all: Vec<(State, Scaled)>,
    places: FxHashMap<State, usize>,
}

impl Mass {
    fn add(&mut self, state: State, mass: Scaled) {
        if mass == Scaled::ZERO {
            return;
        }
        let place = *self.places.entry(state).or_insert(self.all.len());
        match self.all.get_mut(place) {
            Some((_, sum)) => *sum = *sum + mass,
            None => self.all.push((state, mass)),
        }
    }

    fn asked(&self, diagram: &Diagram, node: NodeId, NodeStates { down, lies }: NodeStates) -> Mass {
        let (down, lies) = (down.get(), lies.get());
        let [down, lies, well] = [down, lies, 1.0 - down - lies].map(|p| Scaled::from(p.max(0.0)));
        let parts = |function: Ref| match function {
            Ref::TRUE | Ref::FALSE => (function, function),
            _ => match diagram.parts_on_top([function]) {
                (top, [parts]) if top == node => parts,
                _ => (function, function),
            },
        };
        let mut next = Mass::default();
        for ((not_safe, live, failed), mass) in &self.all {
            let ((honest, liar), (without, with)) = (parts(*not_safe), parts(*live));
            if failed.is_some() {
                next.add((honest, without, *failed), *mass);
                continue;
            }
            next.add((honest, without, None), *mass * down);
            next.add((liar, without, None), *mass * lies);
            next.add((honest, with, None), *mass * well);
        }
        next
    }

    fn entered(&self, zone: ZoneId, fails: f64) -> Mass {
        let mut next = Mass::default();
        for ((not_safe, live, failed), mass) in &self.all {
            if failed.is_some() {
                next.add((*not_safe, *live, *failed), *mass);
                continue;
            }
            next.add((*not_safe, *live, Some(zone)), *mass * Scaled::from(fails));
            next.add((*not_safe, *live, None), *mass * Scaled::from(1.0 - fails));
        }
        next
    }

    fn left(&self, zone: ZoneId) -> Mass {
        let mut next = Mass::default();
        for ((not_safe, live, failed), mass) in &self.all {
            next.add((*not_safe, *live, failed.filter(|failed| *failed != zone)), *mass);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::{Node, Zone};

    /// Whether any two quorums whose nodes are all of these share more than liars, by all ways to share the others out.
    fn is_safe(system: &System, liars: u32) -> bool {
        let nodes = system.nodes().len();
        let set = |bits: u32| (0..nodes).filter(|node| bits >> node & 1 == 1).map(NodeId::new).collect::<NodeSet>();
        let holds = |kind, bits| system.formula(kind).holds(&set(bits));
        (0..1u32 << nodes).filter(|mine| mine & liars == 0).all(|mine| {
            let others = !mine & ((1 << nodes) - 1);
            !(holds(Kind::Read, mine | liars) && holds(Kind::Write, others | liars))
        })
    }

    /// The six sums over all states of all nodes and zones.
    fn by_all_states(system: &System, states: &[NodeStates]) -> [f64; 6] {
        let (nodes, zones) = (system.nodes().len(), system.zones().len());
        let mut sums = [0.0; 6];
        let safe: Vec<bool> = (0..1 << nodes).map(|liars| is_safe(system, liars)).collect();
        for failed in 0..1u32 << zones {
            let zone_chance = |(at, zone): (usize, &Zone)| match failed >> at & 1 {
                1 => zone.failure.get(),
                _ => zone.failure.complement(),
            };
            let of_zones: f64 = system.zones().iter().enumerate().map(zone_chance).product();
            for state in 0..3usize.pow(nodes as u32) {
                let digit = |node: usize| state / 3usize.pow(node as u32) % 3;
                let (mut chance, mut liars, mut well) = (of_zones, 0, NodeSet::new());
                for (at, node) in system.nodes().iter().enumerate() {
                    let (down, lies) = (states[at].down.get(), states[at].lies.get());
                    chance *= [down, lies, 1.0 - down - lies][digit(at)];
                    let is_off = node
                        .zone
                        .is_some_and(|zone| system.zones_around(zone).any(|zone| failed >> zone.index() & 1 == 1));
                    match digit(at) {
                        1 if !is_off => liars |= 1 << at,
                        2 if !is_off => well.insert(NodeId::new(at)),
                        _ => {}
                    }
                }
                let safe = safe[liars as usize];
                let live = Kind::BOTH.iter().all(|kind| system.formula(*kind).holds(&well));
                let counts = [safe, live, safe && live, !safe, !live, !(safe && live)];
                sums.iter_mut().zip(counts).for_each(|(sum, counts)| *sum += if counts { chance } else { 0.0 });
            }
        }
        sums
    }

    fn answer(system: &System, states: &[NodeStates]) -> ThreeStates {
        let budget = Budget::default();
        Liars::of(system, &budget).and_then(|liars| liars.answer(states)).unwrap()
    }

    fn check(system: &System) {
        let p = |p: f64| Probability::new(p).unwrap();
        let state = |at: usize| NodeStates { down: p(0.02 * (at + 1) as f64), lies: p(0.3 / (at + 2) as f64) };
        let states: Vec<NodeStates> = (0..system.nodes().len()).map(state).collect();
        let found = answer(system, &states);
        let found = [found.safe, found.live, found.safe_and_live, found.not_safe, found.not_live, found.not_both];
        for (found, expected) in found.iter().zip(by_all_states(system, &states)) {
            let found = found.to_f64().unwrap();
            assert!((found - expected).abs() <= 1e-12 * expected.max(1e-3), "{found} {expected}: {:?}", system.about());
        }
    }

    #[test]
    fn all_states_of_small_systems_say_the_same() {
        let families = [
            Family::Majority { n: 5 },
            Family::Threshold { n: 4, read: 2, write: 3 },
            Family::Threshold { n: 4, read: 2, write: 2 },
            Family::Rowa { n: 3 },
            Family::Wheel { n: 5 },
            Family::Fpp { order: 2 },
        ];
        for family in families {
            check(&family.system().unwrap());
        }
        for (reads, writes) in [("a*b + c*d", "(a+b)*(c+d)"), ("a*b + b*c*d", "a + b*c"), ("a", "a*b*c")] {
            let text =
                format!("name = \"x\"\n[system]\nfamily = \"custom\"\nreads = \"{reads}\"\nwrites = \"{writes}\"\n");
            check(&crate::spec::read("x.toml", text.as_bytes()).unwrap());
        }
    }

    #[test]
    fn zones_take_their_nodes_down_and_none_of_them_lies() {
        let plain = Family::Majority { n: 5 }.system().unwrap();
        let p = |p: f64| Probability::new(p).unwrap();
        let mut inner = Zone::new("rack", p(0.2));
        inner.parent = Some(ZoneId::new(0));
        let zones = vec![Zone::new("room", p(0.1)), inner, Zone::new("other", p(0.05))];
        let place = [Some(0), Some(2), Some(1), None, Some(1)];
        let nodes = plain.nodes().iter().zip(place);
        let nodes: Vec<Node> = nodes.map(|(node, zone)| Node { zone: zone.map(ZoneId::new), ..node.clone() }).collect();
        let system = plain.clone().with(nodes, zones, plain.workload().clone()).unwrap();
        check(&system);
    }

    #[test]
    fn tiny_probabilities_keep_their_digits() {
        let system = Family::Threshold { n: 7, read: 5, write: 5 }.system().unwrap();
        let p = |p: f64| Probability::new(p).unwrap();
        let states = vec![NodeStates { down: p(0.0), lies: p(1e-120) }; 7];
        let found = answer(&system, &states);
        // Three liars of seven.
        assert!((found.not_safe.log10() - (35f64.log10() - 360.0)).abs() < 1e-9);
    }
}
