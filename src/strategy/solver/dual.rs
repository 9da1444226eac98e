//! The prices of the gates as variables and rows.

use good_lp::{Expression, ProblemVariables, variable};

use super::rows::{Row, terms};
use super::shared_variables::group;
use crate::model::{Formula, Gate, GateId};
use crate::strategy::program::interchangeable::Interchangeable;

/// A program in the making whose variables are prices.
pub(super) struct Dual<'a> {
    pub(super) variables: ProblemVariables,
    pub(super) rows: Vec<Row>,
    pub(super) twins: &'a Interchangeable,
}

impl Dual<'_> {
    /// The price of the cheapest quorum, given the prices of the variables.
    pub(super) fn potential(&mut self, formula: &Formula, prices: &[Expression]) -> Expression {
        let mut potential: Vec<Expression> = Vec::with_capacity(formula.gate_count());
        for (_, gate) in formula.gates() {
            let value = match gate {
                Gate::Leaf(node) => prices[node.index()].clone(),
                Gate::Threshold { k: 1, children } => {
                    let least = self.variables.add(variable());
                    for child in group(formula, children, self.twins).firsts(children) {
                        let right = potential[child.index()].clone();
                        self.rows.push(Row { left: least.into(), right, equal: false });
                    }
                    least.into()
                }
                Gate::Threshold { k, children } if k == children.len() => {
                    let sum = children.iter().fold(Expression::default(), |sum, child| sum + &potential[child.index()]);
                    self.short(sum)
                }
                Gate::Threshold { k, children } => self.cheapest(formula, (k, children), &potential),
                Gate::Weighted { quota, children, votes } => {
                    self.cheapest_votes(formula, (quota, children, votes), &potential)
                }
            };
            potential.push(value);
        }
        potential.swap_remove(formula.root().index())
    }

    fn cheapest(
        &mut self,
        formula: &Formula,
        (k, children): (usize, &[GateId]),
        potential: &[Expression],
    ) -> Expression {
        let level = self.variables.add(variable().min(0));
        let mut value: Expression = k as f64 * level;
        let groups = group(formula, children, self.twins);
        let firsts: Vec<GateId> = groups.firsts(children).collect();
        for (group, size) in groups.sizes.iter().enumerate() {
            let below = self.variables.add(variable().min(0));
            let right = potential[firsts[group].index()].clone() + below;
            self.rows.push(Row { left: level.into(), right, equal: false });
            value -= *size as f64 * below;
        }
        self.short(value)
    }

    /// What the quota costs when part of a voter may be bought, at one price for all votes.
    fn cheapest_votes(
        &mut self,
        formula: &Formula,
        (quota, children, votes): (u64, &[GateId], &[u64]),
        potential: &[Expression],
    ) -> Expression {
        let level = self.variables.add(variable().min(0));
        let mut value: Expression = level.into();
        let groups = group(formula, children, self.twins);
        let mut known = 0;
        for ((group, votes), child) in groups.of_child.iter().zip(votes).zip(children) {
            if *group == known {
                known += 1;
                let below = self.variables.add(variable().min(0));
                let right = potential[child.index()].clone() + below;
                self.rows.push(Row { left: (*votes as f64 / quota as f64) * level, right, equal: false });
                value -= groups.sizes[*group] as f64 * below;
            }
        }
        self.short(value)
    }

    /// A long sum gets a variable of its own.
    fn short(&mut self, sum: Expression) -> Expression {
        if terms(&sum) <= 3 {
            return sum;
        }
        let value = self.variables.add(variable());
        self.rows.push(Row { left: value.into(), right: sum, equal: false });
        value.into()
    }
}
