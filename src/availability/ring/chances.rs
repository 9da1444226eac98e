//! How probable is it that one range is unavailable or lost?

use rustc_hash::FxHashMap;

use crate::availability::Failures;
use crate::budget::{Exhausted, Meter};
use crate::model::{Copyset, NodeId, Part, Ring};
use crate::number::Scaled;

/// Sums over all ranges, in the order of the events: no read quorum, no write quorum, no replica, no node of some write quorum.
pub(super) struct Chances {
    /// The expected share of the ranges.
    pub(super) ranges: [Scaled; 4],
    /// The expected share of the keys.
    pub(super) keys: [Scaled; 4],
    /// That it happens to some range is at most this probable.
    pub(super) some_at_most: [Scaled; 4],
}

/// The chances of all ranges: expectations are sums, however the ranges depend on each other.
pub(super) fn of_ranges(ring: &Ring, failures: &Failures, meter: &mut Meter) -> Result<Chances, Exhausted> {
    let zero = [Scaled::ZERO; 4];
    let mut sums = Chances { ranges: zero, keys: zero, some_at_most: zero };
    let mut known: FxHashMap<Vec<u64>, [Scaled; 4]> = FxHashMap::default();
    for copyset in &ring.copysets {
        meter.charge(1)?;
        let key = key(copyset, failures);
        let own = match known.get(&key) {
            Some(own) => *own,
            None => {
                let own = of_copyset(ring, copyset, failures, meter)?;
                known.insert(key, own);
                own
            }
        };
        let share = copyset.ranges as f64 / ring.ranges as f64;
        for (at, chance) in own.into_iter().enumerate() {
            sums.ranges[at] = sums.ranges[at] + chance * Scaled::from(share);
            sums.keys[at] = sums.keys[at] + chance * Scaled::from(copyset.keys);
            sums.some_at_most[at] = sums.some_at_most[at] + chance;
        }
    }
    Ok(sums)
}

/// What the chances of a set of replicas depend on.
fn key(copyset: &Copyset, failures: &Failures) -> Vec<u64> {
    let mut key = Vec::new();
    for group in &copyset.groups {
        let mut nodes: Vec<(u64, Vec<usize>)> =
            group.iter().map(|node| (failures.nodes[node.index()].get().to_bits(), around(*node, failures))).collect();
        nodes.sort_unstable();
        key.push(nodes.len() as u64);
        for (failure, zones) in nodes {
            key.extend([failure, zones.len() as u64]);
            key.extend(zones.into_iter().map(|zone| zone as u64));
        }
    }
    key
}

/// The zones around a node that can fail.
fn around(node: NodeId, failures: &Failures) -> Vec<usize> {
    let own = failures.zone_of[node.index()].into_iter();
    let own = own.chain(failures.also_in.get(node.index()).into_iter().flatten().copied());
    let outwards = |zone| std::iter::successors(Some(zone), |zone: &usize| failures.parent_of[*zone]);
    let mut zones: Vec<usize> = own.flat_map(outwards).filter(|zone| failures.zones[*zone].get() > 0.0).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}

/// The four chances of one set of replicas: given what has failed of the zones, its nodes fail independently.
fn of_copyset(
    ring: &Ring,
    copyset: &Copyset,
    failures: &Failures,
    meter: &mut Meter,
) -> Result<[Scaled; 4], Exhausted> {
    let mut zones: Vec<usize> = copyset.nodes().flat_map(|node| around(node, failures)).collect();
    zones.sort_unstable();
    zones.dedup();
    let nodes = copyset.nodes().count() as u64;
    let states = u32::try_from(zones.len()).ok().and_then(|zones| 1u64.checked_shl(zones)).filter(|_| zones.len() < 63);
    meter.charge(states.unwrap_or(u64::MAX).saturating_mul(nodes * nodes + zones.len() as u64 + 1))?;
    let mut sums = [Scaled::ZERO; 4];
    for state in 0..1u64 << zones.len() {
        let is_down = |zone: usize| zones.binary_search(&zone).is_ok_and(|at| state >> at & 1 == 1);
        let mut weight = Scaled::ONE;
        for zone in &zones {
            let failure = failures.zones[*zone];
            weight = weight * Scaled::from(if is_down(*zone) { failure.get() } else { failure.complement() });
        }
        let fails = |node: NodeId| {
            let failure = failures.nodes[node.index()];
            let stopped = around(node, failures).into_iter().any(is_down);
            if stopped { (1.0, 0.0) } else { (failure.get(), failure.complement()) }
        };
        for (sum, chance) in sums.iter_mut().zip(given_zones(ring, copyset, &fails)) {
            *sum = *sum + weight * chance;
        }
    }
    Ok(sums.map(Scaled::at_most_one))
}

/// The four chances where nodes fail independently, with these probabilities to have failed and to live.
fn given_zones(ring: &Ring, copyset: &Copyset, fails: &dyn Fn(NodeId) -> (f64, f64)) -> [Scaled; 4] {
    let [read, write] = [&ring.quorums.reads, &ring.quorums.writes].map(|quorum| copyset.parts(quorum));
    let unavailable = |parts: &[Part]| {
        // The first part that has too few nodes.
        let mut so_far = Scaled::ONE;
        let mut sum = Scaled::ZERO;
        for part in parts {
            let [enough, too_few] = of_part(part, (part.nodes.len() + 1).saturating_sub(part.needed), fails);
            sum = sum + so_far * too_few;
            so_far = so_far * enough;
        }
        sum
    };
    let lost = copyset.nodes().fold(Scaled::ONE, |product, node| product * Scaled::from(fails(node).0));
    let can_be_written = write.iter().all(|part| part.nodes.len() >= part.needed);
    let write_lost = write.iter().fold(Scaled::ONE, |product, part| product * of_part(part, part.needed, fails)[1]);
    let write_lost = if can_be_written { write_lost } else { Scaled::ZERO };
    [unavailable(&read), unavailable(&write), lost, write_lost]
}

/// That fewer than so many nodes of a part have failed, and that so many or more have.
fn of_part(part: &Part, failed: usize, fails: &dyn Fn(NodeId) -> (f64, f64)) -> [Scaled; 2] {
    let mut by_failed = vec![Scaled::ONE];
    for node in &part.nodes {
        let (down, up) = fails(*node);
        let (down, up) = (Scaled::from(down), Scaled::from(up));
        let mut next = vec![Scaled::ZERO; by_failed.len() + 1];
        for (count, chance) in by_failed.iter().enumerate() {
            next[count] = next[count] + *chance * up;
            next[count + 1] = next[count + 1] + *chance * down;
        }
        by_failed = next;
    }
    let sum = |chances: &[Scaled]| chances.iter().fold(Scaled::ZERO, |sum, chance| sum + *chance);
    let (fewer, more) = by_failed.split_at(failed.min(by_failed.len()));
    [sum(fewer), sum(more)]
}
