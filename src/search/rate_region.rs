//! The rates of reads and writes that a formula can serve together.
//!
//! No node may be busy all the time. What a formula can serve is then a convex region of pairs (reads/s, writes/s) that
//! contains with every pair all smaller ones, and regions of parts make the region of the whole, because strategies are
//! flows: *or* serves the reads of all its parts, and a write writes to every part, so at equal writes the reads add up;
//! *and* the other way round. With read fraction f, the load of the formula is 1/t for the largest t with t (f, 1 - f) in
//! the region.
//!
//! A `k of m` in between hands out k times its reads and m - k + 1 times its writes, to no part more than its own. Its
//! region is taken a little too large: prices (a, b) on all parts but the z largest prove that
//! (k - z) a r + (m - k + 1 - z) b w is at most what these parts can be worth.

/// Edges whose ends are nearly on one line with their neighbours become one.
const FLAT: f64 = 1e-14;
/// By how much a covered region may stick out: a rounding error.
const COVERED: f64 = 1.0 - 1e-12;
/// Directions in which a threshold is cut.
const CUTS_MAX: usize = 12;

/// A pair of rates: reads and writes.
pub(super) type Rates = [f64; 2];

/// The boundary from the most reads at no writes to the most writes at no reads: reads fall and writes rise along it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Region {
    points: Vec<Rates>,
}

impl Region {
    /// What one node can serve.
    pub(super) fn of_node(reads: f64, writes: f64) -> Self {
        Region { points: vec![[reads, 0.0], [0.0, writes]] }
    }

    /// What `k of` these parts can serve, or more; exactly that for *and* and *or*.
    pub(super) fn of_gate(k: usize, parts: &[&Region]) -> Self {
        let Some((first, rest)) = parts.split_first() else { return Region { points: Vec::new() } };
        if k == 1 {
            return rest.iter().fold((*first).clone(), |sum, part| sum.either(part));
        }
        if k == parts.len() {
            return rest.iter().fold(first.turned(), |sum, part| sum.either(&part.turned())).turned();
        }
        Region::cut(k, parts)
    }

    /// The most reads at no writes.
    pub(super) fn reads_max(&self) -> f64 {
        self.points.first().map_or(0.0, |point| point[0])
    }

    /// The most writes at no reads.
    pub(super) fn writes_max(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point[1])
    }

    /// Reads and writes exchanged.
    fn turned(&self) -> Self {
        Region { points: self.points.iter().rev().map(|[reads, writes]| [*writes, *reads]).collect() }
    }

    /// Either of the two for reads, both for writes.
    fn either(&self, other: &Region) -> Self {
        let most = self.writes_max().min(other.writes_max());
        let mut points: Vec<Rates> = Vec::with_capacity(self.points.len() + other.points.len());
        let (mut mine, mut theirs) = (Walk::along(self), Walk::along(other));
        for writes in std::iter::once(0.0).chain(merged(self, other, most)) {
            add(&mut points, [mine.reads_at(writes) + theirs.reads_at(writes), writes]);
        }
        if points.last().is_some_and(|last| last[0] > 0.0) {
            points.push([0.0, most]);
        }
        Region { points }
    }

    /// A region that contains that of `k of` the parts.
    fn cut(k: usize, parts: &[&Region]) -> Self {
        let each = parts.len() - k + 1;
        let mut worth = Vec::with_capacity(parts.len());
        let alone = |worth: &mut Vec<f64>, direction: Rates, times: usize| {
            all_worth(worth, direction, parts);
            (0..times).map(|large| sum_without(worth, large) / (times - large) as f64).fold(f64::INFINITY, f64::min)
        };
        let (reads, writes) = (alone(&mut worth, [1.0, 0.0], k), alone(&mut worth, [0.0, 1.0], each));
        let mut region = Region { points: vec![[reads, 0.0], [reads, writes], [0.0, writes]] };
        let mut directions: Vec<Rates> = Vec::with_capacity(CUTS_MAX);
        for edge in parts.iter().flat_map(|part| part.points.windows(2)) {
            let normal = [edge[1][1] - edge[0][1], edge[0][0] - edge[1][0]];
            let known = |other: &Rates| {
                let (one, two) = (other[0] * normal[1], other[1] * normal[0]);
                (one - two).abs() <= FLAT * one.max(two)
            };
            if directions.len() < CUTS_MAX && normal[0] > 0.0 && normal[1] > 0.0 && !directions.iter().any(known) {
                directions.push(normal);
            }
        }
        for [a, b] in directions {
            all_worth(&mut worth, [a, b], parts);
            for large in 0..k.max(each) {
                let times = |times: usize| times.saturating_sub(large) as f64;
                region.cut_at([a * times(k), b * times(each)], sum_without(&worth, large));
            }
        }
        region
    }

    /// The region without rates above these.
    pub(super) fn up_to(mut self, [reads, writes]: Rates) -> Self {
        if self.writes_max() > writes {
            let at_most = Walk::along(&self).reads_at(writes);
            self.points.retain(|point| point[1] < writes);
            self.points.extend([[at_most, writes], [0.0, writes]]);
        }
        if self.reads_max() > reads {
            self = self.turned().up_to([f64::INFINITY, reads]).turned();
        }
        self
    }

    /// The largest value of a pair of rates at these prices.
    pub(super) fn worth(&self, prices: Rates) -> f64 {
        self.points.iter().map(|point| value(*point, prices)).fold(0.0, f64::max)
    }

    /// Keeps only the rates that are worth at most `most` at these prices.
    fn cut_at(&mut self, prices: Rates, most: f64) {
        let excess = |point: Rates| value(point, prices) - most;
        if self.points.iter().all(|point| excess(*point) <= most * FLAT) {
            return;
        }
        let last = self.points.len() - 1;
        let mut kept: Vec<Rates> = Vec::with_capacity(self.points.len() + 1);
        for (index, edge) in self.points.windows(2).enumerate() {
            let (from, to) = (excess(edge[0]), excess(edge[1]));
            if index == 0 || from <= 0.0 {
                kept.push(edge[0]);
            }
            if (from < 0.0 && to > 0.0) || (from > 0.0 && to < 0.0) {
                let share = from / (from - to);
                kept.push([0, 1].map(|axis| edge[0][axis] + share * (edge[1][axis] - edge[0][axis])));
            }
            if index + 1 == last {
                kept.push(edge[1]);
            }
        }
        self.points = kept;
    }

    /// The largest t with t (f, 1 - f) in the region.
    pub(super) fn rate(&self, mix: Rates) -> f64 {
        let most = |edge: &[Rates]| {
            let normal = [edge[1][1] - edge[0][1], edge[0][0] - edge[1][0]];
            value(edge[0], normal) / value(mix, normal)
        };
        self.points.windows(2).map(most).filter(|rate| !rate.is_nan()).fold(f64::INFINITY, f64::min)
    }

    /// Whether at every rate of writes at least `times` of the others serve as many reads.
    pub(super) fn is_covered<'a>(&self, others: impl Iterator<Item = &'a Region>, times: usize) -> bool {
        let most = self.writes_max() * COVERED;
        let mut whole = 0;
        let mut ends: Vec<(f64, bool)> = Vec::new();
        for other in others {
            let before = ends.len();
            self.cover(other, most, &mut ends);
            if ends[before..] == [(0.0, false), (most, true)] {
                ends.truncate(before);
                whole += 1;
                if whole >= times {
                    return true;
                }
            }
        }
        // At equal rates a start comes before an end: covers are closed.
        ends.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (mut open, mut reached) = (whole, 0.0);
        for (writes, is_end) in ends {
            if open < times && writes > reached {
                return false;
            }
            reached = writes;
            open = if is_end { open - 1 } else { open + 1 };
        }
        open >= times || (reached >= most && reached > 0.0)
    }

    /// Adds the ends of the ranges of writes, up to `most`, in which the other region is at least as wide.
    fn cover(&self, other: &Region, most: f64, ends: &mut Vec<(f64, bool)>) {
        let (mut mine, mut theirs) = (Walk::along(self), Walk::along(other));
        let limit = most.min(other.writes_max());
        let mut more = |writes: f64| theirs.reads_at(writes) - mine.reads_at(writes) * COVERED;
        let (mut writes, mut before) = (0.0, more(0.0));
        let mut is_open = before >= 0.0;
        if is_open {
            ends.push((0.0, false));
        }
        for next in merged(self, other, limit) {
            let after = more(next);
            if is_open != (after >= 0.0) {
                let crossing = writes + (next - writes) * (before / (before - after)).clamp(0.0, 1.0);
                ends.push((crossing, is_open));
                is_open = !is_open;
            }
            (writes, before) = (next, after);
        }
        if is_open {
            ends.push((limit, true));
        }
    }
}

/// The rates of writes at which one of the boundaries turns, between 0 and `limit`, and `limit`; rising.
fn merged(a: &Region, b: &Region, limit: f64) -> impl Iterator<Item = f64> {
    let (a, b) = (&a.points, &b.points);
    let (mut i, mut j, mut last) = (0, 0, 0.0);
    std::iter::from_fn(move || {
        while i < a.len() && a[i][1] <= last {
            i += 1;
        }
        while j < b.len() && b[j][1] <= last {
            j += 1;
        }
        let turn = |points: &[Rates], index: usize| points.get(index).map_or(f64::INFINITY, |point| point[1]);
        let next = turn(a, i).min(turn(b, j)).min(limit);
        (next > last).then(|| {
            last = next;
            next
        })
    })
}

/// Reads that a boundary has at rising rates of writes.
struct Walk<'a> {
    points: &'a [Rates],
}

impl<'a> Walk<'a> {
    fn along(region: &'a Region) -> Self {
        Walk { points: &region.points }
    }

    /// The most reads at this rate of writes, which is at least that of the last call.
    fn reads_at(&mut self, writes: f64) -> f64 {
        while let [_, next, _, ..] = self.points
            && next[1] < writes
        {
            self.points = &self.points[1..];
        }
        let [from, to, ..] = self.points else { return 0.0 };
        if writes <= from[1] {
            from[0]
        } else if writes >= to[1] {
            to[0]
        } else {
            from[0] + (to[0] - from[0]) * ((writes - from[1]) / (to[1] - from[1]))
        }
    }
}

fn value(point: Rates, prices: Rates) -> f64 {
    point[0] * prices[0] + point[1] * prices[1]
}

/// What each part can be worth, rising.
fn all_worth(worth: &mut Vec<f64>, prices: Rates, parts: &[&Region]) {
    worth.clear();
    worth.extend(parts.iter().map(|part| part.worth(prices)));
    worth.sort_unstable_by(f64::total_cmp);
}

/// The sum of all but the largest.
fn sum_without(worth: &[f64], large: usize) -> f64 {
    worth[..worth.len() - large].iter().sum()
}

/// Adds a point of a concave boundary, in place of the last one where that is on the line to it.
fn add(points: &mut Vec<Rates>, point: Rates) {
    if let [.., from, middle] = points.as_slice() {
        let [along, rest] = [middle, &point].map(|to| [from[0] - to[0], to[1] - from[1]]);
        let (one, two) = (along[0] * rest[1], along[1] * rest[0]);
        if (one - two).abs() <= FLAT * one.abs().max(two.abs()) {
            points.pop();
        }
    }
    points.push(point);
}
