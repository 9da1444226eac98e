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
//! This needs a load that only depends on the rates: one read fraction, no limits, no failure probability, no demands. Elsewhere no
//! part is covered, but bounds hold of every question: regions bound the load also under a limit, and the mean load over
//! read fractions is at least that of the mean fraction; the sizes of smallest quorums bound the network, the fastest
//! quorums the latency, and failure probabilities of parts are those of the whole.

use super::evaluate::{ROUNDING, Verdict};
use super::form_bounds::{Shape, Shaping};
use super::node_classes::{Counts, NodeClasses};
use super::progress::TIE;
use super::quick_bounds::Glance;
use super::rate_region::{Rates, Region};
use super::read_once_forms::{FormId, Forms, Top};
use super::requirements;
use super::validate;
use super::{Cluster, Query};
use crate::budget::shares::REGIONS_MAX;
use crate::model::Kind;
use crate::strategy::objective::{Limits, Objective};

/// By how much the ceiling is above the best rate so far.
const CEILING: f64 = 1.02;

/// Shapes of the formulas that are built upon.
#[derive(Debug)]
pub(super) struct Sieve<'a> {
    ask: &'a Query,
    shaping: Shaping,
    /// Whether covered parts are left out.
    covers: bool,
    /// Reads and writes of an operation, in the units of the regions; and as such.
    mix: Rates,
    mean: Rates,
    /// How often a part must be covered.
    times: usize,
    /// Smallest read and write quorums larger than this are as good as of this size.
    sizes_needed: [u8; 2],
    /// Rates of the whole that no system reaches, unless one is found that does.
    ceiling: Rates,
    shapes: Vec<Shape>,
    glance: Option<Glance>,
    /// For each count of nodes what covers its formulas: some that use no more than it.
    pools: Vec<Vec<FormId>>,
}

impl<'a> Sieve<'a> {
    /// Nothing is known yet.
    pub(super) fn new(cluster: &Cluster, ask: &'a Query, forms: &Forms) -> Self {
        let shaping = Shaping::of(cluster, ask, forms.classes());
        let plain = ask.objective == Objective::Load
            && ask.limits == Limits::default()
            && ask.max_failure_probability.is_none()
            && !requirements::is_asked(ask)
            && cluster.workload.is_single();
        let mean = Kind::BOTH.map(|kind| cluster.workload.mean_share(kind));
        let mix = [mean[0] / shaping.units[0], mean[1] / shaping.units[1]];
        let sizes = validate::sizes_needed(cluster, ask);
        Sieve {
            ask,
            covers: plain && shaping.rates.is_some(),
            mix,
            mean,
            times: ask.top,
            sizes_needed: [sizes.reads, sizes.writes].map(|size| u8::try_from(size).unwrap_or(u8::MAX)),
            ceiling: [f64::INFINITY; 2],
            shapes: Vec::new(),
            glance: shaping.rates.clone().map(|rates| Glance::new(rates, mix)),
            shaping,
            pools: vec![Vec::new(); forms.classes().everything() + 1],
        }
    }

    /// Whether covered parts are left out.
    pub(super) fn covers(&self) -> bool {
        self.covers
    }

    /// The largest load that matters, where nothing above `beat` does.
    fn load_most(&self, beat: f64) -> f64 {
        if self.ask.objective == Objective::Load {
            beat
        } else {
            self.ask.limits.load.unwrap_or(f64::INFINITY) * (1.0 + TIE)
        }
    }

    /// Whether formulas of these counts need not be built upon, because too few nodes are left.
    pub(super) fn is_last(&self, classes: &NodeClasses, counts: Counts, beat: f64) -> bool {
        let left = classes.everything() - counts;
        let is_too_much = |glance: &Glance| glance.is_too_much(classes, left, 1.0 / self.load_most(beat));
        left == 0 || self.glance.as_ref().is_some_and(is_too_much)
    }

    /// Whether a formula that is not built upon is seen at a glance not to be among the best.
    pub(super) fn is_short(&self, top: Top, parts: &[FormId], beat: f64) -> bool {
        let Top::Gate(k) = top else { return false };
        self.glance.as_ref().is_some_and(|glance| glance.is_short(k, parts, 1.0 / self.load_most(beat)))
    }

    /// Begins again, to find as many of the best systems; the best so far has this load: nobody needs to serve much more.
    ///
    /// A system that serves more than the ceiling serves the ceiling; so if there were one, there would be one of kept
    /// parts that reaches the ceiling.
    pub(super) fn begin(&mut self, best: Option<f64>, times: usize) {
        self.times = times;
        let rate = best.filter(|load| self.covers && *load > 0.0).map_or(f64::INFINITY, |load| CEILING / load);
        // Rates that are not used at all have no region to be cut.
        self.ceiling = self.mix.map(|each| if each > 0.0 { each * rate } else { f64::INFINITY });
        self.shapes.clear();
        self.glance.iter_mut().for_each(Glance::clear);
        self.pools.iter_mut().for_each(Vec::clear);
    }

    /// Whether a system with this load breaks the ceiling.
    pub(super) fn is_broken(&self, load: Option<f64>) -> bool {
        let reaches = |load: f64| {
            (0..2).all(|kind| self.mix[kind] / load * (1.0 + TIE) >= self.ceiling[kind] || self.mix[kind] == 0.0)
        };
        self.covers && load.is_some_and(reaches)
    }

    /// What covers formulas of these counts before any of them is known: all that is kept of smaller counts, without what
    /// others of it cover. How many regions were compared.
    pub(super) fn enter(&mut self, classes: &NodeClasses, counts: Counts) -> usize {
        if !self.covers {
            return 0;
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
        let mut compared = 0;
        for (_, form) in valued {
            compared += 1 + pool.len();
            if !self.is_covered_by(&self.shapes[form as usize], pool.iter().map(|other| &self.shapes[*other as usize]))
            {
                pool.push(form);
            }
        }
        self.pools[counts] = pool;
        compared
    }

    /// How many formulas may cover one of these counts, before any of them is known.
    pub(super) fn pool(&self, counts: Counts) -> usize {
        self.pools[counts].len()
    }

    /// The shape of the formula with this top over parts that are built upon.
    pub(super) fn shape(&self, top: Top, parts: &[FormId]) -> Shape {
        match top {
            Top::Leaf(class) => self.shaping.leaf(class, self.ceiling),
            Top::Gate(k) => {
                let parts: Vec<&Shape> = parts.iter().map(|part| &self.shapes[*part as usize]).collect();
                self.shaping.gate(k, &parts, self.ceiling)
            }
        }
    }

    /// What the shape alone says about the formula, where nothing above `beat` matters.
    pub(super) fn verdict(&self, shape: &Shape, beat: f64) -> Option<Verdict> {
        if (0..2).any(|kind| shape.smallest[kind] < self.sizes_needed[kind]) {
            return Some(Verdict::UNMET);
        }
        let mean = |[reads, writes]: [f64; 2]| reads * self.mean[0] + writes * self.mean[1];
        for objective in Objective::ALL {
            // Whoever must survive losses uses larger quorums and waits longer, never less.
            let least = match objective {
                Objective::Load => shape.region.as_ref().map_or(0.0, |region| 1.0 / region.rate(self.mix)),
                Objective::Network => mean(shape.smallest.map(f64::from)),
                Objective::Latency => mean(self.shaping.fastest_ms(shape)),
            };
            if objective == self.ask.objective && least * (1.0 - ROUNDING) > beat {
                return Some(Verdict::Worse);
            }
            if self.ask.limits.of(objective).is_some_and(|limit| least * (1.0 - 2.0 * TIE) > limit) {
                return Some(Verdict::UNMET);
            }
        }
        let limit = self.ask.max_failure_probability?.get();
        let [neither, reads, writes, _] = **shape.live.as_ref()?;
        let failure = neither + reads + writes;
        (failure > limit * (1.0 + 2.0 * ROUNDING)).then_some(Verdict::Unmet { failure })
    }

    /// Whether a part of these counts need not be built upon, because of these that are, or of smaller ones.
    pub(super) fn is_covered<'b>(
        &'b self,
        shape: &Shape,
        counts: Counts,
        kept: impl Iterator<Item = &'b Shape>,
    ) -> bool {
        let smaller = self.pools[counts].iter().map(|form| &self.shapes[*form as usize]);
        self.is_covered_by(shape, smaller.chain(kept))
    }

    fn is_covered_by<'b>(&self, shape: &Shape, kept: impl Iterator<Item = &'b Shape>) -> bool {
        let Some(region) = &shape.region else { return false };
        let enough = |shape: &Shape, kind: usize| shape.smallest[kind].min(self.sizes_needed[kind]);
        let safe = |other: &&'b Shape| (0..2).all(|kind| enough(other, kind) >= enough(shape, kind));
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
    pub(super) fn keep(&mut self, counts: Counts, mut shape: Shape) {
        if self.covers {
            self.pools[counts].push(self.shapes.len() as FormId);
        }
        if self.shapes.len() >= REGIONS_MAX {
            shape.region = None;
        }
        self.glance.iter_mut().for_each(|glance| glance.keep(shape.region.as_ref()));
        self.shapes.push(shape);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Node, Workload};

    /// Wider regions cover narrower ones, and no part with smaller quorums stands in for one with larger ones.
    #[test]
    fn covers_are_as_wide_and_as_resilient() {
        let nodes: Vec<Node> = ["a", "b", "c"].map(Node::new).to_vec();
        let cluster = Cluster { nodes, zones: Vec::new(), workload: Workload::default() };
        let ask = Query { min_resilience: 1, top: 1, ..Query::default() };
        let forms = Forms::new(NodeClasses::of(&cluster.nodes));
        let mut sieve = Sieve::new(&cluster, &ask, &forms);
        sieve.begin(None, 1);
        let shape = |smallest: [u8; 2], rates: Rates| Shape {
            smallest,
            fastest: [0; 2],
            live: None,
            region: Some(Region::of_node(rates[0], rates[1])),
        };
        let narrow = shape([2, 2], [0.3, 0.3]);
        let covers = |smallest, rates| sieve.is_covered(&narrow, 1, [shape(smallest, rates)].iter());
        assert!(covers([2, 2], [0.3, 0.3]) && covers([5, 2], [0.4, 0.3]));
        // Less by a millionth is less.
        assert!(!covers([2, 2], [0.3 * (1.0 - 1e-6), 0.4]) && !covers([2, 2], [0.4, 0.3 * (1.0 - 1e-6)]));
        assert!(!covers([1, 2], [0.4, 0.4]) && !covers([2, 1], [0.4, 0.4]));
        // More nodes than the resilience needs are no better.
        let large = shape([3, 3], [0.3, 0.3]);
        assert!(sieve.is_covered(&large, 1, [shape([2, 2], [0.3, 0.3])].iter()));
        // Twice is covered by two, also where they share the work.
        sieve.begin(None, 2);
        let (reader, writer) = (shape([2, 2], [0.6, 0.31]), shape([2, 2], [0.31, 0.6]));
        assert!(!sieve.is_covered(&narrow, 1, [reader.clone()].iter()));
        assert!(sieve.is_covered(&narrow, 1, [reader, writer].iter()));
    }
}
