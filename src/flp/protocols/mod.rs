//! Protocols for the adversary, one to a file.

mod eager;
mod paxos;
mod rotating;
mod voting;

pub(crate) use eager::{Eager, Wait};
pub(crate) use paxos::Paxos;
pub(crate) use rotating::Rotating;
pub(crate) use voting::{Coins, Phase, Vote, Voter, Voting};
