//! Read-once formulas whose nodes stand in zones: passes that take what fails together together.

use super::Failures;
use super::form::{Form, Four};
use crate::budget::{Exhausted, Meter};
use crate::circuit::{
    Chances, Compiled, ZoneMembers, ZonePlan, chances_in_zones, importance_in_zones, joint_chances_in_zones,
};
use crate::model::{Formula, Kind, NodeId, Probability};
use crate::number::Scaled;
use crate::structure::common_tree::{Order, Skeleton};

/// A system whose formulas are read-once, and where the zones stand in them.
pub(crate) struct InZones<'a> {
    formulas: [&'a Formula; 2],
    /// One for each formula; for the first alone where one is enough.
    plans: Vec<ZonePlan>,
    shape: Shape<'a>,
}

enum Shape<'a> {
    /// Reads and writes are the same.
    Same,
    /// One kind implies the other.
    Ordered { stronger: Kind },
    /// The same tree, and neither implies the other.
    Mixed(Skeleton<'a>),
}

/// Probabilities of one event: that it happens and that it does not.
pub(crate) type Both = (Scaled, Scaled);

impl<'a> InZones<'a> {
    /// The system in these zones; `None` when its formulas are not read-once, or their trees differ.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(crate) fn of(
        compiled: &'a Compiled<'_>,
        zones: &[ZoneMembers],
        meter: &mut Meter,
    ) -> Option<Result<Self, Exhausted>> {
        if !(compiled.read_once(Kind::Read) && compiled.read_once(Kind::Write)) {
            return None;
        }
        let formulas = Kind::BOTH.map(|kind| compiled.system().formula(kind));
        let shape = if compiled.is_symmetric() {
            Shape::Same
        } else {
            let skeleton = Skeleton::with_votes(formulas[0], formulas[1])?;
            match skeleton.order() {
                Order::FirstImplies | Order::Equal => Shape::Ordered { stronger: Kind::Read },
                Order::SecondImplies => Shape::Ordered { stronger: Kind::Write },
                Order::Mixed => Shape::Mixed(skeleton),
            }
        };
        let needed = if matches!(shape, Shape::Ordered { .. }) { &formulas[..] } else { &formulas[..1] };
        let plans = needed.iter().map(|formula| ZonePlan::of(formula, zones, meter)).collect::<Result<_, _>>();
        Some(plans.map(|plans| InZones { formulas, plans, shape }))
    }

    /// Reads, writes, one of them, both: the probability that they are missing, and that they are not.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(crate) fn four(&self, chances: Chances<'_>, meter: &mut Meter) -> Result<Four<Both>, Exhausted> {
        let mut of = |at: usize| chances_in_zones(self.formulas[at], &self.plans[at], chances, meter);
        match &self.shape {
            Shape::Same => of(0).map(|both| [both; 4]),
            Shape::Ordered { stronger } => Ok(Form::spread(*stronger, of(0)?, of(1)?)),
            Shape::Mixed(skeleton) => {
                let partner = |gate| skeleton.partner(gate);
                let pair = (self.formulas[0], self.formulas[1]);
                let [none, reads, writes, both] =
                    joint_chances_in_zones(pair, partner, &self.plans[0], chances, meter)?;
                let one = reads + writes;
                let read = (none + writes, reads + both);
                let write = (none + reads, writes + both);
                Ok([read, write, (none + one, both), (none, one + both)])
            }
        }
    }

    /// The same system where the zones that cut through gates are not looked at, and those zones.
    pub(super) fn without_cutting(mut self) -> (Self, Vec<ZoneMembers>) {
        // Both formulas have the same tree, and so the same zones cut through them.
        let cutting = self.plans.iter_mut().map(ZonePlan::take_cutting).collect::<Vec<_>>();
        (self, cutting.into_iter().next().unwrap_or_default())
    }

    /// Birnbaum's importance of every node and zone for reads, writes, one of them and both; `None` where neither kind
    /// implies the other, and for zones that cut through gates.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(crate) fn importance(
        &self,
        chances: Chances<'_>,
        meter: &mut Meter,
    ) -> Result<Option<Four<Vec<Option<Scaled>>>>, Exhausted> {
        let mut of = |at: usize| importance_in_zones(self.formulas[at], &self.plans[at], chances, meter);
        match &self.shape {
            Shape::Same => {
                let each = of(0)?;
                Ok(Some(std::array::from_fn(|_| each.clone())))
            }
            Shape::Ordered { stronger } => Ok(Some(Form::spread(*stronger, of(0)?, of(1)?))),
            Shape::Mixed(_) => Ok(None),
        }
    }
}

impl Failures {
    /// The zones that are taken into account, with all their nodes; those without a node are left out.
    pub(crate) fn zone_members(&self, counts: impl Fn(Probability) -> bool) -> Vec<ZoneMembers> {
        let mut nodes: Vec<Vec<NodeId>> = vec![Vec::new(); self.zones.len()];
        for node in 0..self.nodes.len() {
            self.zones_of(node).for_each(|zone| nodes[zone].push(NodeId::new(node)));
        }
        let members = |(zone, nodes)| ZoneMembers { zone: self.variable(zone), nodes };
        let inhabited =
            nodes.into_iter().enumerate().filter(|(zone, nodes)| !nodes.is_empty() && counts(self.zones[*zone]));
        inhabited.map(members).collect()
    }

    /// The chances of all variables; nodes in a zone that surely fails are dead.
    pub(super) fn chances_in_zones(&self) -> (Vec<Scaled>, Vec<Scaled>) {
        let variables = self.nodes.iter().chain(&self.zones);
        let (mut live, mut dead): (Vec<Scaled>, Vec<Scaled>) =
            variables.map(|p| (Scaled::from(p.complement()), Scaled::from(p.get()))).unzip();
        for node in 0..self.nodes.len() {
            if self.zones_of(node).any(|zone| self.zones[zone].get() == 1.0) {
                (live[node], dead[node]) = (Scaled::ZERO, Scaled::ONE);
            }
        }
        (live, dead)
    }
}
