//! Mistakes that implementations have made, for tests that show that each is caught.

/// A mistake; in a program that is no test nobody makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Raft: an entry of an earlier term counts as committed once enough replicas have it.
    CountOldTerms,
    /// Raft: a vote is not on the disk.
    ForgetVote,
    /// Raft: the term is not on the disk.
    ForgetTerm,
    /// Raft: whatever follows the entries of a message is cut off.
    CutAlways,
    /// Raft: votes go to whoever asks first, whatever its log is.
    VoteBlindly,
    /// Raft: votes go to the longer log, whatever its last term is.
    VoteByLength,
    /// Raft: entries are applied when they are appended.
    ApplyEarly,
    /// Raft: entries of a deposed leader are taken.
    TakeStale,
    /// A leader answers reads from its own state, whether or not it was deposed.
    ReadLocally,
    /// The store does not know what it carried out before.
    ForgetSessions,
    /// Paxos: a promise is not on the disk.
    ForgetPromise,
    /// Paxos: of what acceptors report, the first is taken and not that of the highest ballot.
    TakeFirst,
    /// Paxos: a promise does not tell what was accepted.
    HideAccepted,
    /// Paxos: acceptances of different ballots are counted together.
    MixBallots,
    /// Paxos: rounds begin at the first again after a restart.
    ReuseBallot,
    /// Multi-Paxos: a hole in the log is skipped.
    SkipHoles,
    /// Viewstamped Replication: of the logs the longest is taken, whatever view it is of.
    TakeLongest,
    /// Viewstamped Replication: a replica says that it prepared before it did.
    PrepareEarly,
    /// Fast Paxos: a collision is settled by the value of most, whether or not another may be chosen.
    SettleBlindly,
    /// Ben-Or: what one replica proposes is decided.
    DecideByOne,
    /// Not unsafe: logs are compared by `>` and not `>=`, so that equal logs get no vote.
    VoteForNewer,
    /// Not wrong: a leader sends everything twice.
    SendTwice,
}
