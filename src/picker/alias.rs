//! The alias method: an index drawn with given weights from one random word, in constant time.

/// What one column of the table holds: an index below the threshold, another one above it.
#[derive(Debug, Clone, Copy)]
struct Column {
    /// Of 2^64 equal parts of the column, how many belong to `own`.
    threshold: u64,
    own: u32,
    other: u32,
}

/// A table that turns a random word into an index.
///
/// With n columns, an index of weight w of T is drawn for w / T of all words, up to n words of the 2^64.
#[derive(Debug, Clone, Default)]
pub(super) struct Alias {
    columns: Vec<Column>,
    /// Work space of a rebuild, kept to save the allocation: columns that are not full yet, and those that overflow.
    short: Vec<(u32, u128)>,
    long: Vec<(u32, u128)>,
}

impl Alias {
    /// Makes the table for these weights; without any, nothing can be drawn.
    ///
    /// Every index of n gets n times its weight, and every column room for the sum of all weights: a column that is
    /// short is filled up from one that overflows, so two indices share it at most. All of it in integers, so that
    /// nothing is left over.
    ///
    /// The weights must be positive, at most 2^80, and fewer than 2^24.
    ///
    /// # Source
    /// Walker 1977; Vose, A linear algorithm for generating random numbers with a given distribution, 1991.
    ///
    /// # Complexity
    /// O(n).
    pub(super) fn build(&mut self, weights: impl Iterator<Item = (u32, u128)> + Clone) {
        self.columns.clear();
        self.short.clear();
        self.long.clear();
        let (count, room) = weights.clone().fold((0u128, 0u128), |(count, sum), (_, weight)| (count + 1, sum + weight));
        for (index, weight) in weights {
            let list = if weight * count < room { &mut self.short } else { &mut self.long };
            list.push((index, weight * count));
        }
        while let Some((own, filled)) = self.short.pop() {
            // Some column overflows as long as one is short, because all of them together are exactly full.
            let Some((other, amount)) = self.long.pop() else { break };
            self.columns.push(Column { threshold: parts(filled, room), own, other });
            let rest = amount - (room - filled);
            let list = if rest < room { &mut self.short } else { &mut self.long };
            list.push((other, rest));
        }
        self.columns.extend(self.long.iter().map(|(own, _)| Column { threshold: u64::MAX, own: *own, other: *own }));
    }

    /// The index that a uniformly random word stands for; `None` when there is none to draw.
    ///
    /// # Method
    /// word / 2^64 times n: the whole part is the column, and the fraction decides inside it.
    #[inline]
    pub(super) fn draw(&self, word: u64) -> Option<u32> {
        let product = u128::from(word) * self.columns.len() as u128;
        let column = self.columns.get((product >> 64) as usize)?;
        Some(if (product as u64) < column.threshold { column.own } else { column.other })
    }
}

/// floor(2^64 part / whole) for part < whole < 2^96.
fn parts(part: u128, whole: u128) -> u64 {
    let (high, rest) = ((part << 32) / whole, (part << 32) % whole);
    ((high << 32) | ((rest << 32) / whole)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The share of all words that each index gets, in 2^64ths of a column.
    fn shares(alias: &Alias, count: usize) -> Vec<u128> {
        let mut shares = vec![0u128; count];
        for column in &alias.columns {
            shares[column.own as usize] += u128::from(column.threshold);
            shares[column.other as usize] += (1u128 << 64) - u128::from(column.threshold);
        }
        shares
    }

    proptest! {
        #[test]
        fn every_index_gets_its_weight(weights in prop::collection::vec(1u128..1 << 80, 1..60)) {
            let mut alias = Alias::default();
            alias.build(weights.iter().enumerate().map(|(index, weight)| (index as u32, *weight)));
            prop_assert_eq!(alias.columns.len(), weights.len());
            let total: u128 = weights.iter().sum();
            for (share, weight) in shares(&alias, weights.len()).into_iter().zip(&weights) {
                let (share, exact) = (share as f64 / weights.len() as f64 / 2f64.powi(64), *weight as f64 / total as f64);
                prop_assert!((share - exact).abs() < 1e-12, "{share} {exact}");
            }
        }
    }

    #[test]
    fn integer_weights_are_met_to_the_last_word() {
        let mut alias = Alias::default();
        alias.build([(0, 1), (1, 1), (2, 2)].into_iter());
        // Three columns of 2^64: index 2 has half of everything, 3 * 2^63, and the others a quarter each.
        assert_eq!(shares(&alias, 3), [3 << 62, 3 << 62, 3 << 63]);
    }

    #[test]
    fn nothing_can_be_drawn_from_nothing() {
        let mut alias = Alias::default();
        alias.build(std::iter::empty());
        assert_eq!(alias.draw(0), None);
        assert_eq!(alias.draw(u64::MAX), None);
    }

    #[test]
    fn the_ends_of_the_words_are_the_ends_of_the_table() {
        let mut alias = Alias::default();
        alias.build([(4, 1), (9, 1)].into_iter());
        let drawn: std::collections::BTreeSet<_> =
            [0, u64::MAX].into_iter().filter_map(|word| alias.draw(word)).collect();
        assert_eq!(drawn.len(), 2);
    }
}
