//! `read-write.json`: the best strategies for load, network and latency, with limits and with losses to survive.

use quorate::budget::Budget;
use quorate::model::{Kind, System};
use quorate::strategy::Optimum;
use quorate::strategy::objective::{Infeasible, Limits, Objective};
use quorate::strategy::optimise;
use serde_json::Value;

use super::read_write::{for_each, with_distribution};
use crate::support::files::{golden, number, rows, word};
use crate::support::strategies::survives;
use crate::support::systems::{close, fraction, rational, workload};

/// Values of strategies: everything but those of one that is not optimal.
fn is_optimum(value: &&Value) -> bool {
    word(value, "optimize") != "uniform"
}

fn objective(value: &Value) -> Objective {
    let named = |objective: &Objective| objective.name() == word(value, "optimize");
    Objective::ALL.into_iter().find(named).expect("an objective")
}

fn limits(value: &Value) -> Limits {
    Limits {
        load: value["load_limit"].as_f64(),
        network: value["network_limit"].as_f64(),
        // The decimal that was meant: 1.10001 s are 1100.01 ms.
        latency_ms: value["latency_limit_s"].as_f64().map(|limit| format!("{limit}e3").parse().expect("a number")),
        survive: value["f"].as_u64().unwrap_or(0) as usize,
        ..Limits::default()
    }
}

#[test]
fn best_strategies() {
    let golden = golden("read-write.json");
    let count = rows(&golden["systems"]).iter().flat_map(|entry| rows(&entry["values"])).filter(is_optimum).count();
    assert_eq!(count, 756 - 36, "optima in the file");
    for_each(|entry, system| {
        for value in rows(&entry["values"]).iter().filter(is_optimum) {
            let asked = match value["read_fraction"].as_f64() {
                Some(read_fraction) => workload(&[(fraction(read_fraction).get(), 1.0)]),
                None => with_distribution(system, &value["read_fraction"]).workload().clone(),
            };
            let limits = limits(value);
            let optimum = optimise(system, &asked, objective(value), &limits, Budget::default());
            check(system, &optimum, &limits, value).map_err(|what| format!("{}: {what}", word(value, "id")))?;
        }
        Ok(())
    });
}

fn check(system: &System, best: &Result<Optimum, Infeasible>, limits: &Limits, value: &Value) -> Result<(), String> {
    if value["value"].is_null() {
        return match best {
            Err(Infeasible::Survive { most: Some(0), .. }) => Ok(()),
            _ => Err(format!("{best:?} instead of no strategy")),
        };
    }
    let optimum = best.as_ref().map_err(|why| format!("no strategy: {why:?}"))?;
    let unit = if optimum.objective == Objective::Latency { 1000.0 } else { 1.0 };
    let expected = number(value, "value") * unit;
    if !close(optimum.value(), expected, 1e-9) || !close(optimum.lower_bound, expected, 1e-9) {
        return Err(format!("between {} and {} instead of {expected}", optimum.lower_bound, optimum.value()));
    }
    // Some values are certified in floating point only.
    if let Some(exact) = value["exact"].as_str() {
        let exact = rational(exact) * rational(&unit.to_string());
        if optimum.exact.as_ref() != Some(&exact) {
            return Err(format!("{:?} instead of {exact}", optimum.exact.as_ref().map(ToString::to_string)));
        }
    }
    for quantity in Objective::ALL {
        let given = match quantity {
            Objective::Load => optimum.load(),
            Objective::Network => optimum.network,
            Objective::Latency => optimum.latency_ms.ok_or("no latency")?,
        };
        if limits.of(quantity).is_some_and(|limit| given > limit * (1.0 + 1e-9)) {
            return Err(format!("the {quantity} is {given}"));
        }
        if quantity == optimum.objective && !close(given, expected, 1e-9) {
            return Err(format!("the strategy has a {quantity} of {given} instead of {expected}"));
        }
    }
    let strategy = optimum.strategy.as_ref().ok_or("no strategy")?;
    for kind in Kind::BOTH {
        for choice in strategy.of(kind) {
            if !survives(system.formula(kind), &choice.quorum, limits.survive) {
                return Err(format!("{:?} is lost", choice.quorum));
            }
        }
    }
    Ok(())
}
