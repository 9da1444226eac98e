//! The flow program in the making: its variables, its rows, and which row says what.

use good_lp::{Expression, ProblemVariables, variable, variables};

use super::primal::{FlowVariables, Primal};
use super::rows::{Row, WHOLE, add_scaled};
use crate::model::{Kind, Pair};
use crate::strategy::program::demand::Weights;
use crate::strategy::program::formulas::Formulas;
use crate::strategy::program::interchangeable::Interchangeable;
use crate::strategy::program::linear_program::{LinearProgram, Role};

/// The program before it is handed to a solver; what it minimises is a multiple of the objective.
#[cfg_attr(not(feature = "interior"), expect(dead_code, reason = "prices of rows come from the interior-point method"))]
pub(super) struct FlowModel {
    pub(super) variables: ProblemVariables,
    pub(super) rows: Vec<Row>,
    pub(super) objective: Expression,
    /// The flows of both kinds.
    pub(super) flows: Pair<Option<FlowVariables>>,
    /// For each read fraction the row of each class of nodes, which none of them may pass.
    pub(super) busy: Vec<Vec<usize>>,
    /// The row that limits the load, and that of each sum.
    pub(super) limits: (Option<usize>, Vec<Option<usize>>),
}

impl FlowModel {
    /// `overrun` says for every read fraction and node by how much an earlier solution was busier than it claimed; the node is given
    /// that much less.
    pub(super) fn new(
        formulas: Formulas<'_>,
        lp: &LinearProgram<'_>,
        (twins, overrun): (&Interchangeable, Option<&Weights<f64>>),
    ) -> Self {
        let demand = &lp.demand;
        let mut primal = Primal { variables: variables!(), rows: Vec::new(), twins };
        let flows = formulas.map(|formula| formula.map(|formula| primal.flow(formula, lp.variables())));
        let Primal { mut variables, mut rows, .. } = primal;
        let mut mean_load = Expression::with_capacity(demand.shares().len());
        let mut busy = Vec::new();
        for (share, weight) in demand.shares().iter().enumerate().filter(|_| lp.has_load()) {
            let load = variables.add(variable().min(0));
            mean_load += *weight * load;
            let first = rows.len();
            for node in twins.classes().iter().map(|class| class[0]) {
                let mut left = Expression::with_capacity(4);
                for kind in Kind::BOTH {
                    if let Some(each) = flows.of(kind) {
                        add_scaled(&mut left, &each.used[node], demand.cost(kind, share, node));
                    }
                }
                let left = left + overrun.map_or(0.0, |overrun| overrun[share][node] * WHOLE);
                rows.push(Row { left, right: load.into(), equal: false });
            }
            busy.push((first..rows.len()).collect());
        }
        let mut objective = Expression::default();
        let mut put = |part: &Role, (unit, weight): (f64, f64), value: Expression| match part.limit(unit) {
            Some(limit) => {
                rows.push(Row { left: value, right: Expression::from(limit * WHOLE), equal: false });
                Some(rows.len() - 1)
            }
            None => {
                objective += value * weight;
                None
            }
        };
        let (load_weight, weights) = lp.scaled_weights();
        let of_load = if lp.has_load() { put(&lp.load, (demand.scale(), load_weight), mean_load) } else { None };
        let mut of_sums = Vec::with_capacity(lp.sums.len());
        for (sum, weight) in lp.sums.iter().zip(weights) {
            if sum.part == Role::Free {
                of_sums.push(None);
                continue;
            }
            let mut value = Expression::default();
            for kind in Kind::BOTH {
                if let Some(each) = flows.of(kind) {
                    let used = each.used.iter().enumerate();
                    used.for_each(|(variable, used)| add_scaled(&mut value, used, sum.scaled(kind, variable)));
                }
            }
            of_sums.push(put(&sum.part, (sum.unit, weight), value));
        }
        FlowModel { variables, rows, objective, flows, busy, limits: (of_load, of_sums) }
    }
}
