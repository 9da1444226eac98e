//! What is known of a formula before its quorums are listed: enough to leave most of them out.
//!
//! Every formula has a [`Region`] of the rates that it serves, made from those of its parts, and so has a bound of its
//! load. And a formula can do no more with a part than with another one over some of the same nodes that serves what the
//! part is used for. So a part whose region is covered is not built upon: wherever it is used, there are at least as many
//! other systems, as good and as resilient, as were asked for.
//!
//! *Why.* A strategy uses a part at one pair of rates. If each pair of the part's region lies in the regions of N kept
//! parts over the same nodes or some of them, whose smallest quorums are no smaller (as far as the question minds), then
//! putting these in its place gives N different functions, none worse at that pair. Their own parts may be covered in
//! turn; putting kept ones in their place keeps the N functions apart, because a read-once formula has only one form. So
//! the N best values are those of formulas of kept parts.
//!
//! This needs a load that only depends on the rates: one read fraction, no limits, no failure probability. Elsewhere every
//! formula is looked at.

use super::classes::{Classes, Counts};
use super::drive::TIE;
use super::forms::{FormId, Forms, Top};
use super::region::{Rates, Region};
use super::{Ask, Cluster};
use crate::analysis::goal::{Limits, Objective};
use crate::model::Node;

/// Capacities below this share of all have no region: their products would be too small for a float.
const SHARE_MIN: f64 = 1e-140;

/// By how much the ceiling is above the best rate so far.
const CEILING: f64 = 1.02;

/// What a formula can do.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    /// Nodes of a smallest read and of a smallest write quorum, as far as the question minds.
    smallest: [usize; 2],
    /// The rates that it serves, where parts are covered.
    region: Option<Region>,
}

/// Shapes of the formulas that are built upon.
#[derive(Debug)]
pub(super) struct Sieve {
    /// Of the nodes of each class.
    nodes: Option<Vec<Rates>>,
    /// Reads and writes of an operation, in the units of the regions.
    mix: Rates,
    /// How often a part must be covered.
    times: usize,
    /// Smallest quorums larger than this are as good as of this size.
    size_needed: usize,
    /// Rates of the whole that no system reaches, unless one is found that does.
    ceiling: Rates,
    shapes: Vec<Shape>,
    /// For each count of nodes what covers its formulas: some that use no more than it.
    pools: Vec<Vec<FormId>>,
}

impl Sieve {
    /// Nothing is known yet.
    pub(super) fn new(cluster: &Cluster, ask: &Ask, forms: &Forms) -> Self {
        let nodes = &cluster.nodes;
        let sum = |capacity: &dyn Fn(&Node) -> f64| nodes.iter().map(capacity).sum::<f64>();
        let units = [sum(&|node| node.read_capacity.get()), sum(&|node| node.write_capacity.get())];
        let rates = |node: &Node| [node.read_capacity.get() / units[0], node.write_capacity.get() / units[1]];
        let plain = ask.objective == Objective::Load
            && ask.limits == Limits::default()
            && ask.max_failure_probability.is_none()
            && cluster.workload.is_single();
        let is_sound = |share: f64| (SHARE_MIN..=1.0).contains(&share);
        let usable = plain && nodes.iter().map(rates).all(|rates| rates.into_iter().all(is_sound));
        let first = |class: &Vec<crate::model::NodeId>| rates(&nodes[class[0].index()]);
        let read = cluster.workload.mean_read_fraction();
        Sieve {
            nodes: usable.then(|| forms.classes().members().iter().map(first).collect()),
            mix: [read / units[0], (1.0 - read) / units[1]],
            times: ask.top,
            size_needed: ask.min_resilience.saturating_add(1),
            ceiling: [f64::INFINITY; 2],
            shapes: Vec::new(),
            pools: vec![Vec::new(); forms.classes().everything() + 1],
        }
    }

    /// Whether covered parts are left out.
    pub(super) fn covers(&self) -> bool {
        self.nodes.is_some()
    }

    /// Begins again, to find as many of the best systems; the best so far has this load: nobody needs to serve much more.
    ///
    /// A system that serves more than the ceiling serves the ceiling; so if there were one, there would be one of kept
    /// parts that reaches the ceiling.
    pub(super) fn begin(&mut self, best: Option<f64>, times: usize) {
        self.times = times;
        let rate = best.filter(|load| *load > 0.0).map_or(f64::INFINITY, |load| CEILING / load);
        // Rates that are not used at all have no region to be cut.
        self.ceiling = self.mix.map(|each| if each > 0.0 { each * rate } else { f64::INFINITY });
        self.shapes.clear();
        self.pools.iter_mut().for_each(Vec::clear);
    }

    /// Whether a system with this load breaks the ceiling.
    pub(super) fn is_broken(&self, load: Option<f64>) -> bool {
        let reaches = |load: f64| {
            (0..2).all(|kind| self.mix[kind] / load * (1.0 + TIE) >= self.ceiling[kind] || self.mix[kind] == 0.0)
        };
        self.nodes.is_some() && load.is_some_and(reaches)
    }

    /// What covers formulas of these counts before any of them is known: all that is kept of smaller counts, without what
    /// others of it cover.
    pub(super) fn enter(&mut self, classes: &Classes, counts: Counts) {
        if self.nodes.is_none() {
            return;
        }
        let smaller = (0..classes.members().len()).filter(|class| classes.count(counts, *class) > 0);
        let mut all: Vec<FormId> =
            smaller.flat_map(|class| self.pools[counts - classes.one(class)].iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        // The widest first: they cover the others.
        let prices = self.mix.map(|each| if each > 0.0 { 1.0 / each } else { 0.0 });
        let worth =
            |form: &FormId| self.shapes[*form as usize].region.as_ref().map_or(0.0, |region| region.worth(prices));
        let mut valued: Vec<(f64, FormId)> = all.iter().map(|form| (worth(form), *form)).collect();
        valued.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut pool: Vec<FormId> = Vec::new();
        for (_, form) in valued {
            if !self.is_covered_by(&self.shapes[form as usize], pool.iter().map(|other| &self.shapes[*other as usize]))
            {
                pool.push(form);
            }
        }
        self.pools[counts] = pool;
    }

    /// The shape of the formula with this top over parts that are built upon.
    pub(super) fn shape(&self, top: Top, parts: &[FormId]) -> Shape {
        match top {
            Top::Leaf(class) => Shape {
                smallest: [1; 2],
                region: self
                    .nodes
                    .as_ref()
                    .map(|nodes| Region::of_node(nodes[class][0], nodes[class][1]).up_to(self.ceiling)),
            },
            Top::Gate(k) => {
                let shapes = || parts.iter().map(|part| &self.shapes[*part as usize]);
                let smallest = |kind: usize, k: usize| {
                    let mut sizes: Vec<usize> = shapes().map(|shape| shape.smallest[kind]).collect();
                    sizes.sort_unstable();
                    sizes[..k].iter().sum::<usize>().min(self.size_needed)
                };
                let regions: Option<Vec<&Region>> = shapes().map(|shape| shape.region.as_ref()).collect();
                Shape {
                    smallest: [smallest(0, k), smallest(1, parts.len() - k + 1)],
                    region: regions.map(|regions| Region::of_gate(k, &regions).up_to(self.ceiling)),
                }
            }
        }
    }

    /// Whether as few failures as must not matter leave no read or no write quorum.
    pub(super) fn is_fragile(&self, shape: &Shape) -> bool {
        shape.smallest.iter().any(|size| *size < self.size_needed)
    }

    /// What the load of the formula cannot be below.
    pub(super) fn bound(&self, shape: &Shape) -> f64 {
        shape.region.as_ref().map_or(0.0, |region| 1.0 / region.rate(self.mix))
    }

    /// Whether a part of these counts need not be built upon, because of these that are, or of smaller ones.
    pub(super) fn is_covered<'a>(
        &'a self,
        shape: &Shape,
        counts: Counts,
        kept: impl Iterator<Item = &'a Shape>,
    ) -> bool {
        let smaller = self.pools[counts].iter().map(|form| &self.shapes[*form as usize]);
        self.is_covered_by(shape, smaller.chain(kept))
    }

    fn is_covered_by<'a>(&self, shape: &Shape, kept: impl Iterator<Item = &'a Shape>) -> bool {
        let Some(region) = &shape.region else { return false };
        let safe = |other: &&'a Shape| (0..2).all(|kind| other.smallest[kind] >= shape.smallest[kind]);
        let regions = kept.filter(safe).filter_map(|other| other.region.as_ref());
        if self.mix[1] == 0.0 {
            return regions.filter(|other| other.reads_max() >= region.reads_max()).take(self.times).count()
                == self.times;
        }
        if self.mix[0] == 0.0 {
            let more = |other: &&Region| other.writes_max() >= region.writes_max();
            return regions.filter(more).take(self.times).count() == self.times;
        }
        region.is_covered(regions, self.times)
    }

    /// The next formula that is built upon, in the order of their numbers.
    pub(super) fn keep(&mut self, counts: Counts, shape: Shape) {
        if self.nodes.is_some() {
            self.pools[counts].push(self.shapes.len() as FormId);
        }
        self.shapes.push(shape);
    }
}
