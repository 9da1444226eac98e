//! Two clusters that must both come before the other.

/// Two clusters A and B with f(A) < s(B) and f(B) < s(A): some operation of each ended before some operation of the
/// other started, so neither can come first.
///
/// # Method
/// A cluster with f < s is a *forward* zone, any other a *backward* zone; two backward zones never conflict. Forward
/// zones are sorted by f: if they do not overlap, each backward zone can only lie inside the last forward zone that
/// begins before the backward zone does.
///
/// # Source
/// Gibbons and Korach, Testing shared memories, SIAM J. Comput. 26(4), 1997; zones: Golab, Li and Shah, Analyzing
/// consistency properties for fun and profit, PODC 2011.
///
/// # Complexity
/// O(n log n) for n clusters.
pub(super) fn conflict(first_end: &[i64], last_start: &[i64]) -> Option<(u32, u32)> {
    let mut forward: Vec<(i64, u32)> = (0..first_end.len())
        .filter(|cluster| first_end[*cluster] < last_start[*cluster])
        .map(|cluster| (first_end[cluster], cluster as u32))
        .collect();
    forward.sort_unstable();
    conflict_sorted(&forward, first_end, |cluster| last_start[cluster as usize])
}

/// The same for forward zones that are sorted already; some may have become backward ones.
pub(super) fn conflict_sorted(
    sorted: &[(i64, u32)],
    first_end: &[i64],
    last_start: impl Fn(u32) -> i64,
) -> Option<(u32, u32)> {
    let mut forward: Vec<(i64, u32)> = Vec::with_capacity(sorted.len());
    for &(from, cluster) in sorted {
        if from >= last_start(cluster) {
            continue;
        }
        if let Some(&(_, before)) = forward.last()
            && from < last_start(before)
        {
            return Some((before, cluster));
        }
        forward.push((from, cluster));
    }
    (0..first_end.len() as u32).find_map(|cluster| {
        let (from, to) = (last_start(cluster), first_end[cluster as usize]);
        if to < from {
            return None;
        }
        let around = forward.partition_point(|(begin, _)| *begin < from).checked_sub(1)?;
        let (_, around) = forward[around];
        (to < last_start(around)).then_some((around, cluster))
    })
}
