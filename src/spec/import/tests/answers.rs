//! What each format means, held against its rule over all sets of nodes.

use super::*;
use crate::model::{Kind, NodeId, NodeSet};

/// Holds the quorums of one kind against a rule, which is asked about the names of the live nodes.
#[track_caller]
fn check(imported: &Imported, kind: Kind, rule: impl Fn(&[&str]) -> bool) {
    let nodes = imported.system.nodes();
    assert!(nodes.len() <= 12);
    for live in 0..1u32 << nodes.len() {
        let set: NodeSet = (0..nodes.len()).filter(|node| live >> node & 1 == 1).map(NodeId::new).collect();
        let names: Vec<&str> = set.iter().map(|node| nodes[node.index()].name.as_str()).collect();
        let holds = imported.system.formula(kind).holds(&set);
        assert_eq!(holds, rule(&names), "{kind:?} {names:?}\n{}", imported.definition);
    }
}

#[track_caller]
fn check_both(imported: &Imported, rule: impl Fn(&[&str]) -> bool) {
    check(imported, Kind::Read, &rule);
    check(imported, Kind::Write, &rule);
}

/// How many of the live nodes are among these.
fn among(live: &[&str], these: &[&str]) -> usize {
    live.iter().filter(|name| these.contains(name)).count()
}

fn plain(text: &str) -> Imported {
    imported(text, &ImportOptions::default())
}

const SERVERS: &str =
    "server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\nserver.4=d:2888:3888\nserver.5=e:2888:3888\n";

#[test]
fn zookeeper_majorities_are_of_participants() {
    check_both(&plain(SERVERS), |live| live.len() >= 3);
    let observed = SERVERS.replace("e:2888:3888", "e:2888:3888:OBSERVER;2181") + "peerType=observer\n";
    let found = plain(&observed);
    check_both(&found, |live| live.iter().filter(|name| **name != "server.5").count() >= 3);
    assert!(found.notes.iter().any(|note| note.contains("do not vote")), "{:?}", found.notes);
    check_both(&plain("server.1=[::1]:1:2|b:1:2:participant;3\nserver.2 = c:1:2\n"), |live| live.len() == 2);
    check_both(&plain("dataDir=/d\nclientPort=2181\n"), |live| live == ["standalone"]);
    let one = plain("server.9=a:1:2\n");
    assert!(one.notes.iter().any(|note| note.contains("standalone")));
}

#[test]
fn zookeeper_groups_are_majorities_of_majorities_and_those_without_votes_do_not_count() {
    let votes = |id: &str| match id {
        "server.4" => 2,
        "server.8" => 0,
        _ => 1,
    };
    let sum = |live: &[&str], ids: &[&str]| live.iter().filter(|id| ids.contains(id)).map(|id| votes(id)).sum::<u64>();
    let groups =
        [&["server.1", "server.2", "server.3"][..], &["server.4", "server.5", "server.6"], &["server.7", "server.8"]];
    let rule = |live: &[&str]| {
        let won = groups.iter().filter(|ids| sum(live, ids) > sum(ids, ids) / 2).count();
        won > groups.len() / 2
    };
    let (_, _, bytes, options) = samples().swap_remove(0);
    let found = import("zoo.cfg", bytes, &options).unwrap();
    check_both(&found, rule);
    assert!(found.definition.contains(
        "majority(majority(server.1, server.2, server.3), weighted(3, server.4=2, server.5=1, server.6=1), server.7)"
    ));
    assert!(found.notes.iter().any(|note| note.contains("server.8 has no votes: it adds nothing")));

    // Four groups, one of them without votes: two of three are more than half.
    let text = SERVERS.to_owned() + "group.1=1\ngroup.2=2:3\ngroup.3=4\ngroup.4=5\nweight.5=0\n";
    let found = plain(&text);
    check_both(&found, |live| {
        let won = [
            among(live, &["server.1"]) == 1,
            among(live, &["server.2", "server.3"]) == 2,
            among(live, &["server.4"]) == 1,
        ];
        won.iter().filter(|won| **won).count() >= 2
    });
    // Two groups: both.
    let found = plain(&(SERVERS.to_owned() + "group.1=1:2:3\ngroup.2=4:5\n"));
    check_both(&found, |live| {
        among(live, &["server.1", "server.2", "server.3"]) >= 2 && among(live, &["server.4", "server.5"]) == 2
    });
    assert!(found.notes.iter().any(|note| note.contains("both are needed")));
}

fn corosync(nodes: usize, quorum: &str) -> Imported {
    let node = |id: usize| format!("  node {{\n    name: n{id}\n    nodeid: {id}\n  }}\n");
    let nodes: String = (1..=nodes).map(node).collect();
    plain(&format!("nodelist {{\n{nodes}}}\nquorum {{\n  provider: corosync_votequorum\n{quorum}}}\n"))
}

#[test]
fn corosync_counts_votes_and_breaks_ties() {
    check_both(&corosync(8, ""), |live| live.len() >= 5);
    check_both(&corosync(2, "two_node: 1\n"), |live| !live.is_empty());
    check_both(&corosync(3, "two_node: 1\n"), |live| live.len() >= 2);
    check_both(&corosync(4, "expected_votes: 6\n"), |live| live.len() >= 4);
    check_both(&corosync(4, "auto_tie_breaker: 1\n"), |live| {
        live.len() >= 3 || live.len() == 2 && live.contains(&"n1")
    });
    check_both(&corosync(4, "auto_tie_breaker: 1\nauto_tie_breaker_node: highest\n"), |live| {
        live.len() >= 3 || live.len() == 2 && live.contains(&"n4")
    });
    check_both(&corosync(4, "auto_tie_breaker: 1\nauto_tie_breaker_node: 2 1\n"), |live| {
        live.len() >= 3 || live.len() == 2 && live.contains(&"n2")
    });
    check_both(&corosync(5, "auto_tie_breaker: 1\n"), |live| live.len() >= 3);
    let dynamic = corosync(5, "last_man_standing: 1\n");
    assert!(dynamic.notes.iter().any(|note| note.contains("last_man_standing is dynamic")), "{:?}", dynamic.notes);
    let device = |algorithm: &str| format!("device {{\nmodel: net\nnet {{\nalgorithm: {algorithm}\n}}\n}}\n");
    check_both(&corosync(4, &device("ffsplit")), |live| live.len() >= 3);
    check_both(&corosync(4, &device("lms")), |live| {
        let nodes = live.iter().filter(|name| **name != "qnetd").count();
        nodes == 4 || nodes >= 1 && live.contains(&"qnetd")
    });
}

fn replica_set(members: &[&str], rest: &str) -> Imported {
    let member = |(index, member): (usize, &&str)| {
        format!("{{ _id: {index}, host: '{}', {member} }}", char::from(b'a' + index as u8))
    };
    let members: Vec<String> = members.iter().enumerate().map(member).collect();
    plain(&format!("{{ _id: 'rs', members: [{}], {rest} }}", members.join(", ")))
}

#[test]
fn mongodb_arbiters_elect_and_do_not_acknowledge() {
    let arbiter = "arbiterOnly: true, priority: 0";
    let found = replica_set(&["votes: 1", "votes: 1", arbiter], "");
    check(&found, Kind::Read, |live| live.len() >= 2);
    check(&found, Kind::Write, |live| among(live, &["a", "b"]) == 2);
    assert!(found.notes.iter().any(|note| note.contains("w: 1") && note.contains("rolled back")), "{:?}", found.notes);
    let found = replica_set(&["", "", "", "", arbiter], "");
    check(&found, Kind::Write, |live| among(live, &["a", "b", "c", "d"]) >= 3);
    assert!(found.notes.iter().any(|note| note.contains("\"majority\" here: 3")), "{:?}", found.notes);
    // Three arbiters of five: those that bear data are fewer than a majority.
    let found = replica_set(&["", "", arbiter, arbiter, arbiter], "");
    check(&found, Kind::Write, |live| among(live, &["a", "b"]) == 2);
    check(&found, Kind::Read, |live| live.len() >= 3 && among(live, &["a", "b"]) >= 1);
    // Members that never become primary acknowledge, and elect somebody else.
    let found = replica_set(&["", "priority: 0, hidden: true", "priority: 0"], "");
    check(&found, Kind::Read, |live| live.len() >= 2 && live.contains(&"a"));
    check(&found, Kind::Write, |live| live.len() >= 2);
    let found = replica_set(&["", "", "votes: 0, priority: 0"], "");
    check(&found, Kind::Write, |live| among(live, &["a", "b"]) == 2);
    let two = "settings: { getLastErrorDefaults: { w: 2, wtimeout: 0 } }";
    check(&replica_set(&["", "", "", "votes: 0, priority: 0"], two), Kind::Write, |live| live.len() >= 2);
    let options = ImportOptions { write_level: Some("1".into()), ..Default::default() };
    let one = imported(
        "{\"members\": [{\"host\": \"a\", \"votes\": {\"$numberInt\": \"1\"}}, {\"host\": \"b\", \"arbiterOnly\": true}, {\"host\": \"c\"}]}",
        &options,
    );
    check(&one, Kind::Write, |live| among(live, &["a", "c"]) >= 1);
}

#[test]
fn postgresql_waits_for_the_primary_and_any_k() {
    let of = |value: &str| plain(&format!("synchronous_standby_names = '{value}'\n"));
    for value in ["ANY 2 (a, b, c)", "FIRST 2 (a, b, c)", "2 (a, b, c)", "any 2 (A, a, b, c)"] {
        let found = of(&value.replace("A, ", ""));
        check(&found, Kind::Write, |live| live.contains(&"primary") && live.len() >= 3);
        check(&found, Kind::Read, |live| live.contains(&"primary") || live.len() >= 2);
    }
    check(&of("a, b"), Kind::Write, |live| live.contains(&"primary") && live.len() >= 2);
    check(&of(""), Kind::Write, |live| live == ["primary"]);
    let options = ImportOptions { nodes: Some(3), read_level: Some("1".into()), ..Default::default() };
    let found = imported("synchronous_standby_names = '2 (*)'\n", &options);
    check(&found, Kind::Write, |live| live.contains(&"primary") && live.len() >= 3);
    check(&found, Kind::Read, |live| live.iter().any(|name| *name != "primary"));
    assert!(of("A, a").notes.iter().any(|note| note.contains("twice")));
}

fn keyspace(replication: &str, read: &str, write: &str, zone: Option<&str>, nodes: Option<usize>) -> Imported {
    let options = ImportOptions {
        read_level: Some(read.into()),
        write_level: Some(write.into()),
        client_zone: zone.map(str::to_owned),
        nodes,
        ..Default::default()
    };
    imported(&format!("CREATE KEYSPACE k WITH replication = {{{replication}}};"), &options)
}

#[test]
fn cassandra_levels_are_quorums_of_all_of_one_or_of_each_data_centre() {
    let two = "'class': 'org.apache.cassandra.locator.NetworkTopologyStrategy', 'e': '3', 'w': 2";
    let east = |live: &[&str]| live.iter().filter(|name| name.starts_with("e-")).count();
    let west = |live: &[&str]| live.iter().filter(|name| name.starts_with("w-")).count();
    let found = keyspace(two, "local_quorum", "EACH_QUORUM", Some("e"), None);
    check(&found, Kind::Read, |live| east(live) >= 2);
    check(&found, Kind::Write, |live| east(live) >= 2 && west(live) == 2);
    assert_eq!(found.system.zones().len(), 2);
    let found = keyspace(two, "ONE", "ALL", None, None);
    check(&found, Kind::Read, |live| !live.is_empty());
    check(&found, Kind::Write, |live| live.len() == 5);
    let found = keyspace(two, "QUORUM", "LOCAL_ONE", Some("w"), None);
    check(&found, Kind::Read, |live| live.len() >= 3);
    check(&found, Kind::Write, |live| west(live) >= 1);
    let simple = "'class': 'SimpleStrategy', 'replication_factor': '3'";
    let found = keyspace(simple, "LOCAL_QUORUM", "SERIAL", None, None);
    check_both(&found, |live| live.len() >= 2);
    assert!(found.notes.iter().any(|note| note.contains("without data centres")));
    // A ring of five: every three in a row.
    let found = keyspace(simple, "QUORUM", "ONE", None, Some(5));
    let replicas = |live: &[&str], start: usize| {
        (0..3).filter(|step| live.contains(&&*format!("replica-{}", (start + step) % 5 + 1))).count()
    };
    check(&found, Kind::Read, |live| (0..5).all(|start| replicas(live, start) >= 2));
    check(&found, Kind::Write, |live| (0..5).all(|start| replicas(live, start) >= 1));
}

#[test]
fn patroni_promotes_who_is_not_behind_as_many_as_its_quorum_says() {
    let text = "{\"leader\": \"a\", \"sync_standby\": \"b,c, d\", \"quorum\": 1}";
    let standbys = |live: &[&str]| live.iter().filter(|name| **name != "a").count();
    let found = plain(text);
    // Patroni keeps that acknowledging standbys and the quorum are together no fewer than the standbys.
    check(&found, Kind::Write, |live| live.contains(&"a") && standbys(live) >= 2);
    check(&found, Kind::Read, |live| standbys(live) >= 2);
    let options = ImportOptions { write_level: Some("1".into()), ..Default::default() };
    check(&imported(text, &options), Kind::Write, |live| live.contains(&"a") && standbys(live) >= 1);
    let found = plain("{\"leader\":\"a\",\"sync_standby\":null,\"quorum\":0}");
    check_both(&found, |live| live.contains(&"a"));
    assert!(found.notes.iter().any(|note| note.contains("no synchronous standby")));
    // Without a quorum every standby that is listed has every write.
    let found = plain("{\"leader\":\"a\",\"sync_standby\":\"b\"}");
    check(&found, Kind::Write, |live| live.contains(&"a") && live.contains(&"b"));
    check(&found, Kind::Read, |live| live.contains(&"b"));
}

#[test]
fn stellar_percentages_are_rounded_up() {
    for (percent, members, needed) in
        [(66, 3, 2), (67, 3, 3), (70, 7, 5), (51, 5, 3), (100, 4, 4), (1, 4, 1), (67, 7, 5)]
    {
        let names: Vec<String> = (0..members).map(|member| format!("\"G{member} v{member}\"")).collect();
        let text = format!("[QUORUM_SET]\nTHRESHOLD_PERCENT = {percent}\nVALIDATORS = [{}]\n", names.join(", "));
        check_both(&plain(&text), |live| live.len() >= needed);
    }
    let text = "NODE_NAMES = [\"GX x\"]\n[QUORUM_SET]\nVALIDATORS = [\"$self\", \"GX\"]\n[QUORUM_SET.1]\nTHRESHOLD_PERCENT = 50\nVALIDATORS = [\"a\", \"b\"]\n";
    check_both(&plain(text), |live| among(live, &["self", "x"]) == 2 && among(live, &["a", "b"]) >= 1);
}

#[test]
fn stellar_domains_are_majorities_inside_of_three_f_plus_one() {
    let (_, name, bytes, options) = samples().into_iter().find(|sample| sample.1 == "stellar-domains.cfg").unwrap();
    let found = import(name, bytes, &options).unwrap();
    check_both(&found, |live| among(live, &["first-1", "first-2", "first-3"]) >= 2 && live.contains(&"second-1"));
    assert_eq!(found.system.zones().len(), 2);
}

#[test]
fn a_network_is_read_as_the_sets_that_are_closed() {
    let (_, name, bytes, options) = samples().into_iter().find(|sample| sample.1 == "network.json").unwrap();
    let found = import(name, bytes, &options).unwrap();
    let satisfied = |node: &str, set: &[&str]| match node {
        "a" | "b" => among(set, &["a", "b", "c"]) >= 2,
        "c" => set.contains(&"b") && among(set, &["a", "c"]) >= 1,
        _ => false,
    };
    check_both(&found, |live| {
        (1..1u32 << live.len()).any(|chosen| {
            let set: Vec<&str> =
                (0..live.len()).filter(|node| chosen >> node & 1 == 1).map(|node| live[node]).collect();
            set.iter().all(|node| satisfied(node, &set))
        })
    });
    assert_eq!(found.system.about().family, "federated");
}

#[test]
fn members_that_do_not_vote_add_nothing() {
    let learner = "{\"members\":[{\"ID\":1,\"name\":\"a\",\"peerURLs\":[]},{\"ID\":2,\"name\":\"b\",\"peerURLs\":[],\"isLearner\":true},{\"ID\":255,\"name\":\"\",\"peerURLs\":[]}]}";
    check_both(&plain(learner), |live| among(live, &["a", "255"]) == 2);
    let table = "8e9e05c52164694d, started, a, http://a:2380, http://a:2379, false\n91bc3c398fb3c146, started, b, http://b:2380, http://b:2379, true\n";
    check_both(&plain(table), |live| live.contains(&"a"));
    let framed = "+--+\n|        ID        | STATUS  | NAME | PEER ADDRS | CLIENT ADDRS | IS LEARNER |\n+--+\n| 8e9e05c52164694d | started |   a  | x | y | false |\n| 8e9e05c52164694e | started | b | x | y | false |\n+--+\n";
    check_both(&plain(framed), |live| live.len() == 2);
    check_both(&plain("ETCD_INITIAL_CLUSTER=\"a=http://a:1,b=http://b:1,b=http://b:2,c=http://c:1\"\n"), |live| {
        live.len() >= 2
    });
    check_both(&plain("{\"Servers\":[{\"Node\":\"a\",\"Voter\":true},{\"Node\":\"b\",\"Voter\":false}]}"), |live| {
        live.contains(&"a")
    });
    check_both(
        &plain("Node Address State Voter\nv1 a:1 leader true\nv2 b:1 follower true\nv3 c:1 follower true\n"),
        |live| live.len() >= 2,
    );
    check_both(&plain("controller.quorum.voters=1@a:9,2@b:9,\\\n 3@c:9\n"), |live| live.len() >= 2);
}

#[test]
fn sentinels_agree_and_elect() {
    let of = |quorum: usize, nodes: usize| {
        imported(
            &format!("sentinel monitor m 10.0.0.1 6379 {quorum}\n"),
            &ImportOptions { nodes: Some(nodes), ..Default::default() },
        )
    };
    check_both(&of(2, 5), |live| live.len() >= 3);
    check_both(&of(4, 5), |live| live.len() >= 4);
    check_both(
        &plain("sentinel monitor m h 1 2\nsentinel known-sentinel m h 1 x\nsentinel known-sentinel m h 2 y\n"),
        |live| live.len() >= 2,
    );
}
