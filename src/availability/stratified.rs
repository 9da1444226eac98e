//! Many zones: every combination of few failed ones is settled exactly, and draws are left for those of more.

use super::Failures;
use super::form::{Form, Four};
use super::in_zones::InZones;
use super::rare::Group;
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Chances, Compiled, ZoneMembers};
use crate::number::Scaled;

/// What is known of the failure probabilities without any sampling.
///
/// F = `settled` + `weight` P(failure | more zones of the group have failed than were settled).
#[derive(Debug)]
pub(super) struct Strata {
    /// The probability of failure together with few failed zones: reads, writes, one of them, both.
    pub(super) settled: Four<Scaled>,
    /// The probability that more zones have failed.
    pub(super) weight: Scaled,
    /// Those zones.
    pub(super) group: Group,
}

/// How the failures are found once it is settled which of the zones have failed.
enum Exact<'a> {
    ReadOnce(InZones<'a>),
    Form(Form<'a>),
}

impl Strata {
    /// Settles as many numbers of failed zones as the budget allows; `None` where that is not even the first one, and without zones.
    pub(super) fn of(compiled: &Compiled<'_>, failures: &Failures) -> Option<Self> {
        if failures.is_overlapping() {
            return None;
        }
        let budget = compiled.budget().pass_steps / 4;
        let mut meter = Meter::new(Resource::PassSteps, budget);
        let members = failures.zone_members(Failures::is_uncertain);
        let (exact, zones) = match InZones::of(compiled, &members, &mut meter) {
            Some(in_zones) => {
                let (in_zones, cutting) = in_zones.ok()?.without_cutting();
                (Exact::ReadOnce(in_zones), cutting)
            }
            None => (Exact::Form(Form::of(compiled).ok()?), members),
        };
        if zones.is_empty() {
            return None;
        }
        let (live, dead) = failures.chances_in_zones();
        let mut levels = Levels { compiled, exact, zones, live, dead };
        let mut settled = [Scaled::ZERO; 4];
        let mut failed = 0;
        loop {
            let before = meter.spent();
            let Ok(level) = levels.settle(failed, &mut meter) else { break };
            settled = std::array::from_fn(|at| settled[at] + level[at]);
            failed += 1;
            // The next number has as many times more combinations as this.
            let growth = (levels.zones.len() + 1 - failed) as u64 / failed as u64 + 1;
            let next = (meter.spent() - before).saturating_mul(growth);
            if failed > levels.zones.len() || next > meter.left() {
                break;
            }
        }
        let group = Group { members: levels.zones.iter().map(|zone| zone.zone.index()).collect(), needed: failed };
        let failure: Vec<_> = failures.nodes.iter().chain(&failures.zones).copied().collect();
        let all = failed > levels.zones.len();
        let weight = if all { Scaled::ZERO } else { group.probability(&failure) };
        (failed > 0).then_some(Strata { settled, weight, group })
    }
}

struct Levels<'a> {
    compiled: &'a Compiled<'a>,
    exact: Exact<'a>,
    zones: Vec<ZoneMembers>,
    live: Vec<Scaled>,
    dead: Vec<Scaled>,
}

impl Levels<'_> {
    /// The probabilities of failure together with exactly so many failed zones.
    fn settle(&mut self, failed: usize, meter: &mut Meter) -> Result<Four<Scaled>, Exhausted> {
        let mut sum = [Scaled::ZERO; 4];
        let mut chosen: Vec<usize> = (0..failed).collect();
        loop {
            let (weight, four) = self.given(&chosen, meter)?;
            sum = std::array::from_fn(|at| sum[at] + weight * four[at]);
            // The next combination in lexicographic order.
            let last = self.zones.len();
            let Some(place) = (0..failed).rev().find(|place| chosen[*place] < last - failed + place) else { break };
            chosen[place] += 1;
            (place + 1..failed).for_each(|next| chosen[next] = chosen[next - 1] + 1);
        }
        Ok(sum)
    }

    /// How probable it is that just these zones have failed, and the failures given that.
    fn given(&mut self, chosen: &[usize], meter: &mut Meter) -> Result<(Scaled, Four<Scaled>), Exhausted> {
        let is_down = |zone: usize| chosen.binary_search(&zone).is_ok();
        let chance = |(at, members): (usize, &ZoneMembers)| {
            if is_down(at) { self.dead[members.zone.index()] } else { self.live[members.zone.index()] }
        };
        let weight = self.zones.iter().enumerate().map(chance).fold(Scaled::ONE, |weight, chance| weight * chance);
        let lost: Vec<usize> =
            chosen.iter().flat_map(|zone| &self.zones[*zone].nodes).map(|node| node.index()).collect();
        let (mut live, mut dead) = (self.live.clone(), self.dead.clone());
        for node in lost {
            (live[node], dead[node]) = (Scaled::ZERO, Scaled::ONE);
        }
        meter.charge(live.len() as u64)?;
        let four = match &self.exact {
            Exact::ReadOnce(in_zones) => {
                let chances = Chances { live: &live, dead: &dead };
                meter.charge(self.compiled.system().formulas().reads.edge_count() as u64)?;
                in_zones.four(chances, meter)?.map(|(missing, _)| missing)
            }
            Exact::Form(form) => form.evaluate(self.compiled, &live, &dead, meter)?,
        };
        Ok((weight, four))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::exact::failure_probabilities;
    use crate::budget::Budget;
    use crate::families::{Family, GridVariant};
    use crate::model::Probability;

    fn in_zones(family: &Family, zones: usize, p: f64) -> (crate::model::System, Failures) {
        let system = family.system().unwrap();
        let mut failures = Failures::uniform(&system, Probability::new(p).unwrap());
        failures.zones = (0..zones).map(|zone| Probability::new(0.02 + 0.01 * (zone % 3) as f64).unwrap()).collect();
        failures.parent_of = (0..zones).map(|zone| (zone % 4 == 3).then_some(0)).collect();
        failures.zone_of = (0..failures.nodes.len()).map(|node| Some(node % zones)).collect();
        (system, failures)
    }

    /// Settled level by level, the answer lies between what is settled and that with all the rest; with all levels it is exact.
    #[test]
    fn levels_close_in_on_the_exact_answer() {
        let families = [
            Family::Hierarchical { branching: vec![3, 3], read: vec![2, 2], write: vec![2, 3] },
            Family::Hierarchical { branching: vec![3, 3], read: vec![1, 3], write: vec![3, 1] },
            Family::Grid { rows: 3, cols: 3, variant: GridVariant::Cover },
        ];
        for family in families {
            let (system, failures) = in_zones(&family, 7, 0.05);
            let compiled = Compiled::new(&system, Budget::default());
            let exact = failure_probabilities(&compiled, &failures).unwrap();
            let mut weights = Vec::new();
            for pass_steps in [1_200, 4_000, 20_000, 1_000_000] {
                let starved = Compiled::new(&system, Budget { pass_steps, ..Budget::default() });
                let Some(strata) = Strata::of(&starved, &failures) else { continue };
                for (settled, exact) in strata.settled.iter().zip(exact) {
                    let slack = Scaled::from(1.0 + 1e-12);
                    assert!(*settled <= exact * slack, "{family:?}");
                    assert!((*settled + strata.weight) * slack >= exact, "{family:?}");
                }
                weights.push(strata.weight);
            }
            assert!(weights.len() > 1 && weights.windows(2).all(|pair| pair[0] >= pair[1]), "{family:?} {weights:?}");
            assert_eq!(weights.last(), Some(&Scaled::ZERO));
        }
    }
}
