//! The flow linear program and its dual, handed to the solver. The only file that knows good_lp.
//!
//! *Primal.* Every gate has a flow, the share of operations that use it. The root has 1; a gate `k of m` with flow x
//! gives its children flows that add up to k x, each at most x; *and* passes x on, *or* splits it. Of a read fraction f,
//! node i is busy f R(i)/r(i) + (1-f) W(i)/w(i), which must be at most L(f) for every node; minimise the mean of L(f).
//!
//! *Dual.* Weights y(f, i), for each f adding up to its share, price a read of node i at the sum of y f/r(i), a write
//! likewise. The potential of a gate is the price of its cheapest quorum: that of *and* is the sum of its children's, that
//! of *or* the least, and `k of m` costs k t - sum max(0, t - child) for the best t. Maximise the potential of both roots.
//!
//! On the 2 x 2 grid of `a*b + c*d` (reads only, capacity 1), with u and v the flows of the two lines:
//!
//! ```text
//! minimise L  where  u + v = 1,  u <= L (nodes a and b),  v <= L (nodes c and d)         -> L = 1/2
//! maximise P  where  P <= y(a) + y(b),  P <= y(c) + y(d),  y(a)+y(b)+y(c)+y(d) = 1       -> P = 1/2
//! ```

use good_lp::{
    Expression, IntoAffineExpression, ProblemVariables, Solution, SolverModel, Variable, constraint, microlp, variable,
    variables,
};

use rustc_hash::FxHashMap;

use super::certificate::Weights;
use super::demand::Demand;
use super::read_once::EdgeFlow;
use super::twins::Twins;
use crate::model::{Formula, Gate, GateId, Kind, Pair};

/// What the root's flow and the sum of the weights are called inside the programs: the solver's tolerances are absolute,
/// so larger numbers come out with more digits.
const WHOLE: f64 = 64.0;
/// What the objectives are multiplied by, for the same reason: reduced costs below the tolerance count as none.
const SHARP: f64 = 65_536.0;

/// The solver found no optimum: it says the program is infeasible, unbounded or too hard, which the flow program is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the linear program was not solved: {reason}")]
pub(super) struct Unsolved {
    reason: String,
}

/// Formulas of both kinds; a kind that the workload does not have is absent.
pub(super) type Formulas<'a> = Pair<Option<&'a Formula>>;

/// Optimal flows of both kinds, as the solver gives them: within its tolerance.
///
/// `overrun` says for every read fraction and node by how much an earlier solution was busier than it claimed; the node is
/// given that much less.
pub(super) fn optimal_flows(
    formulas: Formulas<'_>,
    demand: &Demand<'_>,
    (twins, overrun): (&Twins, &Weights<f64>),
) -> Result<Pair<EdgeFlow<f64>>, Unsolved> {
    let mut primal = Primal { variables: variables!(), rows: Vec::new(), twins };
    let each = formulas.map(|formula| formula.map(|formula| primal.flow(formula, demand.nodes())));
    let mut objective = Expression::with_capacity(demand.shares().len());
    let mut load_rows = Vec::new();
    for (share, weight) in demand.shares().iter().enumerate() {
        let load = primal.variables.add(variable().min(0));
        objective += *weight * SHARP * load;
        for node in twins.classes().iter().map(|class| class[0]) {
            let mut busy = Expression::with_capacity(4);
            for kind in Kind::BOTH {
                if let Some(each) = each.of(kind) {
                    add_scaled(&mut busy, &each.node_use[node], demand.cost(kind, share, node));
                }
            }
            load_rows.push((busy + overrun[share][node] * WHOLE, load));
        }
    }
    let mut model = primal.variables.minimise(objective).using(microlp);
    for row in primal.rows {
        model = row.add_to(model);
    }
    for (busy, load) in load_rows {
        model = model.with(constraint!(busy <= load));
    }
    let solution = model.solve().map_err(|error| Unsolved { reason: error.to_string() })?;
    Ok(each.map(|each| each.map_or_else(Vec::new, |each| each.values(&solution))))
}

/// Optimal node weights for each read fraction, as the solver gives them.
pub(super) fn optimal_weights(
    formulas: Formulas<'_>,
    demand: &Demand<'_>,
    twins: &Twins,
) -> Result<Weights<f64>, Unsolved> {
    let mut dual = Dual { variables: variables!(), rows: Vec::new(), twins };
    let classes = twins.classes();
    let weights: Vec<Vec<Variable>> =
        demand.shares().iter().map(|_| dual.variables.add_vector(variable().min(0), classes.len())).collect();
    let mut objective = Expression::with_capacity(2);
    for kind in Kind::BOTH {
        let Some(formula) = formulas.of(kind) else { continue };
        let price = |node: usize| {
            let each = weights.iter().enumerate();
            each.fold(Expression::default(), |sum, (share, y)| {
                sum + demand.cost(kind, share, node) * y[twins.class_of(node)]
            })
        };
        let prices: Vec<Expression> = (0..demand.nodes()).map(price).collect();
        objective += dual.potential(formula, &prices);
    }
    let mut model = dual.variables.maximise(SHARP * objective).using(microlp);
    for row in dual.rows {
        model = row.add_to(model);
    }
    for (y, weight) in weights.iter().zip(demand.shares()) {
        model = model.with(constraint!(class_total(y, twins) == *weight * WHOLE));
    }
    let solution = model.solve().map_err(|error| Unsolved { reason: error.to_string() })?;
    Ok(weights.iter().map(|y| each_node(y, twins, &solution)).collect())
}

/// Some quorums of one kind: all that have this many members of each class of twins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) kind: Kind,
    pub(super) members: Vec<u32>,
}

impl Column {
    /// What one operation costs each twin of a class under one read fraction, the class taking turns.
    fn cost(&self, class: usize, share: usize, (demand, twins): (&Demand<'_>, &Twins)) -> f64 {
        let nodes = &twins.classes()[class];
        demand.cost(self.kind, share, nodes[0]) * f64::from(self.members[class]) / nodes.len() as f64
    }
}

/// The load when only these quorums may be drawn, and node weights that prove it.
pub(super) fn restricted_weights(
    columns: &[Column],
    demand: &Demand<'_>,
    twins: &Twins,
) -> Result<(f64, Weights<f64>), Unsolved> {
    let mut variables = variables!();
    let classes = 0..twins.classes().len();
    // The weight of a whole class; its members share it equally.
    let weights: Vec<Vec<Variable>> =
        demand.shares().iter().map(|_| variables.add_vector(variable().min(0), classes.len())).collect();
    let cheapest = Kind::BOTH.map(|kind| {
        let drawn = columns.iter().any(|column| column.kind == kind);
        drawn.then(|| variables.add(variable()))
    });
    let objective: Expression = cheapest.iter().flatten().sum();
    let mut model = variables.maximise(objective.clone()).using(microlp);
    for column in columns {
        let Some(cheapest) = cheapest[column.kind as usize] else { continue };
        let mut price = Expression::with_capacity(classes.len());
        for (share, y) in weights.iter().enumerate() {
            for class in classes.clone().filter(|class| column.members[*class] > 0) {
                price += column.cost(class, share, (demand, twins)) * y[class];
            }
        }
        model = model.with(constraint!(cheapest <= price));
    }
    for (y, weight) in weights.iter().zip(demand.shares()) {
        let total: Expression = y.iter().sum();
        model = model.with(constraint!(total == *weight));
    }
    let solution = model.solve().map_err(|error| Unsolved { reason: error.to_string() })?;
    let node_weight = |y: &Vec<Variable>| {
        let share = |node: usize| twins.classes()[twins.class_of(node)].len() as f64;
        (0..demand.nodes()).map(|node| solution.value(y[twins.class_of(node)]).max(0.0) / share(node)).collect()
    };
    Ok((solution.eval(&objective), weights.iter().map(node_weight).collect()))
}

/// How often to draw each of these quorums for the least load; the shares of each kind add up to 1.
pub(super) fn restricted_strategy(
    columns: &[Column],
    demand: &Demand<'_>,
    twins: &Twins,
) -> Result<Vec<f64>, Unsolved> {
    let mut variables = variables!();
    let drawn: Vec<Variable> = variables.add_vector(variable().min(0), columns.len());
    let loads: Vec<Variable> = variables.add_vector(variable().min(0), demand.shares().len());
    let objective: Expression = loads.iter().zip(demand.shares()).map(|(load, weight)| *weight * *load).sum();
    let mut model = variables.minimise(objective).using(microlp);
    for kind in Kind::BOTH {
        let of_kind = columns.iter().zip(&drawn).filter(|(column, _)| column.kind == kind);
        let total: Expression = of_kind.map(|(_, drawn)| *drawn).sum();
        if terms(&total) > 0 {
            model = model.with(constraint!(total == 1.0));
        }
    }
    for (share, load) in loads.iter().enumerate() {
        for class in 0..twins.classes().len() {
            let using = columns.iter().zip(&drawn).filter(|(column, _)| column.members[class] > 0);
            let busy: Expression =
                using.map(|(column, drawn)| column.cost(class, share, (demand, twins)) * *drawn).sum();
            model = model.with(constraint!(busy <= *load));
        }
    }
    let solution = model.solve().map_err(|error| Unsolved { reason: error.to_string() })?;
    Ok(drawn.iter().map(|drawn| solution.value(*drawn).max(0.0)).collect())
}

fn class_total(y: &[Variable], twins: &Twins) -> Expression {
    y.iter().zip(twins.classes()).map(|(y, class)| class.len() as f64 * *y).sum()
}

fn each_node(y: &[Variable], twins: &Twins, solution: &impl Solution) -> Vec<f64> {
    let nodes: usize = twins.classes().iter().map(Vec::len).sum();
    (0..nodes).map(|node| solution.value(y[twins.class_of(node)]).max(0.0)).collect()
}

/// A row `left = right` or `left <= right`.
struct Row {
    left: Expression,
    right: Expression,
    equal: bool,
}

impl Row {
    fn add_to<M: SolverModel>(self, model: M) -> M {
        let Row { left, right, equal } = self;
        model.with(if equal { constraint!(left == right) } else { constraint!(left <= right) })
    }
}

struct Primal<'a> {
    variables: ProblemVariables,
    rows: Vec<Row>,
    twins: &'a Twins,
}

/// The flow of one formula: an expression for every edge, and for every node how often it is used.
struct FlowVariables {
    edges: Vec<Vec<Expression>>,
    node_use: Vec<Expression>,
}

impl Primal<'_> {
    fn flow(&mut self, formula: &Formula, nodes: usize) -> FlowVariables {
        let mut inflow: Vec<Expression> = vec![Expression::default(); formula.gate_count()];
        inflow[formula.root().index()] = Expression::from(WHOLE);
        let mut edges: Vec<Vec<Expression>> = vec![Vec::new(); formula.gate_count()];
        let mut node_use = vec![Expression::default(); nodes];
        for (id, gate) in formula.gates().rev() {
            let x = std::mem::take(&mut inflow[id.index()]);
            match gate {
                Gate::Leaf(node) => node_use[node.index()] = x,
                Gate::Threshold { k, children } => {
                    let each = self.split(formula, (k, children), x);
                    children.iter().zip(&each).for_each(|(child, flow)| inflow[child.index()] += flow.clone());
                    edges[id.index()] = each;
                }
                Gate::Weighted { .. } => {}
            }
        }
        FlowVariables { edges, node_use }
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
    fn values(&self, solution: &impl Solution) -> EdgeFlow<f64> {
        self.edges.iter().map(|each| each.iter().map(|flow| solution.eval(flow) / WHOLE).collect()).collect()
    }
}

struct Dual<'a> {
    variables: ProblemVariables,
    rows: Vec<Row>,
    twins: &'a Twins,
}

impl Dual<'_> {
    /// The price of the cheapest quorum, given the prices of the nodes.
    fn potential(&mut self, formula: &Formula, prices: &[Expression]) -> Expression {
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
                Gate::Weighted { .. } => Expression::default(),
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

/// Children of a gate, twins together.
struct Groups {
    /// The group of each child.
    of_child: Vec<usize>,
    /// How many children each group has.
    sizes: Vec<usize>,
}

impl Groups {
    /// The first child of each group.
    fn firsts<'a>(&'a self, children: &'a [GateId]) -> impl Iterator<Item = GateId> + 'a {
        let mut next = 0;
        self.of_child.iter().zip(children).filter_map(move |(group, child)| {
            let first = *group == next;
            next += usize::from(first);
            first.then_some(*child)
        })
    }
}

fn group(formula: &Formula, children: &[GateId], twins: &Twins) -> Groups {
    let mut known: FxHashMap<usize, usize> = FxHashMap::default();
    let mut groups = Groups { of_child: Vec::with_capacity(children.len()), sizes: Vec::new() };
    for child in children {
        let group = match formula.gate(*child) {
            Gate::Leaf(node) => *known.entry(twins.class_of(node.index())).or_insert(groups.sizes.len()),
            _ => groups.sizes.len(),
        };
        if group == groups.sizes.len() {
            groups.sizes.push(0);
        }
        groups.sizes[group] += 1;
        groups.of_child.push(group);
    }
    groups
}

fn add_scaled(sum: &mut Expression, term: &Expression, factor: f64) {
    if factor != 0.0 {
        *sum += term.clone() * factor;
    }
}

/// Number of variables in an expression.
fn terms(expression: &Expression) -> usize {
    expression.linear_coefficients().count()
}
