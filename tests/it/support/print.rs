//! A system as the text of a definition, so that what a failed test saw can be pasted into a file and asked about.

use std::fmt::Write;

use quorate::model::{Formula, Gate, GateId, Node, System};

/// A definition of `system`; shared gates are written out every time they are used.
pub(crate) fn definition(system: &System) -> String {
    let mut text = format!("name = \"{}\"\n\n[system]\nfamily = \"custom\"\n", system.about().name);
    let names: Vec<&str> = system.nodes().iter().map(|node| node.name.as_str()).collect();
    for (key, formula) in [("reads", &system.formulas().reads), ("writes", &system.formulas().writes)] {
        let _ = writeln!(text, "{key} = \"{}\"", expression(formula, formula.root(), &names));
    }
    for node in system.nodes() {
        text.push_str(&table_of(node, system));
    }
    for zone in system.zones() {
        let _ = write!(text, "\n[[zone]]\nname = \"{}\"\nfailure_probability = {:?}\n", zone.name, zone.failure.get());
        if let Some(parent) = zone.parent {
            let _ = writeln!(text, "parent = \"{}\"", system.zones()[parent.index()].name);
        }
    }
    let shares = system.workload().shares().iter();
    let share = |(fraction, weight): (f64, f64)| format!("{{ fraction = {fraction:?}, weight = {weight:?} }}");
    let shares: Vec<String> = shares.map(|s| share((s.read_fraction.get(), s.given_weight.get()))).collect();
    let _ = write!(text, "\n[workload]\nread_fractions = [{}]\n", shares.join(", "));
    text
}

fn table_of(node: &Node, system: &System) -> String {
    let mut text = format!(
        "\n[[node]]\nname = \"{}\"\nread_capacity = {:?}\nwrite_capacity = {:?}\n",
        node.name,
        node.read_capacity.get(),
        node.write_capacity.get()
    );
    if let Some(latency) = node.latency_ms {
        let _ = writeln!(text, "latency_ms = {:?}", latency.get());
    }
    if let Some(failure) = node.failure {
        let _ = writeln!(text, "failure_probability = {:?}", failure.get());
    }
    if let Some(zone) = node.zone {
        let _ = writeln!(text, "zone = \"{}\"", system.zones()[zone.index()].name);
    }
    text
}

fn expression(formula: &Formula, id: GateId, names: &[&str]) -> String {
    let of = |child: &GateId| expression(formula, *child, names);
    match formula.gate(id) {
        Gate::Leaf(node) => names[node.index()].to_owned(),
        Gate::Threshold { k: 1, children } => bracketed(children.iter().map(of), " + "),
        Gate::Threshold { k, children } if k == children.len() => bracketed(children.iter().map(of), "*"),
        Gate::Threshold { k, children } => {
            format!("choose({k}, {})", children.iter().map(of).collect::<Vec<_>>().join(", "))
        }
        Gate::Weighted { quota, children, votes } => {
            let voters = children.iter().zip(votes).map(|(child, votes)| format!("{}={votes}", of(child)));
            format!("weighted({quota}, {})", voters.collect::<Vec<_>>().join(", "))
        }
    }
}

fn bracketed(parts: impl Iterator<Item = String>, operator: &str) -> String {
    format!("({})", parts.collect::<Vec<_>>().join(operator))
}
