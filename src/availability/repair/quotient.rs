//! A formula over classes of components that can be exchanged: what matters is how many of a class have failed.

use rustc_hash::FxHashMap;

use super::components::{Components, mean_down, mean_up};
use crate::model::{Formula, Gate};
use crate::number::Scaled;

/// Components that stand below the same gates, with the same votes, and fail and are repaired at the same rates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Class {
    /// How many there are.
    pub(super) size: u32,
    /// Failures and repairs of each, an hour; `None`: they never fail.
    pub(super) rates: Option<(Scaled, Scaled)>,
    /// Equal for classes of equal rates.
    pub(super) alike: usize,
}

/// A gate over classes and other gates: it holds when the votes of what is live reach the quota.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Votes {
    pub(super) quota: u64,
    /// Classes with the votes of each member, by position.
    pub(super) classes: Vec<(usize, u64)>,
    /// Gates that stand before this one, with their votes, by position.
    pub(super) gates: Vec<(usize, u64)>,
}

/// The formula; the last gate stands for the whole.
#[derive(Debug)]
pub(super) struct Quotient {
    pub(super) classes: Vec<Class>,
    pub(super) gates: Vec<Votes>,
}

/// The gates above a component with the votes that it has there, and its times.
type Place = (Vec<(usize, u64)>, Option<(u64, u64)>);

impl Quotient {
    /// The classes of the components that a formula mentions; swapping two members of a class changes nothing.
    ///
    /// # Complexity
    /// O(edges log edges).
    pub(super) fn of(formula: &Formula, components: &Components) -> Self {
        let mut quotient = Quotient { classes: Vec::new(), gates: Vec::new() };
        // Where a gate of the formula is among the gates here, or which component it is.
        let mut place = vec![0; formula.gate_count()];
        let mut leaf = vec![None; formula.gate_count()];
        let mut above: Vec<Vec<(usize, u64)>> = vec![Vec::new(); components.times.len()];
        for (id, gate) in formula.gates() {
            let own = quotient.gates.len();
            let (quota, children) = match gate {
                Gate::Leaf(node) => {
                    leaf[id.index()] = Some(node.index());
                    continue;
                }
                Gate::Threshold { k, children } => (k as u64, votes_of(children, |_| 1)),
                Gate::Weighted { quota, children, votes } => (quota, votes_of(children, |position| votes[position])),
            };
            let mut gates = Vec::new();
            for (child, votes) in children {
                match leaf[child] {
                    Some(component) => above[component].push((own, votes)),
                    None => gates.push((place[child], votes)),
                }
            }
            place[id.index()] = own;
            quotient.gates.push(Votes { quota, classes: Vec::new(), gates });
        }
        if let Gate::Leaf(node) = formula.gate(formula.root()) {
            quotient.gates.push(Votes { quota: 1, classes: Vec::new(), gates: Vec::new() });
            above[node.index()].push((0, 1));
        }
        quotient.classify(above, components);
        quotient
    }

    fn classify(&mut self, above: Vec<Vec<(usize, u64)>>, components: &Components) {
        let mut known: FxHashMap<Place, usize> = FxHashMap::default();
        let mut alike: FxHashMap<Option<(u64, u64)>, usize> = FxHashMap::default();
        for (times, above) in components.times.iter().zip(above).filter(|(_, above)| !above.is_empty()) {
            let bits = times.map(|times| (times.mttf_hours.get().to_bits(), times.mttr_hours.get().to_bits()));
            let number = alike.len();
            let alike = *alike.entry(bits).or_insert(number);
            let new = self.classes.len();
            let class = *known.entry((above.clone(), bits)).or_insert(new);
            if class == new {
                let rates = times.map(|times| (Scaled::ONE / mean_up(&times), Scaled::ONE / mean_down(&times)));
                self.classes.push(Class { size: 0, rates, alike });
                above.iter().for_each(|(gate, votes)| self.gates[*gate].classes.push((class, *votes)));
            }
            self.classes[class].size += 1;
        }
    }

    /// Whether the formula holds when so many of each class have failed; `held` is scratch space.
    pub(super) fn holds(&self, failed: &[u32], held: &mut Vec<bool>) -> bool {
        held.clear();
        for gate in &self.gates {
            let live = |(class, votes): &(usize, u64)| u64::from(self.classes[*class].size - failed[*class]) * votes;
            let of_classes: u64 = gate.classes.iter().map(live).sum();
            let of_gates: u64 = gate.gates.iter().filter(|(gate, _)| held[*gate]).map(|(_, votes)| votes).sum();
            held.push(of_classes + of_gates >= gate.quota);
        }
        held.last().copied().unwrap_or(false)
    }

    /// Terms of an evaluation.
    pub(super) fn edges(&self) -> u64 {
        self.gates.iter().map(|gate| (1 + gate.classes.len() + gate.gates.len()) as u64).sum()
    }

    /// Components that can fail.
    pub(super) fn fallible(&self) -> u64 {
        self.classes.iter().filter(|class| class.rates.is_some()).map(|class| u64::from(class.size)).sum()
    }
}

/// The different children with all their votes, in order; a child that stands twice has the votes of both places.
fn votes_of(children: &[crate::model::GateId], votes: impl Fn(usize) -> u64) -> Vec<(usize, u64)> {
    let mut each: Vec<(usize, u64)> =
        children.iter().enumerate().map(|(position, child)| (child.index(), votes(position))).collect();
    each.sort_unstable();
    each.dedup_by(|later, first| {
        let same = later.0 == first.0;
        first.1 += if same { later.1 } else { 0 };
        same
    });
    each
}
