//! What good definitions mean.

use super::{good, system};
use crate::families::{ALBUM, Family};
use crate::model::{Kind, Node, NodeId, NodeSet, System};

fn custom(lines: &str) -> System {
    good(&system(&format!("family = \"custom\"\n{lines}")))
}

fn names(system: &System) -> Vec<&str> {
    system.nodes().iter().map(|node| node.name.as_str()).collect()
}

fn node<'a>(system: &'a System, name: &str) -> &'a Node {
    system.nodes().iter().find(|node| node.name == name).expect("a node of this name")
}

fn set(members: &[usize]) -> NodeSet {
    members.iter().copied().map(NodeId::new).collect()
}

#[test]
fn the_example_of_every_family_is_read() {
    for info in ALBUM {
        let read = good(&format!("name = \"x\"\n{}", info.example));
        assert_eq!(read.about().family, info.name);
    }
}

#[test]
fn a_definition_with_everything() {
    let read = good(
        r#"
name        = "grid-3x3"                 # required, unique in a comparison
description = "Nine replicas in three lines of three"

[system]
family = "grid"
rows   = 3
cols   = 3

[nodes]
failure_probability = 0.05
read_capacity  = 1000
write_capacity = 500
latency_ms     = 2.0

[[node]]
name = "n3"
zone = "eu-west"
failure_probability = 0.2

[[zone]]
name = "eu-west"
failure_probability = 0.001

[workload]
read_fraction = 0.9
"#,
    );
    assert_eq!(
        (read.about().name.as_str(), read.about().family.as_str(), read.about().symmetric),
        ("grid-3x3", "grid", false)
    );
    assert_eq!(read.about().description.as_deref(), Some("Nine replicas in three lines of three"));
    assert_eq!((read.nodes().len(), read.zones().len()), (9, 1));
    assert_eq!(node(&read, "n3").failure.map(crate::model::Probability::get), Some(0.2));
    assert!(node(&read, "n3").zone.is_some());
    assert_eq!(read.zones()[0].failure.get(), 0.001);
    assert_eq!(read.workload().mean_read_fraction(), 0.9);
}

#[test]
fn families_are_what_their_parameters_say() {
    for (lines, family) in [
        ("family = \"majority\"\nn = 5", Family::Majority { n: 5 }),
        ("family = \"threshold\"\nn = 5\nread = 2\nwrite = 0x3", Family::Threshold { n: 5, read: 2, write: 3 }),
        (
            "family = \"weighted\"\nvotes = [3, 0, 1, 1]\nquota = 3",
            Family::Weighted { votes: vec![3, 0, 1, 1], read_votes: 3, write_votes: 3 },
        ),
        (
            "family = \"weighted\"\nvotes = [3, 1, 1]\nread_votes = 2\nwrite_votes = 4",
            Family::Weighted { votes: vec![3, 1, 1], read_votes: 2, write_votes: 4 },
        ),
        ("family = \"rawo\"\nn = 3", Family::Rawo { n: 3 }),
        ("family = \"singleton\"\nn = 3", Family::Singleton { n: 3, node: 0 }),
        ("family = \"singleton\"\nn = 3\nnode = \"n3\"", Family::Singleton { n: 3, node: 2 }),
        (
            "family = \"b-grid\"\nwidth = 3\nbands = 2\nband_rows = 2",
            Family::BGrid { width: 3, bands: 2, band_rows: 2 },
        ),
        ("family = \"tree\"\nheight = 2", Family::Tree { height: 2, degree: 2 }),
        ("family = \"tree\"\nheight = 0\ndegree = 3", Family::Tree { height: 0, degree: 3 }),
        (
            "family = \"hierarchical\"\nbranching = [3, 5]\nread = [2, 1]\nwrite = [2, 5]",
            Family::Hierarchical { branching: vec![3, 5], read: vec![2, 1], write: vec![2, 5] },
        ),
        (
            "family = \"hierarchical\"\nbranching = [3, 3]\nquorum = [2, 2]",
            Family::Hierarchical { branching: vec![3, 3], read: vec![2, 2], write: vec![2, 2] },
        ),
        ("family = \"wall\"\nwidths = [2, 1, 3]", Family::Wall { widths: vec![2, 1, 3] }),
        ("family = \"triangle\"\nrows = 3", Family::Triangle { rows: 3 }),
        ("family = \"cwlog\"\nrows = 4", Family::Cwlog { rows: 4 }),
        ("family = \"wheel\"\nn = 3", Family::Wheel { n: 3 }),
        ("family = \"fpp\"\norder = 4", Family::Fpp { order: 4 }),
        ("family = \"paths\"\nsize = 2", Family::Paths { size: 2 }),
        ("family = \"y\"\nsize = 3", Family::Y { size: 3 }),
    ] {
        let (read, expected) = (good(&system(lines)), family.system().expect("a good family"));
        assert_eq!(read.formulas(), expected.formulas(), "{lines}");
        assert_eq!(read.about().symmetric, expected.about().symmetric, "{lines}");
        assert_eq!(names(&read), names(&expected), "{lines}");
    }
    for variant in crate::families::GridVariant::ALL {
        let read = good(&system(&format!("family = \"grid\"\nrows = 3\ncols = 2\nvariant = \"{}\"", variant.name())));
        let expected = Family::Grid { rows: 3, cols: 2, variant }.system().expect("a good family");
        assert_eq!(read.formulas(), expected.formulas());
    }
}

#[test]
fn names_replace_numbers() {
    let read = good(&system("family = \"singleton\"\nn = 2\nnames = [\"left\", \"right one\"]\nnode = \"right one\""));
    assert_eq!(names(&read), ["left", "right one"]);
    assert!(read.formula(Kind::Read).holds(&set(&[1])));
    assert!(!read.formula(Kind::Read).holds(&set(&[0])));
}

#[test]
fn numbers_of_nodes() {
    let text = system("family = \"majority\"\nn = 4")
        + "[nodes]\nread_capacity = 1_000\nwrite_capacity = 5e2\nlatency_ms = 2\nfailure_probability = 0.05\n\
           [[node]]\nname = \"n2\"\ncapacity = 7\nlatency_ms = 0\n\
           [[node]]\nname = \"n3\"\nread_capacity = 9\nfailure_probability = 1\n";
    let read = good(&text);
    let numbers = |name| {
        let node = node(&read, name);
        let latency_ms = node.latency_ms.expect("a latency").get();
        (node.read_capacity.get(), node.write_capacity.get(), latency_ms, node.failure.expect("a probability").get())
    };
    assert_eq!(numbers("n1"), (1000.0, 500.0, 2.0, 0.05));
    assert_eq!(numbers("n2"), (7.0, 7.0, 0.0, 0.05));
    assert_eq!(numbers("n3"), (9.0, 500.0, 2.0, 1.0));
    let bare = good(&system("family = \"majority\"\nn = 1"));
    assert_eq!(bare.nodes(), [Node::new("n1")]);
}

#[test]
fn zones_are_tables_or_labels() {
    let nodes = "[[node]]\nname = \"n2\"\nzone = \"b\"\n[[node]]\nname = \"n1\"\nzone = \"a\"\n";
    let labels = good(&(system("family = \"majority\"\nn = 3") + nodes));
    let described: Vec<_> = labels.zones().iter().map(|zone| (zone.name.as_str(), zone.failure.get())).collect();
    assert_eq!(described, [("b", 0.0), ("a", 0.0)]);
    let tables =
        "[[zone]]\nname = \"a\"\nfailure_probability = 0.1\n[[zone]]\nname = \"empty\"\n[[zone]]\nname = \"b\"\n";
    let tables = good(&(system("family = \"majority\"\nn = 3") + tables + nodes));
    assert_eq!(tables.zones().len(), 3);
    let zone = |name| node(&tables, name).zone.map(|zone| tables.zones()[zone.index()].name.as_str());
    assert_eq!([zone("n1"), zone("n2"), zone("n3")], [Some("a"), Some("b"), None]);
}

#[test]
fn zones_list_their_nodes_or_nodes_name_their_zone() {
    let family = system("family = \"majority\"\nn = 5");
    let zones = |first: &str, second: &str| {
        format!("[[zone]]\nname = \"a\"\n{first}[[zone]]\nname = \"b\"\nparent = \"a\"\n{second}")
    };
    let node = |name: &str, zone: &str| format!("[[node]]\nname = \"{name}\"\nzone = \"{zone}\"\nlatency_ms = 2\n");
    let timed = |name: &str| format!("[[node]]\nname = \"{name}\"\nlatency_ms = 2\n");
    let named = family.clone() + &zones("", "") + &node("n1", "b") + &node("n3", "a") + &node("n4", "b");
    let rest = timed("n1") + &timed("n3") + &timed("n4");
    let listed = family.clone() + &zones("nodes = [\"n3\"]\n", "nodes = [\"n4\", \"n1\"]\n") + &rest;
    // The order of the tables is no matter, and both ways may stand side by side for different nodes.
    let before = family.clone() + &rest + &zones("nodes = [\"n3\"]\n", "nodes = [\"n4\", \"n1\"]\n");
    let mixed =
        family + &node("n3", "a") + &timed("n1") + &timed("n4") + &zones("nodes = []\n", "nodes = [\"n1\", \"n4\"]\n");
    for other in [&listed, &before, &mixed] {
        assert_eq!(good(&named), good(other), "{other}");
    }
}

#[test]
fn zones_list_the_nodes_of_custom_systems() {
    let text = "family = \"custom\"\nreads = \"a*b\"\n[[node]]\nname = \"c\"\n[[zone]]\nname = \"z\"\nnodes = [\"b\", \"c\"]\n";
    let read = good(&system(text));
    let zoned = |name| node(&read, name).zone.is_some();
    assert_eq!([zoned("a"), zoned("b"), zoned("c")], [false, true, true]);
}

#[test]
fn workloads_are_one_fraction_or_several() {
    let with = |lines: &str| good(&(system("family = \"majority\"\nn = 1") + lines)).workload().clone();
    assert_eq!(with("").mean_read_fraction(), 0.5);
    assert_eq!(with("[workload]").mean_read_fraction(), 0.5);
    assert_eq!(with("[workload]\nread_fraction = 1").mean_read_fraction(), 1.0);
    let several =
        with("[workload]\nread_fractions = [ { fraction = 0.1, weight = 1 }, { fraction = 0.7, weight = 3.0 } ]");
    assert_eq!(several.shares().len(), 2);
    assert!((several.mean_read_fraction() - 0.55).abs() < 1e-12);
    let tables = with("[[workload.read_fractions]]\nfraction = 0.25\nweight = 2");
    assert_eq!(tables.mean_read_fraction(), 0.25);
}

#[test]
fn what_is_left_out_is_the_dual() {
    let reads = custom("reads = \"a*b + c\"");
    assert_eq!(*reads.formula(Kind::Write), reads.formula(Kind::Read).dual());
    let writes = custom("writes = \"a*b + c\"");
    assert_eq!(writes.formula(Kind::Write), reads.formula(Kind::Read));
    assert_eq!(writes.formula(Kind::Read), reads.formula(Kind::Write));
    let both = custom("quorums = \"majority(a, b, c)\"");
    assert!(both.about().symmetric && both.is_symmetric());
    assert!(!reads.about().symmetric);
}

#[test]
fn nodes_stand_in_the_order_of_their_first_appearance() {
    let read = custom("writes = \"a + d\"\nreads = \"c * (b + a)\"\n[[node]]\nname = \"idle\"\n[[node]]\nname = \"a\"");
    assert_eq!(names(&read), ["c", "b", "a", "d", "idle"]);
}

#[test]
fn lists_are_kept_as_they_were_given() {
    let read = custom("reads = [[\"a\", \"b\"], [\"a\"], [\"c\", \"b\"]]");
    assert_eq!(read.about().listed.reads.as_deref(), Some(&[set(&[0, 1]), set(&[0]), set(&[1, 2])][..]));
    assert_eq!(read.about().listed.writes, None);
    assert!(read.formula(Kind::Read).holds(&set(&[0])));
    assert!(read.formula(Kind::Write).holds(&set(&[0, 2])));
    let both = custom("quorums = [[\"a\"]]");
    assert!(both.about().listed.reads.is_some() && both.about().listed.writes.is_some());
    let mixed = custom("reads = [[\"a\", \"b\"]]\nwrites = \"a + b\"");
    assert!(mixed.about().listed.reads.is_some() && mixed.about().listed.writes.is_none());
}

#[test]
fn strings_of_every_kind_hold_expressions() {
    let expected = custom("reads = 'a*\"b c\" + d'");
    for text in ["\"a*\\\"b c\\\" + d\"", "'''\na * \"b c\"\n + d\n'''", "\"\"\"a \\\n   * \"b c\" + \\u0064\"\"\""] {
        let read = custom(&format!("reads = {text}"));
        assert_eq!(read, expected, "{text}");
    }
}

#[test]
fn description_byte_order_mark_and_line_ends() {
    let read =
        good("\u{feff}name = \"é\"\r\ndescription = \"two\\nlines\"\r\n[system]\r\nfamily = \"rowa\"\r\nn = 2\r\n");
    assert_eq!(read.about().name, "é");
    assert_eq!(read.about().description.as_deref(), Some("two\nlines"));
    let dotted = good("name = 'x'\nsystem.family = 'rowa'\nsystem.n = 2\nnodes = { capacity = 2 }\n");
    assert_eq!(dotted.nodes()[1].write_capacity.get(), 2.0);
}
