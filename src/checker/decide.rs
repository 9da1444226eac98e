//! The decisions about one register whose reads are assigned to writes.

use super::clusters::{self, Clusters, Orphan};
use super::just_in_time::{Outcome, just_in_time};
use super::precedence::{Ops, is_cas};
use super::regular::{INITIAL, Legality, Reading};
use super::report::Stopped;
use super::search::{OPERATIONS_MAX, Search};
use super::topological_order::{Channel, order};
use super::zone_conflict;
use crate::budget::{Exhausted, Meter, Resource};
use crate::history::{Action, Entry};

/// Steps of the search from operation to operation before the other one is tried.
const QUICK_STEPS: u64 = 4_096;

/// The same, for each operation.
const QUICK_STEPS_PER_OPERATION: u64 = 16;

/// Why a register is not atomic.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// A read that belongs to no write.
    Orphan(Orphan),
    /// A read that no write allows.
    Illegal(usize, Reading),
    /// Clusters that each must come before the next, and the last one before the first.
    Cycle(Box<Clusters>, Vec<u32>),
    /// No order was found.
    NoOrder {
        /// What cannot have returned what it did, if it is known; what started later does not matter.
        until: Option<u32>,
    },
}

/// Whether clusters can be put in an order.
pub(super) fn ordered(ops: &Ops<'_>, clusters: &Clusters) -> Result<(), Vec<u32>> {
    if let Some((a, b)) = zone_conflict::conflict(&clusters.first_end, &clusters.last_start) {
        return Err(vec![a, b]);
    }
    if ops.handovers.is_empty() {
        return Ok(());
    }
    sorted(ops, clusters).map(|_| ())
}

/// An order of the clusters, or a cycle of them.
pub(super) fn sorted(ops: &Ops<'_>, clusters: &Clusters) -> Result<Vec<u32>, Vec<u32>> {
    let channel = Channel { out: &clusters.first_end, into: &clusters.last_start };
    order(clusters.len(), &[channel], &clusters.handovers(ops))
}

/// How a register was found to be atomic.
#[derive(Debug)]
pub(super) enum Proof {
    /// Its clusters can be ordered.
    Clusters(Box<Clusters>),
    /// By an order of its operations.
    Order(Vec<u32>),
}

/// Whether a register is atomic, by whatever it takes.
pub(super) fn atomic(ops: &Ops<'_>, meter: &mut Meter) -> Result<Result<Proof, Obstacle>, Stopped> {
    if ops.entries.iter().any(|entry| is_cas(&entry.action)) {
        let from_nothing = || first_from_nothing(ops).map(|position| (position, Reading::NeverWritten));
        return match first_illegal(&Legality::new(ops), meter, |_| true)?.or_else(from_nothing) {
            Some((position, verdict)) => Ok(Err(Obstacle::Illegal(position, verdict))),
            None => by_search(ops, meter),
        };
    }
    if clusters::is_unique(ops) {
        let (clusters, orphan) = Clusters::of_values(ops);
        if let Some(orphan) = orphan {
            return Ok(Err(Obstacle::Orphan(orphan)));
        }
        return Ok(by_clusters(ops, clusters));
    }
    repeated(ops, meter)
}

fn by_clusters(ops: &Ops<'_>, clusters: Clusters) -> Result<Proof, Obstacle> {
    match ordered(ops, &clusters) {
        Ok(()) => Ok(Proof::Clusters(Box::new(clusters))),
        Err(cycle) => Err(Obstacle::Cycle(Box::new(clusters), cycle)),
    }
}

/// By whichever search comes to an end: the one from operation to operation is quick wherever it rarely goes astray,
/// the one from moment to moment does not lose its way among operations without an answer.
fn by_search(ops: &Ops<'_>, meter: &mut Meter) -> Result<Result<Proof, Obstacle>, Stopped> {
    if ops.entries.len() > OPERATIONS_MAX {
        return Err(Exhausted { resource: Resource::SearchSteps, limit: meter.allowed() }.into());
    }
    let mut search = Search::new(ops);
    let stopped = |search: &Search<'_, '_>, exhausted| Stopped { exhausted, reached: search.reached() };
    let found = |order: Option<Vec<u32>>| order.map(Proof::Order).ok_or(Obstacle::NoOrder { until: None });
    let mut quick = meter.at_most(QUICK_STEPS + QUICK_STEPS_PER_OPERATION * ops.entries.len() as u64);
    if let Ok(order) = search.run(&mut quick) {
        return Ok(found(order));
    }
    meter.charge(quick.allowed()).map_err(|exhausted| stopped(&search, exhausted))?;
    let mut other = meter.at_most(meter.left() / 4 * 3);
    match just_in_time(ops, &mut other) {
        Ok(Outcome::Order(order)) => return Ok(Ok(Proof::Order(order))),
        Ok(Outcome::Dead(position)) => return Ok(Err(Obstacle::NoOrder { until: Some(position) })),
        Ok(Outcome::TooWide) | Err(_) => {}
    }
    meter.charge(other.spent().min(other.allowed())).map_err(|exhausted| stopped(&search, exhausted))?;
    search.run(meter).map(found).map_err(|exhausted| stopped(&search, exhausted))
}

/// Repeated values: a read that only one write allows belongs to it, so clusters may decide after all.
///
/// The reads that several writes allow are left out first: if the others cannot be ordered, nor can all.
fn repeated(ops: &Ops<'_>, meter: &mut Meter) -> Result<Result<Proof, Obstacle>, Stopped> {
    let legality = Legality::new(ops);
    let mut returns = vec![super::precedence::NONE; ops.entries.len()];
    let mut is_open = false;
    for (read, _, value) in ops.reads() {
        match legality.of(read, value, meter)? {
            Reading::Legal(_) => {}
            verdict => return Ok(Err(Obstacle::Illegal(read, verdict))),
        }
        match legality.only(read, value, meter)? {
            Some(write) => returns[read] = write,
            None => is_open = true,
        }
    }
    let clusters = Clusters::of_reads(ops, &returns, INITIAL);
    let outcome = by_clusters(ops, clusters);
    if is_open && outcome.is_ok() { by_search(ops, meter) } else { Ok(outcome) }
}

/// The first compare-and-set that expected and found what nothing else wrote.
fn first_from_nothing(ops: &Ops<'_>) -> Option<usize> {
    let mut writers = vec![0u32; ops.register.values().len()];
    for written in ops.entries.iter().filter_map(|entry| entry.action.written()) {
        writers[written.index()] += 1;
    }
    let is_from_nothing = |(_, entry): &(usize, &Entry)| match entry.action {
        Action::Cas { expected, new } => {
            let others = writers[expected.index()] - u32::from(expected == new);
            others == 0 && ops.initial != Some(expected) && !entry.is_pending()
        }
        _ => false,
    };
    ops.entries.iter().enumerate().find(is_from_nothing).map(|(position, _)| position)
}

/// The first read that is not regular, and what is wrong with it.
pub(super) fn first_illegal(
    legality: &Legality<'_, '_>,
    meter: &mut Meter,
    is_asked: impl Fn(usize) -> bool,
) -> Result<Option<(usize, Reading)>, Exhausted> {
    for (read, _, value) in legality.ops().reads() {
        if !is_asked(read) {
            continue;
        }
        let verdict = legality.of(read, value, meter)?;
        if !matches!(verdict, Reading::Legal(_)) {
            return Ok(Some((read, verdict)));
        }
    }
    Ok(None)
}
