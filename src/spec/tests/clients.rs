//! `[[client]]`, `[[link]]` and `[consensus]`: what is right, and what is wrong with them.

use super::{bad, good, system};
use crate::model::{Client, Leader, LeaderReads, NodeId, Place, ZoneId};

/// Three nodes in two zones; these lines begin in line 11.
fn two_zones(lines: &str) -> String {
    let zones = "[[zone]]\nname = \"eu\"\nnodes = [\"n1\", \"n2\"]\n[[zone]]\nname = \"us\"\nnodes = [\"n3\"]\n";
    system("family = \"majority\"\nn = 3") + zones + lines
}

#[track_caller]
fn check(lines: &str, errors: &[(usize, usize, &str)]) {
    let found = bad(&two_zones(lines));
    let places: Vec<_> = found.iter().map(|error| (error.line(), error.column())).collect();
    let expected: Vec<_> = errors.iter().map(|(line, column, _)| (*line, *column)).collect();
    assert_eq!(places, expected, "in\n{lines}\n{found}");
    for (error, (_, _, fragment)) in found.iter().zip(errors) {
        assert!(error.to_string().contains(fragment), "no {fragment:?} in {error}\nof\n{lines}");
    }
}

const LINK: &str = "[[link]]\nbetween = [\"eu\", \"us\"]\nround_trip_ms = 80\n";

#[test]
fn all_of_it() {
    let text = two_zones(&format!(
        "[[client]]\nname = \"a\"\nzone = \"eu\"\nweight = 3\nread_fraction = 0.9\n[[client]]\nname = \"b\"\n\
         node = \"n3\"\n{LINK}[consensus]\nleader = \"n2\"\nreads = \"direct\"\n"
    ));
    let clients = good(&text).about().clients.clone();
    let places: Vec<_> = clients.each.iter().map(|client: &Client| client.place).collect();
    assert_eq!(places, [Some(Place::Zone(ZoneId::new(0))), Some(Place::Node(NodeId::new(2)))]);
    assert_eq!(clients.each[0].read_fraction.map(crate::model::Fraction::get), Some(0.9));
    assert_eq!((clients.each[0].weight.get(), clients.each[1].weight.get()), (3.0, 1.0));
    assert_eq!(clients.links.len(), 1);
    assert_eq!(clients.leader, Some(Leader::At(NodeId::new(1))));
    assert_eq!(clients.leader_reads, LeaderReads::Direct);
    assert_eq!(good(&two_zones("[consensus]\nleader = \"best\"\n")).about().clients.leader, Some(Leader::Best));
}

#[test]
fn clients_that_are_wrong() {
    check("[[client]]\nname = \"a\"\nzone = \"ue\"\n", &[(13, 8, "unknown zone `ue` (did you mean `eu`?")]);
    check("[[client]]\nname = \"a\"\nnode = \"n4\"\n", &[(13, 8, "unknown node `n4`")]);
    check("[[client]]\nname = \"a\"\n", &[(11, 1, "has no `zone` or `node`")]);
    check("[[client]]\nzone = \"eu\"\n", &[(11, 1, "has no `name`")]);
    check("[[client]]\nname = \"a\"\nzone = \"eu\"\nnode = \"n1\"\n", &[(14, 1, "`node` together with `zone`")]);
    check(
        "[[client]]\nname = \"a\"\nnode = \"n1\"\n[[client]]\nname = \"a\"\nnode = \"n1\"\n",
        &[(15, 8, "`a` is described twice")],
    );
    check("[[client]]\nname = \"a\"\nnode = \"n1\"\nweight = 0\n", &[(14, 10, "not a positive, finite weight")]);
    check("[[client]]\nname = \"a\"\nnode = \"n1\"\nread_fraction = 90\n", &[(14, 17, "(90 percent is written 0.9)")]);
    check("[[client]]\nname = \"a\"\nnode = \"n1\"\nlatency_ms = 3\n", &[(14, 1, "unknown key `latency_ms`")]);
    check("[client]\nname = \"a\"\n", &[(11, 1, "must be a list of tables")]);
}

#[test]
fn links_that_are_wrong() {
    let link = |between: &str, ms: &str| format!("[[link]]\nbetween = {between}\nround_trip_ms = {ms}\n");
    check(&link("[\"eu\", \"us\"]", "-1"), &[(13, 17, "zero or more")]);
    check(&link("[\"eu\", \"us\"]", "nan"), &[(13, 17, "zero or more")]);
    check(&link("[\"eu\"]", "1"), &[(12, 11, "`between` has 1 names")]);
    check(&link("\"eu\"", "1"), &[(12, 11, "must be a list of two names")]);
    check(&link("[\"eu\", \"n4\"]", "1"), &[(12, 18, "unknown zone or node `n4`")]);
    check(&link("[\"n1\", \"n1\"]", "1"), &[(13, 17, "a round trip from node `n1` to itself")]);
    check(
        &format!("{LINK}{}", link("[\"us\", \"eu\"]", "80")),
        &[(15, 11, "a second link between zone `us` and zone `eu`")],
    );
    check("[[link]]\nround_trip_ms = 1\n", &[(11, 1, "has no `between`")]);
    check("[[link]]\nbetween = [\"eu\", \"us\"]\n", &[(11, 1, "has no `round_trip_ms`")]);
    check("[[link]]\nbetween = [\"eu\", \"us\"]\nround_trip_ms = 1\nms = 3\n", &[(14, 1, "unknown key `ms`")]);
}

#[test]
fn links_that_are_missing_or_disagree() {
    let client = "[[client]]\nname = \"web\"\nzone = \"eu\"\n";
    check(client, &[(13, 8, "no link between zone `eu` and zone `us`, which client `web` needs")]);
    check(
        "[[client]]\nname = \"web\"\nnode = \"n1\"\n",
        &[(13, 8, "no link between node `n1` and zone `us`, which client `web` needs")],
    );
    good(&two_zones(&format!("{client}{LINK}")));
    // Nobody asks how far it is.
    good(&two_zones("[consensus]\nleader = \"n1\"\n"));
    let ends = "[[link]]\nbetween = [\"n1\", \"us\"]\nround_trip_ms = 70\n[[link]]\nbetween = [\"eu\", \"n3\"]\nround_trip_ms = 71\n";
    check(
        &format!("[[client]]\nname = \"web\"\nnode = \"n1\"\n{ends}{LINK}"),
        &[(18, 11, "two links say how far it is from node `n1` to node `n3`")],
    );
}

#[test]
fn a_leader_needs_links_of_its_own() {
    let three = "[[node]]\nname = \"n1\"\n[[node]]\nname = \"n2\"\n[[node]]\nname = \"n3\"\n[[client]]\nname = \"c\"\nnode = \"n1\"\n\
        [[link]]\nbetween = [\"n1\", \"n2\"]\nround_trip_ms = 1\n[[link]]\nbetween = [\"n1\", \"n3\"]\nround_trip_ms = 2\n";
    let text = system("family = \"majority\"\nn = 3") + three;
    // Without a leader, or with one at n1, nobody asks how far it is from n2 to n3.
    good(&text);
    good(&format!("{text}[consensus]\nleader = \"n1\"\n"));
    for leader in ["n2", "best"] {
        let found = bad(&format!("{text}[consensus]\nleader = \"{leader}\"\n"));
        assert_eq!(found.len(), 1, "{found}");
        assert!(
            found.to_string().contains("no link between node `n2` and node `n3`, which the leader needs"),
            "{found}"
        );
        assert_eq!(found.iter().next().map(|error| (error.line(), error.column())), Some((21, 10)));
    }
}

#[test]
fn consensus_that_is_wrong() {
    check("[consensus]\nleader = \"n4\"\n", &[(12, 10, "unknown node `n4`")]);
    check("[consensus]\nleader = \"n1\"\nreads = \"leases\"\n", &[(13, 9, "unknown way to read `leases`")]);
    check("[consensus]\nreads = \"leader\"\n", &[(12, 1, "`reads` means nothing here")]);
    check("[consensus]\n", &[(11, 1, "has no `fast` or `leader`")]);
    check("[consensus]\nleader = 3\n", &[(12, 10, "must be a string")]);
}

#[test]
fn names_of_a_zone_and_a_node() {
    let text = system("family = \"custom\"\nreads = \"a + b\"")
        + "[[zone]]\nname = \"a\"\nnodes = [\"a\", \"b\"]\n[[link]]\nbetween = [\"a\", \"zone:a\"]\nround_trip_ms = 1\n";
    let found = bad(&text);
    assert!(found.to_string().contains("`a` is a node and a zone"), "{found}");
    good(&text.replace("[\"a\", \"zone:a\"]", "[\"node:a\", \"zone:a\"]"));
}

#[test]
fn definitions_without_a_folder_have_no_other_files() {
    let found = bad(&format!("links = \"rtt.csv\"\n{}", two_zones("")));
    assert_eq!(found.iter().next().map(|error| (error.line(), error.column())), Some((1, 9)));
    assert!(found.to_string().contains("`rtt.csv` cannot be read: the definition stands in no folder"), "{found}");
}
