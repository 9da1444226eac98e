//! The best strategy, and what it costs.

use super::super::View;
use super::super::digits;
use super::super::number::{MISSING, fraction, lower_end, quantity, upper_end, whole};
use super::super::page::{Block, Cell, Table};
use crate::model::{CapacityUnit, Kind, NodeId, NodeSet, Strategy, System, Workload};
use crate::report::names;
use crate::strategy;
use crate::strategy::objective::Objective;
use crate::strategy::{Certificate, LoadMethod, Optimum, StrategyAnswer};

/// Nodes that get a bar each; more of them are summed up.
const BARS_MAX: usize = 16;

/// Columns of the longest bar.
const BAR_COLUMNS: f64 = 30.0;

/// Two loads of which one is larger by less than this share are called equal: numerical noise.
const NOISE: f64 = 1e-9;

/// Everything about one workload.
pub(super) fn section(system: &System, answer: &StrategyAnswer, view: View) -> Vec<Block> {
    let heading = format!("{} at {}", title(answer.objective), names::workload(&answer.workload));
    let optimum = match &answer.best {
        Ok(optimum) => optimum,
        Err(infeasible) => {
            let why = super::super::goal::no_strategy(system, infeasible);
            return vec![Block::Heading(heading), Block::Paragraph(why)];
        }
    };
    let quantity_of = |objective: Objective, unit: &str, value: Option<f64>| {
        if optimum.objective == objective {
            return fact(objective.name(), format!("{}{unit}", bounds(optimum)), how(optimum));
        }
        fact(objective.name(), format!("{}{unit}", quantity(value.unwrap_or(f64::NAN))), "of this strategy".into())
    };
    let unit = system.capacity_unit().name();
    let mut rows = vec![
        quantity_of(Objective::Load, "", Some(optimum.load())),
        fact("capacity", format!("{} {unit}", capacity(optimum)), "1 / load".into()),
    ];
    if !optimum.workload.is_single() {
        let mean = format!("{} {unit}", quantity(optimum.mean_capacity));
        rows.push(fact("mean capacity", mean, "mean of 1 / load over the read fractions".into()));
    }
    rows.push(quantity_of(Objective::Network, " nodes per operation", Some(optimum.network)));
    rows.push(match optimum.latency_ms {
        None if optimum.objective != Objective::Latency => latency(system, optimum),
        value => quantity_of(Objective::Latency, " ms", value),
    });
    let charted = system.nodes().len() <= BARS_MAX;
    if !charted {
        let mean = optimum.node_load.iter().sum::<f64>() / optimum.node_load.len() as f64;
        let (least, most) = extremes(&optimum.node_load);
        let spread = format!("{} to {}, mean {}", quantity(least), quantity(most), quantity(mean));
        rows.push(fact("load of the nodes", spread, "of this strategy".into()));
    }
    rows.push(busiest(system, &optimum.node_load));
    rows.extend(bottleneck(system, optimum));
    let certificate = optimum.certificate.as_ref().filter(|_| view.certificate);
    if view.certificate {
        rows.extend(certificate_facts(optimum));
    }
    // Where there are fractions, they stand in the place of numbers.
    let is_wanted = view.strategy && certificate.is_none();
    let strategy = optimum.strategy.as_ref().filter(|_| is_wanted);
    if is_wanted && strategy.is_none() {
        rows.push(fact("strategy", MISSING.into(), "not listed; see the notes".into()));
    }
    let mut blocks = vec![Block::Heading(heading), Block::Table(Table::facts(&["quantity", "value", "how"], rows))];
    if charted {
        blocks.push(bars(system, &optimum.node_load));
    }
    blocks.extend(strategy.map(|strategy| strategy_table(system, strategy)));
    blocks.extend(certificate.into_iter().flat_map(|proof| certificate_tables(system, &optimum.workload, proof)));
    blocks
}

fn title(objective: Objective) -> &'static str {
    match objective {
        Objective::Load => "Load",
        Objective::Network => "Network",
        Objective::Latency => "Latency",
    }
}

fn fact(name: &str, value: String, how: String) -> Vec<Cell> {
    vec![Cell::new(name), Cell::new(value), Cell::aside(how)]
}

/// The objective's value, as far as it is known.
fn bounds(optimum: &Optimum) -> String {
    match &optimum.exact {
        Some(exact) => match fraction(exact) {
            Some(short) if short != quantity(optimum.value()) => format!("{} = {short}", quantity(optimum.value())),
            Some(short) => short,
            None => format!("{} (the fraction is in the JSON)", quantity(optimum.value())),
        },
        None if is_close(optimum) => quantity(optimum.value()),
        None => format!("{} to {}", lower_end(optimum.lower_bound), upper_end(optimum.upper_bound)),
    }
}

fn capacity(optimum: &Optimum) -> String {
    let (least, most) = (quantity(optimum.capacity()), quantity(1.0 / optimum.lower_bound));
    let settled = optimum.objective != Objective::Load || optimum.exact.is_some() || is_close(optimum);
    if settled { least } else { format!("{least} to {most}") }
}

fn how(optimum: &Optimum) -> String {
    let method = optimum.method.name();
    match optimum.method {
        LoadMethod::Bounds => "bounds only".into(),
        _ if optimum.is_certified() => format!("certified, {method}"),
        _ if optimum.exact.is_some() => format!("exact, {method}"),
        _ if is_close(optimum) => {
            let gap = (optimum.upper_bound - optimum.lower_bound).abs();
            match gap > 0.0 {
                true => format!("bounds within {gap:.0e}, {method}"),
                false => format!("bounds equal but for rounding, {method}"),
            }
        }
        _ => format!("bounds, {method}"),
    }
}

/// Whether the bounds differ by less than anybody would read.
fn is_close(optimum: &Optimum) -> bool {
    optimum.upper_bound - optimum.lower_bound <= 1e-6 * optimum.upper_bound
}

/// Why there is no latency.
fn latency(system: &System, optimum: &Optimum) -> Vec<Cell> {
    let unknown = system.nodes().iter().any(|node| node.latency_ms.is_none()) || optimum.strategy.is_some();
    let why = if unknown { "nodes without latency_ms" } else { "not computed" };
    fact("latency", MISSING.into(), why.into())
}

/// Where one more unit of capacity is worth most, in capacity of the system.
fn bottleneck(system: &System, optimum: &Optimum) -> Option<Vec<Cell>> {
    // Prices that prove less than the load have nothing to say about it.
    if optimum.objective != Objective::Load || (optimum.exact.is_none() && !is_close(optimum)) {
        return None;
    }
    let worth = strategy::worth(system, optimum)?;
    let total: Vec<f64> = worth.iter().map(|worth| worth.reads + worth.writes).collect();
    let (_, most) = extremes(&total);
    let best: NodeSet = (0..total.len()).filter(|node| total[*node] >= most * (1.0 - NOISE)).map(NodeId::new).collect();
    let gain = most * optimum.capacity() * optimum.capacity();
    if best.len() == total.len() || !gain.is_normal() {
        return None;
    }
    let unit = system.capacity_unit();
    let more = match unit {
        CapacityUnit::OperationsPerSecond => "for one more operation/s of",
        CapacityUnit::OneNode => "per node's capacity added to",
    };
    let value = format!("+{} {}", quantity(gain), unit.name());
    Some(fact("bottleneck", value, format!("{more} {}", names::set(system, &best))))
}

/// Smallest and largest number.
fn extremes(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(*value), most.max(*value)))
}

fn busiest(system: &System, node_load: &[f64]) -> Vec<Cell> {
    let (_, most) = extremes(node_load);
    let is_busiest = |load: &f64| *load >= most * (1.0 - NOISE);
    let nodes: NodeSet = (0..node_load.len()).filter(|index| is_busiest(&node_load[*index])).map(NodeId::new).collect();
    // A long set stands in the last column, which is wrapped.
    match nodes.len() {
        1 => fact("busiest", names::set(system, &nodes), String::new()),
        count if count == node_load.len() => {
            fact("busiest", format!("all {} nodes alike", whole(count)), String::new())
        }
        count => fact("busiest", format!("{} nodes", whole(count)), names::set(system, &nodes)),
    }
}

fn bars(system: &System, node_load: &[f64]) -> Block {
    let (_, most) = extremes(node_load);
    let row = |((node, load), text): ((&crate::model::Node, &f64), String)| {
        vec![Cell::new(names::name(&node.name)), Cell::new(text), Cell::new(bar(*load / most))]
    };
    let rows = system.nodes().iter().zip(node_load).zip(digits::floats(node_load)).map(row).collect();
    table(vec!["node", "load", ""], vec![false, true], rows)
}

/// A bar of that share of the longest one, to an eighth of a column.
fn bar(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if !share.is_finite() {
        return String::new();
    }
    let eighths = (share.clamp(0.0, 1.0) * BAR_COLUMNS * 8.0).round() as usize;
    // What is not nothing shows.
    let eighths = if share > 0.0 { eighths.max(1) } else { eighths };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// The kinds of operations with their words, as one where reads and writes are alike.
fn kinds(alike: bool) -> &'static [(Kind, &'static str)] {
    if alike { &[(Kind::Read, "either")] } else { &[(Kind::Read, "read"), (Kind::Write, "write")] }
}

/// The quorums in use; reads and writes apart unless they are chosen alike.
fn strategy_table(system: &System, strategy: &Strategy) -> Block {
    let alike = names::is_symmetric(system) && strategy.reads == strategy.writes;
    let kinds = kinds(alike);
    let choices = kinds.iter().flat_map(|(kind, word)| strategy.of(*kind).iter().map(move |choice| (*word, choice)));
    let choices: Vec<_> = choices.collect();
    let probabilities = digits::floats(&choices.iter().map(|(_, choice)| choice.probability).collect::<Vec<_>>());
    let rows = choices.iter().zip(probabilities).map(|((word, choice), probability)| {
        vec![Cell::new(*word), Cell::new(probability), Cell::new(names::whole_set(system, &choice.quorum))]
    });
    table(vec!["strategy", "probability", "quorum"], vec![false, true], rows.collect())
}

/// What the limits cost, or why there is no proof.
fn certificate_facts(optimum: &Optimum) -> Vec<Vec<Cell>> {
    let Some(certificate) = &optimum.certificate else {
        let why = names::without_certificate(optimum.is_certified());
        return vec![fact("certificate", MISSING.into(), why.into())];
    };
    let price = |quantity: Objective| {
        let name = match quantity {
            Objective::Load => "price of the load",
            Objective::Network => "price of the network",
            Objective::Latency => "price of the latency",
        };
        Some(fact(name, certificate.limit_prices.of(quantity)?.to_string(), "certificate".into()))
    };
    Objective::ALL.into_iter().filter_map(price).collect()
}

/// The strategy and the prices of the nodes.
fn certificate_tables(system: &System, workload: &Workload, certificate: &Certificate) -> [Block; 2] {
    let alike = names::is_symmetric(system) && certificate.strategy.reads == certificate.strategy.writes;
    let kinds = kinds(alike);
    let mut drawn = Vec::new();
    for (kind, word) in kinds {
        for choice in certificate.strategy.of(*kind) {
            let quorum = names::whole_set(system, &choice.quorum);
            drawn.push(vec![Cell::new(*word), Cell::new(choice.probability.to_string()), Cell::new(quorum)]);
        }
    }
    let shares = workload.shares().iter().zip(&certificate.prices);
    let priced = shares.flat_map(|(of, prices)| {
        let fraction = of.read_fraction.get().to_string();
        let row = move |(node, price): (usize, &num_rational::BigRational)| {
            let name = names::name(&system.nodes()[node].name);
            vec![Cell::new(name), Cell::new(fraction.clone()), Cell::new(price.to_string())]
        };
        prices.iter().enumerate().map(row).collect::<Vec<_>>()
    });
    [
        table(vec!["strategy", "probability", "quorum"], vec![false, true], drawn),
        table(vec!["node", "read fraction", "price"], vec![false, true, true], priced.collect()),
    ]
}

fn table(header: Vec<&'static str>, numeric: Vec<bool>, rows: Vec<Vec<Cell>>) -> Block {
    Block::Table(Table { header, header_shown: true, numeric, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bounds_without_a_fraction_are_said_in_words() {
        let mut optimum = super::super::super::fixture::grid().analysis.optimum.remove(0).best.unwrap();
        (optimum.exact, optimum.method) = (None, LoadMethod::FlowProgram);
        optimum.lower_bound = optimum.upper_bound;
        assert_eq!(how(&optimum), "bounds equal but for rounding, flow-lp");
        optimum.lower_bound = optimum.upper_bound - 1e-9;
        assert_eq!(how(&optimum), "bounds within 1e-9, flow-lp");
    }

    #[test]
    fn bars_are_as_long_as_their_share() {
        assert_eq!(bar(1.0), "█".repeat(30));
        assert_eq!(bar(0.5), "█".repeat(15));
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(1e-9), "▏");
        assert_eq!(bar(1.0 / 60.0), "▌");
        assert_eq!(bar(f64::NAN), "");
    }
}
