//! From an obstacle to a handful of operations that break the rule by themselves.

use std::cell::Cell;

use super::clusters::{Clusters, Orphan};
use super::decide::{self, Obstacle};
use super::explain::{self, Edge};
use super::precedence::{NONE, Ops};
use super::read_sources::Sources;
use super::regular::{INITIAL, Legality, Reading};
use super::report::{Place, Rule, Witness};
use super::single_order::single_order;
use super::steps::meter;
use crate::budget::Budget;
use crate::history::{Action, PENDING, Register, Value};

/// Operations in all excerpts that a register without an order is cut down by: these, and so many times its own.
const EXCERPT_OPERATIONS: usize = 1_000_000;
const EXCERPT_ROUNDS: usize = 64;

/// What an excerpt costs beside its operations.
const EXCERPT_COST: usize = 64;

/// Steps of a search in an excerpt, beside those for its operations.
const EXCERPT_STEPS: u64 = 20_000;

/// Pairs of operations that are looked at for an edge that only hand-overs make.
const PAIRS_MAX: usize = 1 << 20;

/// A register that is being judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'s, 'a> {
    pub(super) ops: &'s Ops<'a>,
    pub(super) register: usize,
    pub(super) initial: &'s Value,
    pub(super) budget: &'s Budget,
}

impl Scene<'_, '_> {
    /// Why the register is not atomic.
    pub(super) fn obstacle(&self, obstacle: &Obstacle) -> Witness {
        match obstacle {
            Obstacle::Orphan(Orphan::NeverWritten { read }) => self.read(*read, Reading::NeverWritten),
            Obstacle::Orphan(Orphan::Future { read, write }) => self.read(*read, Reading::Future(*write as u32)),
            Obstacle::Illegal(read, reading) => self.read(*read, *reading),
            Obstacle::Cycle(clusters, cycle) => self.cycle(clusters, cycle, Rule::Cycle),
            Obstacle::NoOrder { until } => self.no_order(*until),
        }
    }

    /// Why a read, taken alone, is not allowed.
    pub(super) fn read(&self, read: usize, reading: Reading) -> Witness {
        let (rule, others) = match reading {
            Reading::NeverWritten | Reading::Legal(_) => {
                let is_aborted = explain::failed_write(self.ops, read).is_some();
                (if is_aborted { Rule::AbortedRead } else { Rule::NeverWritten }, vec![])
            }
            Reading::Future(write) => (Rule::Future, vec![write]),
            Reading::Overwritten { write, by } => (Rule::Stale, vec![write, by]),
        };
        let mut entries: Vec<usize> =
            others.iter().filter(|other| **other != INITIAL).map(|other| *other as usize).collect();
        entries.push(read);
        self.witness(rule, entries, explain::read(self.ops, self.initial, read, reading))
    }

    /// Why clusters cannot be ordered.
    pub(super) fn cycle(&self, clusters: &Clusters, cycle: &[u32], rule: Rule) -> Witness {
        let members = members(self.ops, clusters, cycle);
        let edges = |entries: &[usize]| -> Option<Vec<Edge>> {
            let kept: Vec<Vec<usize>> = members
                .iter()
                .map(|members| members.iter().copied().filter(|member| entries.binary_search(member).is_ok()).collect())
                .collect();
            let count = cycle.len();
            (0..count)
                .map(|from| {
                    let to = (from + 1) % count;
                    let is_initial = clusters.write[cycle[from] as usize] == NONE;
                    edge(self.ops, (&kept[from], is_initial), &kept[to], rule)
                })
                .collect()
        };
        let mut all: Vec<usize> = members.iter().flatten().copied().collect();
        all.sort_unstable();
        let Some(found) = edges(&all) else { return self.no_order(None) };
        let writes = cycle.iter().map(|cluster| clusters.write[*cluster as usize]).filter(|write| *write != NONE);
        let mut entries: Vec<usize> = writes.map(|write| write as usize).collect();
        entries.extend(found.iter().flat_map(|(from, to)| from.iter().chain([to])));
        entries.extend(self.overwriters(&entries, clusters));
        entries.sort_unstable();
        entries.dedup();
        let is_broken = |register: &Register| match rule {
            Rule::WriteCycle => is_no_single_order(register, self.initial),
            _ => self.is_not_atomic(register) == Some(true),
        };
        // Where a value is repeated, it may take more to see which write a read returned.
        if !is_broken(&self.ops.register.excerpt(entries.iter().copied())) {
            return self.no_order(None);
        }
        self.minimise(&mut entries, &Sources::of_clusters(self.ops, clusters), is_broken);
        // What is left still has the cycle, or a witness that is even simpler.
        let found = edges(&entries).unwrap_or(found);
        let rule = if rule == Rule::Cycle { explain::rule(self.ops, clusters, cycle, &found) } else { rule };
        let explanation = explain::cycle(self.ops, self.initial, &found);
        let explanation = format!("{explanation}{}", explain::needed(&entries, true));
        self.witness(rule, entries, explanation)
    }

    /// For reads that could return several of these writes, what rules out all but their own.
    fn overwriters(&self, entries: &[usize], clusters: &Clusters) -> Vec<usize> {
        let action = |entry: usize| self.ops.entries[entry].action;
        let mut found = Vec::new();
        let mut legality = None;
        for &read in entries {
            let Action::Read(value) = action(read) else { continue };
            for &write in entries {
                let is_other = clusters.of(self.ops, read) != clusters.of(self.ops, write);
                if action(write) == Action::Write(value) && is_other {
                    let legality = legality.get_or_insert_with(|| Legality::new(self.ops));
                    if let Reading::Overwritten { by, .. } = legality.alone(read, write as u32) {
                        found.push(by as usize);
                    }
                }
            }
        }
        found
    }

    /// What is left of a register without an order after everything was taken away that is not needed for that.
    fn no_order(&self, until: Option<u32>) -> Witness {
        let end = until.map_or(PENDING, |position| self.ops.entries[position as usize].end);
        let mut entries: Vec<usize> =
            self.ops.telling().filter(|(_, entry)| entry.start <= end).map(|(position, _)| position).collect();
        let left = Cell::new(EXCERPT_OPERATIONS.saturating_add(EXCERPT_ROUNDS.saturating_mul(entries.len())));
        let is_broken = |register: &Register| {
            let cost = register.entries().len() + EXCERPT_COST;
            let rest = left.get().checked_sub(cost);
            left.set(rest.unwrap_or(0));
            rest.is_some() && self.is_not_atomic(register) == Some(true)
        };
        let sources = Sources::new(self.ops);
        let mut size = entries.len() / 2;
        while size > 1 && left.get() > 0 {
            self.cut(&mut entries, size, &sources, &is_broken);
            size /= 2;
        }
        if left.get() > 0 {
            self.minimise(&mut entries, &sources, is_broken);
        }
        let explanation = explain::no_order(self.ops, &entries);
        let explanation = format!("{explanation}{}", explain::needed(&entries, left.get() > 0));
        self.witness(Rule::NoOrder, entries, explanation)
    }

    fn witness(&self, rule: Rule, mut entries: Vec<usize>, explanation: String) -> Witness {
        entries.sort_unstable();
        entries.dedup();
        let mut lines: Vec<u32> = entries.iter().map(|entry| self.ops.entries[*entry].line).collect();
        lines.sort_unstable();
        let operations = entries.into_iter().map(|entry| Place { register: self.register, entry }).collect();
        Witness { rule, operations, lines, explanation }
    }

    /// Whether a small register is not atomic, if that can be said.
    fn is_not_atomic(&self, register: &Register) -> Option<bool> {
        let ops = Ops::new(register, self.initial);
        let search_steps = self.budget.search_steps.min(EXCERPT_STEPS);
        let mut meter = meter(&Budget { search_steps, ..*self.budget }, ops.entries.len());
        decide::atomic(&ops, &mut meter).ok().map(|outcome| outcome.is_err())
    }

    /// Takes operations away one by one, as long as the rest is still broken: then each one that is left is needed.
    fn minimise(&self, entries: &mut Vec<usize>, sources: &Sources, is_broken: impl Fn(&Register) -> bool) {
        loop {
            let before = entries.len();
            self.cut(entries, 1, sources, &is_broken);
            if entries.len() == before {
                return;
            }
        }
    }

    /// Takes away runs of operations of this length, from the back.
    fn cut(&self, entries: &mut Vec<usize>, size: usize, sources: &Sources, is_broken: &impl Fn(&Register) -> bool) {
        let mut end = entries.len();
        while end > 0 {
            let from = end.saturating_sub(size);
            let rest: Vec<usize> = entries[..from].iter().chain(&entries[end..]).copied().collect();
            let is_fair = sources.are_kept(&rest, &entries[from..end]);
            if is_fair && is_broken(&self.ops.register.excerpt(rest.iter().copied())) {
                *entries = rest;
            }
            end = from;
        }
    }
}

/// The operations of each cluster.
fn members(ops: &Ops<'_>, clusters: &Clusters, cycle: &[u32]) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); cycle.len()];
    for (position, _) in ops.telling() {
        let cluster = clusters.of(ops, position);
        if let Some(place) = cycle.iter().position(|other| *other == cluster) {
            members[place].push(position);
        }
    }
    members
}

/// An operation of one cluster that precedes one of another; the simplest there is.
fn edge(ops: &Ops<'_>, (from, is_initial): (&[usize], bool), to: &[usize], rule: Rule) -> Option<Edge> {
    let is_write = |position: &usize| ops.entries[*position].action.written().is_some();
    let write = |members: &[usize]| members.iter().copied().find(is_write);
    let last = to.iter().copied().max_by_key(|position| ops.entries[*position].start);
    if is_initial {
        return Some((None, write(to).or(last)?));
    }
    let first = from.iter().copied().min_by_key(|position| ops.entries[*position].end)?;
    let (from_write, to_write) = (write(from), write(to));
    let candidates = [(from_write, to_write), (from_write, last), (Some(first), to_write), (Some(first), last)];
    let precedes = |(a, b): (usize, usize)| ops.precedes(a, b);
    let allowed = |(a, b): &(usize, usize)| rule != Rule::WriteCycle || is_write(a) || is_write(b);
    let found = candidates.into_iter().filter_map(|(a, b)| a.zip(b)).filter(allowed).find(|pair| precedes(*pair));
    let all = || from.iter().flat_map(|a| to.iter().map(move |b| (*a, *b))).take(PAIRS_MAX);
    found.or_else(|| all().filter(allowed).find(|pair| precedes(*pair))).map(|(a, b)| (Some(a), b))
}

fn is_no_single_order(register: &Register, initial: &Value) -> bool {
    let ops = Ops::new(register, initial);
    let (clusters, orphan) = Clusters::of_values(&ops);
    let mut meter = meter(&Budget::default(), ops.entries.len());
    orphan.is_some() || matches!(single_order(&ops, &clusters, &mut meter), Ok(Err(_)))
}

/// Why an order proves nothing.
#[derive(Debug)]
pub(super) enum Gap {
    /// The first operation precedes the second, but stands after it.
    Precedence(usize, usize),
    /// This operation finds another value than the one it returned.
    Value(usize),
    /// This operation returned, but does not stand in the order.
    Missing(usize),
}

/// Whether the operations may happen one at a time in this order.
///
/// # Complexity
/// O(n) in memory and time, but for what one process does at one instant.
pub(super) fn is_order(ops: &Ops<'_>, order: impl IntoIterator<Item = usize>) -> Result<(), Gap> {
    let order: Vec<usize> = order.into_iter().collect();
    let mut is_there = vec![false; ops.entries.len()];
    let mut value = ops.initial;
    for &position in &order {
        is_there[position] = true;
        match ops.entries[position].action {
            Action::Read(found) if value != Some(found) => return Err(Gap::Value(position)),
            Action::Cas { expected, .. } if value != Some(expected) => return Err(Gap::Value(position)),
            Action::FailedCas { expected, .. } if value == Some(expected) => return Err(Gap::Value(position)),
            _ => value = ops.entries[position].action.written().or(value),
        }
    }
    if let Some((missing, _)) = ops.telling().find(|(position, entry)| !is_there[*position] && entry.end != PENDING) {
        return Err(Gap::Missing(missing));
    }
    // From the back: nothing may have ended before an operation started that stands before it.
    let mut earliest: Option<usize> = None;
    for &position in order.iter().rev() {
        if let Some(first) = earliest.filter(|first| ops.precedes(*first, position)) {
            return Err(Gap::Precedence(first, position));
        }
        if earliest.is_none_or(|first| ops.entries[position].end < ops.entries[first].end) {
            earliest = Some(position);
        }
    }
    let mut place = vec![usize::MAX; ops.entries.len()];
    for (index, position) in order.iter().enumerate() {
        place[*position] = index;
    }
    match ops.handovers.iter().find(|(a, b)| place[*a as usize] > place[*b as usize]) {
        Some((a, b)) => Err(Gap::Precedence(*a as usize, *b as usize)),
        None => Ok(()),
    }
}
