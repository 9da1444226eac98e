//! What is refused, with the place, what is wrong and what would be right.

use super::*;

/// The first error, as `line: message (help)`.
fn refusal(text: &str, options: &ImportOptions) -> String {
    match import("file", text.as_bytes(), options) {
        Ok(imported) => panic!("accepted:\n{text}\n{}", imported.definition),
        Err(errors) => {
            let error = errors.iter().next().unwrap();
            format!("{}: {} ({})", error.line(), error.message, error.help.as_deref().unwrap_or(""))
        }
    }
}

#[track_caller]
fn check(text: &str, parts: &[&str]) {
    check_with(text, &ImportOptions::default(), parts);
}

#[track_caller]
fn check_with(text: &str, options: &ImportOptions, parts: &[&str]) {
    let refusal = refusal(text, options);
    for part in parts {
        assert!(refusal.contains(part), "{part:?} is not in {refusal:?}\n{text}");
    }
}

const SEVEN: &str =
    "server.1=a:1:2\nserver.2=a:1:2\nserver.3=a:1:2\nserver.4=a:1:2\nserver.5=a:1:2\nserver.6=a:1:2\nserver.7=a:1:2\n";

#[test]
fn zookeeper_traps() {
    let doubled = SEVEN.to_owned() + "group.1=1:2:3\ngroup.2=4:5:6\ngroup.2=7\n";
    check(&doubled, &["4: server 4 is not in a group", "group.2` stands twice"]);
    check(&(SEVEN.to_owned() + "weight.1=2\n"), &["8: weights without a group"]);
    check(&(SEVEN.to_owned() + "group.1=1:2:3:4\ngroup.2=4:5:6:7\n"), &["9: server 4 is in two groups", "line 8"]);
    check(&(SEVEN.to_owned() + "group.1=1:2:3:4:5:6:7:8\n"), &["8: there is no server.8"]);
    let observer = SEVEN.replace("server.7=a:1:2", "server.7=a:1:2:observer") + "group.1=1:2:3:4:5:6:7\n";
    check(&observer, &["7: observer 7 is in a group, and has no weight", "weight.7=0"]);
    check(&(SEVEN.to_owned() + "oraclePath=/x\n"), &["8: `oraclePath`"]);
    check("dynamicConfigFile=/etc/zoo.dynamic\n", &["another file", "/etc/zoo.dynamic"]);
    check("server.1=a:1:2:observer\n", &["observers without a participant"]);
    check("server.1=a:1\n", &["1: ", "host:port:electionPort"]);
    check("server.1=a:1:2:leader\n", &["no role"]);
    check("server.x=a:1:2\nserver.1=a:1:2\n", &["no number of a server"]);
}

#[test]
fn corosync_traps() {
    let nodes = "nodelist {\nnode {\nname: a\n}\nnode {\nname: b\nquorum_votes: 2\n}\n}\n";
    check(&format!("{nodes}quorum {{\ndevice {{\nmodel: net\n}}\n}}\n"), &["12: votes of the device are missing"]);
    check(&format!("{nodes}quorum {{\nlast_man_standing: 1\n}}\n"), &["11: last_man_standing goes with"]);
    check(&format!("{nodes}quorum {{\nexpected_votes: 9\n}}\n"), &["5 of 9 expected votes"]);
    check(&format!("{nodes}quorum {{\nexpected_votes: 2\nauto_tie_breaker: 1\n}}\n"), &["nodeid"]);
    check("quorum {\nexpected_votes: 3\n}\n", &["no nodelist"]);
    check("nodelist {\nnode {\nname: a\n", &["has no end"]);
    check("nodelist {\nnode {\nname: a\n}\nnode {\nname: a\n}\n}\n", &["two nodes are called `a`"]);
}

#[test]
fn mongodb_traps() {
    check("{ members: [ { _id: 0, host: 'a', votes: 2 } ] }", &["`votes` of a member is 0 or 1"]);
    check(
        "{ members: [ { _id: 0, host: 'a', votes: 0, priority: 1 }, { _id: 1, host: 'b' } ] }",
        &["no vote, but a priority"],
    );
    check("{ _id: 'x', members: [ { _id: 0, host: 'a', arbiterOnly: true } ] }", &["no member can become primary"]);
    let eight: Vec<String> = (0..8).map(|id| format!("{{ _id: {id}, host: 'h{id}' }}")).collect();
    check(&format!("{{ members: [{}] }}", eight.join(",")), &["8 members, 8 of them with votes"]);
    check("{ members: [ { _id: 0, host: 'a' }", &["without an end"]);
    check("{ members: [ { _id: 0, host: a } ] }", &["`a` is no value", "quotes"]);
}

#[test]
fn postgresql_traps() {
    check("synchronous_standby_names = '*'\n", &["1: `*` is any standby", "--nodes"]);
    check("synchronous_standby_names = 'ANY 3 (a, b)'\n", &["3 of 2 standbys: every commit waits for ever"]);
    check("synchronous_standby_names = 'node-1'\n", &["double quotes"]);
    check("x = 1\nsynchronous_standby_names = 'ANY (a)'\n", &["2: "]);
    let options = ImportOptions { read_level: Some("3".into()), ..Default::default() };
    check_with("synchronous_standby_names = 'a, b'\n", &options, &["from 1 to 2"]);
}

#[test]
fn cassandra_traps() {
    let two = "CREATE KEYSPACE k WITH replication = {'class': 'NetworkTopologyStrategy', 'e': 3, 'w': 3};";
    check(two, &["no consistency levels", "--read-level"]);
    let of = |read: &str, write: &str, zone: Option<&str>| ImportOptions {
        read_level: Some(read.into()),
        write_level: Some(write.into()),
        client_zone: zone.map(str::to_owned),
        ..Default::default()
    };
    check_with(two, &of("LOCAL_ONE", "ONE", None), &["data centre of the client", "`e`, `w`"]);
    check_with(two, &of("LOCAL_ONE", "ONE", Some("east")), &["no data centre of the keyspace"]);
    check_with(two, &of("ONE", "ANY", None), &["hint"]);
    check_with(two, &of("QUROUM", "ONE", None), &["did you mean `QUORUM`"]);
    check_with(
        &format!("{two}\nCREATE KEYSPACE l WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}};"),
        &of("ONE", "ONE", None),
        &["2: a second keyspace: `l`"],
    );
    check_with(
        "CREATE KEYSPACE k WITH replication = {'class': 'NetworkTopologyStrategy', 'replication_factor': 3};",
        &of("ONE", "ONE", None),
        &["all data centres"],
    );
    check_with(
        "CREATE KEYSPACE k WITH replication = {'class': 'EverywhereStrategy'};",
        &of("ONE", "ONE", None),
        &["--nodes"],
    );
}

#[test]
fn patroni_traps() {
    check("{\"leader\": null, \"sync_standby\": \"b\"}", &["no `leader`"]);
    check("{\"leader\": \"a\", \"sync_standby\": \"b,c\",\n \"quorum\": 2}", &["2: a quorum that is no number below"]);
    check("{\"leader\": \"a\", \"sync_standby\": \"a\"}", &["two nodes are called"]);
    let options = ImportOptions { write_level: Some("3".into()), ..Default::default() };
    check_with("{\"leader\": \"a\", \"sync_standby\": \"b,c\"}", &options, &["--write-level `3`"]);
}

#[test]
fn stellar_traps() {
    check("[QUORUM_SET]\nVALIDATORS = [\"a\", \"a\"]\n", &["2: `a` stands twice"]);
    check("[QUORUM_SET]\nTHRESHOLD_PERCENT = 0\nVALIDATORS = [\"a\"]\n", &["from 1 to 100"]);
    check("[QUORUM_SET]\nVALIDATORS = [\"a\"]\n[QUORUM_SET.1.1.1.1.1]\nVALIDATORS = [\"b\"]\n", &["deeper than 4"]);
    check(
        "[[VALIDATORS]]\nNAME = \"a\"\nHOME_DOMAIN = \"x\"\nPUBLIC_KEY = \"G\"\n",
        &["no quality for the domain `x`"],
    );
    check("[[VALIDATORS]]\nNAME = \"a\"\nHOME_DOMAIN = \"x\"\nQUALITY = \"HIGH\"\n", &["3 or more"]);
}

#[test]
fn the_other_traps() {
    check("controller.quorum.bootstrap.servers=a:9\n", &["no list of voters", "kafka-metadata-quorum"]);
    check("controller.quorum.voters=a:9\n", &["no id@host:port"]);
    check("sentinel monitor m h 1 2\n", &["how many sentinels"]);
    check_with(
        "sentinel monitor m h 1 4\n",
        &ImportOptions { nodes: Some(3), ..Default::default() },
        &["a quorum of 4 of 3"],
    );
    check("{\"members\":[{\"name\":\"a\",\"peerURLs\":[],\"isLearner\":true}]}", &["no member that votes"]);
    check("[{\"publicKey\":\"a\",\"quorumSet\":{\"threshold\":0,\"validators\":[\"a\"]}}]", &["threshold of `0`"]);
}

#[test]
fn flags_that_mean_nothing_are_refused() {
    let options = ImportOptions { nodes: Some(3), ..Default::default() };
    check_with(SEVEN, &options, &["--nodes means nothing for a configuration of ZooKeeper"]);
}

#[test]
fn strangers_are_told_what_they_seem_to_be() {
    for (text, seems) in [
        ("{\"a\": 1}", "JSON of something else"),
        ("<html></html>", "HTML or XML"),
        ("{\"process\":0,\"op\":\"write\",\"value\":1,\"start\":0,\"end\":1}", "a history"),
        ("a,b,c\n1,2,3\n", "a table (CSV)"),
        ("services:\n  a: 1\n", "YAML of something else"),
        ("Dear all,\nthis is a letter\n", "plain text"),
    ] {
        check(text, &["neither a definition nor a configuration", seems, "zookeeper, corosync, mongodb"]);
        let direct = read_or_import("file", text.as_bytes(), &ImportOptions::default()).unwrap_err();
        assert!(direct.render(false).contains(seems), "{direct}");
    }
    check("name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n", &["a definition already"]);
    let binary = read_or_import("file", b"\x89PNG\r\n\x1a\n\0\0\xff", &ImportOptions::default()).unwrap_err();
    assert!(binary.render(false).contains("a PNG picture"), "{binary}");
    // What is meant as a definition keeps its own errors.
    let meant = read_or_import("file", b"[system]\nfamily = \"majorty\"\n", &ImportOptions::default()).unwrap_err();
    assert!(meant.render(false).contains("did you mean `majority`"), "{meant}");
    let meant = read_or_import("file", b"name = \"x\"\n", &ImportOptions::default()).unwrap_err();
    assert!(meant.render(false).contains("no [system]"), "{meant}");
}
