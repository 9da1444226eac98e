//! Read one, write all, and its mirror image.

use super::{FamilyInfo, Parameter};

const PARAMETERS: &[Parameter] = &[Parameter { key: "n", meaning: "number of nodes" }];

pub(super) const ROWA: FamilyInfo = FamilyInfo {
    name: "rowa",
    parameters: PARAMETERS,
    quorums: "read: any one node; write: all nodes",
    source: "Bernstein, Hadzilacos and Goodman, Concurrency control and recovery in database systems, 1987",
    example: "[system]\nfamily = \"rowa\"\nn = 3\n",
};

pub(super) const RAWO: FamilyInfo = FamilyInfo {
    name: "rawo",
    parameters: PARAMETERS,
    quorums: "read: all nodes; write: any one node (two writes can miss each other)",
    source: "the dual of read one, write all; Gifford, Weighted voting for replicated data, SOSP 1979, with r = n, w = 1",
    example: "[system]\nfamily = \"rawo\"\nn = 3\n",
};
