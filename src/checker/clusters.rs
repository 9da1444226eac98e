//! Clusters: a write and the reads that return it.

use super::precedence::{BEGINNING, NONE, Ops};
use crate::history::{Action, PENDING};

/// A write and the reads that return it, for every write of a register; the initial value is a write before
/// everything.
///
/// In an atomic order each cluster stands together, so it is enough to know when its first operation ended and when
/// its last one started.
#[derive(Debug)]
pub(super) struct Clusters {
    /// For every cluster, its write; [`NONE`] for the initial value.
    pub(super) write: Vec<u32>,
    /// For every cluster, the first end of an operation, f.
    pub(super) first_end: Vec<i64>,
    /// For every cluster, the last start of an operation, s.
    pub(super) last_start: Vec<i64>,
    /// For every operation, its cluster or [`NONE`]; empty where the cluster is the position of the value.
    of: Vec<u32>,
}

/// Why some read cannot be part of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Orphan {
    /// The value of this read was never written.
    NeverWritten {
        /// The read.
        read: usize,
    },
    /// This read ended before the write of its value started.
    Future {
        /// The read.
        read: usize,
        /// The write.
        write: usize,
    },
}

/// Whether each value has one write at most, and the initial one none.
pub(super) fn is_unique(ops: &Ops<'_>) -> bool {
    let mut seen = vec![false; ops.register.values().len()];
    if let Some(initial) = ops.initial {
        seen[initial.index()] = true;
    }
    ops.entries.iter().all(|entry| match entry.action {
        Action::Read(_) => true,
        Action::Write(value) => !std::mem::replace(&mut seen[value.index()], true),
        Action::Cas { .. } | Action::FailedCas { .. } => false,
    })
}

impl Clusters {
    /// The clusters where values are unique, and the first read that belongs to none.
    ///
    /// Reads that belong to none are left out.
    pub(super) fn of_values(ops: &Ops<'_>) -> (Clusters, Option<Orphan>) {
        let count = ops.register.values().len();
        let mut clusters = Clusters::empty(count);
        let mut is_written = vec![false; count];
        for (position, entry, value) in ops.writes() {
            clusters.begin(value.index(), position, entry.start, entry.end);
            is_written[value.index()] = true;
        }
        if let Some(initial) = ops.initial {
            clusters.begin_initial(initial.index());
            is_written[initial.index()] = true;
        }
        let mut orphan = None;
        for (read, entry, value) in ops.reads() {
            let cluster = value.index();
            let write = clusters.write[cluster];
            if !is_written[cluster] {
                orphan = orphan.or(Some(Orphan::NeverWritten { read }));
            } else if write != NONE && ops.precedes(read, write as usize) {
                orphan = orphan.or(Some(Orphan::Future { read, write: write as usize }));
            } else {
                clusters.join(cluster, entry.start, entry.end);
            }
        }
        (clusters, orphan)
    }

    /// The clusters where it is known which write each read returns: by position, [`NONE`] for a read that is left
    /// out, and `initial` standing for the initial value.
    pub(super) fn of_reads(ops: &Ops<'_>, returns: &[u32], initial: u32) -> Clusters {
        let mut of = vec![NONE; ops.entries.len()];
        let mut count = 1;
        for (position, ..) in ops.writes() {
            of[position] = count;
            count += 1;
        }
        let mut clusters = Clusters::empty(count as usize);
        clusters.begin_initial(0);
        for (position, entry, _) in ops.writes() {
            clusters.begin(of[position] as usize, position, entry.start, entry.end);
        }
        for (position, entry, _) in ops.reads() {
            let write = returns[position];
            if write != NONE {
                let cluster = if write == initial { 0 } else { of[write as usize] };
                clusters.join(cluster as usize, entry.start, entry.end);
                of[position] = cluster;
            }
        }
        clusters.of = of;
        clusters
    }

    fn empty(count: usize) -> Clusters {
        Clusters {
            write: vec![NONE; count],
            first_end: vec![PENDING; count],
            last_start: vec![BEGINNING; count],
            of: Vec::new(),
        }
    }

    fn begin(&mut self, cluster: usize, write: usize, start: i64, end: i64) {
        self.write[cluster] = write as u32;
        self.first_end[cluster] = end;
        self.last_start[cluster] = start;
    }

    fn begin_initial(&mut self, cluster: usize) {
        self.first_end[cluster] = BEGINNING;
    }

    fn join(&mut self, cluster: usize, start: i64, end: i64) {
        self.first_end[cluster] = self.first_end[cluster].min(end);
        self.last_start[cluster] = self.last_start[cluster].max(start);
    }

    /// Number of clusters.
    pub(super) fn len(&self) -> usize {
        self.write.len()
    }

    /// The cluster of an operation, or [`NONE`].
    pub(super) fn of(&self, ops: &Ops<'_>, position: usize) -> u32 {
        if !self.of.is_empty() {
            return self.of[position];
        }
        match ops.entries[position].action {
            Action::Read(value) | Action::Write(value) => value.index() as u32,
            Action::Cas { .. } | Action::FailedCas { .. } => NONE,
        }
    }

    /// When the write of a cluster started.
    pub(super) fn write_start(&self, ops: &Ops<'_>, cluster: usize) -> i64 {
        match self.write[cluster] {
            NONE => BEGINNING,
            write => ops.entries[write as usize].start,
        }
    }

    /// When the write of a cluster ended.
    pub(super) fn write_end(&self, ops: &Ops<'_>, cluster: usize) -> i64 {
        match self.write[cluster] {
            // A value that is read by operations that say nothing only.
            NONE if self.first_end[cluster] == PENDING => PENDING,
            NONE => BEGINNING,
            write => ops.entries[write as usize].end,
        }
    }

    /// Edges between clusters that hand-overs add to those of the instants.
    pub(super) fn handovers(&self, ops: &Ops<'_>) -> Vec<(u32, u32)> {
        let pair = |&(a, b): &(u32, u32)| (self.of(ops, a as usize), self.of(ops, b as usize));
        let mut edges: Vec<_> =
            ops.handovers.iter().map(pair).filter(|(a, b)| a != b && *a != NONE && *b != NONE).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}
