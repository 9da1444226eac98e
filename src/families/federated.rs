//! Federated systems, whose quorum sets stand beside the nodes.

use super::FamilyInfo;

/// What `quorate families` says about federated systems.
#[doc(hidden)]
pub const INFO: FamilyInfo = FamilyInfo {
    name: "federated",
    parameters: &[],
    quorums: "a set of nodes that satisfies the `quorum_set` of each of its members, an expression in its [[node]] table",
    source: "Mazieres, The Stellar consensus protocol, 2015",
    example: "[system]\nfamily = \"federated\"\n\n[[node]]\nname = \"a\"\nquorum_set = \"choose(2, a, b, c)\"\n\n\
              [[node]]\nname = \"b\"\nquorum_set = \"choose(2, a, b, c)\"\n\n\
              [[node]]\nname = \"c\"\nquorum_set = \"choose(2, a, b, c)\"\n",
};
