//! Every pass against all sets of failures, on formulas and zones of every small shape.

use super::*;
use crate::budget::{Meter, Resource};
use crate::model::{Formula, FormulaBuilder, GateId, NodeId, NodeSet};
use crate::number::Scaled;

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn meter() -> Meter {
    Meter::new(Resource::PassSteps, 1 << 40)
}

/// Two read-once formulas over one random tree, with thresholds and votes of their own.
fn pair(dice: &mut Dice, nodes: usize) -> (Formula, Formula) {
    let mut builders = [FormulaBuilder::new(), FormulaBuilder::new()];
    let mut parts: Vec<[GateId; 2]> =
        (0..nodes).map(|node| [0, 1].map(|of: usize| builders[of].leaf(NodeId::new(node)))).collect();
    // Parts in a random order are put together until one is left.
    for place in (1..parts.len()).rev() {
        parts.swap(place, dice.below(place as u64 + 1) as usize);
    }
    while parts.len() > 1 {
        let size = (2 + dice.below(4) as usize).min(parts.len());
        let taken: Vec<[GateId; 2]> = parts.drain(..size).collect();
        let votes: Vec<u64> = taken.iter().map(|_| 1 + dice.below(3)).collect();
        let total: u64 = votes.iter().sum();
        let gate = [0, 1].map(|of: usize| {
            let voters: Vec<(GateId, u64)> = taken.iter().map(|part| part[of]).zip(votes.iter().copied()).collect();
            builders[of].weighted(1 + dice.below(total), &voters).unwrap()
        });
        parts.push(gate);
    }
    let [first, second] = builders;
    (first.finish(parts[0][0]), second.finish(parts[0][1]))
}

/// Random zones, some inside others, the innermost around each node and the one around each zone.
fn zones(dice: &mut Dice, nodes: usize, zones: usize) -> Vec<ZoneMembers> {
    let parent: Vec<Option<usize>> =
        (0..zones).map(|zone| (dice.below(zone as u64 + 1) as usize).checked_sub(1)).collect();
    let mut members: Vec<ZoneMembers> =
        (0..zones).map(|zone| ZoneMembers { zone: NodeId::new(nodes + zone), nodes: Vec::new() }).collect();
    for node in 0..nodes {
        let mut zone = (dice.below(zones as u64 + 1) as usize).checked_sub(1);
        while let Some(around) = zone {
            members[around].nodes.push(NodeId::new(node));
            zone = parent[around];
        }
    }
    members
}

/// P(both fail), P(the first alone holds), P(the second alone), P(both), by all states; and whether each variable decides.
fn by_states(formulas: [&Formula; 2], zones: &[ZoneMembers], p: &[f64]) -> ([f64; 4], Vec<f64>) {
    let nodes = p.len() - zones.len();
    let alive = |state: usize| -> NodeSet {
        let up = |variable: usize| state >> variable & 1 == 1;
        let around = |node: usize| zones.iter().filter(move |zone| zone.nodes.contains(&NodeId::new(node)));
        let lives = |node: &usize| up(*node) && around(*node).all(|zone| up(zone.zone.index()));
        (0..nodes).filter(lives).map(NodeId::new).collect()
    };
    let states = 1usize << p.len();
    let outcome: Vec<usize> = (0..states)
        .map(alive)
        .map(|live| usize::from(formulas[0].holds(&live)) + 2 * usize::from(formulas[1].holds(&live)))
        .collect();
    let weight = |state: usize, without: usize| -> f64 {
        let each = |variable: usize| if state >> variable & 1 == 1 { 1.0 - p[variable] } else { p[variable] };
        (0..p.len()).filter(|variable| *variable != without).map(each).product()
    };
    let mut outcomes = [0.0; 4];
    (0..states).for_each(|state| outcomes[outcome[state]] += weight(state, usize::MAX));
    let decides = |variable: usize| {
        let without = (0..states).filter(|state| state >> variable & 1 == 0);
        let counts = without.filter(|state| outcome[*state] & 1 == 0 && outcome[state | 1 << variable] & 1 == 1);
        counts.map(|state| weight(state, variable)).sum()
    };
    (outcomes, (0..p.len()).map(decides).collect())
}

#[track_caller]
fn close(given: Scaled, expected: f64, what: &str) {
    let given = given.to_f64().unwrap();
    let same = if expected == 0.0 { given == 0.0 } else { (given / expected - 1.0).abs() < 1e-12 };
    assert!(same, "{what}: {given} and not {expected}");
}

#[test]
fn random_trees_in_random_zones_agree_with_all_states() {
    let mut dice = Dice(7);
    let (mut cut, mut across) = (0, 0);
    for round in 0..400 {
        let (nodes, zone_count) = (2 + dice.below(6) as usize, 1 + dice.below(4) as usize);
        let (first, second) = pair(&mut dice, nodes);
        let zones = zones(&mut dice, nodes, zone_count);
        let chances = [0.5, 0.25, 0.125, 0.0, 0.75, 2f64.powi(-20)];
        let p: Vec<f64> = (0..nodes + zone_count).map(|_| chances[dice.below(6) as usize]).collect();
        let (outcomes, decides) = by_states([&first, &second], &zones, &p);
        let (live, dead): (Vec<Scaled>, Vec<Scaled>) =
            p.iter().map(|p| (Scaled::from(1.0 - p), Scaled::from(*p))).unzip();
        let chances = Chances { live: &live, dead: &dead };
        let plan = ZonePlan::of(&first, &zones, &mut meter()).unwrap();
        cut += usize::from(!plan.cutting().is_empty());
        across += usize::from(plan.cutting().is_empty());
        let what = format!("round {round}: {zones:?} {p:?}");
        let (fails, holds) = chances_in_zones(&first, &plan, chances, &mut meter()).unwrap();
        close(fails, outcomes[0] + outcomes[2], &what);
        close(holds, outcomes[1] + outcomes[3], &what);
        // Gates of both were made one after the other, so that partners have the same number.
        let all = joint_chances_in_zones((&first, &second), |gate| gate, &plan, chances, &mut meter()).unwrap();
        (0..4).for_each(|at| close(all[at], outcomes[at], &what));
        let importance = importance_in_zones(&first, &plan, chances, &mut meter()).unwrap();
        for (variable, importance) in importance.into_iter().enumerate() {
            match importance {
                Some(importance) => close(importance, decides[variable], &format!("variable {variable}, {what}")),
                None => assert!(plan.cutting().iter().any(|members| members.zone.index() == variable)),
            }
        }
    }
    assert!(cut > 50 && across > 100, "{cut} {across}");
}

/// One gate over many nodes with votes, in zones; with chances of every size.
fn wide(nodes: usize, votes: impl Fn(usize) -> u64, quota: impl Fn(u64) -> u64) -> (Formula, Vec<ZoneMembers>) {
    let mut builder = FormulaBuilder::new();
    let voters: Vec<(GateId, u64)> = (0..nodes).map(|node| (builder.leaf(NodeId::new(node)), votes(node))).collect();
    let total = voters.iter().map(|(_, votes)| votes).sum();
    let root = builder.weighted(quota(total), &voters).unwrap();
    // Regions of four zones; every ninth node stands outside.
    let zones = nodes / 25 + 1;
    let mut members: Vec<ZoneMembers> = (0..zones + zones.div_ceil(4))
        .map(|zone| ZoneMembers { zone: NodeId::new(nodes + zone), nodes: Vec::new() })
        .collect();
    for node in (0..nodes).filter(|node| node % 9 > 0) {
        let zone = node * 31 % zones;
        members[zone].nodes.push(NodeId::new(node));
        members[zones + zone / 4].nodes.push(NodeId::new(node));
    }
    (builder.finish(root), members)
}

/// The chances of each leaf to fail and to hold; those of other gates are of no account.
fn of_leaves(formula: &Formula, Chances { live, dead }: Chances<'_>) -> Vec<(Scaled, Scaled)> {
    let of = |(_, gate): (GateId, crate::model::Gate<'_>)| match gate {
        crate::model::Gate::Leaf(node) => (dead[node.index()], live[node.index()]),
        _ => (Scaled::ZERO, Scaled::ONE),
    };
    formula.gates().map(of).collect()
}

#[test]
fn tilted_gates_agree_with_all_sums() {
    type Votes = fn(usize) -> u64;
    let cases: [(Votes, f64, f64); 5] = [
        (|_| 1, 0.01, 0.02),
        (|_| 1, 1e-9, 1e-12),
        (|node| 1 + node as u64 % 3, 0.1, 0.001),
        (|node| 1 + node as u64 % 2, 0.9, 0.4),
        (|node| [1, 7][node % 2], 1e-3, 0.0),
    ];
    for (votes, p, zone_p) in cases {
        for quota in [|total: u64| total / 2 + 1, |total: u64| total / 10, |total: u64| total - total / 7] {
            let (formula, zones) = wide(300, votes, quota);
            let variables = 300 + zones.len();
            let p = |variable: usize| match variable {
                // Four kinds of nodes.
                ..300 => p * [1.0, 1.0, 0.5, 0.25][variable % 4],
                _ => zone_p * [1.0, 0.5][variable % 2],
            };
            let (live, dead): (Vec<Scaled>, Vec<Scaled>) =
                (0..variables).map(|variable| (Scaled::from(1.0 - p(variable)), Scaled::from(p(variable)))).unzip();
            let chances = Chances { live: &live, dead: &dead };
            let plan = ZonePlan::of(&formula, &zones, &mut meter()).unwrap();
            assert!(plan.cutting().is_empty());
            let across = plan.across(formula.root()).unwrap();
            let leaves = of_leaves(&formula, chances);
            let ballot = ballot::Ballot::new((&formula, formula.root()), across, &leaves, chances);
            let plain = ballot.chance(&mut meter()).unwrap();
            let mut spent = meter();
            let tilted = tilted::by_tilting(&ballot, &mut spent).unwrap().expect("enough is kept");
            for (a, b) in [(tilted.0, plain.0), (tilted.1, plain.1)] {
                assert!((a.ratio(b) - 1.0).abs() < 1e-12, "{a} {b}");
            }
        }
    }
}

/// Votes that surely count, or surely do not, decide a gate without any sums, and with sums they say the same.
#[test]
fn sure_votes_settle_a_gate() {
    let (formula, zones) = wide(120, |node| 1 + node as u64 % 3, |total| total / 2 + 1);
    let variables = 120 + zones.len();
    let plan = ZonePlan::of(&formula, &zones, &mut meter()).unwrap();
    let across = plan.across(formula.root()).unwrap();
    let mut sure = 0;
    let mut dice = Dice(5);
    for _ in 0..200 {
        // Many nodes or zones are sure to work, or sure to fail.
        let (most, zone_most) = (dice.below(4), dice.below(4));
        let p: Vec<f64> = (0..variables)
            .map(|variable| match dice.below(10) < if variable < 120 { most } else { zone_most } * 3 {
                true => [0.0, 1.0][dice.below(12) as usize / 11 * usize::from(variable >= 120 || most == 3)],
                false => 0.25,
            })
            .collect();
        let (live, dead): (Vec<Scaled>, Vec<Scaled>) =
            p.iter().map(|p| (Scaled::from(1.0 - p), Scaled::from(*p))).unzip();
        let chances = Chances { live: &live, dead: &dead };
        let leaves = of_leaves(&formula, chances);
        let ballot = ballot::Ballot::new((&formula, formula.root()), across, &leaves, chances);
        let plain = ballot.chance(&mut meter()).unwrap();
        let found = tilted::chance(&ballot, &mut meter()).unwrap();
        sure += usize::from(found.0 == Scaled::ZERO || found.1 == Scaled::ZERO);
        for (a, b) in [(found.0, plain.0), (found.1, plain.1)] {
            assert!(a == b || (a.ratio(b) - 1.0).abs() < 1e-12, "{a} {b}: {p:?}");
        }
    }
    assert!((20..180).contains(&sure), "{sure}");
}

#[test]
fn a_diagram_of_nodes_is_one_of_nodes_and_zones() {
    let mut dice = Dice(11);
    for round in 0..150 {
        let (nodes, zone_count) = (2 + dice.below(6) as usize, 1 + dice.below(4) as usize);
        let (formula, _) = pair(&mut dice, nodes);
        let zones = zones(&mut dice, nodes, zone_count);
        // Outer zones have smaller numbers than those inside them.
        let around = |node: NodeId| -> Vec<NodeId> {
            zones.iter().filter(|zone| zone.nodes.contains(&node)).map(|zone| zone.zone).collect()
        };
        let mut keyed: Vec<(Vec<NodeId>, NodeId)> =
            (0..nodes).map(NodeId::new).map(|node| (around(node), node)).collect();
        keyed.sort();
        let order: Vec<NodeId> = keyed.into_iter().flat_map(|(zones, node)| zones.into_iter().chain([node])).collect();
        let mut store = crate::circuit::Diagram::new(&order, &crate::budget::Budget::default());
        let bare = store.compile(&formula).unwrap();
        let given = store.in_zones(bare, around).unwrap();
        let mut builder = FormulaBuilder::new();
        let root = builder.import(&formula, |builder, node| {
            let leaves: Vec<GateId> = around(node).into_iter().chain([node]).map(|node| builder.leaf(node)).collect();
            builder.and(&leaves).unwrap()
        });
        let expected = store.compile(&builder.finish(root)).unwrap();
        assert_eq!(given, expected, "round {round}: {zones:?}");
    }
}
