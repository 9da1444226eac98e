//! The decisions about one register whose reads are assigned to writes.

use super::clusters::{self, Clusters, Orphan};
use super::ops::Ops;
use super::regular::{INITIAL, Legality, Verdict};
use super::search;
use super::topology::{Channel, order};
use super::zones;
use crate::budget::{Exhausted, Meter};

/// Why a register is not atomic.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// A read that belongs to no write.
    Orphan(Orphan),
    /// A read that no write allows.
    Illegal(usize, Verdict),
    /// Clusters that each must come before the next, and the last one before the first.
    Cycle(Box<Clusters>, Vec<u32>),
    /// The search found no order.
    NoOrder,
}

/// Whether clusters can be put in an order.
pub(super) fn ordered(ops: &Ops<'_>, clusters: &Clusters) -> Result<(), Vec<u32>> {
    if let Some((a, b)) = zones::conflict(&clusters.first_end, &clusters.last_start) {
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
pub(super) fn atomic(ops: &Ops<'_>, meter: &mut Meter) -> Result<Result<Proof, Obstacle>, Exhausted> {
    if ops.entries.iter().any(|entry| matches!(entry.action, crate::history::Action::Cas { .. })) {
        return match first_illegal(ops, meter, |_, _| true)? {
            Some((read, verdict)) => Ok(Err(Obstacle::Illegal(read, verdict))),
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

fn by_search(ops: &Ops<'_>, meter: &mut Meter) -> Result<Result<Proof, Obstacle>, Exhausted> {
    Ok(search::search(ops, meter)?.map(Proof::Order).ok_or(Obstacle::NoOrder))
}

/// Repeated values: a read that only one write allows belongs to it, so clusters may decide after all.
///
/// The reads that several writes allow are left out first: if the others cannot be ordered, nor can all.
fn repeated(ops: &Ops<'_>, meter: &mut Meter) -> Result<Result<Proof, Obstacle>, Exhausted> {
    let legality = Legality::new(ops);
    let mut returns = vec![super::ops::NONE; ops.entries.len()];
    let mut is_open = false;
    for (read, _, value) in ops.reads() {
        match legality.of(read, value, meter)? {
            Verdict::Legal(_) => {}
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

/// The first read that is not regular, and what is wrong with it.
pub(super) fn first_illegal(
    ops: &Ops<'_>,
    meter: &mut Meter,
    is_asked: impl Fn(&Legality<'_, '_>, usize) -> bool,
) -> Result<Option<(usize, Verdict)>, Exhausted> {
    let legality = Legality::new(ops);
    for (read, _, value) in ops.reads() {
        let verdict = legality.of(read, value, meter)?;
        if !matches!(verdict, Verdict::Legal(_)) && is_asked(&legality, read) {
            return Ok(Some((read, verdict)));
        }
    }
    Ok(None)
}
