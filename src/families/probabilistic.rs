//! Malkhi, Reiter and Wright's probabilistic quorums: any q nodes, drawn evenly, which meet but for epsilon.

use super::{FamilyInfo, Parameter};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "probabilistic",
    parameters: &[
        Parameter { key: "n", meaning: "number of nodes" },
        Parameter { key: "q", meaning: "nodes of a quorum; or `read` and `write`" },
        Parameter { key: "read", meaning: "nodes of a read quorum" },
        Parameter { key: "write", meaning: "nodes of a write quorum" },
    ],
    quorums: "any q nodes, drawn evenly: a read and a write miss each other with the probability epsilon, C(n - write, read) / C(n, read)",
    source: "Malkhi, Reiter, Wool and Wright, Probabilistic quorum systems, Information and Computation 2001",
    example: "[system]\nfamily = \"probabilistic\"\nn = 100\nq = 22\n",
};
