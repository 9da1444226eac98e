//! Formulas in lanes with some nodes settled: what is left is shorter.

use super::{Lanes, Step};

/// What a slot is worth once some nodes are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    Settled(bool),
    Slot(u32),
}

impl Lanes {
    /// The same formulas for evaluations in which the nodes that `settled` knows are live or not.
    ///
    /// Gates that follow from these nodes, and gates that no root needs any more, are left out.
    ///
    /// # Complexity
    /// Linear in the edges.
    pub fn restricted(&self, settled: impl Fn(usize) -> Option<bool>) -> Lanes {
        let mut lanes = Lanes::empty(self.nodes);
        let node = |node: usize| settled(node).map_or(Worth::Slot(node as u32), Worth::Settled);
        let mut worth: Vec<Worth> = (0..self.nodes).map(node).collect();
        for step in &self.steps {
            let result = lanes.restrict(self, *step, &worth);
            worth.push(result);
        }
        for root in &self.roots {
            let slot = match worth[*root as usize] {
                Worth::Slot(slot) => slot,
                // Without children, *any* never holds and *all* always does.
                Worth::Settled(false) => lanes.push(Step::Any { start: 0, end: 0 }),
                Worth::Settled(true) => lanes.push(Step::All { start: 0, end: 0 }),
            };
            lanes.roots.push(slot);
        }
        lanes.needed()
    }

    /// Appends what is left of a step of `whole`.
    fn restrict(&mut self, whole: &Lanes, step: Step, worth: &[Worth]) -> Worth {
        let first = self.inputs.len();
        let mut true_votes = 0u64;
        let quota = match step {
            Step::Any { start, end } | Step::All { start, end } => {
                let decides = matches!(step, Step::Any { .. });
                for input in &whole.inputs[start as usize..end as usize] {
                    match worth[*input as usize] {
                        Worth::Slot(slot) => self.inputs.push(slot),
                        Worth::Settled(value) if value == decides => {
                            self.inputs.truncate(first);
                            return Worth::Settled(decides);
                        }
                        Worth::Settled(_) => {}
                    }
                }
                return self.alike(first, decides);
            }
            Step::TwoOfThree { of } => {
                self.take(of.iter().map(|input| (worth[*input as usize], 1)), &mut true_votes);
                2
            }
            Step::Count { k, start, end } => {
                let counted = &whole.inputs[start as usize..end as usize];
                self.take(counted.iter().map(|input| (worth[*input as usize], 1)), &mut true_votes);
                k
            }
            Step::Votes { quota, start, end } => {
                let span = start as usize..end as usize;
                let voters = whole.inputs[span.clone()].iter().zip(&whole.votes[span]);
                self.take(voters.map(|(input, votes)| (worth[*input as usize], *votes)), &mut true_votes);
                quota
            }
        };
        let votes = &self.votes[first..];
        let (sum, least) = (votes.iter().sum::<u64>(), votes.iter().copied().min().unwrap_or(0));
        if true_votes >= quota || true_votes + sum < quota {
            self.inputs.truncate(first);
            self.votes.truncate(first);
            return Worth::Settled(true_votes >= quota);
        }
        let missing = quota - true_votes;
        if least >= missing || sum - least < missing {
            return self.alike(first, least >= missing);
        }
        if let (&[a, b, c], 2, [1, 1, 1]) = (&self.inputs[first..], missing, votes) {
            return Worth::Slot(self.push(Step::TwoOfThree { of: [a, b, c] }));
        }
        let (start, end) = (first as u32, self.inputs.len() as u32);
        let alike = votes.iter().all(|votes| *votes == 1);
        let step =
            if alike { Step::Count { k: missing, start, end } } else { Step::Votes { quota: missing, start, end } };
        Worth::Slot(self.push(step))
    }

    /// Appends the open children of a gate with their votes, and adds the votes of those that hold.
    fn take(&mut self, voters: impl Iterator<Item = (Worth, u64)>, true_votes: &mut u64) {
        self.votes.resize(self.inputs.len(), 0);
        for (worth, votes) in voters {
            match worth {
                Worth::Slot(slot) => {
                    self.inputs.push(slot);
                    self.votes.push(votes);
                }
                Worth::Settled(true) => *true_votes += votes,
                Worth::Settled(false) => {}
            }
        }
    }

    /// *any* or *all* of the inputs from `first` on.
    fn alike(&mut self, first: usize, any: bool) -> Worth {
        match self.inputs[first..] {
            [] => Worth::Settled(!any),
            [only] => {
                self.inputs.truncate(first);
                Worth::Slot(only)
            }
            _ => {
                let (start, end) = (first as u32, self.inputs.len() as u32);
                Worth::Slot(self.push(if any { Step::Any { start, end } } else { Step::All { start, end } }))
            }
        }
    }

    /// Leaves out the steps that no root needs.
    fn needed(mut self) -> Lanes {
        let mut needed = vec![false; self.nodes + self.steps.len()];
        self.roots.iter().for_each(|root| needed[*root as usize] = true);
        for (position, step) in self.steps.iter().enumerate().rev() {
            if needed[self.nodes + position] {
                step.inputs(&self.inputs).iter().for_each(|input| needed[*input as usize] = true);
            }
        }
        let mut renamed: Vec<u32> = (0..self.nodes as u32).collect();
        let mut kept = Vec::new();
        for (position, step) in self.steps.iter().enumerate() {
            // What is not needed keeps some name: nobody uses it.
            renamed.push((self.nodes + kept.len()) as u32);
            if needed[self.nodes + position] {
                kept.push(*step);
            }
        }
        let rename = |input: &mut u32| *input = renamed[*input as usize];
        self.inputs.iter_mut().for_each(rename);
        self.roots.iter_mut().for_each(rename);
        for step in &mut kept {
            if let Step::TwoOfThree { of } = step {
                of.iter_mut().for_each(rename);
            }
        }
        self.steps = kept;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::{Family, GridVariant};

    #[test]
    fn restricted_formulas_agree_with_whole_ones() {
        for family in [
            Family::Threshold { n: 9, read: 3, write: 7 },
            Family::Majority { n: 3 },
            Family::Weighted { votes: vec![5, 9, 2, 14, 3, 1, 6, 3, 7], read_votes: 17, write_votes: 34 },
            Family::BGrid { width: 2, bands: 2, band_rows: 2 },
            Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn },
        ] {
            let formulas = family.formulas().unwrap();
            let nodes = family.node_count() as usize;
            let lanes = Lanes::new(nodes, &[&formulas.reads, &formulas.writes]);
            for known in 0..3usize.pow(5) {
                let settled = |node: usize| match known / 3usize.pow(node.min(5) as u32) % 3 {
                    _ if node >= 5 => None,
                    0 => None,
                    value => Some(value == 2),
                };
                // Every set of the nodes that are not settled, and the settled ones as they are.
                let open: Vec<usize> = (0..nodes).filter(|node| settled(*node).is_none()).collect();
                let live = |node: usize, lane: usize| {
                    settled(node)
                        .unwrap_or_else(|| lane >> open.iter().position(|other| *other == node).unwrap() & 1 == 1)
                };
                let words = |node| {
                    std::array::from_fn(|word| (0..64).map(|bit| u64::from(live(node, word * 64 + bit)) << bit).sum())
                };
                let live_words: Vec<[u64; 8]> = (0..nodes).map(words).collect();
                let restricted = lanes.restricted(settled);
                assert_eq!(restricted.holds(&live_words), lanes.holds(&live_words), "{family:?} {known}");
                assert!(restricted.cost() <= lanes.cost() + 6);
            }
        }
    }
}
