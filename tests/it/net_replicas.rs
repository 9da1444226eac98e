//! `quorate serve` and `quorate client`: replicas in processes of their own.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::support::replicas::{Cluster, http, quorate, signal};

fn code_and_error(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_was_written_is_read_and_survives_crashes() {
    let mut cluster = Cluster::majority();
    assert_eq!(cluster.get("x"), "0");
    for (key, value) in [("x", "hello"), ("y", "7"), ("a key", "two words\nand lines"), ("5", "-1"), ("z", "")] {
        cluster.put(key, value);
    }
    cluster.put("x", "again");
    (0..3).for_each(|node| cluster.kill(node));
    (0..3).for_each(|node| cluster.serve(node, &[]));
    for (key, value) in [("x", "again"), ("y", "7"), ("a key", "two words\nand lines"), ("5", "-1"), ("z", "")] {
        assert_eq!(cluster.get(key), value, "{key}");
    }
    // Any two of three are enough, and those that stay asleep do not matter.
    signal(cluster.id(1), Signal::SIGSTOP);
    cluster.put("x", "without n2");
    signal(cluster.id(1), Signal::SIGCONT);
    cluster.kill(0);
    assert_eq!(cluster.get("x"), "without n2");
    assert_eq!((cluster.end(1), cluster.end(2)), (Some(0), Some(0)), "SIGTERM is no failure");
}

#[test]
fn every_protocol_serves() {
    for (protocol, more) in [("regular", ""), ("atomic-single-writer", ""), ("dynamo", "--homes=3")] {
        let mut cluster = Cluster::new("majority(n1, n2, n3)", None, 3);
        cluster.flags =
            ["--protocol", protocol, more].into_iter().filter(|flag| !flag.is_empty()).map(Into::into).collect();
        (0..3).for_each(|node| cluster.serve(node, &["--memory"]));
        cluster.put("x", "one");
        cluster.put("x", "two");
        assert_eq!(cluster.get("x"), "two", "{protocol}");
    }
}

/// Two processes that write one after the other in a register of one writer do not overwrite the later by the earlier.
#[test]
fn writers_that_come_and_go_go_on_where_the_last_one_was() {
    let mut cluster = Cluster::new("majority(n1, n2, n3)", None, 3);
    cluster.flags = vec!["--protocol".into(), "regular".into()];
    (0..3).for_each(|node| cluster.serve(node, &[]));
    for number in 1..=5 {
        cluster.put("x", &format!("value {number}"));
        assert_eq!(cluster.get("x"), format!("value {number}"));
    }
}

#[test]
fn done_certainly_not_done_and_unknown_are_three_things() {
    let mut cluster = Cluster::majority();
    (0..2).for_each(|node| cluster.kill(node));
    let status = |cluster: &Cluster, arguments: &[&str]| cluster.client(arguments).status.code();
    // No read quorum answers, so that nothing was written anywhere.
    assert_eq!(status(&cluster, &["--timeout-ms", "400", "put", "x", "1"]), Some(1));
    assert_eq!(status(&cluster, &["--timeout-ms", "400", "get", "x"]), Some(1));
    assert_eq!(status(&cluster, &["cas", "x", "1", "2"]), Some(2), "registers have none");
    drop(cluster);

    // One answers the query, but not all can be told.
    let mut cluster = Cluster::new("n1 + n2 + n3", Some("n1*n2*n3"), 3);
    (0..3).for_each(|node| cluster.serve(node, &[]));
    cluster.put("x", "old");
    cluster.kill(2);
    assert_eq!(status(&cluster, &["--timeout-ms", "400", "put", "x", "new"]), Some(3));
    assert_eq!(status(&cluster, &["put", "", "new"]), Some(1), "no key is empty");
}

#[test]
fn a_replica_that_lost_its_disk_is_refused_until_it_rejoins() {
    let mut cluster = Cluster::majority();
    cluster.put("x", "kept");
    cluster.put("long", &"text ".repeat(2_000));
    cluster.kill(1);
    std::fs::remove_dir_all(cluster.data(1)).unwrap();
    for flags in [&[][..], &["--memory"]] {
        let (code, error) = code_and_error(&mut cluster.command(1, flags));
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains("another disk of this replica is known here") && error.contains("--rejoin"), "{error}");
    }
    cluster.serve(1, &["--rejoin"]);
    cluster.kill(0);
    // The one that is left of those that were there is not needed for what was lost and found.
    assert_eq!(cluster.get("x"), "kept");
    assert_eq!(cluster.get("long"), "text ".repeat(2_000));
    cluster.put("x", "new");
    // From then on its disk is its own.
    cluster.kill(1);
    cluster.serve(1, &[]);
    assert_eq!(cluster.get("x"), "new");
}

#[test]
fn rejoining_needs_a_read_quorum_of_the_others() {
    let mut cluster = Cluster::majority();
    cluster.put("x", "kept");
    cluster.kill(0);
    cluster.kill(1);
    std::fs::remove_dir_all(cluster.data(1)).unwrap();
    let mut waiting = cluster.command(1, &["--rejoin"]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(600));
    assert!(waiting.try_wait().unwrap().is_none(), "one of the others is no quorum");
    signal(waiting.id(), Signal::SIGTERM);
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
    // What it began is not a disk that it may serve from.
    let (code, error) = code_and_error(&mut cluster.command(1, &[]));
    assert_eq!(code, Some(2));
    assert!(error.contains("--rejoin"), "{error}");
    cluster.serve(0, &[]);
    cluster.serve(1, &["--rejoin"]);
    assert_eq!(cluster.get("x"), "kept");

    let mut alone = quorate();
    let (code, error) =
        code_and_error(alone.args(["serve", "-e", "majority(n1, n2, n3)", "--node", "n1", "--memory", "--rejoin"]));
    assert_eq!(code, Some(2));
    assert!(error.contains("no read quorum") && error.contains("--peers"), "{error}");
}

#[test]
fn a_disk_is_its_owners_and_only_once() {
    let cluster = Cluster::majority();
    let serve = |node: &str, expression: &str, data: usize| {
        let mut command = quorate();
        command.args(["serve", "-e", expression, "--node", node, "--data"]).arg(cluster.data(data));
        code_and_error(&mut command)
    };
    let (code, error) = serve("n1", "majority(n1, n2, n3)", 0);
    assert_eq!(code, Some(2));
    assert!(error.contains("another process uses it"), "{error}");
    let mut cluster = cluster;
    cluster.kill(0);
    let serve = |node: &str, expression: &str| {
        let mut command = quorate();
        command.args(["serve", "-e", expression, "--node", node, "--data"]).arg(cluster.data(0));
        code_and_error(&mut command)
    };
    let (code, error) = serve("n2", "majority(n1, n2, n3)");
    assert!(code == Some(2) && error.contains("the disk belongs to \"n1\""), "{error}");
    let (code, error) = serve("n1", "n1 + n2*n3");
    assert!(code == Some(2) && error.contains("of another definition or protocol"), "{error}");
}

#[test]
fn other_definitions_other_addresses_and_other_keys_are_refused() {
    let mut cluster = Cluster::new("majority(n1, n2, n3)", None, 3);
    let (right, wrong) = (cluster.folder.path().join("right"), cluster.folder.path().join("wrong"));
    std::fs::write(&right, "0f".repeat(32)).unwrap();
    std::fs::write(&wrong, "f0".repeat(32)).unwrap();
    cluster.flags = vec!["--key".into(), right.display().to_string()];
    (0..3).for_each(|node| cluster.serve(node, &[]));
    cluster.put("secret", "of the cluster");
    let ask = |expression: &str, peers: &str, key: Option<&std::path::Path>| {
        let mut command = quorate();
        command.args(["client", "-e", expression, "--peers", peers, "--timeout-ms", "500"]);
        key.into_iter().for_each(|key| _ = command.arg("--key").arg(key));
        code_and_error(command.args(["get", "secret"]))
    };
    let (definition, peers) = ("majority(n1, n2, n3)", cluster.peers());
    assert_eq!(ask(definition, &peers, Some(&right)).0, Some(0));
    assert_eq!(ask(definition, &peers, Some(&wrong)).0, Some(1));
    assert_eq!(ask(definition, &peers, None).0, Some(1));
    let (code, error) = ask("n1*n2*n3", &peers, Some(&right));
    assert!(code == Some(1) && error.contains("the definition or the protocol is another one here"), "{error}");
    let mixed = format!("n1={},n2={}", cluster.address(1), cluster.address(0));
    let (code, error) = ask(definition, &mixed, Some(&right));
    assert!(code == Some(1) && error.contains("the addresses are mixed up"), "{error}");
}

#[test]
fn what_cannot_run_says_why() {
    let serve =
        |arguments: &[&str]| code_and_error(quorate().args(["serve", "-e", "majority(n1, n2, n3)"]).args(arguments));
    for (arguments, expected) in [
        (&["--node", "n4", "--memory"][..], "no node is called \"n4\""),
        (&["--node", "n1", "--memory", "--listen", "0.0.0.0:0"], "needs a shared key"),
        (&["--node", "n1", "--memory", "--peers", "n2=127.0.0.1"], "NAME=HOST:PORT"),
        (&["--node", "n1", "--memory", "--peers", "n9=127.0.0.1:1"], "no node is called \"n9\""),
        (&["--node", "n1", "--memory", "--key", "Cargo.toml"], "64 hexadecimal digits"),
        (&["--node", "n1", "--memory", "--data", "somewhere"], "cannot be used with"),
        (&["--node", "n1", "--memory", "--protocol", "dynamo", "--sloppy"], "sloppy quorums need not meet"),
        (&["--node", "n1", "--memory", "--homes", "2"], "--protocol dynamo"),
        (&["--memory"], "--node"),
    ] {
        let (code, error) = serve(arguments);
        assert!(code == Some(2) && error.contains(expected), "{arguments:?}: {error}");
    }
    let (code, error) =
        code_and_error(quorate().args(["serve", "-e", "a + b", "--writes", "a + b", "--node", "a", "--memory"]));
    assert!(code == Some(2) && error.contains("--unsafe"), "{error}");
    let (code, error) = code_and_error(quorate().args(["client", "-e", "a", "get", "x"]));
    assert!(code == Some(2) && error.contains("--peers"), "{error}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, error) = serve(&["--node", "n1", "--memory", "--listen", &address]);
    assert!(code == Some(2) && error.contains("cannot listen on"), "{error}");
}

#[test]
fn metrics_and_health_are_served_on_a_port_of_their_own() {
    let mut cluster = Cluster::new("n1", None, 1);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    cluster.serve(0, &["--metrics", &free.to_string()]);
    cluster.put("x", "1");
    let metrics = http(free, "/metrics");
    assert!(metrics.starts_with("HTTP/1.1 200 OK"), "{metrics}");
    for line in ["# TYPE quorate_commits_total counter", "quorate_records 1", "quorate_frames_received_total "] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert!(http(free, "/health").ends_with("\r\n\r\nok\n"));
    assert!(http(free, "/other").starts_with("HTTP/1.1 404"));
}

/// The disk is full: what cannot be written is not acknowledged, and the replica ends.
#[test]
fn a_disk_that_fails_ends_the_replica() {
    let cluster = Cluster::new("n1", None, 1);
    let mut serve = cluster.command(0, &[]);
    // Room for the file as it begins, and some more.
    let mut limited = Command::new("bash");
    limited.args(["-c", "ulimit -f 4200; trap '' XFSZ; exec \"$@\"", "bash"]);
    limited.arg(serve.get_program()).args(serve.get_args());
    serve.stdin(std::process::Stdio::null());
    let listener = TcpListener::bind(cluster.address(0)).unwrap();
    limited
        .stdin(std::os::fd::OwnedFd::from(listener))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped());
    let mut child = limited.spawn().unwrap();
    let long = "v".repeat(60_000);
    let (begun, mut unknown) = (Instant::now(), 0);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "it goes on");
        let key = begun.elapsed().as_nanos().to_string();
        let output = cluster.client(&["--timeout-ms", "300", "put", &key, &long]);
        unknown += u32::from(output.status.code() == Some(3));
    };
    let mut error = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut error).unwrap();
    assert_eq!(status.code(), Some(2), "{error}");
    assert!(error.contains("the disk failed, and what was written last may or may not be there"), "{error}");
    assert!(unknown > 0, "a write was sent that nobody acknowledged");
}
