//! `analyze --demands`: what each protocol needs of the quorums, against all pairs and triples of quorums, and known values.

use std::process::Command;

use serde_json::Value;

use crate::support::files::{golden, rows, whole, word};
use crate::support::program;

/// The report of a definition, and the exit status.
fn analyzed(definition: &str, arguments: &[&str]) -> (Value, i32) {
    program::analyzed(definition, arguments).unwrap_or_else(|error| panic!("{error}"))
}

type Sets = Vec<Vec<String>>;

fn sets(value: &Value) -> Sets {
    let names = |set: &Value| rows(set).iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    rows(value).iter().map(names).collect()
}

/// Whether some quorum of the list lies within the set.
fn contains(list: &Sets, set: &[String]) -> bool {
    list.iter().any(|quorum| quorum.iter().all(|name| set.contains(name)))
}

fn common(sets: &[Vec<String>]) -> usize {
    sets[0].iter().filter(|name| sets[1..].iter().all(|set| set.contains(name))).count()
}

/// A witness is of quorums of the right kinds that share fewer nodes than needed, or of nodes that every quorum of a kind needs.
fn check_witness(case: &Value, demand: &Value) {
    if case["reads"].is_null() {
        // Too many quorums to stand in the file.
        let quorums = sets(&demand["witness"]["quorums"]);
        assert!((common(&quorums) as u64) < whole(demand, "required"), "{demand}");
        return;
    }
    let (reads, writes) = (sets(&case["reads"]), sets(&case["writes"]));
    let fast = if case["fast"].is_null() { writes.clone() } else { sets(&case["fast"]) };
    let witness = &demand["witness"];
    let quorums = sets(&witness["quorums"]);
    let condition = word(demand, "condition");
    if condition == "availability" {
        let faulty: Vec<String> =
            rows(&witness["faulty"]).iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        assert!(quorums.is_empty() && faulty.len() as u64 <= whole(demand, "required"));
        let stops = |list: &Sets| list.iter().all(|quorum| quorum.iter().any(|name| faulty.contains(name)));
        assert!(stops(&reads) || stops(&writes), "{demand}");
        return;
    }
    assert!((common(&quorums) as u64) < whole(demand, "required"), "{demand}");
    let is = |at: usize, list: &Sets| contains(list, &quorums[at]);
    let fits = match condition {
        "phase1-phase2" => is(0, &reads) && is(1, &writes),
        "phase1-phase1" => is(0, &reads) && is(1, &reads),
        "phase2-phase2" => is(0, &writes) && is(1, &writes),
        "phase1-fast-fast" => is(0, &reads) && is(1, &fast) && is(2, &fast),
        _ => [&reads, &writes].iter().any(|list| is(0, list)) && [&reads, &writes].iter().any(|list| is(1, list)),
    };
    assert!(fits, "{demand}");
}

#[test]
fn known_demands() {
    for case in rows(&golden("demands.json")["cases"]) {
        let protocols: Vec<&str> = rows(&case["protocols"]).iter().map(|name| name.as_str().unwrap()).collect();
        let (json, status) = analyzed(word(case, "toml"), &["--demands", &protocols.join(",")]);
        let found = rows(&json["systems"][0]["demands"]);
        let expected = rows(&case["expect"]);
        assert_eq!(found.len(), expected.len(), "{}", case["id"]);
        for (found, expected) in found.iter().zip(expected) {
            for key in ["protocol", "condition", "required", "holds"] {
                assert_eq!(found[key], expected[key], "{} {key}", case["id"]);
            }
            match found["holds"].as_bool().unwrap() {
                true => assert!(found["witness"].is_null()),
                false => check_witness(case, found),
            }
        }
        assert_eq!(i64::from(status), case["exit"].as_i64().unwrap(), "{}", case["id"]);
    }
}

#[test]
fn the_smallest_fast_quorums_are_the_known_ones() {
    for (n, smallest) in (3..=9).zip([3, 3, 4, 5, 6, 6, 7]) {
        let definition = format!("name = \"m\"\n[system]\nfamily = \"majority\"\nn = {n}\n");
        let (json, _) = analyzed(&definition, &["--demands", "fast-paxos"]);
        assert_eq!(json["systems"][0]["smallest_fast_quorum"], smallest, "{n}");
    }
}

/// How many nodes may lie: known values, of compositions too.
#[test]
fn known_liars() {
    for case in rows(&golden("byzantine.json")["cases"]) {
        let (json, status) = analyzed(word(case, "toml"), &[]);
        let found = &json["systems"][0]["byzantine"];
        for kind in ["dissemination", "masking", "opaque"] {
            for key in ["largest", "consistency", "availability"] {
                assert_eq!(found[kind][key], case["expect"][kind][key], "{} {kind} {key}", case["id"]);
            }
            assert_eq!(found[kind]["holds"], case["holds"][kind], "{} {kind}", case["id"]);
        }
        assert_eq!(i64::from(status), case["exit"].as_i64().unwrap(), "{}", case["id"]);
    }
}

/// The largest number of liars that opaque quorums stand by the overlap alone: by the definition, over all pairs of quorums and all
/// ways to lie, which differ in how many of the liars are in both quorums, and how many in the read quorum alone.
fn opaque(reads: &Sets, writes: &Sets, nodes: u64, is_strict: bool) -> Option<u64> {
    let holds = |liars: u64| {
        reads.iter().all(|read| {
            writes.iter().all(|write| {
                let (shared, size) = (common(&[read.clone(), write.clone()]) as u64, read.len() as u64);
                (0..=liars.min(shared)).all(|both| {
                    (0..=(liars - both).min(size - shared)).all(|alone| {
                        let (honest, others) = (shared - both, both + size - shared);
                        // Liars elsewhere are there if there are as many nodes.
                        let is_possible = liars - both - alone <= nodes - size;
                        let is_more = if is_strict { honest > others } else { honest >= others };
                        !is_possible || is_more && honest > both + alone
                    })
                })
            })
        })
    };
    (0..=nodes).take_while(|liars| holds(*liars)).last()
}

#[test]
fn strict_opaque_quorums_have_more_honest_nodes_in_common() {
    let (mut differ, mut same) = (0, 0);
    for case in rows(&golden("byzantine.json")["cases"]).iter().filter(|case| !case["reads"].is_null()) {
        let (reads, writes) = (sets(&case["reads"]), sets(&case["writes"]));
        let (json, _) = analyzed(word(case, "toml"), &["--strict"]);
        let nodes = json["systems"][0]["nodes"].as_u64().unwrap();
        let [strict, plain] = [true, false].map(|is_strict| opaque(&reads, &writes, nodes, is_strict));
        assert_eq!(json["systems"][0]["byzantine"]["opaque"]["consistency"].as_u64(), strict, "{}", case["id"]);
        assert_eq!(case["expect"]["opaque"]["consistency"].as_u64(), plain, "{}", case["id"]);
        if strict == plain { same += 1 } else { differ += 1 }
    }
    assert!(differ > 2 && same > 2, "{differ} {same}");
    let five = "name = \"m\"\n[system]\nfamily = \"opaque\"\nn = 5\nb = 1\n";
    assert_eq!(analyzed(five, &["--byzantine", "1:opaque"]).1, 0);
    assert_eq!(analyzed(five, &["--byzantine", "1:opaque", "--strict"]).1, 1);
}

/// A composition is what the expression says that it is.
#[test]
fn compositions_are_expressions() {
    let whole = "name = \"c\"\n[system]\nfamily = \"compose\"\nouter = { family = \"majority\", n = 3 }\n\
                 inner = [{ family = \"rowa\", n = 2 }, { family = \"singleton\", n = 1 }, { family = \"custom\", reads = \"x*y\" }]\n";
    let spelt = "name = \"c\"\n[system]\nfamily = \"custom\"\n\
                 reads = \"choose(2, n1 + n2, n3, n4*n5)\"\nwrites = \"choose(2, n1*n2, n3, n4 + n5)\"\n";
    let (composed, spelt) = (analyzed(whole, &["--quorums", "99"]).0, analyzed(spelt, &["--quorums", "99"]).0);
    for key in ["intersection", "reads", "writes", "resilience", "failure_probability"] {
        assert_eq!(composed["systems"][0][key], spelt["systems"][0][key], "{key}");
    }
}

/// Groups of unlike sizes and votes are majorities of majorities, without those that have no vote.
#[test]
fn groups_are_majorities_of_majorities() {
    let groups = "name = \"g\"\n[system]\nfamily = \"hierarchical\"\ngroups = [3, 3, 2]\n\
                  votes = [[1, 1, 1], [2, 1, 1], [1, 0]]\n";
    let spelt = "name = \"g\"\n[system]\nfamily = \"custom\"\nquorums = \"choose(2, choose(2, n1, n2, n3), \
                 weighted(3, n4=2, n5=1, n6=1), n7)\"\n";
    let (groups, spelt) = (analyzed(groups, &["--quorums", "99"]).0, analyzed(spelt, &["--quorums", "99"]).0);
    assert_eq!(groups["systems"][0]["reads"]["quorums"], spelt["systems"][0]["reads"]["quorums"]);
    assert_eq!(groups["systems"][0]["resilience"], spelt["systems"][0]["resilience"]);
    let plain = |lines: &str| {
        let definition = format!("name = \"h\"\n[system]\nfamily = \"hierarchical\"\n{lines}\n");
        analyzed(&definition, &["--quorums", "999"]).0["systems"][0]["reads"].clone()
    };
    assert_eq!(plain("branching = [3, 5]"), plain("branching = [3, 5]\nquorum = [2, 3]"));
    assert_eq!(plain("groups = [4, 4, 4]")["quorums"], plain("branching = [3, 4]")["quorums"]);
}

/// What is demanded and how many may lie, as tables; of members of a family in zones, too.
#[test]
fn tables_of_demands_liars_and_zones() {
    let folder = tempfile::tempdir().unwrap();
    let quorate = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        let output = command.current_dir(folder.path()).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let definition = "name = 'x'\n[system]\nfamily = 'threshold'\nn = 5\nread = 2\nwrite = 4\n";
    std::fs::write(folder.path().join("x.toml"), definition).unwrap();
    quorate(&["export", "x.toml", "--out", "out", "--demands", "raft"]);
    let table = |name: &str| std::fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    let demands =
        "system,protocol,condition,required,holds\nx,raft,phase1-phase2,1,true\nx,raft,phase1-phase1,1,false\n";
    assert_eq!(table("demands.csv"), demands);
    let byzantine = table("byzantine.csv");
    assert!(
        byzantine.starts_with("system,kind,largest,consistency,availability\nx,dissemination,0,0,1\n"),
        "{byzantine}"
    );
    assert_eq!(byzantine.lines().count(), 4);
    let sweep = quorate(&["sweep", "majority", "--n", "5", "--zones", "2..3", "--format", "csv"]);
    let rows: Vec<&str> = sweep.lines().collect();
    assert!(rows[0].ends_with(",method,zones,zone_resilience,durability_nodes,durability_zones,smallest_overlap"));
    // Three and two: the larger zone stops it, and a majority fits into it. Two, two and one: any zone may go.
    assert!(rows[1].ends_with(",exact,2,0,3,1,1") && rows[2].ends_with(",exact,3,1,3,2,1"), "{sweep}");
}
