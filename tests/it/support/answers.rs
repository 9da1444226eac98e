//! Every answer about a system of five nodes held against the truth tables of its reads and writes.

use num_bigint::BigUint;
use quorate::analysis::Analysis;
use quorate::analysis::notes::Note;
use quorate::availability::{AvailabilityMethod, FailureProbability};
use quorate::model::{Kind, NodeId, NodeSet, Pair, Probability, System};
use quorate::structure::domination::Domination;
use quorate::structure::intersection::Intersection;
use quorate::structure::minimal_quorums::MinimalQuorums;
use quorate::structure::resilience::Resilience;

use super::certificate;
use super::load::optimal_load;
use super::systems::{close, nearest};
use super::truth::{EVERYONE, NODES, Truth, mask_of, set_of};

/// What is wrong with `analysis`, which was asked for all minimal quorums of `system`.
pub(crate) fn check(system: &System, functions: Pair<Truth>, analysis: &Analysis) -> Result<(), String> {
    let Pair { reads, writes } = functions;
    let meets = &analysis.intersections;
    check_intersection(&meets.read_write, reads, writes).map_err(|what| format!("read-write: {what}"))?;
    check_intersection(&meets.write_write, writes, writes).map_err(|what| format!("write-write: {what}"))?;
    check_intersection(&meets.read_read, reads, reads).map_err(|what| format!("read-read: {what}"))?;
    for kind in Kind::BOTH {
        let function = *functions.of(kind);
        check_minimal(system, analysis.minimal.of(kind), function).map_err(|what| format!("{} {what}", kind.name()))?;
        check_resilience(analysis.resilience.of(kind), function).map_err(|what| format!("{} {what}", kind.name()))?;
    }
    check_domination(&analysis.domination, system.is_symmetric(), functions)?;
    check_notes(&analysis.notes, functions)?;
    for answer in &analysis.failure_probability {
        check_failure(answer, system, functions)?;
    }
    check_optima(system, functions, analysis)
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, given: &T, expected: &T) -> Result<(), String> {
    if given == expected { Ok(()) } else { Err(format!("{what} is {given:?} instead of {expected:?}")) }
}

fn check_intersection(answer: &Intersection, a: Truth, b: Truth) -> Result<(), String> {
    let common = |x: &u32| b.minimal().into_iter().map(|y| (x & y).count_ones()).min().unwrap_or(0);
    let smallest = a.minimal().iter().map(common).min().unwrap_or(0) as usize;
    expect("the verdict", &answer.verdict.known(), &Some(smallest > 0))?;
    expect("the smallest common part", &answer.smallest, &Some(smallest))?;
    match &answer.witness {
        None if smallest > 0 => Ok(()),
        Some([x, y]) if smallest == 0 => {
            let valid = a.holds(mask_of(x)) && b.holds(mask_of(y)) && x.is_disjoint(y);
            if valid { Ok(()) } else { Err(format!("{x:?} and {y:?} are no witness")) }
        }
        witness => Err(format!("the witness is {witness:?} where the smallest common part is {smallest}")),
    }
}

fn check_minimal(system: &System, answer: &MinimalQuorums, function: Truth) -> Result<(), String> {
    let minimal = listed(system, function);
    let sizes = || minimal.iter().map(|quorum| quorum.count_ones() as usize);
    let in_some = minimal.iter().fold(0, |all, quorum| all | quorum);
    let in_all = minimal.iter().fold(EVERYONE, |all, quorum| all & quorum);
    expect("count", &answer.count, &Some(BigUint::from(minimal.len())))?;
    expect("smallest", &answer.smallest, &sizes().min())?;
    expect("largest", &answer.largest, &sizes().max())?;
    expect("unused", &answer.unused, &Some(set_of(EVERYONE & !in_some)))?;
    expect("indispensable", &answer.indispensable, &Some(set_of(in_all)))?;
    expect("redundant", &answer.redundant, &Vec::new())?;
    expect("exhausted", &answer.exhausted, &None)?;
    let listing = answer.listing.as_ref().ok_or("listing is missing")?;
    expect("listing", &listing.quorums, &minimal.into_iter().map(set_of).collect())?;
    expect("completeness of the listing", &listing.complete, &true)
}

/// The minimal quorums by size, then by their members in the order in which reads and then writes name them.
pub(crate) fn listed(system: &System, function: Truth) -> Vec<u32> {
    let Pair { reads, writes } = system.formulas();
    let order = [reads.reading_order(), writes.reading_order()].concat();
    let rank = |node: NodeId| order.iter().position(|named| *named == node);
    let mut minimal = function.minimal();
    minimal.sort_by_cached_key(|quorum| {
        let mut ranks: Vec<Option<usize>> = set_of(*quorum).iter().map(rank).collect();
        ranks.sort_unstable();
        (ranks.len(), ranks)
    });
    minimal
}

fn check_resilience(answer: &Resilience, function: Truth) -> Result<(), String> {
    let smallest = smallest(function.dual().0);
    let transversal = answer.transversal.as_ref().ok_or("transversal is missing")?;
    expect("size of the transversal", &transversal.len(), &smallest)?;
    expect("the transversal is one", &function.dual().holds(mask_of(transversal)), &true)?;
    expect("lower bound of the transversal", &answer.lower_bound, &smallest)?;
    expect("resilience", &answer.value(), &Some(smallest - 1))
}

/// Size of a smallest set in a table of sets.
fn smallest(table: u32) -> usize {
    let sizes = (0..32u32).filter(|live| table >> live & 1 == 1).map(u32::count_ones);
    sizes.min().map_or(NODES + 1, |size| size as usize)
}

fn check_domination(answer: &Domination, symmetric: bool, functions: Pair<Truth>) -> Result<(), String> {
    let Pair { reads, writes } = functions;
    let non_dominated = reads == writes.dual();
    let intersecting = reads.0 & !writes.dual().0 == 0;
    expect("non-dominated", &answer.non_dominated.known(), &Some(non_dominated))?;
    expect("whether there is an improvement", &answer.improvement.is_some(), &(intersecting && !non_dominated))?;
    let Some(improvement) = &answer.improvement else { return Ok(()) };
    let (own, other) = if improvement.kind == Kind::Read { (reads, writes) } else { (writes, reads) };
    if symmetric {
        expect("the kind of the improvement", &improvement.kind, &Kind::Read)?;
    }
    let improving = other.dual().0 & !own.0;
    expect("the improvement is one", &(improving >> mask_of(&improvement.quorum) & 1), &1)?;
    expect("size of the improvement", &improvement.quorum.len(), &smallest(improving))
}

/// Number of nodes that stop reads or writes alone.
fn points(reads: Truth, writes: Truth) -> usize {
    let stops = |function: Truth, node: &usize| !function.holds(EVERYONE & !(1 << node));
    (0..NODES).filter(|node| stops(reads, node) || stops(writes, node)).count()
}

/// The findings that are plain consequences of the tables.
fn check_notes(notes: &[Note], functions: Pair<Truth>) -> Result<(), String> {
    let Pair { reads, writes } = functions;
    let misses = |a: Truth, b: Truth| a.0 & !b.dual().0 != 0;
    expect("the note on reads that miss writes", &notes.contains(&Note::ReadsMissWrites), &misses(reads, writes))?;
    if notes.contains(&Note::WritesMissWrites) {
        expect("the note on writes that miss writes", &misses(writes, writes), &true)?;
    }
    let needs = |function: Truth, node: usize| !function.holds(EVERYONE & !(1 << node));
    for node in 0..NODES {
        let found = notes.iter().find_map(|note| match note {
            Note::SinglePointOfFailure { node: named, kinds } if named.index() == node => Some(kinds.clone()),
            _ => None,
        });
        let kinds: Vec<Kind> = Kind::BOTH.into_iter().filter(|kind| needs(*functions.of(*kind), node)).collect();
        // A long list of such nodes is cut: the resilience of 0 says it all.
        let cut = found.is_none() && points(reads, writes) > 3;
        expect(
            "kinds that a single node stops",
            &found.unwrap_or(if cut { kinds.clone() } else { Vec::new() }),
            &kinds,
        )?;
    }
    match notes.iter().find(|note| matches!(note, Note::GaveUp { .. })) {
        Some(note) => Err(format!("gave up on five nodes: {note:?}")),
        None => Ok(()),
    }
}

fn check_failure(answer: &FailureProbability, system: &System, functions: Pair<Truth>) -> Result<(), String> {
    expect("method", &answer.method, &AvailabilityMethod::Exact)?;
    expect("interval", &answer.interval, &None)?;
    let node = answer.node_failure_probability.map(Probability::get);
    let [read, write, either, total] = failure_probabilities(system, functions, node);
    for (what, given, expected) in [
        ("read", answer.read, read),
        ("write", answer.write, write),
        ("system", answer.system, either),
        ("total", answer.total, total),
    ] {
        let given = given.ok_or(format!("failure probability of {what} is missing"))?;
        // Below the range of a float its power of ten is known all the same, and the table's is not.
        let Some(given) = given.to_f64() else {
            expect("a failure probability below the range of a float", &(expected < f64::MIN_POSITIVE), &true)?;
            continue;
        };
        // At most 2^8 positive products of eight factors: a few hundred roundings of 1e-16.
        if !close(given, expected, 1e-12) {
            return Err(format!("failure probability of {what} is {given:e} instead of {expected:e}"));
        }
    }
    Ok(())
}

/// No read quorum, no write quorum, one of the two missing, both missing: the sum over every state of nodes and zones.
/// `node` replaces the failure probability of every node.
pub(crate) fn failure_probabilities(system: &System, functions: Pair<Truth>, node: Option<f64>) -> [f64; 4] {
    let of_node = |index: usize| {
        let own = system.nodes()[index].failure.map(Probability::get);
        node.or(own).expect("every node of a test has a failure probability")
    };
    let zones = system.zones();
    let mut sums = [0.0; 4];
    for state in 0..1u32 << (NODES + zones.len()) {
        let zone_up = |zone: usize| state >> (NODES + zone) & 1 == 1;
        let mut probability = 1.0;
        let mut live = 0;
        for index in 0..NODES {
            let up = state >> index & 1 == 1;
            probability *= if up { 1.0 - of_node(index) } else { of_node(index) };
            let around = |zone| system.zones_around(zone).all(|zone| zone_up(zone.index()));
            let reachable = system.nodes()[index].zone.is_none_or(around);
            live |= u32::from(up && reachable) << index;
        }
        for (index, zone) in zones.iter().enumerate() {
            probability *= if zone_up(index) { 1.0 - zone.failure.get() } else { zone.failure.get() };
        }
        let missing = functions.map(|function| !function.holds(live));
        let events = [missing.reads, missing.writes, missing.reads || missing.writes, missing.reads && missing.writes];
        sums.iter_mut().zip(events).filter(|(_, event)| *event).for_each(|(sum, _)| *sum += probability);
    }
    sums
}

fn check_optima(system: &System, functions: Pair<Truth>, analysis: &Analysis) -> Result<(), String> {
    let minimal = functions.map(Truth::minimal);
    let sets = minimal.as_ref().map(|quorums| quorums.iter().copied().map(set_of).collect::<Vec<NodeSet>>());
    for answer in &analysis.optimum {
        let optimum = answer.best.as_ref().map_err(|why| format!("no strategy: {why:?}"))?;
        let expected = optimal_load(system.nodes(), &minimal, &optimum.workload);
        if let Some(exact) = &optimum.exact {
            expect("exact load", exact, &expected)?;
        }
        for given in [optimum.load(), optimum.lower_bound] {
            // Simplex on a handful of rows, with rows scaled by capacity: far better than 1e-9.
            if !close(given, nearest(&expected), 1e-9) {
                return Err(format!("load is {given} instead of {expected}"));
            }
        }
        certificate::check(system, optimum, [&sets.reads, &sets.writes])?;
    }
    Ok(())
}
