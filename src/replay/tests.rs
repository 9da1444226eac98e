//! The shipped scenarios hold, and each of them catches the mistake that it is about.

use super::{Action, Document, Expectation, Played, play};
use crate::consensus::{Cluster, Consensus, FastPaxos, Flaw, MultiPaxos, Paxos, Raft, Remedy, Timing, Viewstamped};
use crate::protocol::{Command, Protocol};
use crate::spec::{Vocabulary, Written, read_scenario};

const PROTOCOLS: [&str; 5] = ["raft", "multi-paxos", "paxos", "fast-paxos", "viewstamped"];

fn written(text: &str) -> Written {
    let vocabularies = PROTOCOLS.map(|protocol| Vocabulary { protocol, messages: &[], remedies: &["pre-vote"] });
    read_scenario("scenario.txt", text.as_bytes(), None, &vocabularies).unwrap()
}

/// A shipped scenario, whatever it says that its steps print.
fn shipped(name: &str) -> Written {
    let path = format!("{}/quorum-defs/scenarios/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let mut written = written(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}")));
    written.document.steps.iter_mut().for_each(|step| step.output = None);
    written
}

/// What comes of it on a protocol in which something may be wrong.
fn played<C: Consensus>(written: &Written, consensus: C, flaw: Option<Flaw>) -> Played
where
    Cluster<C>: Protocol,
{
    let Written { document, system } = written;
    let mut cluster = Cluster::with_flaw(system, consensus, Timing::default(), flaw);
    if document.header.without.is_some() {
        cluster = cluster.without(Remedy::PreVote);
    }
    if let Some(entries) = document.header.batch {
        cluster = cluster.with_batches(entries);
    }
    play(&cluster, system.nodes().iter().map(|node| node.name.clone()).collect(), document)
}

/// A scenario holds, and a mistake breaks an invariant or one of its expectations.
#[track_caller]
fn catches<C: Consensus>(name: &str, consensus: C, flaws: &[Flaw])
where
    Cluster<C>: Protocol,
{
    let written = shipped(name);
    let right = played(&written, consensus, None);
    assert!(right.holds(), "{name}: {:?}", right.steps.iter().flat_map(|step| &step.failures).collect::<Vec<_>>());
    for flaw in flaws {
        let wrong = played(&written, consensus, Some(*flaw));
        assert!(!wrong.holds(), "{name}: {consensus:?} with {flaw:?} lives");
    }
}

#[test]
fn scenarios_of_raft_catch_its_mistakes() {
    catches("raft-figure-8", Raft, &[Flaw::CountOldTerms, Flaw::ApplyEarly]);
    catches("raft-figure-8-own-term", Raft, &[Flaw::VoteBlindly]);
    catches("raft-figure-7", Raft, &[Flaw::VoteBlindly]);
    catches("raft-vote-survives", Raft, &[Flaw::ForgetVote]);
    catches("raft-term-survives", Raft, &[Flaw::ForgetTerm]);
    catches("raft-late-append", Raft, &[Flaw::CutAlways]);
    catches("raft-longer-log", Raft, &[Flaw::VoteBlindly, Flaw::VoteByLength]);
    catches("raft-deposed-leader", Raft, &[Flaw::TakeStale, Flaw::ReadLocally]);
    catches("raft-retry-once", Raft, &[Flaw::ForgetSessions]);
    catches("raft-two-leaders", Raft, &[]);
}

#[test]
fn scenarios_of_multi_paxos_catch_its_mistakes() {
    catches("multi-paxos-mixed-ballots", MultiPaxos, &[Flaw::MixBallots]);
    catches("multi-paxos-hole", MultiPaxos, &[Flaw::SkipHoles]);
    catches("multi-paxos-promise-survives", MultiPaxos, &[Flaw::ForgetPromise]);
    catches("multi-paxos-new-ballot", MultiPaxos, &[Flaw::ReuseBallot]);
    catches("multi-paxos-flexible", MultiPaxos, &[]);
}

#[test]
fn scenarios_of_paxos_catch_its_mistakes() {
    catches("paxos-adoption", Paxos, &[Flaw::TakeFirst, Flaw::HideAccepted]);
    catches("paxos-duel", Paxos, &[]);
    catches("paxos-split-decision", Paxos, &[]);
    catches("fast-paxos-collision", FastPaxos, &[Flaw::SettleBlindly]);
}

#[test]
fn scenarios_of_viewstamped_replication_catch_its_mistakes() {
    catches("viewstamped-lagging-primary", Viewstamped, &[Flaw::TakeLongest]);
    catches("viewstamped-missing-entry", Viewstamped, &[Flaw::PrepareEarly]);
}

/// In figure 8 a command that was acknowledged is lost, which the invariants show by themselves.
#[test]
fn what_figure_8_is_about_is_an_invariant() {
    let mut written = shipped("raft-figure-8");
    written.document.steps.retain(|step| !matches!(step.action, Action::Expect(_)));
    assert_eq!(played(&written, Raft, None).broken, None);
    assert!(played(&written, Raft, Some(Flaw::CountOldTerms)).broken.is_some());
    let mut written = shipped("multi-paxos-mixed-ballots");
    written.document.steps.retain(|step| !matches!(step.action, Action::Expect(_)));
    assert_eq!(played(&written, MultiPaxos, None).broken, None);
    assert!(played(&written, MultiPaxos, Some(Flaw::MixBallots)).broken.is_some());
}

/// What is written down is a function of the document: the same steps print the same.
#[test]
fn nothing_is_drawn() {
    let written = shipped("raft-figure-7");
    assert_eq!(played(&written, Raft, None), played(&written, Raft, None));
}

fn failures(document: &Document, played: &Played) -> Vec<(usize, String)> {
    let of = document.steps.iter().zip(&played.steps);
    of.flat_map(|(step, played)| played.failures.iter().map(|failure| (step.line, failure.clone()))).collect()
}

/// Each of these is not as it is written, for one reason.
#[test]
fn what_cannot_be_done_is_said_where_it_stands() {
    let cases = [
        ("deliver vote b -> a", "no such message is on its way; none is"),
        ("crash a\ncrash a", "a is down"),
        ("restart a", "a is up"),
        ("heartbeat a", "a has set no such timer"),
        ("crash a\ntick a", "a is down"),
        ("propose write 1 at a by @client-1\npropose write 2 at a by @client-1", "waits for an answer"),
        ("crash @client-1\npropose write 1 at a by @client-1", "@client-1 is down"),
        ("expect a leader", "a is follower, and not leader"),
        ("expect a term 1", "a is in 0, and not in 1"),
        ("expect a committed 1", "a is committed up to 0, and not committed up to 1"),
        ("expect a log 1:5", "the log of a is empty"),
        ("expect a down", "a is up"),
        ("expect leaders a", "leaders: none, and not a"),
        ("expect decided 1 5", "decided in place 1: nothing, and not 5"),
        ("expect @client-1 written", "@client-1: idle, and not written"),
        ("expect message vote", "no such message is on its way"),
        ("campaign a\nexpect no message vote", "vote a -> b"),
        ("expect broken agreement", "broken: nothing, and not agreement"),
        ("expect history not atomic", "the history is atomic"),
        ("show a\ndisk a term 1 log 1", "the replicas have begun"),
        ("show a\n| nothing of the kind", "line 1 of what it printed is `a is follower in 0"),
    ];
    for (steps, reason) in cases {
        let Written { document, system } = written(&format!("protocol raft\nnodes a b c\nwithout pre-vote\n{steps}\n"));
        let played = played(&Written { document: document.clone(), system }, Raft, None);
        let failures = failures(&document, &played);
        assert_eq!(failures.len(), 1, "{steps}: {failures:?}");
        assert_eq!(failures[0].0, document.steps.last().unwrap().line, "{steps}");
        assert!(failures[0].1.contains(reason), "{steps}: {failures:?}");
    }
}

/// A broken invariant that nobody expects is a no, and one that is expected is not.
#[test]
fn broken_invariants_are_expected_or_not() {
    let mut written = shipped("raft-two-leaders");
    assert!(played(&written, Raft, None).holds());
    written.document.steps.retain(|step| !matches!(step.action, Action::Expect(Expectation::Broken(_))));
    let without = played(&written, Raft, None);
    assert!(!without.holds() && without.failures() == 0, "{:?}", without.broken);
}

/// Logs are written to disks as each protocol keeps them.
#[test]
fn disks_are_read_as_they_are_written() {
    for (protocol, log) in [("raft", "1:- 2:5"), ("multi-paxos", "1:- 2:5"), ("viewstamped", "1:- 2:5")] {
        let text =
            format!("protocol {protocol}\nnodes a b c\ndisk a term 2 log 1 2:5\nexpect a term 2\nexpect a log {log}\n");
        let written = written(&text);
        let played = match protocol {
            "raft" => played(&written, Raft, None),
            "multi-paxos" => played(&written, MultiPaxos, None),
            _ => played(&written, Viewstamped, None),
        };
        assert!(played.holds(), "{protocol}: {played:?}");
    }
    let written = written("protocol paxos\nnodes a b c\ndisk a term 2 log 1\n");
    assert_eq!(played(&written, Paxos, None).failures(), 1);
    assert_eq!(Command::NOTHING.to_string(), "-");
}
