//! An execution as a file that `quorate simulate --faults` reads.

use super::definition::quoted;
use crate::model::System;
use crate::protocol::{Operation, ProcessId, Role};
use crate::sim::{Fate, Fault, FaultEvent, Latency, ProcessSet, Script, name_of};

/// The script as TOML, with a description.
///
/// Only what [`crate::sim::shrink`] makes is written: the usual delay is a constant, and nothing is drawn.
pub fn schedule(system: &System, script: &Script, description: &str) -> String {
    let mut text = format!("description = {}\n\n[network]\n", quoted(description));
    let ms = if let Latency::Constant { ms } = script.scenario.latency { ms } else { 1.0 };
    text.push_str(&format!("latency = {{ law = \"constant\", ms = {ms:?} }}\n"));
    for event in script.scenario.faults.iter().filter(|event| does_something(&event.fault)) {
        text.push_str(&format!("\n[[fault]]\nat_ms = {}\n{}", self::ms(event.at_ns), fault(system, event)));
    }
    for ((from, number), fate) in &script.scenario.fates {
        text.push_str(&format!("\n[[message]]\nfrom = {}\nnumber = {number}\n", quoted(&name_of(system, *from))));
        text.push_str(&self::fate(fate));
    }
    for (client, tasks) in script.traffic.script.iter().flatten().enumerate() {
        let client = quoted(&name_of(system, ProcessId((system.nodes().len() + client) as u32)));
        for task in tasks {
            text.push_str(&format!("\n[[operation]]\nclient = {client}\n"));
            let key = task.operation.key().0;
            text.push_str(&match task.operation {
                Operation::Read { .. } => "action = \"read\"\n".to_owned(),
                Operation::Write { value, .. } => format!("action = \"write\"\nvalue = {value}\n"),
                // It expects what its client saw last.
                Operation::Cas { value, .. } => format!("action = \"cas\"\nvalue = {value}\n"),
            });
            if key != 0 {
                text.push_str(&format!("key = {key}\n"));
            }
            if task.draw != 0 {
                text.push_str(&format!("draw = \"{:016x}\"\n", task.draw));
            }
        }
    }
    text
}

/// Whether a fault is about anybody: a drawn partition may have all processes on one side.
fn does_something(fault: &Fault) -> bool {
    match fault {
        Fault::Crash { processes } | Fault::Recover { processes, .. } => !processes.is_empty(),
        Fault::Slow { processes, .. } | Fault::Clock { processes, .. } => !processes.is_empty(),
        Fault::Cut { from, to, .. } | Fault::Mend { from, to, .. } => !from.is_empty() && !to.is_empty(),
        Fault::Heal | Fault::Loss { .. } | Fault::Duplication { .. } | Fault::TornWrite { .. } => true,
    }
}

fn fate(fate: &Fate) -> String {
    match (fate.first_ns, fate.second_ns) {
        (None, None) => "lost = true\n".to_owned(),
        (Some(only), None) | (None, Some(only)) => format!("delay_ms = {}\n", ms(only)),
        (Some(first), Some(second)) => format!("delay_ms = {}\nrepeated_ms = {}\n", ms(first), ms(second)),
    }
}

fn fault(system: &System, event: &FaultEvent) -> String {
    let set = |set: &ProcessSet| {
        let names: Vec<String> = set.iter().map(|process| quoted(&name_of(system, process))).collect();
        format!("[{}]", names.join(", "))
    };
    let only = |role: &Option<Role>| role.map_or(String::new(), |role| format!("only = \"{}\"\n", role.name()));
    match &event.fault {
        Fault::Crash { processes } => format!("action = \"crash\"\nnodes = {}\n", set(processes)),
        Fault::Recover { processes, disk } => {
            format!("action = \"recover\"\nnodes = {}\ndisk = {disk}\n", set(processes))
        }
        Fault::Cut { from, to, role } => {
            format!("action = \"cut\"\nfrom = {}\nto = {}\n{}", set(from), set(to), only(role))
        }
        Fault::Mend { from, to, role } => {
            format!("action = \"mend\"\nfrom = {}\nto = {}\n{}", set(from), set(to), only(role))
        }
        Fault::Heal => "action = \"heal\"\n".to_owned(),
        Fault::Slow { processes, factor } => {
            format!("action = \"slow\"\nnodes = {}\nfactor = {factor:?}\n", set(processes))
        }
        Fault::Loss { probability } => format!("action = \"loss\"\nprobability = {probability:?}\n"),
        Fault::Duplication { probability } => format!("action = \"duplication\"\nprobability = {probability:?}\n"),
        Fault::Clock { processes, ahead_ns, rate } => {
            let ahead_ms = *ahead_ns as f64 / 1e6;
            format!("action = \"clock\"\nnodes = {}\nahead_ms = {ahead_ms:?}\nrate = {rate:?}\n", set(processes))
        }
        Fault::TornWrite { client, reaches } => {
            let client = quoted(&name_of(system, *client));
            format!("action = \"torn-write\"\nclient = {client}\nreaches = {}\n", set(reaches))
        }
    }
}

/// Nanoseconds as milliseconds, with all their digits.
fn ms(ns: u64) -> String {
    let (whole, rest) = (ns / 1_000_000, ns % 1_000_000);
    format!("{whole}.{rest:06}")
}
