//! The load of a system by its definition: a linear program over every minimal quorum, solved in exact fractions.

use num_rational::BigRational;
use num_traits::{One, Zero};
use quorate::model::{Node, Pair, Workload};

use super::simplex::maximise;

/// The smallest mean load of the busiest node over all pairs of strategies; quorums are masks of nodes.
///
/// With the strategies scaled by t, the program is: maximise t such that both scaled strategies sum to t or more, no
/// node is busier than L_s under share s of the workload, and the weighted sum of the L_s is at most 1. Then the load
/// is 1/t. Example, majority of 3, all reads: t <= x12 + x13 + x23, x12 + x13 <= L, x12 + x23 <= L, x13 + x23 <= L,
/// L <= 1 give t = 3/2 and load 2/3.
pub(crate) fn optimal_load(nodes: &[Node], quorums: &Pair<Vec<u32>>, workload: &Workload) -> BigRational {
    let (reads, writes) = (quorums.reads.len(), quorums.writes.len());
    let shares = workload.shares().len();
    let columns = 1 + reads + writes + shares;
    let mut rows = Vec::new();
    for kind in [1..1 + reads, 1 + reads..1 + reads + writes] {
        let mut row = vec![BigRational::zero(); columns];
        row[0] = BigRational::one();
        row[kind].fill(-BigRational::one());
        rows.push(row);
    }
    for (s, share) in workload.shares().iter().enumerate() {
        let read_fraction = share.read_fraction.exact();
        let write_fraction = BigRational::one() - &read_fraction;
        for (i, node) in nodes.iter().enumerate() {
            let cost = Pair {
                reads: &read_fraction / node.read_capacity.exact(),
                writes: &write_fraction / node.write_capacity.exact(),
            };
            let mut row = vec![BigRational::zero(); columns];
            for (j, _) in quorums.reads.iter().enumerate().filter(|(_, quorum)| *quorum >> i & 1 == 1) {
                row[1 + j] = cost.reads.clone();
            }
            for (j, _) in quorums.writes.iter().enumerate().filter(|(_, quorum)| *quorum >> i & 1 == 1) {
                row[1 + reads + j] = cost.writes.clone();
            }
            row[1 + reads + writes + s] = -BigRational::one();
            rows.push(row);
        }
    }
    let mut total = vec![BigRational::zero(); columns];
    for (s, share) in workload.shares().iter().enumerate() {
        total[1 + reads + writes + s] = share.weight.clone();
    }
    rows.push(total);
    let mut limits = vec![BigRational::zero(); rows.len()];
    limits[rows.len() - 1] = BigRational::one();
    let mut objective = vec![BigRational::zero(); columns];
    objective[0] = BigRational::one();
    maximise(&rows, &limits, &objective).recip()
}

#[test]
fn loads_of_known_systems() {
    use super::systems::{capacity, plain_nodes, rational, workload};
    let half = workload(&[(0.5, 1.0)]);
    let majority = vec![0b011, 0b101, 0b110];
    let of = |reads: &[u32], writes: &[u32], nodes: &[Node], workload: &Workload| {
        optimal_load(nodes, &Pair { reads: reads.to_vec(), writes: writes.to_vec() }, workload)
    };
    assert_eq!(of(&majority, &majority, &plain_nodes(3), &half), rational("2/3"));
    let (one, all) = ([0b001, 0b010, 0b100], [0b111]);
    assert_eq!(of(&one, &all, &plain_nodes(3), &half), rational("2/3"));
    assert_eq!(of(&one, &all, &plain_nodes(3), &workload(&[(0.9, 3.0), (0.0, 1.0)])), rational("11/20"));
    let mut slow = plain_nodes(1);
    slow[0].write_capacity = capacity(0.25);
    assert_eq!(of(&[1], &[1], &slow, &half), rational("5/2"));
}
