//! Swaps of classes that leave a formula as it is: grids, trees and hierarchies are full of them.

use crate::budget::shares::CHAIN_CLASSES_MAX;
use rustc_hash::FxHashMap;

use super::quotient::{Quotient, Votes};
use crate::budget::{Exhausted, Meter};

/// Where each class goes.
pub(super) type Swap = Box<[usize]>;

/// The smallest state that swaps make of this one, as far as taking every swap that helps leads.
pub(super) fn representative(state: &[u32], swaps: &[Swap]) -> Box<[u32]> {
    let mut best: Box<[u32]> = state.into();
    let mut swapped = best.clone();
    let mut helped = true;
    while helped {
        helped = false;
        for swap in swaps {
            best.iter().zip(swap).for_each(|(failed, to)| swapped[*to] = *failed);
            if swapped < best {
                std::mem::swap(&mut best, &mut swapped);
                helped = true;
            }
        }
    }
    best
}

/// Symmetries of a formula that take a class to its next one of the same kind, or to the first one; those that were found.
///
/// # Method
/// To find a symmetry that takes a to b, the formula is coloured twice: a is special in one copy, b in the other. Colours
/// are refined until what looks alike in both copies has the same neighbours everywhere; while classes still look alike,
/// one is chosen in both copies, the same one if possible, so that a symmetry moves no more than it must. Nothing is taken
/// back: a symmetry may be missed. Each that is found is checked against the formula gate by gate.
///
/// # Source
/// Weisfeiler and Leman, The reduction of a graph to canonical form, 1968; McKay, Practical graph isomorphism, 1981.
///
/// The search ends with the meter.
pub(super) fn swaps(quotient: &Quotient, meter: &mut Meter) -> Vec<Swap> {
    let mut found = Vec::new();
    if quotient.classes.len() > CHAIN_CLASSES_MAX {
        return found;
    }
    // Without all of them the chain is longer and as right.
    let _ = find(quotient, &mut found, meter);
    found
}

fn find(quotient: &Quotient, found: &mut Vec<Swap>, meter: &mut Meter) -> Result<(), Exhausted> {
    let graph = Graph::of(quotient);
    let mut alike: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    let Some([colours, _]) = graph.refined([graph.start.clone(), graph.start.clone()], meter)? else {
        return Ok(());
    };
    let mut pairs = Vec::new();
    for (class, colour) in colours[..graph.classes].iter().enumerate() {
        let seen = alike.entry(*colour).or_default();
        if let Some(last) = seen.last() {
            pairs.push((*last, class));
        }
        if seen.len() > 1 {
            pairs.push((seen[0], class));
        }
        seen.push(class);
    }
    for pair in pairs {
        if let Some(swap) = graph.symmetry(pair, meter)?
            && !found.contains(&swap)
            && keeps(quotient, &swap, meter)?
        {
            found.push(swap);
        }
    }
    Ok(())
}

/// Whether the formula is the same after the classes have changed places.
fn keeps(quotient: &Quotient, swap: &[usize], meter: &mut Meter) -> Result<bool, Exhausted> {
    meter.charge(quotient.edges() * 8)?;
    let same = |(class, to): (usize, &usize)| {
        let (from, to) = (&quotient.classes[class], &quotient.classes[*to]);
        from.size == to.size && from.alike == to.alike
    };
    let mut hit = vec![false; swap.len()];
    let one_to_one = swap.iter().all(|to| !std::mem::replace(&mut hit[*to], true));
    // Equal gates get equal numbers, whatever the order of their children.
    let mut known: FxHashMap<Votes, usize> = FxHashMap::default();
    let mut number = |to: &dyn Fn(usize) -> usize| {
        let mut numbers: Vec<usize> = Vec::with_capacity(quotient.gates.len());
        for gate in &quotient.gates {
            let mut classes: Vec<_> = gate.classes.iter().map(|(class, votes)| (to(*class), *votes)).collect();
            let mut gates: Vec<_> = gate.gates.iter().map(|(gate, votes)| (numbers[*gate], *votes)).collect();
            classes.sort_unstable();
            gates.sort_unstable();
            let new = known.len();
            numbers.push(*known.entry(Votes { quota: gate.quota, classes, gates }).or_insert(new));
        }
        numbers.last().copied()
    };
    let plain = number(&|class| class);
    Ok(one_to_one
        && swap.iter().enumerate().all(|(class, to)| same((class, to)))
        && number(&|class| swap[class]) == plain)
}

/// The formula as a graph with coloured vertices: the classes, then the gates.
struct Graph {
    classes: usize,
    /// Neighbours of each vertex with the votes on the edge and its direction.
    neighbours: Vec<Vec<(u64, bool, usize)>>,
    start: Vec<usize>,
}

/// The colour of a vertex, and its neighbours by votes, direction and colour.
type Colour = (usize, Vec<(u64, bool, usize)>);

/// A colour for each vertex of two copies; equal colours look alike.
type Colours = [Vec<usize>; 2];

impl Graph {
    fn of(quotient: &Quotient) -> Self {
        let classes = quotient.classes.len();
        let mut neighbours = vec![Vec::new(); classes + quotient.gates.len()];
        for (index, gate) in quotient.gates.iter().enumerate() {
            let children =
                gate.classes.iter().copied().chain(gate.gates.iter().map(|(gate, votes)| (classes + gate, *votes)));
            for (child, votes) in children {
                neighbours[classes + index].push((votes, false, child));
                neighbours[child].push((votes, true, classes + index));
            }
        }
        let mut known: FxHashMap<(usize, u64), usize> = FxHashMap::default();
        let last = quotient.gates.len().saturating_sub(1);
        let of_class = quotient.classes.iter().map(|class| (2 * class.alike, u64::from(class.size)));
        // Odd: a gate; no class is as large as that number says of the root.
        let of_gate =
            quotient.gates.iter().enumerate().map(|(index, gate)| (if index == last { 3 } else { 1 }, gate.quota));
        let start = of_class.chain(of_gate).map(|kind| {
            let new = known.len();
            *known.entry(kind).or_insert(new)
        });
        Graph { classes, start: start.collect(), neighbours }
    }

    /// Refines colours until equal colours have equally coloured neighbours; `None` when the copies differ.
    fn refined(&self, mut colours: Colours, meter: &mut Meter) -> Result<Option<Colours>, Exhausted> {
        let edges: usize = self.neighbours.iter().map(Vec::len).sum();
        let count = |colours: &Colours| {
            let mut sorted: Vec<usize> = colours[0].clone();
            sorted.sort_unstable();
            sorted.dedup();
            sorted.len()
        };
        let mut different = count(&colours);
        loop {
            meter.charge((edges + self.neighbours.len()) as u64 * 16)?;
            let mut looks: Vec<(Colour, usize, usize)> = Vec::new();
            for (copy, colours) in colours.iter().enumerate() {
                for (vertex, neighbours) in self.neighbours.iter().enumerate() {
                    let mut around: Vec<_> =
                        neighbours.iter().map(|(votes, up, other)| (*votes, *up, colours[*other])).collect();
                    around.sort_unstable();
                    looks.push(((colours[vertex], around), copy, vertex));
                }
            }
            looks.sort_unstable();
            let mut colour = 0;
            let mut balance = 0i64;
            for position in 0..looks.len() {
                if position > 0 && looks[position].0 != looks[position - 1].0 {
                    if balance != 0 {
                        return Ok(None);
                    }
                    colour += 1;
                }
                let (_, copy, vertex) = looks[position];
                balance += if copy == 0 { 1 } else { -1 };
                colours[copy][vertex] = colour;
            }
            if balance != 0 {
                return Ok(None);
            }
            if colour + 1 == different {
                return Ok(Some(colours));
            }
            different = colour + 1;
        }
    }

    /// A symmetry that takes the first class to the second.
    fn symmetry(&self, (from, to): (usize, usize), meter: &mut Meter) -> Result<Option<Swap>, Exhausted> {
        let mut colours = [self.start.clone(), self.start.clone()];
        let mut next = (from, to);
        loop {
            let special = usize::MAX;
            colours[0][next.0] = special;
            colours[1][next.1] = special;
            let Some(refined) = self.refined(colours, meter)? else { return Ok(None) };
            colours = refined;
            meter.charge((self.classes * self.classes) as u64)?;
            match self.choice(&colours, to) {
                Some(choice) => next = choice,
                None => break,
            }
        }
        let mut place = vec![0; self.start.len()];
        colours[1][..self.classes].iter().enumerate().for_each(|(class, colour)| place[*colour] = class);
        Ok(Some(colours[0][..self.classes].iter().map(|colour| place[*colour]).collect()))
    }

    /// Two classes that look alike, neither of which is the only one of its look; the first one if possible.
    fn choice(&self, [here, there]: &Colours, first: usize) -> Option<(usize, usize)> {
        // The classes of each colour, in both copies.
        let mut of = vec![[const { Vec::new() }; 2]; self.start.len()];
        for class in 0..self.classes {
            of[here[class]][0].push(class);
            of[there[class]][1].push(class);
        }
        let open = |class: &usize| of[here[*class]][0].len() > 1;
        let candidates = || std::iter::once(first).chain(0..self.classes).filter(open);
        // The class that goes to this one, if it is known and can come back from there: then the symmetry is its own inverse.
        let back = |class: usize| match of[there[class]][0][..] {
            [source] if there[source] == here[class] => Some(source),
            _ => None,
        };
        let paired = candidates().find_map(|class| Some((class, back(class)?)));
        let fixed = || candidates().find(|class| there[*class] == here[*class]).map(|class| (class, class));
        let any = || candidates().find_map(|class| Some((class, *of[here[class]][1].first()?)));
        paired.or_else(fixed).or_else(any)
    }
}
