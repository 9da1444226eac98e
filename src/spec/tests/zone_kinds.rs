//! Zones of several kinds: which nodes may stand in which.

use super::{bad, good, system};
use crate::model::ZoneId;

/// Two zones and two racks; these lines begin in line 16.
fn racks(lines: &str) -> String {
    let zone = |name: &str, kind: &str| format!("[[zone]]\nname = \"{name}\"\n{kind}");
    let rack = "kind = \"rack\"\n";
    let zones = zone("az1", "") + &zone("az2", "") + &zone("r1", rack) + &zone("r2", rack) + "# here:\n";
    system("family = \"majority\"\nn = 3") + &zones + lines
}

#[track_caller]
fn check(lines: &str, place: (usize, usize), message: &str) {
    let found = bad(&racks(lines));
    assert_eq!(found.iter().map(|error| (error.line(), error.column())).collect::<Vec<_>>(), [place], "{found}");
    assert!(found.to_string().contains(message), "{found}");
}

#[test]
fn a_node_stands_in_one_zone_of_each_kind() {
    let text = racks("[[node]]\nname = \"n1\"\nzones = [\"r2\", \"az1\"]\n[[node]]\nname = \"n2\"\nzone = \"r1\"\n");
    let read = good(&text);
    assert_eq!(read.nodes()[0].zone, Some(ZoneId::new(0)));
    assert_eq!(read.nodes()[0].also_in, [ZoneId::new(3)]);
    assert_eq!((read.nodes()[1].zone, &read.nodes()[1].also_in[..]), (None, &[ZoneId::new(2)][..]));
    assert_eq!(read.zone_kinds(), ["zone", "rack"]);
    let of = |lines: &str| format!("[[node]]\nname = \"n1\"\n{lines}");
    check(&of("zones = [\"az1\", \"az2\"]\n"), (18, 17), "node `n1` is in zone `az1` already");
    check(&of("zones = [\"az1\", \"az1\"]\n"), (18, 17), "node `n1` is in zone `az1` already");
    check(&of("zone = \"az1\"\nzones = [\"r1\"]\n"), (19, 1), "`zones` together with `zone`");
    check(&of("zones = [\"r3\"]\n"), (18, 10), "unknown zone `r3`");
    check(&of("zones = \"r1\"\n"), (18, 9), "must be a list of names of zones");
    check("[[zone]]\nname = \"r3\"\nkind = \"\"\n", (18, 8), "an empty name");
}

#[test]
fn zones_inside_zones_of_another_kind() {
    // A rack in a data centre takes its nodes along: to name both says the same twice.
    let inside = "[[zone]]\nname = \"r3\"\nkind = \"rack\"\nparent = \"az1\"\n";
    let of = |zones: &str| racks(&format!("{inside}[[node]]\nname = \"n1\"\nzones = [{zones}]\n"));
    for zones in ["\"r3\"", "\"r3\", \"az1\"", "\"az1\", \"r3\""] {
        let read = good(&of(zones));
        assert_eq!((read.nodes()[0].zone, read.nodes()[0].also_in.len()), (Some(ZoneId::new(4)), 0), "{zones}");
    }
    let found = bad(&of("\"r3\", \"az2\""));
    assert!(found.to_string().contains("node `n1` is in zone `r3` already"), "{found}");
}

#[test]
fn files_of_nodes_have_zones_of_several_kinds() {
    let text = racks("[[node]]\nname = \"n1\"\nzones = [\"az1\", \"r1\"]\n");
    let nodes = text.replace("[system]\nfamily = \"majority\"\nn = 3\n", "");
    let found = super::super::read_nodes("nodes.toml", nodes.as_bytes()).expect("zones of two kinds");
    assert_eq!(found.nodes[0].also_in.len(), 1);
}
