//! The families by their parameters.

use super::grid::GridVariant;

/// A family with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Family {
    /// Any majority of n nodes.
    Majority {
        /// Nodes.
        n: u64,
    },
    /// Any `read` / any `write` of n nodes.
    Threshold {
        /// Nodes.
        n: u64,
        /// Nodes of a read quorum.
        read: u64,
        /// Nodes of a write quorum.
        write: u64,
    },
    /// Gifford's weighted voting.
    Weighted {
        /// The votes of each node.
        votes: Vec<u64>,
        /// Votes that a read needs.
        read_votes: u64,
        /// Votes that a write needs.
        write_votes: u64,
    },
    /// Read one, write all.
    Rowa {
        /// Nodes.
        n: u64,
    },
    /// Read all, write one.
    Rawo {
        /// Nodes.
        n: u64,
    },
    /// One node decides.
    Singleton {
        /// Nodes, all but one of them idle.
        n: u64,
        /// The position of the node that decides, counted from 0.
        node: u64,
    },
    /// A grid of lines.
    Grid {
        /// Lines.
        rows: u64,
        /// Elements of a line.
        cols: u64,
        /// Which quorums.
        variant: GridVariant,
    },
    /// Naor and Wool's B-grid.
    BGrid {
        /// Columns (d).
        width: u64,
        /// Bands (h).
        bands: u64,
        /// Rows of a band (r).
        band_rows: u64,
    },
    /// Agrawal and El Abbadi's tree quorums.
    Tree {
        /// Edges from the root to a leaf.
        height: u64,
        /// Children of an inner node.
        degree: u64,
    },
    /// Kumar's hierarchical quorums.
    Hierarchical {
        /// Members of a group on each level, from the root down.
        branching: Vec<u64>,
        /// Members that a read needs on each level.
        read: Vec<u64>,
        /// Members that a write needs on each level.
        write: Vec<u64>,
    },
    /// Peleg and Wool's crumbling wall.
    Wall {
        /// Nodes of each row, from top to bottom.
        widths: Vec<u64>,
    },
    /// The wall with i nodes in row i.
    Triangle {
        /// Rows.
        rows: u64,
    },
    /// The wall with floor(log2 2i) nodes in row i.
    Cwlog {
        /// Rows.
        rows: u64,
    },
    /// A hub and a rim.
    Wheel {
        /// Nodes, the hub first.
        n: u64,
    },
    /// The lines of a projective plane.
    Fpp {
        /// The order of the plane, a power of a prime.
        order: u64,
    },
    /// Naor and Wool's Paths.
    Paths {
        /// The size of the lattice (d).
        size: u64,
    },
    /// Kuo and Huang's Y.
    Y {
        /// Rows of the board.
        size: u64,
    },
    /// Any nodes of which two quorums share b + 1.
    Dissemination {
        /// Nodes.
        n: u64,
        /// Nodes that may lie.
        b: u64,
    },
    /// Any nodes of which two quorums share 2b + 1.
    Masking {
        /// Nodes.
        n: u64,
        /// Nodes that may lie.
        b: u64,
    },
    /// Any nodes of which the common ones outvote the others and b that lie.
    Opaque {
        /// Nodes.
        n: u64,
        /// Nodes that may lie.
        b: u64,
    },
    /// Malkhi, Reiter and Wool's M-Grid.
    MGrid {
        /// Rows, and columns.
        side: u64,
        /// Nodes that may lie.
        b: u64,
    },
    /// Malkhi and Reiter's masking grid.
    MaskingGrid {
        /// Rows, and columns.
        side: u64,
        /// Nodes that may lie.
        b: u64,
    },
    /// Naor and Wool's AndOr.
    AndOr {
        /// Half the height of the tree.
        height: u64,
    },
    /// Erdos and Lovasz's nucleus.
    Nucleus {
        /// Nodes of a quorum.
        r: u64,
    },
    /// Any `read` and any `write` of n nodes, drawn evenly, which need not always meet.
    Probabilistic {
        /// Nodes.
        n: u64,
        /// Nodes of a read quorum.
        read: u64,
        /// Nodes of a write quorum.
        write: u64,
    },
}
