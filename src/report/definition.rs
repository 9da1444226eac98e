//! A system written as a definition file that reads back as the same system.

use std::fmt::Write;

use crate::model::{Node, Repair, System, Workload, ZONE_KIND, ZoneId};
use crate::search::Winner;

/// The winner of a search as a definition called `name`: its quorums as expressions, the nodes with all that is known
/// about them, zones and workload.
///
/// # Examples
/// ```
/// use quorate::search::{Query, Cluster, search};
/// use quorate::model::{Node, Workload};
/// let nodes = ["a", "b", "c"].map(Node::new).to_vec();
/// let cluster = Cluster { nodes, zones: Vec::new(), workload: Workload::default() };
/// let found = search(&cluster, &Query { min_resilience: 1, ..Query::default() }, &|_| {})?;
/// let text = quorate::report::definition(&found.winners[0], "best", "found over three nodes");
/// let system = quorate::spec::read("best.toml", text.as_bytes()).expect("it reads back");
/// assert_eq!(system.formulas(), found.winners[0].system.formulas());
/// # Ok::<(), quorate::search::SearchError>(())
/// ```
pub fn definition(winner: &Winner, name: &str, description: &str) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    line(format!("name        = {}", quoted(name)));
    line(format!("description = {}", quoted(description)));
    line(String::new());
    line("[system]".into());
    line("family = \"custom\"".into());
    line(format!("reads  = {}", quoted(&winner.reads)));
    line(format!("writes = {}", quoted(&winner.writes)));
    let system = &winner.system;
    for node in system.nodes() {
        line(node_table(system, node));
    }
    for zone in system.zones() {
        let fails = match zone.repair {
            Some(repair) => times(repair),
            None => format!("failure_probability = {:?}", zone.failure.get()),
        };
        line(format!("\n[[zone]]\nname = {}\n{fails}", quoted(&zone.name)));
        if zone.kind != ZONE_KIND {
            line(format!("kind = {}", quoted(&zone.kind)));
        }
        if let Some(parent) = zone.parent {
            line(format!("parent = {}", quoted(&system.zones()[parent.index()].name)));
        }
    }
    line(format!("\n[workload]\n{}", fractions(system.workload())));
    text
}

fn node_table(system: &System, node: &Node) -> String {
    let mut text = format!("\n[[node]]\nname = {}", quoted(&node.name));
    let mut number = |key: &str, value: f64| {
        // Writing to a string does not fail.
        let _ = write!(text, "\n{key} = {value:?}");
    };
    if node.read_capacity == node.write_capacity {
        // A capacity that nobody gave stays so.
        if node.has_capacity() {
            number("capacity", node.read_capacity.get());
        }
    } else {
        number("read_capacity", node.read_capacity.get());
        number("write_capacity", node.write_capacity.get());
    }
    if let Some(latency) = node.latency_ms {
        number("latency_ms", latency.get());
    }
    match (node.repair, node.failure) {
        (None, Some(failure)) => number("failure_probability", failure.get()),
        (None, None) => {}
        (Some(repair), _) => {
            let _ = write!(text, "\n{}", times(repair));
        }
    }
    let name = |zone: ZoneId| quoted(&system.zones()[zone.index()].name);
    match (node.zone, &node.also_in[..]) {
        (Some(zone), []) => {
            let _ = write!(text, "\nzone = {}", name(zone));
        }
        (None, []) => {}
        _ => {
            let names: Vec<String> = node.zones().map(name).collect();
            let _ = write!(text, "\nzones = [{}]", names.join(", "));
        }
    }
    text
}

fn times(repair: Repair) -> String {
    let replaced = repair.replace_hours.map(|hours| format!("\nreplace_hours = {:?}", hours.get())).unwrap_or_default();
    format!("mttf_hours = {:?}\nmttr_hours = {:?}{replaced}", repair.mttf_hours.get(), repair.mttr_hours.get())
}

fn fractions(workload: &Workload) -> String {
    if let [share] = workload.shares() {
        return format!("read_fraction = {:?}", share.read_fraction.get());
    }
    let shares = workload.shares().iter();
    let entries = shares.map(|share| {
        format!("{{ fraction = {:?}, weight = {:?} }}", share.read_fraction.get(), share.given_weight.get())
    });
    format!("read_fractions = [ {} ]", entries.collect::<Vec<_>>().join(", "))
}

/// A TOML string.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.into()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::{Cluster, Query, search};
    use crate::spec;

    /// Everything that a file of nodes can say, with names that need quotes.
    const NODES: &str = r#"
        [nodes]
        failure_probability = 0.1
        [[node]]
        name = "a b"
        read_capacity = 1e9
        write_capacity = 0.001
        zone = "left"
        [[node]]
        name = "choose"
        latency_ms = 2.5
        [[node]]
        name = 'c"\'
        capacity = 3
        failure_probability = 1e-12
        zone = "right \"1\""
        [[node]]
        name = "d"
        mttf_hours = 8760.5
        mttr_hours = 0.1
        zone = "rack"
        [[zone]]
        name = "left"
        failure_probability = 0.25
        [[zone]]
        name = "rack"
        parent = "left"
        mttf_hours = 1e5
        mttr_hours = 2
        [[zone]]
        name = "right \"1\""
        [workload]
        read_fractions = [ { fraction = 0.1, weight = 2 }, { fraction = 1, weight = 0.5 } ]
    "#;

    #[test]
    fn what_is_written_reads_back_as_the_same_system() {
        let file = spec::read_nodes("nodes.toml", NODES.as_bytes()).unwrap();
        let cluster = Cluster { nodes: file.nodes, zones: file.zones, workload: file.workload };
        let found = search(&cluster, &Query { top: 100, ..Query::default() }, &|_| {}).unwrap();
        assert!(found.winners.len() > 10);
        for winner in &found.winners {
            let text = definition(winner, "best \"one\"", "line one\nline two");
            let read = spec::read("best.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
            // Custom systems number their nodes by first use, so names are what can be compared.
            let mut nodes = read.nodes().to_vec();
            nodes.sort_by(|a, b| a.name.cmp(&b.name));
            let mut expected = winner.system.nodes().to_vec();
            expected.sort_by(|a, b| a.name.cmp(&b.name));
            assert_eq!(nodes, expected);
            assert_eq!((read.zones(), read.workload()), (winner.system.zones(), winner.system.workload()));
            assert_eq!(
                (read.about().name.as_str(), read.about().description.as_deref()),
                ("best \"one\"", Some("line one\nline two"))
            );
        }
    }
}
