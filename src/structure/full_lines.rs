//! Unions of full rows and columns: how closely do two of them meet?

use crate::model::{Formula, Gate, GateId, NodeId, NodeSet};

/// Two quorums, each all nodes of some rows and of some columns of the same rectangle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FullLines {
    rows: Axis,
    columns: Axis,
    /// How many rows and columns each of the two takes.
    taken: [(usize, usize); 2],
}

/// The parallel lines of a rectangle.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Axis {
    /// The line of each node, counted by their first nodes; `usize::MAX` for nodes outside.
    line_of: Vec<usize>,
    lines: usize,
}

impl FullLines {
    /// The two kinds of quorums, when each formula is "all nodes of any k rows and of any l columns" of one rectangle, in either order and
    /// with either part left out; `None` for all others, and where both are about rows alone.
    ///
    /// # Complexity
    /// O(edges).
    pub(crate) fn of(first: &Formula, second: &Formula) -> Option<Self> {
        let parts = [parts(first)?, parts(second)?];
        let mut axes: Vec<&Axis> = Vec::new();
        for (axis, _) in parts.iter().flatten() {
            if !axes.contains(&axis) {
                axes.push(axis);
            }
        }
        let [rows, columns] = axes[..] else { return None };
        let taken = |of: &Axis, parts: &[(Axis, usize)]| {
            let each: Vec<usize> = parts.iter().filter(|(axis, _)| axis == of).map(|(_, taken)| *taken).collect();
            if let [a, b] = each[..] { Some(a.max(b)) } else { Some(each.first().copied().unwrap_or(0)) }
        };
        let pair = |parts: &[(Axis, usize)]| Some((taken(rows, parts)?, taken(columns, parts)?));
        let taken = [pair(&parts[0])?, pair(&parts[1])?];
        rows.crosses(columns).then(|| FullLines { rows: rows.clone(), columns: columns.clone(), taken })
    }

    /// Fewest common nodes of two such quorums.
    ///
    /// Let the quorums take k and K of r rows, l and L of c columns, and share i rows and j columns. A shared row is common as a whole, a
    /// row of one quorum at the columns of the other one, any other row at the shared columns:
    /// i c + (k - i) L + (K - i) l + (r - k - K + i) j. That grows with j, and with i too, as c - l - L + j is the number of columns of
    /// neither; so the fewest i = max(0, k + K - r) and j = max(0, l + L - c) are best.
    pub(crate) fn smallest_overlap(&self) -> usize {
        let [(k, l), (other_k, other_l)] = self.taken;
        let (r, c) = (self.rows.lines, self.columns.lines);
        let (i, j) = ((k + other_k).saturating_sub(r), (l + other_l).saturating_sub(c));
        i * c + (k - i) * other_l + (other_k - i) * l + (r + i - k - other_k) * j
    }

    /// Two quorums that meet no more closely: the first lines, and the last ones.
    pub(crate) fn closest_pair(&self) -> (NodeSet, NodeSet) {
        let [(k, l), (other_k, other_l)] = self.taken;
        let (r, c) = (self.rows.lines, self.columns.lines);
        let cells = || (0..self.rows.line_of.len()).filter(|node| self.rows.line_of[*node] != usize::MAX);
        let those = |taken: &dyn Fn(usize, usize) -> bool| -> NodeSet {
            let taken = |node: &usize| taken(self.rows.line_of[*node], self.columns.line_of[*node]);
            cells().filter(taken).map(NodeId::new).collect()
        };
        (those(&|row, column| row < k || column < l), those(&|row, column| row >= r - other_k || column >= c - other_l))
    }
}

impl Axis {
    /// Whether every line of the one meets every line of the other in one node of its own.
    fn crosses(&self, other: &Axis) -> bool {
        let Some(cells) = self.lines.checked_mul(other.lines) else { return false };
        let inside = |axis: &Axis| axis.line_of.iter().filter(|line| **line != usize::MAX).count();
        if self.line_of.len() != other.line_of.len() || inside(self) != cells || inside(other) != cells {
            return false;
        }
        let mut met = vec![false; cells];
        let mut first_time = |(row, column): (&usize, &usize)| match (*row, *column) {
            (usize::MAX, usize::MAX) => true,
            (usize::MAX, _) | (_, usize::MAX) => false,
            (row, column) => !std::mem::replace(&mut met[row * other.lines + column], true),
        };
        self.line_of.iter().zip(&other.line_of).all(&mut first_time)
    }
}

/// The rows and columns of a rectangle of which a formula takes all of any one row and any one column; `None` for any other formula.
///
/// # Complexity
/// O(edges).
pub(crate) fn grid_sides(formula: &Formula) -> Option<(usize, usize)> {
    match &parts(formula)?[..] {
        [(rows, 1), (columns, 1)] if rows.crosses(columns) => Some((rows.lines, columns.lines)),
        _ => None,
    }
}

/// What a formula takes all of: some lines of one axis, or of two.
fn parts(formula: &Formula) -> Option<Vec<(Axis, usize)>> {
    let root = formula.root();
    if let Some(part) = lines(formula, root) {
        return Some(vec![part]);
    }
    let Gate::Threshold { k: 2, children } = formula.gate(root) else { return None };
    let [first, second] = children else { return None };
    Some(vec![lines(formula, *first)?, lines(formula, *second)?])
}

/// The lines of a gate "all nodes of any k of these lines", which have no node in common, and k.
fn lines(formula: &Formula, id: GateId) -> Option<(Axis, usize)> {
    let Gate::Threshold { k: taken, children } = formula.gate(id) else { return None };
    let mut line_of = Vec::new();
    for (line, child) in children.iter().enumerate() {
        let Gate::Threshold { k, children: nodes } = formula.gate(*child) else { return None };
        if k != nodes.len() {
            return None;
        }
        for node in nodes {
            let Gate::Leaf(node) = formula.gate(*node) else { return None };
            let node = NodeId::index(node);
            line_of.resize(line_of.len().max(node + 1), usize::MAX);
            if std::mem::replace(&mut line_of[node], line) != usize::MAX {
                return None;
            }
        }
    }
    // The same lines have the same numbers, in whichever order they are written.
    let mut number = vec![usize::MAX; children.len()];
    let mut numbered = 0;
    for line in line_of.iter_mut().filter(|line| **line != usize::MAX) {
        if number[*line] == usize::MAX {
            number[*line] = numbered;
            numbered += 1;
        }
        *line = number[*line];
    }
    Some((Axis { line_of, lines: children.len() }, taken))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FormulaBuilder;

    /// All nodes of any k rows and of any l columns of an r x c rectangle; the columns alone where k = 0.
    fn grid((r, c): (usize, usize), (k, l): (usize, usize), columns_first: bool) -> Formula {
        let mut builder = FormulaBuilder::new();
        let mut part = |count: usize, length: usize, taken: usize, cell: &dyn Fn(usize, usize) -> usize| {
            let lines: Vec<_> = (0..count)
                .map(|line| {
                    let nodes: Vec<_> = (0..length).map(|at| builder.leaf(NodeId::new(cell(line, at)))).collect();
                    builder.and(&nodes).unwrap()
                })
                .collect();
            (taken > 0).then(|| builder.threshold(taken as u64, &lines).unwrap())
        };
        let rows = part(r, c, k, &|row, at| row * c + at);
        let columns = part(c, r, l, &|column, at| at * c + column);
        let both = if columns_first { [columns, rows] } else { [rows, columns] };
        let both: Vec<_> = both.into_iter().flatten().collect();
        let root = builder.and(&both).unwrap();
        builder.finish(root)
    }

    fn choices(n: usize, k: usize) -> impl Iterator<Item = usize> {
        (0..1usize << n).filter(move |set| set.count_ones() as usize == k)
    }

    /// Every choice of rows and columns of both, one by one.
    fn fewest((r, c): (usize, usize), taken: [(usize, usize); 2]) -> usize {
        let quorums = |(k, l): (usize, usize)| -> Vec<u32> {
            let cells = |rows: usize, columns: usize| {
                (0..r * c).filter(move |cell| rows >> (cell / c) & 1 == 1 || columns >> (cell % c) & 1 == 1)
            };
            let of = |rows: usize, columns: usize| cells(rows, columns).fold(0, |set, cell| set | 1 << cell);
            choices(r, k).flat_map(|rows| choices(c, l).map(move |columns| of(rows, columns))).collect()
        };
        let (first, second) = (quorums(taken[0]), quorums(taken[1]));
        first.iter().flat_map(|a| second.iter().map(move |b| (a & b).count_ones() as usize)).min().unwrap()
    }

    #[test]
    fn overlaps_agree_with_every_choice_of_lines() {
        let mut seen = 0;
        for (r, c) in [(2, 2), (2, 3), (3, 2), (3, 3), (3, 4), (4, 4)] {
            let sizes = || (0..=r).flat_map(|k| (0..=c).map(move |l| (k, l))).filter(|taken| *taken != (0, 0));
            for (first, second) in sizes().flat_map(|first| sizes().map(move |second| (first, second))) {
                let formulas = (grid((r, c), first, false), grid((r, c), second, true));
                let Some(lines) = FullLines::of(&formulas.0, &formulas.1) else { continue };
                let smallest = lines.smallest_overlap();
                assert_eq!(smallest, fewest((r, c), [first, second]), "{r} x {c}: {first:?} {second:?}");
                let (a, b) = lines.closest_pair();
                assert!(formulas.0.holds(&a) && formulas.1.holds(&b));
                assert_eq!(a.overlap(&b), smallest);
                seen += 1;
            }
        }
        assert!(seen > 500, "{seen}");
    }

    #[test]
    fn what_is_no_rectangle_is_left_to_others() {
        let rows = grid((3, 3), (1, 0), false);
        assert_eq!(FullLines::of(&rows, &rows), None);
        let (wide, tall) = (grid((2, 3), (1, 1), false), grid((3, 2), (1, 1), false));
        assert_eq!(FullLines::of(&wide, &tall), None);
        assert!(FullLines::of(&wide, &grid((2, 3), (0, 2), false)).is_some());
    }
}
