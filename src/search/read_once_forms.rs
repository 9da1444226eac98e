//! All read-once formulas of thresholds over given nodes, each once.
//!
//! Every monotone function that has a read-once formula of thresholds has exactly one in which no *and* stands directly
//! below an *and* and no *or* directly below an *or*: its gates are the modules of the function, and a threshold other
//! than *and* and *or* cannot be taken apart. Two such formulas over nodes of which some are equal are the same up to
//! renaming equal nodes exactly when they are the same tree once each leaf says only the class of its node. So the
//! formulas up to symmetry are trees with *multisets* of children, and a multiset is listed once by listing its members
//! from large to small.
//!
//! # Source
//! Birnbaum and Esary, Modules of coherent binary systems, 1965 (the decomposition into modules is unique).

use std::ops::ControlFlow;

use super::node_classes::{Counts, Digits, NodeClasses};

/// A formula by its number; parts have smaller numbers.
pub(super) type FormId = u32;

/// What the top of a formula is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Top {
    /// A node of this class.
    Leaf(usize),
    /// `k of` the children.
    Gate(usize),
}

/// What a part may use, and the numbers of the formulas that use it.
type UsedBy = (Digits, (FormId, FormId));

#[derive(Debug, Clone, Copy)]
struct Stored {
    /// The class of a leaf, or the threshold of a gate.
    number: u32,
    start: u32,
    /// Children; none for a leaf.
    count: u32,
}

/// The formulas that were listed so far, by the nodes that they use.
#[derive(Debug)]
pub(super) struct Forms {
    classes: NodeClasses,
    stored: Vec<Stored>,
    children: Vec<FormId>,
    /// For each count of nodes its formulas: a range of numbers.
    by_counts: Vec<(FormId, FormId)>,
}

impl Forms {
    /// No formulas yet over the nodes of these classes.
    pub(super) fn new(classes: NodeClasses) -> Self {
        let by_counts = vec![(0, 0); classes.everything() + 1];
        Forms { classes, stored: Vec::new(), children: Vec::new(), by_counts }
    }

    /// Forgets what was stored.
    pub(super) fn clear(&mut self) {
        self.stored.clear();
        self.children.clear();
        self.by_counts.iter_mut().for_each(|range| *range = (0, 0));
    }

    /// The classes.
    pub(super) fn classes(&self) -> &NodeClasses {
        &self.classes
    }

    /// The counts of nodes that a formula may use, the fewest nodes first.
    pub(super) fn all_counts(&self) -> Vec<Counts> {
        let mut all: Vec<Counts> = (1..=self.classes.everything()).collect();
        all.sort_by_key(|counts| (self.classes.size(*counts), *counts));
        all
    }

    /// The top of a formula and its parts.
    pub(super) fn get(&self, id: FormId) -> (Top, &[FormId]) {
        let Stored { number, start, count } = self.stored[id as usize];
        let children = &self.children[start as usize..(start + count) as usize];
        (if count == 0 { Top::Leaf(number as usize) } else { Top::Gate(number as usize) }, children)
    }

    /// Lists the formulas that use exactly `counts`, made of formulas that were [stored](Self::store) before.
    pub(super) fn list(
        &self,
        counts: Counts,
        see: &mut impl FnMut(&Forms, Top, &[FormId]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if let Some(class) = (0..self.classes.members().len()).find(|class| self.classes.one(*class) == counts) {
            return see(self, Top::Leaf(class), &[]);
        }
        self.gates(counts, &self.parts(counts), &mut |k, children| see(self, Top::Gate(k), children))
    }

    /// Makes these, which use exactly `counts`, parts of formulas that are listed later.
    pub(super) fn store(&mut self, counts: Counts, formulas: impl Iterator<Item = (Top, Vec<FormId>)>) {
        let first = self.stored.len() as FormId;
        for (top, children) in formulas {
            let (start, count) = (self.children.len() as u32, children.len() as u32);
            self.children.extend(children);
            let (Top::Leaf(number) | Top::Gate(number)) = top;
            self.stored.push(Stored { number: number as u32, start, count });
        }
        self.by_counts[counts] = (first, self.stored.len() as FormId);
    }

    /// The counts that a child may use, with its formulas, from large numbers to small.
    fn parts(&self, counts: Counts) -> Vec<UsedBy> {
        let whole = self.classes.digits(counts);
        let listed = (1..counts).filter(|part| self.by_counts[*part].1 > self.by_counts[*part].0);
        let with_digits = listed.map(|part| (self.classes.digits(part), self.by_counts[part]));
        let mut parts: Vec<UsedBy> = with_digits.filter(|(digits, _)| digits.fit(whole)).collect();
        parts.sort_by_key(|(_, (first, _))| std::cmp::Reverse(*first));
        parts
    }

    /// Every multiset of two or more formulas that use `counts` together, with every threshold that is in simplest form.
    fn gates(
        &self,
        counts: Counts,
        parts: &[UsedBy],
        see: &mut impl FnMut(usize, &[FormId]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        /// Where the listing stands: what is left to use, and the next child to try.
        struct Level {
            rest: Digits,
            part: usize,
            next: FormId,
        }
        let start = |part: usize| parts.get(part).map_or(0, |(_, (_, end))| *end);
        let nothing = self.classes.digits(0);
        let mut chosen: Vec<FormId> = Vec::new();
        let mut levels = vec![Level { rest: self.classes.digits(counts), part: 0, next: start(0) }];
        while let Some(level) = levels.last_mut() {
            let Some((part, (first, _))) = parts.get(level.part).copied() else {
                levels.pop();
                chosen.pop();
                continue;
            };
            if level.next == first || !part.fit(level.rest) {
                level.part += 1;
                level.next = start(level.part);
                continue;
            }
            level.next -= 1;
            // The same formula may stand again beside itself, over other nodes of its classes.
            let (rest, part, next) = (level.rest.without(part), level.part, level.next + 1);
            chosen.push(level.next);
            if rest == nothing {
                self.thresholds(&chosen, see)?;
                chosen.pop();
            } else {
                levels.push(Level { rest, part, next });
            }
        }
        ControlFlow::Continue(())
    }

    fn thresholds(
        &self,
        children: &[FormId],
        see: &mut impl FnMut(usize, &[FormId]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let is = |child: &FormId, every: bool| {
            let (top, parts) = self.get(*child);
            top == Top::Gate(if every { parts.len() } else { 1 })
        };
        let members = children.len();
        for k in 1..=members {
            let twice = (k == 1 && children.iter().any(|child| is(child, false)))
                || (k == members && children.iter().any(|child| is(child, true)));
            if !twice {
                see(k, children)?;
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Capacity, Node};

    fn nodes(classes: &[usize]) -> Vec<Node> {
        let capacity = |class: usize| Capacity::new(1.0 + class as f64).unwrap();
        let class = |(class, count): (usize, &usize)| {
            (0..*count)
                .map(move |index| Node { read_capacity: capacity(class), ..Node::new(format!("n{class}.{index}")) })
        };
        classes.iter().enumerate().flat_map(class).collect()
    }

    /// Lists and stores the formulas of these counts.
    fn listed(forms: &mut Forms, counts: Counts) -> Vec<(Top, Vec<FormId>)> {
        let mut found = Vec::new();
        let outcome = forms.list(counts, &mut |_, top, children| {
            found.push((top, children.to_vec()));
            ControlFlow::Continue(())
        });
        assert!(outcome.is_continue());
        forms.store(counts, found.iter().cloned());
        found
    }

    /// How many formulas use all nodes, and how many use some.
    fn count(classes: &[usize]) -> (usize, usize) {
        let mut forms = Forms::new(NodeClasses::of(&nodes(classes)));
        let sizes: Vec<usize> = forms.all_counts().into_iter().map(|counts| listed(&mut forms, counts).len()).collect();
        (sizes.last().copied().unwrap_or(0), sizes.iter().sum())
    }

    #[test]
    fn formulas_over_different_nodes_are_as_many_as_the_generating_function_says() {
        // T = x + 2 A + sum over m >= 3 of (m - 2) T^m / m!, where A = exp(T - A) - 1 - (T - A): times n!, from n = 1.
        let expected = [1, 2, 9, 74, 885, 13_684];
        for (n, expected) in (1..).zip(expected) {
            assert_eq!(count(&vec![1; n]).0, expected, "{n} nodes");
        }
    }

    #[test]
    fn equal_nodes_make_fewer_formulas() {
        // Two equal nodes: either, both; with one alone. Three: or, and, 2 of 3, a + bc, a (b + c).
        assert_eq!(count(&[2]), (2, 3));
        assert_eq!(count(&[3]), (5, 8));
        assert_eq!(count(&[1, 1]), (2, 4));
        // a + b, a b with the other pair alike: each of 1 of 3, 3 of 3, 2 of 3; and six trees of two gates less the
        // mirror images.
        assert_eq!(count(&[2, 1]).0, 3 + 4);
    }

    #[test]
    fn listing_stops_when_it_is_told_to() {
        let mut forms = Forms::new(NodeClasses::of(&nodes(&[1, 1])));
        for counts in [1, 2] {
            listed(&mut forms, counts);
        }
        assert!(forms.list(3, &mut |_, _, _| ControlFlow::Break(())).is_break());
    }
}
