//! The flows of a formula as variables and rows.

use good_lp::{Expression, ProblemVariables, Solution, Variable, variable};

use super::rows::{Row, WHOLE, terms};
use super::shared_variables::group;
use crate::model::{Formula, Gate, GateId};
use crate::strategy::program::flow::EdgeFlow;
use crate::strategy::program::interchangeable::Interchangeable;

/// A program in the making whose variables are flows.
pub(super) struct Primal<'a> {
    pub(super) variables: ProblemVariables,
    pub(super) rows: Vec<Row>,
    pub(super) twins: &'a Interchangeable,
}

/// The flow of one formula: an expression for every edge, and for every variable how often it is used.
pub(super) struct FlowVariables {
    edges: Vec<Vec<Expression>>,
    /// By variable: the nodes, then the clocks.
    pub(super) used: Vec<Expression>,
}

impl Primal<'_> {
    pub(super) fn flow(&mut self, formula: &Formula, variables: usize) -> FlowVariables {
        let mut inflow: Vec<Expression> = vec![Expression::default(); formula.gate_count()];
        inflow[formula.root().index()] = Expression::from(WHOLE);
        let mut edges: Vec<Vec<Expression>> = vec![Vec::new(); formula.gate_count()];
        let mut used = vec![Expression::default(); variables];
        for (id, gate) in formula.gates().rev() {
            let x = std::mem::take(&mut inflow[id.index()]);
            match gate {
                Gate::Leaf(node) => used[node.index()] = x,
                Gate::Threshold { k, children } => {
                    let each = self.split(formula, (k, children), x);
                    children.iter().zip(&each).for_each(|(child, flow)| inflow[child.index()] += flow.clone());
                    edges[id.index()] = each;
                }
                Gate::Weighted { quota, children, votes } => {
                    let each = self.split_votes(formula, (quota, children, votes), x);
                    children.iter().zip(&each).for_each(|(child, flow)| inflow[child.index()] += flow.clone());
                    edges[id.index()] = each;
                }
            }
        }
        FlowVariables { edges, used }
    }

    /// The flows to the children of a gate with flow x; twins have the same.
    fn split(&mut self, formula: &Formula, (k, children): (usize, &[GateId]), x: Expression) -> Vec<Expression> {
        let x = self.single(x);
        if k == children.len() {
            return vec![x; children.len()];
        }
        let groups = group(formula, children, self.twins);
        let each: Vec<Variable> = self.variables.add_vector(variable().min(0).max(WHOLE), groups.sizes.len());
        let total: Expression = each.iter().zip(&groups.sizes).map(|(y, size)| *size as f64 * *y).sum();
        self.rows.push(Row { left: total, right: k as f64 * x.clone(), equal: true });
        if k > 1 && terms(&x) > 0 {
            each.iter().for_each(|y| self.rows.push(Row { left: (*y).into(), right: x.clone(), equal: false }));
        }
        groups.of_child.into_iter().map(|group| each[group].into()).collect()
    }

    /// The flows to the voters of a gate with flow x, which have the quota on average; twins have the same.
    fn split_votes(
        &mut self,
        formula: &Formula,
        (quota, children, votes): (u64, &[GateId], &[u64]),
        x: Expression,
    ) -> Vec<Expression> {
        let x = self.single(x);
        let groups = group(formula, children, self.twins);
        let each: Vec<Variable> = self.variables.add_vector(variable().min(0).max(WHOLE), groups.sizes.len());
        let mut total = Expression::with_capacity(each.len());
        let mut first = vec![true; each.len()];
        for (group, votes) in groups.of_child.iter().zip(votes) {
            if std::mem::take(&mut first[*group]) {
                total += groups.sizes[*group] as f64 * (*votes as f64 / quota as f64) * each[*group];
            }
        }
        self.rows.push(Row { left: x.clone(), right: total, equal: false });
        if terms(&x) > 0 {
            each.iter().for_each(|y| self.rows.push(Row { left: (*y).into(), right: x.clone(), equal: false }));
        }
        groups.of_child.into_iter().map(|group| each[group].into()).collect()
    }

    /// The sum of several flows gets a variable of its own, so that rows stay short.
    fn single(&mut self, x: Expression) -> Expression {
        if terms(&x) <= 1 {
            return x;
        }
        let y = self.variables.add(variable().min(0).max(WHOLE));
        self.rows.push(Row { left: y.into(), right: x, equal: true });
        y.into()
    }
}

impl FlowVariables {
    pub(super) fn values(&self, solution: &impl Solution) -> EdgeFlow<f64> {
        self.edges.iter().map(|each| each.iter().map(|flow| solution.eval(flow) / WHOLE).collect()).collect()
    }
}
