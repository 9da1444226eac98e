//! What goes wrong, and when: the faults of a scenario, done to processes and to the network between them.

use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use super::load::Clients;
use super::proxy::Proxies;
use super::replicas::Replicas;
use super::weather::Weather;
use crate::protocol::ProcessId;
use crate::sim::{Fault, FaultEvent, ProcessSet, Scenario};

/// A fault, and when it was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// When, since the start.
    pub at: Duration,
    /// What.
    pub fault: Fault,
    /// Why it was not done, where it was not.
    pub not: Option<String>,
}

/// Does the faults of a scenario at their times, those after `end` excepted.
pub async fn schedule(
    scenario: &Scenario,
    (replicas, proxies): (&mut Replicas, &Proxies),
    (weather, clients): (&Weather, &Clients),
    (start, end): (Instant, Duration),
) -> Vec<Done> {
    let mut events: Vec<&FaultEvent> = scenario.faults.iter().collect();
    events.sort_by_key(|event| event.at_ns);
    let mut done = Vec::new();
    for event in events {
        let at = Duration::from_nanos(event.at_ns);
        if at >= end {
            break;
        }
        sleep_until((start + at).into()).await;
        if clients.are_ended() {
            break;
        }
        let nodes = proxies_count(replicas);
        let not = carry_out(&event.fault, (replicas, proxies), (weather, clients), nodes).await;
        done.push(Done { at: start.elapsed(), fault: event.fault.clone(), not });
    }
    done
}

fn proxies_count(replicas: &Replicas) -> usize {
    replicas.addresses().len()
}

async fn carry_out(
    fault: &Fault,
    (replicas, proxies): (&mut Replicas, &Proxies),
    (weather, clients): (&Weather, &Clients),
    nodes: usize,
) -> Option<String> {
    let set = |processes: &ProcessSet, is_up: bool| {
        let those = processes.iter().filter(|process| process.index() >= nodes);
        those.for_each(|client| clients.set(client.index() - nodes, is_up));
    };
    match fault {
        Fault::Crash { processes } => {
            set(processes, false);
            for node in nodes_of(processes, nodes) {
                replicas.crash(node, proxies).await;
            }
        }
        Fault::Recover { processes, disk } => {
            set(processes, true);
            for node in nodes_of(processes, nodes) {
                if let Err(error) = replicas.restart(node, *disk, proxies) {
                    return Some(error.to_string());
                }
            }
        }
        Fault::Clock { .. } => return Some("all processes of a machine have its clock".into()),
        Fault::TornWrite { .. } => {
            return Some(
                "a client here cannot be made to crash in the middle of a write; cut it off from replicas instead"
                    .into(),
            );
        }
        network => {
            if !weather.change(network) {
                return Some("there is no such fault between processes".into());
            }
        }
    }
    None
}

fn nodes_of(processes: &ProcessSet, nodes: usize) -> Vec<usize> {
    processes.iter().map(ProcessId::index).filter(|node| *node < nodes).collect()
}
