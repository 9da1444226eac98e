//! The subset of a few numbers whose sum is just enough.

/// A sum, and the numbers that make it, as bits.
pub(crate) type Sum = (u64, u64);

/// The least sum of some of these numbers that is `needed` or more, and which they are, as bits; of at most 64 numbers.
///
/// # Source
/// Horowitz and Sahni, Computing partitions with applications to the knapsack problem, 1974.
pub fn least_sum(needed: u64, numbers: &[u64]) -> Option<Sum> {
    let (front, back) = numbers.split_at(numbers.len() / 2);
    let (front, back) = (sums(front), sums(back));
    let mut best: Option<Sum> = None;
    let mut second = back.len();
    for (sum, bits) in &front {
        while second > 0 && sum + back[second - 1].0 >= needed {
            second -= 1;
        }
        if let Some((rest, others)) = back.get(second)
            && best.is_none_or(|(least, _)| sum + rest < least)
        {
            best = Some((sum + rest, bits | others << (numbers.len() / 2)));
            if sum + rest == needed {
                break;
            }
        }
    }
    best
}

/// The sums of all subsets, ascending, with their members as bits.
pub(crate) fn sums(numbers: &[u64]) -> Vec<Sum> {
    let mut all: Vec<Sum> = vec![(0, 0)];
    for (position, number) in numbers.iter().enumerate() {
        // Both halves are sorted, so that the merge is linear.
        let with: Vec<Sum> = all.iter().map(|(sum, bits)| (sum + number, bits | 1 << position)).collect();
        let mut merged = Vec::with_capacity(2 * all.len());
        let (mut a, mut b) = (all.into_iter().peekable(), with.into_iter().peekable());
        while let (Some(first), Some(second)) = (a.peek(), b.peek()) {
            let next = if first <= second { a.next() } else { b.next() };
            merged.extend(next);
        }
        merged.extend(a.chain(b));
        all = merged;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_sums_are_the_least() {
        let numbers = [3, 14, 15, 92, 65, 35, 89];
        for needed in 0..=320 {
            let each = (0u64..1 << numbers.len()).map(|bits| {
                let members = numbers.iter().enumerate().filter(|(position, _)| bits >> position & 1 == 1);
                members.map(|(_, number)| number).sum::<u64>()
            });
            let expected = each.filter(|sum| *sum >= needed).min();
            let given = least_sum(needed, &numbers);
            assert_eq!(given.map(|(sum, _)| sum), expected, "{needed}");
            if let Some((sum, bits)) = given {
                let members = numbers.iter().enumerate().filter(|(position, _)| bits >> position & 1 == 1);
                assert_eq!(members.map(|(_, number)| number).sum::<u64>(), sum);
            }
        }
    }
}
