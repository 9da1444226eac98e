//! Does every quorum of one kind meet every quorum of another?

use rustc_hash::FxHashMap;

use super::common_tree::Skeleton;
use super::full_lines::FullLines;
use super::implication::is_implied;
use super::minimise::shrink;
use super::vote_sums::{Answer, Ballot, Overlap};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Antichain, Compiled, CompiledDiagram, Count, Diagram, Ref};
use crate::model::{Kind, NodeSet, Ring};

/// A yes, a no, or an honest "not within the budget".
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not hold; a witness says why.
    Fails,
    /// The budget ended first.
    Undecided(Exhausted),
}

impl Verdict {
    /// `true`, `false`, or `None` when undecided.
    pub fn known(self) -> Option<bool> {
        match self {
            Verdict::Holds => Some(true),
            Verdict::Fails => Some(false),
            Verdict::Undecided(_) => None,
        }
    }
}

/// Whether the quorums of two kinds always meet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Intersection {
    /// Whether every pair has a common node.
    pub verdict: Verdict,
    /// Size of the smallest common part of two quorums; absent when the budget ended, and where there are no two.
    pub smallest: Option<usize>,
    /// Where that is absent though the quorums meet: numbers between which it is, as far as they are known.
    pub bounds: Option<[usize; 2]>,
    /// Two disjoint quorums, when the verdict is [`Verdict::Fails`].
    pub witness: Option<[NodeSet; 2]>,
}

impl Intersection {
    /// Size of the smallest common part, none of two that miss each other; absent when the budget ended.
    pub(crate) fn fewest(&self) -> Option<usize> {
        self.smallest.or((self.verdict == Verdict::Fails).then_some(0))
    }

    /// Whether any two quorums have so many nodes in common, of kinds that have quorums; absent when the budget ended.
    pub(crate) fn shares(&self, required: usize) -> Option<bool> {
        match (self.fewest(), self.bounds) {
            (Some(fewest), _) => Some(fewest >= required),
            (None, Some([least, _])) if least >= required => Some(true),
            (None, Some([_, most])) if most < required => Some(false),
            _ if required <= 1 => self.verdict.known(),
            _ => None,
        }
    }
}

/// The three questions about two kinds of quorums.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Intersections {
    /// Reads see the latest write.
    pub read_write: Intersection,
    /// Writes exclude each other.
    pub write_write: Intersection,
    /// Reads meet reads.
    pub read_read: Intersection,
}

/// Whether reads meet writes, writes meet writes and reads meet reads, each with the smallest overlap or a disjoint pair.
///
/// # Method
/// Every a-quorum meets every b-quorum exactly when a implies the dual of b. Read-once formulas of one shape are
/// compared gate by gate, votes by their sums, full rows and columns in closed form, short lists of quorums pair by pair; others on the
/// decision diagram, or where that is too wide by a proof along the gates. Where it stays open how closely they meet, all quorums are
/// compared if they are few, and two that share few nodes bound it if not.
///
/// # Source
/// Ibaraki and Kameda, A theory of coteries, 1993 (intersection as an implication of the dual).
///
/// # Complexity
/// Linear for one shape; O(|a| |b|) in the sizes of two diagrams.
///
/// # Examples
/// ```
/// use quorate::structure::intersection::intersections;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// let dynamo = Family::Threshold { n: 3, read: 1, write: 2 }.system()?;
/// let answer = intersections(&Compiled::new(&dynamo, Budget::default()));
/// assert_eq!(answer.read_write.verdict.known(), Some(false));
/// assert_eq!(answer.write_write.smallest, Some(1));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn intersections(compiled: &Compiled<'_>) -> Intersections {
    let read_write = intersection(compiled, Kind::Read, Kind::Write);
    if compiled.is_symmetric() {
        return Intersections { write_write: read_write.clone(), read_read: read_write.clone(), read_write };
    }
    Intersections {
        read_write,
        write_write: intersection(compiled, Kind::Write, Kind::Write),
        read_read: intersection(compiled, Kind::Read, Kind::Read),
    }
}

/// One of them.
pub(crate) fn intersection(compiled: &Compiled<'_>, a: Kind, b: Kind) -> Intersection {
    if let Some(ring) = &compiled.system().about().ring {
        return of_ranges(ring, a, b);
    }
    let formulas = compiled.system().formulas();
    if formulas.of(a).is_never() || formulas.of(b).is_never() {
        // There are no two that could miss each other.
        return Intersection { verdict: Verdict::Holds, smallest: None, bounds: None, witness: None };
    }
    let found = meeting_of(compiled, a, b);
    let is_open = found.verdict == Verdict::Holds && found.smallest.is_none() && found.bounds.is_none();
    if !is_open {
        return found;
    }
    let listed = compiled.list(a).and_then(|first| by_lists(compiled, first, compiled.list(b)?));
    listed.unwrap_or_else(|_| {
        let [first, second] = sharing_few(compiled, a, b);
        match first.overlap(&second) {
            1 => Intersection { smallest: Some(1), ..found },
            most => Intersection { bounds: Some([1, most]), ..found },
        }
    })
}

/// Two quorums, chosen to share few nodes; the first is minimal.
pub(crate) fn sharing_few(compiled: &Compiled<'_>, a: Kind, b: Kind) -> [NodeSet; 2] {
    let formulas = compiled.system().formulas();
    let all = NodeSet::first(compiled.system().nodes().len());
    let first = shrink(formulas.of(a), all.clone(), compiled.budget());
    let mut meter = Meter::new(Resource::SearchSteps, compiled.budget().search_steps);
    let mut second = all;
    for node in &first.iter().collect::<Vec<_>>() {
        if meter.charge(formulas.of(b).edge_count() as u64).is_err() {
            break;
        }
        second.remove(*node);
        if !formulas.of(b).holds(&second) {
            second.insert(*node);
        }
    }
    [first, second]
}

/// The same for quorums that there are; how closely they meet may stay open.
fn meeting_of(compiled: &Compiled<'_>, a: Kind, b: Kind) -> Intersection {
    let formulas = compiled.system().formulas();
    if compiled.read_once(a)
        && compiled.read_once(b)
        && let Some(skeleton) = Skeleton::of(formulas.of(a), formulas.of(b))
    {
        return by_skeleton(&skeleton);
    }
    let ballot = Ballot::of(formulas.of(a), formulas.of(b));
    let by_votes = ballot.as_ref().map(|ballot| by_votes(compiled, ballot));
    if let Some(answer) = by_votes.as_ref().filter(|answer| answer.smallest.is_some()) {
        return answer.clone();
    }
    if ballot.as_ref().is_some_and(|ballot| ballot.table() > compiled.budget().diagram_nodes)
        && let Some(answer) = by_votes
    {
        return answer;
    }
    if let Some(lines) = FullLines::of(formulas.of(a), formulas.of(b)) {
        return by_lines(&lines);
    }
    // Equal to the dual of the other kind, or proven to imply it: they meet, whatever it takes to find out how closely.
    let meets = Intersection { verdict: Verdict::Holds, smallest: None, bounds: None, witness: None };
    let by_definition = || {
        let mut meter = Meter::new(Resource::SearchSteps, compiled.budget().search_steps);
        let implied = is_implied(formulas.of(a), compiled.dual(b), &mut meter) == Ok(true);
        implied.then_some(meets)
    };
    let undecided = |exhausted| by_votes.or_else(by_definition).unwrap_or_else(|| undecided(exhausted));
    if let (Some(a), Some(b)) = (compiled.short_list(a), compiled.short_list(b)) {
        return by_lists(compiled, a, b).unwrap_or_else(undecided);
    }
    let by_diagram = compiled.diagram().and_then(|diagram| by_diagram(compiled, diagram, a, b));
    let by_lists = || by_lists(compiled, compiled.list(a)?, compiled.list(b)?);
    by_diagram.or_else(|_| by_lists()).unwrap_or_else(undecided)
}

/// Whether two quorums of one range of a ring always meet.
fn of_ranges(ring: &Ring, a: Kind, b: Kind) -> Intersection {
    match super::ranges::closest(ring, a, b) {
        Some((_, [first, second])) if first.is_disjoint(&second) => disjoint(first, second),
        Some((_, [first, second])) => meeting(first.overlap(&second)),
        None => Intersection { verdict: Verdict::Holds, smallest: None, bounds: None, witness: None },
    }
}

fn undecided(exhausted: Exhausted) -> Intersection {
    Intersection { verdict: Verdict::Undecided(exhausted), smallest: None, bounds: None, witness: None }
}

fn disjoint(a: NodeSet, b: NodeSet) -> Intersection {
    debug_assert!(a.is_disjoint(&b));
    Intersection { verdict: Verdict::Fails, smallest: Some(0), bounds: None, witness: Some([a, b]) }
}

fn by_skeleton(skeleton: &Skeleton<'_>) -> Intersection {
    match skeleton.smallest_overlap() {
        0 => {
            let (a, b) = skeleton.disjoint_pair();
            disjoint(a, b)
        }
        smallest => meeting(smallest),
    }
}

fn by_lines(lines: &FullLines) -> Intersection {
    match lines.smallest_overlap() {
        0 => {
            let (a, b) = lines.closest_pair();
            disjoint(a, b)
        }
        smallest => meeting(smallest),
    }
}

fn meeting(smallest: usize) -> Intersection {
    Intersection { verdict: Verdict::Holds, smallest: Some(smallest), bounds: None, witness: None }
}

fn by_votes(compiled: &Compiled<'_>, ballot: &Ballot) -> Intersection {
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 4);
    match ballot.disjoint_pair(&mut meter) {
        Answer::Yes((a, b)) => disjoint(a, b),
        Answer::Open => undecided(Exhausted { resource: Resource::PassSteps, limit: meter.spent() }),
        Answer::No => {
            let Overlap { at_least, at_most } = ballot.smallest_overlap(&mut meter);
            match at_least == at_most {
                true => meeting(at_least),
                false => Intersection { bounds: Some([at_least, at_most]), smallest: None, ..meeting(at_least) },
            }
        }
    }
}

fn by_diagram(compiled: &Compiled<'_>, diagram: &CompiledDiagram, a: Kind, b: Kind) -> Result<Intersection, Exhausted> {
    let (f, g) = (*diagram.functions.of(a), *diagram.functions.of(b));
    let mut store = diagram.store.borrow_mut();
    let dual = store.dual(g)?;
    let missed = store.and_not(f, dual)?;
    // A set that contains an a-quorum while its complement contains a b-quorum.
    if let Some(inside) = store.cheapest_path(missed, Ref::TRUE, Count::Live) {
        let mut outside = NodeSet::first(compiled.system().nodes().len());
        inside.iter().for_each(|node| outside.remove(node));
        let formulas = compiled.system().formulas();
        return Ok(disjoint(inside, shrink(formulas.of(b), outside, compiled.budget())));
    }
    let mut meter = Meter::new(Resource::SearchSteps, compiled.budget().search_steps / 4);
    let smallest = smallest_overlap(&store, f, g, &mut meter).ok();
    Ok(Intersection { verdict: Verdict::Holds, smallest, bounds: None, witness: None })
}

/// The smallest common part of two quorums: a cheapest path over pairs of nodes of the two diagrams.
///
/// At every variable one of the two quorums leaves it out, or both take it and pay 1; monotone functions never need both
/// to leave it out.
fn smallest_overlap(store: &Diagram, f: Ref, g: Ref, meter: &mut Meter) -> Result<usize, Exhausted> {
    const NEVER: usize = usize::MAX;
    let mut cost: FxHashMap<(Ref, Ref), usize> = FxHashMap::default();
    let settled = |f: Ref, g: Ref| match (f, g) {
        (Ref::FALSE, _) | (_, Ref::FALSE) => Some(NEVER),
        (Ref::TRUE, _) | (_, Ref::TRUE) => Some(0),
        _ => None,
    };
    let mut stack = vec![(f, g)];
    while let Some(&(f, g)) = stack.last() {
        if settled(f, g).is_some() || cost.contains_key(&(f, g)) {
            stack.pop();
            continue;
        }
        let (_, [(f_lo, f_hi), (g_lo, g_hi)]) = store.parts_on_top([f, g]);
        let ways = [(f_hi, g_lo, 0), (f_lo, g_hi, 0), (f_hi, g_hi, 1)];
        let look_up = |f: Ref, g: Ref| settled(f, g).or_else(|| cost.get(&(f, g)).copied());
        let open: Vec<(Ref, Ref)> =
            ways.iter().filter(|(f, g, _)| look_up(*f, *g).is_none()).map(|(f, g, _)| (*f, *g)).collect();
        if open.is_empty() {
            let best =
                ways.iter().filter_map(|(f, g, step)| look_up(*f, *g).map(|cost| cost.saturating_add(*step))).min();
            meter.charge(1)?;
            cost.insert((f, g), best.unwrap_or(NEVER));
            stack.pop();
        } else {
            stack.extend(open);
        }
    }
    Ok(settled(f, g).or_else(|| cost.get(&(f, g)).copied()).unwrap_or(NEVER))
}

fn by_lists(compiled: &Compiled<'_>, a: &Antichain, b: &Antichain) -> Result<Intersection, Exhausted> {
    let (a, b) = (a.sets(), b.sets());
    let mut meter = Meter::new(Resource::SearchSteps, compiled.budget().search_steps.saturating_mul(16));
    let mut smallest = usize::MAX;
    for first in a {
        meter.charge(b.len() as u64)?;
        for second in b {
            let overlap = first.overlap(second);
            if overlap == 0 {
                return Ok(disjoint(first.clone(), second.clone()));
            }
            smallest = smallest.min(overlap);
        }
    }
    Ok(meeting(smallest))
}
