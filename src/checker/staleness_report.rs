//! How old the values were that reads returned.

/// A read that returned a value that was too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldRead {
    /// The position of its register in the history.
    pub register: usize,
    /// Its position in the register.
    pub entry: usize,
    /// Its line.
    pub line: u32,
    /// The time from the end of the first operation that made the value too old to the start of this read: of a write
    /// that overwrote the value, or of a read that returned a newer one.
    pub age: i64,
}

/// Why the versions or the time by which reads lag are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unmeasured {
    /// A value is written twice, or by compare-and-set, so it is open which write a read returned.
    Repeated,
    /// No operation returned.
    NothingCompleted,
    /// A read returned what nobody had written by then, which no number of versions and no time explains.
    NoVersion,
    /// Only one given order was looked at, and it proves nothing.
    OneOrder,
    /// The budget ended.
    Budget,
}

/// How old the values were that reads returned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Staleness {
    /// Every read returns one of the last k writes in some order: no smaller k is enough than this. Absent if no k is.
    pub k_lower: Option<u64>,
    /// For this k it is known to be true. Absent if unknown, or if no k is enough.
    pub k_upper: Option<u64>,
    /// The smallest D such that the history is atomic once reads have started D earlier; absent if none is known.
    pub delta: Option<i64>,
    /// The reads that break [`Rule::Stale`](super::Rule::Stale): their value was overwritten before they started. Absent if the budget ended.
    pub stale_reads: Option<Vec<OldRead>>,
    /// The other reads that break [`Rule::Inversion`](super::Rule::Inversion): they returned an older value after another read had returned a
    /// newer one, whose write came later. Absent if the budget ended, and where a value is written twice or by
    /// compare-and-set.
    pub inversions: Option<Vec<OldRead>>,
    /// Why some of this is absent, of the first register of which it is.
    pub unmeasured: Option<Unmeasured>,
}

impl Staleness {
    /// The smallest k, where it is known.
    pub fn k_atomic(&self) -> Option<u64> {
        self.k_lower.filter(|lower| self.k_upper == Some(*lower))
    }

    /// The largest age of a stale read, if there is one.
    pub fn longest(&self) -> Option<i64> {
        self.stale_reads.iter().flatten().map(|read| read.age).max()
    }

    /// The age that so many of a hundred stale reads do not pass, by nearest rank; absent if there are none.
    ///
    /// # Examples
    /// ```
    /// use quorate::checker::{OldRead, Staleness};
    /// let stale_reads = (1..=200).map(|age| OldRead { register: 0, entry: 0, line: 1, age }).collect();
    /// let staleness = Staleness { stale_reads: Some(stale_reads), ..Staleness::default() };
    /// assert_eq!((staleness.age(50), staleness.age(99), staleness.longest()), (Some(100), Some(198), Some(200)));
    /// ```
    pub fn age(&self, of_hundred: usize) -> Option<i64> {
        let mut ages: Vec<i64> = self.stale_reads.as_ref()?.iter().map(|read| read.age).collect();
        let rank = (ages.len() * of_hundred).div_ceil(100).clamp(1, ages.len().max(1));
        (rank <= ages.len()).then(|| *ages.select_nth_unstable(rank - 1).1)
    }

    /// The ages of the stale reads, ascending; absent if the budget ended.
    pub fn ages(&self) -> Option<Vec<i64>> {
        let mut ages: Vec<i64> = self.stale_reads.as_ref()?.iter().map(|read| read.age).collect();
        ages.sort_unstable();
        Some(ages)
    }

    /// Of an atomic history.
    pub(super) fn none() -> Staleness {
        Staleness {
            k_lower: Some(1),
            k_upper: Some(1),
            delta: Some(0),
            stale_reads: Some(Vec::new()),
            inversions: Some(Vec::new()),
            unmeasured: None,
        }
    }

    /// Nothing is known, for that reason.
    pub(super) fn unknown(reason: Unmeasured) -> Staleness {
        Staleness { unmeasured: Some(reason), ..Staleness::default() }
    }

    /// Of two registers together.
    pub(super) fn and(self, other: &Staleness) -> Staleness {
        let both = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.max(b));
        let all = |a: Option<Vec<OldRead>>, b: &Option<Vec<OldRead>>| {
            let mut all = a?;
            all.extend(b.as_ref()?);
            Some(all)
        };
        Staleness {
            k_lower: both(self.k_lower, other.k_lower),
            k_upper: both(self.k_upper, other.k_upper),
            delta: self.delta.zip(other.delta).map(|(a, b)| a.max(b)),
            stale_reads: all(self.stale_reads, &other.stale_reads),
            inversions: all(self.inversions, &other.inversions),
            unmeasured: self.unmeasured.or(other.unmeasured),
        }
    }
}
