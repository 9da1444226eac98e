//! The operations of each value.

/// Lists of operations, by value.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Where the operations of each value begin.
    first: Vec<u32>,
    operations: Vec<u32>,
}

impl Blocks {
    /// From the values and their operations, those of one value in their order, which are looked at twice.
    pub(super) fn new<I: Iterator<Item = (usize, u32)>>(values: usize, members: impl Fn() -> I) -> Blocks {
        let mut first = vec![0; values + 1];
        for (value, _) in members() {
            first[value + 1] += 1;
        }
        for value in 1..first.len() {
            first[value] += first[value - 1];
        }
        let mut operations = vec![0; first[values] as usize];
        let mut next = first.clone();
        for (value, position) in members() {
            operations[next[value] as usize] = position;
            next[value] += 1;
        }
        Blocks { first, operations }
    }

    pub(super) fn of(&self, value: usize) -> &[u32] {
        match self.first.get(value..value + 2) {
            Some(&[from, to]) => &self.operations[from as usize..to as usize],
            _ => &[],
        }
    }

    /// Sorts the operations of each value but for the first.
    pub(super) fn sort_rest<K: Ord>(&mut self, key: impl Fn(u32) -> K) {
        for ends in self.first.windows(2) {
            let [from, to] = [ends[0], ends[1]].map(|place| place as usize);
            if to > from + 2 {
                self.operations[from + 1..to].sort_by_key(|position| key(*position));
            }
        }
    }
}
