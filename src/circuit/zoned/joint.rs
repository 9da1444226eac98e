//! Two read-once formulas over the same tree, together: which of the two hold, when nodes stand in zones.

use super::Chances;
use super::plan::{Across, ZonePlan, children};
use super::probabilities::for_each_combination;
use crate::budget::{Exhausted, Meter};
use crate::circuit::pass::charge_sums;
use crate::model::{Formula, Gate, GateId};
use crate::number::Scaled;

/// The probabilities that neither formula holds, the first alone, the second alone, and both.
pub(crate) type Outcomes = [Scaled; 4];

/// Which formulas hold of two that have the same tree but for thresholds and votes.
///
/// `partner` names the gate of the second formula that stands where a gate of the first does; `plan` is that of the first.
///
/// # Complexity
/// O(m q r) for a gate of m children with the quotas q and r, times 2^c for c zones that cut through gates.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(crate) fn joint_chances_in_zones(
    (first, second): (&Formula, &Formula),
    partner: impl Fn(GateId) -> GateId,
    plan: &ZonePlan,
    chances: Chances<'_>,
    meter: &mut Meter,
) -> Result<Outcomes, Exhausted> {
    let mut total = [Scaled::ZERO; 4];
    let mut value: Vec<Outcomes> = Vec::with_capacity(first.gate_count());
    for_each_combination((first, plan), chances, meter, |combination, meter| {
        for id in combination.changed() {
            let mut outcomes = match first.gate(id) {
                Gate::Leaf(node) if combination.is_down(node) => sure(0),
                Gate::Leaf(node) => {
                    [chances.dead[node.index()], Scaled::ZERO, Scaled::ZERO, chances.live[node.index()]]
                }
                _ => {
                    let quotas = [Quota::of(first, id), Quota::of(second, partner(id))];
                    let counts = Counts { children: children(first, id), quotas, value: &value };
                    counts.outcomes(plan.across(id), chances, meter)?
                }
            };
            for zone in plan.around(id) {
                outcomes = unless_down(outcomes, chances.live[zone.index()], chances.dead[zone.index()]);
            }
            if id.index() == value.len() { value.push(outcomes) } else { value[id.index()] = outcomes }
        }
        let outcomes = value[first.root().index()];
        (0..4).for_each(|at| total[at] = total[at] + combination.weight * outcomes[at]);
        Ok(())
    })?;
    Ok(total)
}

fn sure(outcome: usize) -> Outcomes {
    std::array::from_fn(|at| if at == outcome { Scaled::ONE } else { Scaled::ZERO })
}

fn unless_down(outcomes: Outcomes, up: Scaled, down: Scaled) -> Outcomes {
    let mut all = outcomes.map(|mass| mass * up);
    all[0] = all[0] + down;
    all
}

/// What a gate asks for.
struct Quota<'a> {
    needed: u64,
    /// The votes of each child; one each where there are none.
    votes: &'a [u64],
}

impl<'a> Quota<'a> {
    fn of(formula: &'a Formula, gate: GateId) -> Self {
        match formula.gate(gate) {
            Gate::Leaf(_) => Quota { needed: 1, votes: &[] },
            Gate::Threshold { k, .. } => Quota { needed: k as u64, votes: &[] },
            Gate::Weighted { quota, votes, .. } => Quota { needed: quota, votes },
        }
    }

    fn votes(&self, child: usize) -> u64 {
        self.votes.get(child).copied().unwrap_or(1)
    }
}

/// Votes for the first gate and for the second; all that are enough are one.
type BothVotes = (u64, u64);

/// The probability of every pair that can occur, ascending.
type Table = Vec<(BothVotes, Scaled)>;

struct Counts<'a> {
    children: &'a [GateId],
    quotas: [Quota<'a>; 2],
    value: &'a [Outcomes],
}

impl Counts<'_> {
    fn outcomes(
        &self,
        across: Option<&Across>,
        chances: Chances<'_>,
        meter: &mut Meter,
    ) -> Result<Outcomes, Exhausted> {
        let zones = across.map_or(&[][..], |across| &across.zones);
        // The votes in each zone while it is up, and at last those of all.
        let none: Table = vec![((0, 0), Scaled::ONE)];
        let mut open = vec![none; zones.len() + 1];
        for child in 0..self.children.len() {
            let zone = across.and_then(|across| across.of_child[child]);
            let sums = &mut open[zone.unwrap_or(zones.len())];
            *sums = self.add(sums, &self.voter(child), meter)?;
        }
        // Inner zones stand behind those around them.
        for (position, zone) in zones.iter().enumerate().rev() {
            let up = chances.live[zone.zone.index()];
            let mut own = std::mem::take(&mut open[position]);
            own.iter_mut().for_each(|(_, mass)| *mass = *mass * up);
            own.insert(0, ((0, 0), chances.dead[zone.zone.index()]));
            let outer = zone.inside.unwrap_or(zones.len());
            open[outer] = self.add(&open[outer], &own, meter)?;
        }
        let mut outcomes = [Scaled::ZERO; 4];
        for ((first, second), mass) in &open[zones.len()] {
            let holds = |quota: usize, sum: u64| usize::from(sum == self.quotas[quota].needed);
            let outcome = holds(0, *first) + 2 * holds(1, *second);
            outcomes[outcome] = outcomes[outcome] + *mass;
        }
        Ok(outcomes)
    }

    fn voter(&self, child: usize) -> Table {
        let [first, second] = [0, 1].map(|quota: usize| self.quotas[quota].votes(child).min(self.quotas[quota].needed));
        let outcomes = self.value[self.children[child].index()];
        let each = [(0, 0), (first, 0), (0, second), (first, second)].into_iter().zip(outcomes);
        each.filter(|(_, mass)| *mass > Scaled::ZERO).collect()
    }

    fn add(&self, a: &Table, b: &Table, meter: &mut Meter) -> Result<Table, Exhausted> {
        charge_sums(a.len(), 8 * b.len() as u64, meter)?;
        charge_sums(b.len(), 0, meter)?;
        let [enough, also] = [0, 1].map(|quota: usize| self.quotas[quota].needed);
        let mut all: Table = Vec::new();
        for ((first, second), share) in b {
            let plus = |((x, y), mass): &(BothVotes, Scaled)| {
                (((x + first).min(enough), (y + second).min(also)), *mass * *share)
            };
            all.extend(a.iter().map(plus));
            if all.len() > MERGED_FROM {
                merge(&mut all);
            }
        }
        merge(&mut all);
        Ok(all)
    }
}

/// Products that are kept before equal pairs become one.
const MERGED_FROM: usize = 1 << 20;

fn merge(all: &mut Table) {
    all.sort_by_key(|(sum, _)| *sum);
    all.dedup_by(|(next, mass), (sum, total)| {
        let same = next == sum;
        if same {
            *total = *total + *mass;
        }
        same
    });
}
