//! Clients and distances: answers calculated by hand, what is printed of them, and matrices that are wrong.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

fn quorate(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output = command.current_dir(folder.path()).args(arguments).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Five nodes on three continents; clients in Europe, at a node in America, and in Asia.
const GEO: &str = "name = 'geo'\nlinks = 'far/rtt.csv'\n[system]\nfamily = 'majority'\nn = 5\n\
    [[zone]]\nname = 'eu'\nnodes = ['n1', 'n2']\n[[zone]]\nname = 'us'\nnodes = ['n3', 'n4']\n\
    [[zone]]\nname = 'ap'\nnodes = ['n5']\n\
    [[client]]\nname = 'web-eu'\nzone = 'eu'\nweight = 3\nread_fraction = 0.9\n\
    [[client]]\nname = 'web-us'\nnode = 'n3'\n[[client]]\nname = 'web-ap'\nzone = 'ap'\n";

const RTT: &str = ",eu,us,ap\neu,0.5,80,220\nus,80,,160\nap,220,,0\n";

fn folder(definition: &str, matrix: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir_all(folder.path().join("defs/far")).expect("folders");
    std::fs::write(folder.path().join("defs/geo.toml"), definition).expect("a definition");
    std::fs::write(folder.path().join("defs/far/rtt.csv"), matrix).expect("a matrix");
    folder
}

fn json(definition: &str) -> Value {
    let folder = folder(definition, RTT);
    let (status, text, errors) = quorate(&folder, &["analyze", "defs/geo.toml", "--format", "json"]);
    assert_eq!(status, Some(0), "{errors}");
    serde_json::from_str::<Value>(&text).expect("JSON")["systems"][0].clone()
}

/// Of Europe the third node is 80 ms away, of America too; from Asia two are 160 ms away and two 220 ms.
#[test]
fn clients_reach_their_third_node() {
    let answer = json(GEO);
    let clients = &answer["clients"];
    assert_eq!(clients[0]["name"], "web-eu");
    assert_eq!([&clients[0]["read_ms"], &clients[0]["write_ms"]], [80.0, 80.0]);
    assert_eq!(clients[0]["read_quorum"], serde_json::json!(["n1", "n2", "n3"]));
    assert_eq!(clients[1]["write_ms"], 80.0);
    assert_eq!(clients[1]["write_quorum"], serde_json::json!(["n1", "n3", "n4"]));
    assert_eq!(clients[2]["read_ms"], 160.0);
    let after = |client: usize| clients[client]["after_zone_loss"].clone();
    assert_eq!(
        after(0),
        serde_json::json!([
            { "zone": "eu", "read_ms": null, "write_ms": null },
            { "zone": "us", "read_ms": 220.0, "write_ms": 220.0 },
            { "zone": "ap", "read_ms": 80.0, "write_ms": 80.0 },
        ])
    );
    // At n3: n4 at 0 ms, n5 at 160 ms.
    assert_eq!(after(1)[0]["read_ms"], 160.0);
    // Shares of writes: 3 * 0.1, 0.5 and 0.5; n3 has its quorum after 80 ms.
    let leaders = &answer["leaders"];
    assert_eq!(leaders[0]["node"], "n3");
    let mean = |value: &Value, expected: f64| {
        let found = value.as_f64().expect("a number");
        assert!((found - expected).abs() < 1e-9, "{found} and not {expected}");
    };
    mean(&leaders[0]["mean_write_ms"], (0.3 * 160.0 + 0.5 * 80.0 + 0.5 * 240.0) / 1.3);
    assert_eq!(leaders[0]["worst_write_ms"], 240.0);
    // Without America n5 leads: 220 ms to a node in Europe, from which writers wait 220 ms more.
    assert_eq!(leaders[0]["after_zone_loss"][1]["leader"], "n5");
    mean(&leaders[0]["after_zone_loss"][1]["mean_write_ms"], (0.3 * 440.0 + 0.5 * 220.0) / 0.8);
    assert_eq!(leaders[0]["after_zone_loss"][0]["leader"], "n3");
    assert_eq!(leaders.as_array().map(Vec::len), Some(5));
}

#[test]
fn leaders_stand_between_clients_and_quorums() {
    let with = |consensus: &str| json(&format!("{GEO}[consensus]\n{consensus}\n"))["clients"].clone();
    let times = |clients: &Value| -> Vec<(f64, f64)> {
        let ms = |client: &Value, key: &str| client[key].as_f64().expect("a time");
        clients.as_array().expect("clients").iter().map(|one| (ms(one, "read_ms"), ms(one, "write_ms"))).collect()
    };
    // n1 has n2 after 0.5 ms and n3 after 80 ms; to n1 it is 0.5, 80 and 220 ms.
    assert_eq!(times(&with("leader = 'n1'")), [(80.5, 80.5), (160.0, 160.0), (300.0, 300.0)]);
    assert_eq!(times(&with("leader = 'n1'\nreads = 'leader'")), [(0.5, 80.5), (80.0, 160.0), (220.0, 300.0)]);
    assert_eq!(times(&with("leader = 'n1'\nreads = 'direct'")), [(80.0, 80.5), (80.0, 160.0), (160.0, 300.0)]);
    // n3, at which one of them stands.
    assert_eq!(times(&with("leader = 'best'")), [(160.0, 160.0), (80.0, 80.0), (240.0, 240.0)]);
    let first = with("leader = 'n1'\nreads = 'leader'")[0].clone();
    assert_eq!(first["read_quorum"], serde_json::json!(["n1"]));
    assert_eq!(first["write_quorum"], serde_json::json!(["n1", "n2", "n3"]));
    // Without Europe n3 leads, without America n1 still does.
    let after = with("leader = 'n1'")[2]["after_zone_loss"].clone();
    assert_eq!([&after[0]["write_ms"], &after[1]["write_ms"]], [320.0, 440.0]);
}

#[test]
fn what_has_failed_is_no_place() {
    let folder = folder(&format!("{GEO}[consensus]\nleader = 'n1'\n"), RTT);
    let (status, text, errors) = quorate(&folder, &["analyze", "defs/geo.toml", "--failed", "eu", "--format", "json"]);
    assert_eq!(status, Some(0), "{errors}");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    let system = &answer["systems"][0];
    assert!(system["clients"][0]["read_ms"].is_null() && system["clients"][0]["read_quorum"].is_null());
    // n3 leads instead of n1: n4 at 0 ms and n5 at 160 ms.
    assert_eq!(system["clients"][1]["write_ms"], 160.0);
    assert_eq!(system["leaders"][0]["node"], "n3");
    let notes = system["notes"].to_string();
    assert!(
        notes.contains("`read_quorum` and `write_quorum` are null: the place of that client has failed"),
        "{notes}"
    );
}

#[test]
fn the_workload_that_is_asked_for_is_that_of_clients_without_their_own() {
    let plain = GEO.replace("read_fraction = 0.9\n", "");
    let folder = folder(&plain, RTT);
    let mean = |fraction: &str| {
        let arguments =
            ["compare", "defs/geo.toml", "--columns", "write-ms", "--read-fraction", fraction, "--format", "json"];
        let (_, text, errors) = quorate(&folder, &arguments);
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{errors}"));
        answer["systems"][0]["values"][0]["value"].clone()
    };
    assert_eq!(mean("0.5"), (3.0 * 80.0 + 80.0 + 160.0) / 5.0);
    // Nobody writes.
    assert!(mean("1").is_null());
}

#[test]
fn tables_for_people_and_programs() {
    let folder = folder(GEO, RTT);
    let (_, text, _) = quorate(&folder, &["analyze", "defs/geo.toml"]);
    assert!(text.contains("  web-ap  none           160       160\n"), "{text}");
    assert!(text.contains("          us             220       220\n"), "{text}");
    assert!(text.contains("The best place for a leader is n3"), "{text}");
    let (status, _, errors) = quorate(&folder, &["export", "defs/geo.toml", "--out", "out"]);
    assert_eq!(status, Some(0), "{errors}");
    let table = |name: &str| std::fs::read_to_string(folder.path().join("out").join(name)).expect("a table");
    let clients = table("clients.csv");
    let rows: Vec<&str> = clients.lines().take(3).collect();
    assert_eq!(
        rows,
        [
            "system,client,lost_zone,read_ms,write_ms,read_quorum,write_quorum",
            "geo,web-eu,,80,80,n1 n2 n3,n1 n2 n3",
            "geo,web-eu,eu,,,,",
        ]
    );
    assert_eq!(clients.lines().count(), 1 + 3 * 4);
    let leaders = table("leaders.csv");
    assert!(
        leaders.starts_with("system,node,lost_zone,leader,mean_write_ms,worst_write_ms\ngeo,n3,,n3,160"),
        "{leaders}"
    );
    assert_eq!(leaders.lines().count(), 1 + 5 * 4);
}

/// What is wrong with a matrix is said about its file, and what it lacks about the client that needs it.
#[test]
fn bad_matrices() {
    let check = |matrix: &str, place: &str, message: &str| {
        let folder = folder(GEO, matrix);
        let (status, _, errors) = quorate(&folder, &["analyze", "defs/geo.toml"]);
        assert_eq!(status, Some(2));
        assert!(errors.contains(place) && errors.contains(message), "{place} {message}\n{errors}");
    };
    check(",eu,us,ap\neu,0.5,80\n", "defs/far/rtt.csv:2:1", "a row of 3 cells below one of 4 cells");
    check(",eu,us,ap\neu,0.5,-80,1\n", "defs/far/rtt.csv:2:8", "zone `eu` and zone `us` is `-80`");
    check(",eu,us,ap\r\neu,0.5,x,1\r\n", "defs/far/rtt.csv:2:8", "`x` is not a number of milliseconds");
    check(",eu,us,ap\neu,,80,1\nus,81,,\n", "defs/far/rtt.csv:3:4", "81 ms between zone `us` and zone `eu`");
    check(",eu,us,eu\n", "defs/far/rtt.csv:1:8", "zone `eu` stands here twice");
    check("\"\",\"e,u\",us\neu,1,2\n", "defs/far/rtt.csv:1:4", "unknown zone or node `e,u`");
    check(",n1,us\nn1,3,2\n", "defs/far/rtt.csv:2:4", "a round trip from node `n1` to itself");
    check("", "defs/far/rtt.csv:1:1", "an empty matrix");
    check(
        ",eu,us\neu,0,80\n",
        "defs/geo.toml:17:8",
        "no link between zone `eu` and zone `ap`, which client `web-eu` needs",
    );
    check(",eu,us\neu,0,NaN\n", "defs/far/rtt.csv:2:6", "`NaN`");
    let folder = folder(&GEO.replace("far/rtt", "near"), "");
    let (status, _, errors) = quorate(&folder, &["analyze", "defs/geo.toml"]);
    assert_eq!(status, Some(2));
    assert!(errors.contains("defs/geo.toml:2:9") && errors.contains("`near.csv` cannot be read"), "{errors}");
}

/// Without a leader: of three regions the smaller ones go farther, and within a load somebody has to go farther than before.
#[test]
fn strategies_for_each_client() {
    let folder = folder(GEO, RTT);
    let analyzed = |flags: &[&str]| {
        let arguments = [&["analyze", "defs/geo.toml", "--format", "json"], flags].concat();
        let (status, text, errors) = quorate(&folder, &arguments);
        (status, serde_json::from_str::<Value>(&text).map(|answer| answer["systems"][0].clone()), errors)
    };
    let (status, answer, errors) = analyzed(&["--objective", "latency"]);
    assert_eq!(status, Some(0), "{errors}");
    let answer = answer.expect("JSON");
    let fastest = &answer["client_strategies"];
    assert_eq!([&fastest["objective"], &fastest["latency"]], ["latency", "mean"]);
    // Weights 3, 1 and 1: (4 x 80 + 160) / 5.
    assert_eq!((&fastest["exact"], &fastest["certified"]), (&serde_json::json!("96"), &serde_json::json!(true)));
    assert_eq!(fastest["worst_ms"], 160.0);
    assert_eq!(answer["optimum"][0]["objective"], "load");
    // Everybody asks three of five nodes: 3/5 is the least load, and costs more than the fastest.
    let (status, answer, errors) = analyzed(&["--objective", "latency", "--max-load", "0.6"]);
    assert_eq!(status, Some(0), "{errors}");
    let within = answer.expect("JSON")["client_strategies"].clone();
    assert!(within["mean_ms"].as_f64() > fastest["mean_ms"].as_f64());
    assert!(within["load"].as_f64().is_some_and(|load| load <= 0.6 + 1e-9));
    let (status, answer, _) = analyzed(&["--objective", "latency", "--max-load", "0.59"]);
    assert_eq!(status, Some(1));
    let answer = answer.expect("JSON");
    assert!(answer["client_strategies"]["value"].is_null());
    assert!(answer["notes"].to_string().contains("`value`"), "{}", answer["notes"]);
    let (status, answer, _) = analyzed(&["--per-client", "--pareto", "load,latency"]);
    assert_eq!(status, Some(0));
    let corners = answer.expect("JSON")["client_strategies"]["pareto"]["corners"].clone();
    assert!(corners.as_array().is_some_and(|corners| corners.len() > 1), "{corners}");
    assert_eq!(corners[0]["clients"][2]["name"], "web-ap");
}

#[test]
fn strategies_for_clients_that_are_not_there() {
    let folder = folder(GEO, RTT);
    std::fs::write(folder.path().join("five.toml"), "name = 'five'\n[system]\nfamily = 'majority'\nn = 5\n")
        .expect("a file");
    let (status, _, errors) = quorate(&folder, &["analyze", "five.toml", "--per-client"]);
    assert_eq!(status, Some(2));
    assert!(errors.contains("has no [[client]] table"), "{errors}");
    let (status, _, errors) = quorate(&folder, &["analyze", "defs/geo.toml", "--per-client", "--failed", "eu,us,ap"]);
    assert_eq!(status, Some(2));
    assert!(errors.contains("has no [[client]] that is left"), "{errors}");
    for flags in
        [&["--survive", "1"][..], &["--max-network", "3"], &["--objective", "network"], &["--pareto", "load,network"]]
    {
        let arguments = [&["analyze", "defs/geo.toml", "--per-client"], flags].concat();
        assert_eq!(quorate(&folder, &arguments).0, Some(2), "{flags:?}");
    }
}

#[test]
fn clients_are_measured_over_their_links() {
    let folder = folder(GEO, RTT);
    let few = ["--operations", "3000", "--epochs", "50", "--executions", "3", "--sets", "5"];
    let arguments = [&["verify", "defs/geo.toml", "--format", "json"][..], &few].concat();
    let (status, text, errors) = quorate(&folder, &arguments);
    assert_eq!(status, Some(0), "{errors}\n{text}");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    let all = answer["systems"][0]["comparisons"].as_array().expect("comparisons").clone();
    let of = |subject: &str| {
        all.iter().find(|one| one["subject"] == subject).unwrap_or_else(|| panic!("{subject} in {text}")).clone()
    };
    let fastest = of("web-ap read, fastest");
    assert_eq!((&fastest["predicted"], &fastest["measured"]), (&serde_json::json!(160.0), &serde_json::json!(160.0)));
    assert_eq!(of("web-eu write, at the least load")["verdict"], "holds");
    assert_eq!(of("clients")["quantity"], "load");
}

#[test]
fn clients_by_zones_as_a_picture() {
    let folder = folder(GEO, RTT);
    let (status, _, errors) = quorate(&folder, &["analyze", "defs/geo.toml", "--plots", "--pictures", "clients"]);
    assert_eq!(status, Some(0), "{errors}");
    let picture = std::fs::read_to_string(folder.path().join("plots/clients.svg")).expect("a picture");
    for word in ["Which zones serve which clients", "web-eu", "80 / 80", "220"] {
        assert!(picture.contains(word), "no {word} in {picture}");
    }
}
