//! Do the responses so far contain a quorum?

use crate::model::{Formula, Gate, Kind, Pair, System};

/// A formula ready to be satisfied node by node.
///
/// Every gate knows how many votes it still needs, and every leaf and gate who counts it; a response then walks up only
/// as far as gates become satisfied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Votes that each gate needs.
    needs: Vec<u64>,
    /// For each node, then for each gate: where its parents stand in `parents`.
    starts: Vec<u32>,
    /// Gates and the votes that they get.
    parents: Vec<(u32, u64)>,
    nodes: usize,
}

impl Rule {
    /// The rule of a formula over `nodes` nodes.
    ///
    /// # Complexity
    /// Linear in nodes, gates and edges.
    pub fn new(formula: &Formula, nodes: usize) -> Self {
        // Places: nodes first, then the gates that are no leaves, then one above the root, so that there always is one.
        let mut place = vec![0usize; formula.gate_count()];
        let mut needs = Vec::new();
        for (id, gate) in formula.gates() {
            place[id.index()] = match gate {
                Gate::Leaf(node) => node.index(),
                Gate::Threshold { k, .. } => push(&mut needs, k as u64) + nodes,
                Gate::Weighted { quota, .. } => push(&mut needs, quota) + nodes,
            };
        }
        let top = push(&mut needs, 1) + nodes;
        let mut edges: Vec<(usize, u32, u64)> = Vec::with_capacity(formula.edge_count() + 1);
        for (id, gate) in formula.gates() {
            let parent = place[id.index()].wrapping_sub(nodes) as u32;
            match gate {
                Gate::Leaf(_) => {}
                Gate::Threshold { children, .. } => {
                    edges.extend(children.iter().map(|child| (place[child.index()], parent, 1)));
                }
                Gate::Weighted { children, votes, .. } => {
                    let voters = children.iter().zip(votes);
                    edges.extend(voters.map(|(child, votes)| (place[child.index()], parent, *votes)));
                }
            }
        }
        edges.push((place[formula.root().index()], (top - nodes) as u32, 1));
        edges.sort_unstable();
        let mut starts = vec![0u32; nodes + needs.len() + 1];
        edges.iter().for_each(|(child, _, _)| starts[child + 1] += 1);
        (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
        let parents = edges.into_iter().map(|(_, parent, votes)| (parent, votes)).collect();
        Rule { needs, starts, parents, nodes }
    }

    fn parents_of(&self, place: usize) -> &[(u32, u64)] {
        &self.parents[self.starts[place] as usize..self.starts[place + 1] as usize]
    }
}

fn push(needs: &mut Vec<u64>, need: u64) -> usize {
    needs.push(need);
    needs.len() - 1
}

/// The nodes that have responded, and whether they contain a quorum.
///
/// # Examples
/// ```
/// use quorate::families::Family;
/// use quorate::protocol::{Rule, Tally};
/// let majority = Rule::new(&Family::Majority { n: 3 }.formulas()?.reads, 3);
/// let mut tally = Tally::new(&majority);
/// assert!(!tally.add(&majority, 2));
/// assert!(!tally.add(&majority, 2), "who answers twice counts once");
/// assert!(tally.add(&majority, 0));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tally {
    missing: Vec<u64>,
    responded: Vec<u64>,
    /// Gates that have become satisfied and whose parents do not know yet; empty between calls.
    rising: Vec<u32>,
}

impl Tally {
    /// Nobody has responded.
    pub fn new(rule: &Rule) -> Self {
        Tally { missing: rule.needs.clone(), responded: vec![0; rule.nodes.div_ceil(64)], rising: Vec::new() }
    }

    /// Nobody has responded any more.
    pub fn clear(&mut self, rule: &Rule) {
        self.missing.clone_from(&rule.needs);
        self.responded.fill(0);
    }

    /// Notes a response and says whether there is a quorum now.
    ///
    /// # Complexity
    /// Over all responses of a round linear in the edges of the formula; one step for a threshold of nodes.
    pub fn add(&mut self, rule: &Rule, node: usize) -> bool {
        let bit = 1u64 << (node % 64);
        let word = &mut self.responded[node / 64];
        if *word & bit == 0 {
            *word |= bit;
            self.vote(rule, node);
            while let Some(gate) = self.rising.pop() {
                self.vote(rule, rule.nodes + gate as usize);
            }
        }
        self.is_complete()
    }

    /// Whether the responses contain a quorum.
    pub fn is_complete(&self) -> bool {
        self.missing.last() == Some(&0)
    }

    /// Whether a node has responded.
    pub fn has(&self, node: usize) -> bool {
        self.responded[node / 64] >> (node % 64) & 1 == 1
    }

    /// The nodes that have responded, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.responded.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                let found = rest != 0;
                rest &= rest.wrapping_sub(1);
                found.then_some(at * 64 + bit)
            })
        })
    }

    fn vote(&mut self, rule: &Rule, place: usize) {
        for (gate, votes) in rule.parents_of(place) {
            let missing = &mut self.missing[*gate as usize];
            if *missing > 0 {
                *missing = missing.saturating_sub(*votes);
                if *missing == 0 {
                    self.rising.push(*gate);
                }
            }
        }
    }
}

/// The rules of a system: what contains a read quorum, what contains a write quorum, and what meets every read quorum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Read and write quorums.
    pub quorums: Pair<Rule>,
    /// Sets that meet every read quorum: the dual of the reads.
    pub seen_by_reads: Rule,
    nodes: usize,
}

impl Rules {
    /// The rules of a system.
    ///
    /// # Complexity
    /// Linear in its formulas.
    pub fn new(system: &System) -> Self {
        let nodes = system.nodes().len();
        Rules {
            quorums: system.formulas().as_ref().map(|formula| Rule::new(formula, nodes)),
            seen_by_reads: Rule::new(&system.formula(Kind::Read).dual(), nodes),
            nodes,
        }
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::{NodeId, NodeSet};

    /// Every set of nodes in two orders: the tally must say what the formula says.
    #[test]
    fn tallies_agree_with_formulas_on_every_set() {
        let families = [
            Family::Singleton { n: 3, node: 1 },
            Family::Threshold { n: 7, read: 3, write: 6 },
            Family::Weighted { votes: vec![5, 9, 2, 14, 3, 1], read_votes: 17, write_votes: 20 },
            Family::BGrid { width: 2, bands: 2, band_rows: 2 },
        ];
        for family in families {
            let system = family.system().unwrap();
            let nodes = system.nodes().len();
            let rules = Rules::new(&system);
            let dual = system.formula(Kind::Read).dual();
            let cases = [
                (&rules.quorums.reads, system.formula(Kind::Read)),
                (&rules.quorums.writes, system.formula(Kind::Write)),
                (&rules.seen_by_reads, &dual),
            ];
            for (rule, formula) in cases {
                let mut tally = Tally::new(rule);
                for bits in 0u32..1 << nodes {
                    let members: Vec<usize> = (0..nodes).filter(|node| bits >> node & 1 == 1).collect();
                    let set: NodeSet = members.iter().copied().map(NodeId::new).collect();
                    tally.clear(rule);
                    members.iter().for_each(|node| _ = tally.add(rule, *node));
                    assert_eq!(tally.is_complete(), formula.holds(&set), "{family:?} {members:?}");
                    assert_eq!(tally.iter().collect::<Vec<_>>(), members);
                    tally.clear(rule);
                    members.iter().rev().for_each(|node| _ = tally.add(rule, *node));
                    assert_eq!(tally.is_complete(), formula.holds(&set), "{family:?} {members:?} backwards");
                }
            }
        }
    }
}
