//! A function whose quorums may become the reads: by a formula, by votes, or by a list.

use super::Cluster;
use super::expression;
use super::form_tree::Tree;
use super::mask::Mask;
use super::truth_table::Table;
use crate::families::FamilyError;
use crate::families::custom::from_sets;
use crate::model::{About, Formula, FormulaBuilder, FormulaError, Node, NodeId, NodeSet, Pair, System};

/// A candidate; its writes are the dual of its reads, unless it is a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Candidate {
    /// A read-once formula.
    Tree(Tree),
    /// The votes of every node, and how many a read needs.
    Votes(Vec<u64>, u64),
    /// The minimal read quorums.
    Listed(Vec<Mask>),
    /// The minimal read and write quorums, of which the writes are not the dual of the reads.
    Pair(Vec<Mask>, Vec<Mask>),
}

impl Candidate {
    /// The minimal read quorums and the minimal write quorums, over this many nodes.
    pub(super) fn quorums(&self, nodes: usize) -> (Vec<Mask>, Vec<Mask>) {
        match self {
            Candidate::Tree(tree) => (tree.quorums(), tree.dual().quorums()),
            Candidate::Votes(votes, quota) => {
                let list = |quota: u64| {
                    let sum = |set: Mask| super::mask::members(set).map(|node| votes[node]).sum::<u64>();
                    Table::from_fn(nodes, |set| sum(set) >= quota).minimal()
                };
                (list(*quota), list(votes.iter().sum::<u64>() - quota + 1))
            }
            Candidate::Listed(quorums) => (quorums.clone(), Table::of(nodes, quorums).dual().minimal()),
            Candidate::Pair(reads, writes) => (reads.clone(), writes.clone()),
        }
    }

    /// Reads and writes in the language of definitions.
    pub(super) fn texts(&self, nodes: &[Node]) -> Pair<String> {
        match self {
            Candidate::Tree(tree) => Pair { reads: tree.text(nodes), writes: tree.dual().text(nodes) },
            Candidate::Votes(votes, quota) => {
                let voters = || nodes.iter().map(|node| node.name.as_str()).zip(votes.iter().copied());
                let text = |quota| expression::weighted(quota, voters().filter(|(_, votes)| *votes > 0));
                Pair { reads: text(*quota), writes: text(votes.iter().sum::<u64>() - quota + 1) }
            }
            Candidate::Listed(_) | Candidate::Pair(..) => {
                let names = |set: &Mask| super::mask::members(*set).map(|node| nodes[node].name.as_str()).collect();
                let text = |quorums: &[Mask]| match Tree::of_threshold(quorums) {
                    Some(tree) => tree.text(nodes),
                    None => expression::sets(quorums.iter().map(names)),
                };
                let (reads, writes) = self.quorums(nodes.len());
                Pair { reads: text(&reads), writes: text(&writes) }
            }
        }
    }

    /// The system over all nodes of the cluster, used or not.
    ///
    /// # Errors
    /// As [`Candidate::formulas`], and when two nodes have one name.
    pub(super) fn system(&self, cluster: &Cluster) -> Result<System, FamilyError> {
        let formulas = self.formulas(cluster.nodes.len())?;
        let about = About { name: "best".into(), family: "custom".into(), ..About::default() };
        let bare = cluster.nodes.iter().map(|node| Node::new(node.name.as_str())).collect();
        let system = System::new(about, bare, formulas)?;
        Ok(system.with(cluster.nodes.clone(), cluster.zones.clone(), cluster.workload.clone())?)
    }

    /// Reads and writes as the model has them.
    ///
    /// # Errors
    /// None in practice: candidates are made with what a formula allows.
    pub(super) fn formulas(&self, nodes: usize) -> Result<Pair<Formula>, FormulaError> {
        match self {
            Candidate::Tree(tree) => Ok(Pair { reads: tree.formula()?, writes: tree.dual().formula()? }),
            Candidate::Votes(votes, quota) => {
                let formula = |quota: u64| {
                    let mut builder = FormulaBuilder::new();
                    let voters: Vec<_> = votes
                        .iter()
                        .enumerate()
                        .map(|(node, votes)| (builder.leaf(NodeId::new(node)), *votes))
                        .collect();
                    let root = builder.weighted(quota, &voters)?;
                    Ok(builder.finish(root))
                };
                Ok(Pair { reads: formula(*quota)?, writes: formula(votes.iter().sum::<u64>() - quota + 1)? })
            }
            Candidate::Listed(_) | Candidate::Pair(..) => {
                let set = |mask: &Mask| super::mask::members(*mask).map(NodeId::new).collect::<NodeSet>();
                let formula = |list: Vec<Mask>| from_sets(&list.iter().map(set).collect::<Vec<_>>());
                let (reads, writes) = self.quorums(nodes);
                Ok(Pair { reads: formula(reads)?, writes: formula(writes)? })
            }
        }
    }
}
