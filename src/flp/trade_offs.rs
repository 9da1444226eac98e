//! What protocols of one exchange give up: with one crash, or with two orders.

use super::configuration::{Configuration, Event, Pending};
use super::outcome::TradeOff;
use super::protocol::Protocol;
use super::protocols::{Eager, Wait};
use super::written::written;

/// Both of them, each with a schedule.
pub(crate) fn trade_offs(processes: usize) -> Vec<TradeOff> {
    [waits_for_all(processes), decides_at_once(processes)].into_iter().flatten().collect()
}

fn inputs(processes: usize, ones: usize) -> Vec<bool> {
    (0..processes).map(|process| process >= processes - ones).collect()
}

/// The last process never takes a step: everything else arrives, and nobody decides.
fn waits_for_all(processes: usize) -> Option<TradeOff> {
    let protocol = Eager::new(processes, Wait::All);
    let inputs = inputs(processes, 1);
    let initial = Configuration::initial(&protocol, &inputs);
    let crashed = processes - 1;
    let (mut now, mut schedule) = (initial.clone(), Vec::new());
    let mut happen = |now: &mut Configuration<Eager>, event: Event| {
        now.apply(&protocol, event);
        schedule.push(event);
    };
    (0..crashed).for_each(|process| happen(&mut now, Event { process, message: None }));
    while let Some(event) = now.buffer.iter().find(|pending| pending.to != crashed).map(Pending::event) {
        happen(&mut now, event);
    }
    now.decision(&protocol).is_none().then(|| TradeOff {
        protocol: "wait-for-all",
        gives_up: "termination",
        shown_by: "the last process has crashed, everything else has arrived, and nobody can ever decide",
        schedule: written(&protocol, &initial, &schedule),
        inputs,
    })
}

/// One process hears those first who say 0, another one those who say 1.
fn decides_at_once(processes: usize) -> Option<TradeOff> {
    let protocol = Eager::new(processes, Wait::Majority);
    let pairs = || (0..processes).flat_map(|first| (0..processes).map(move |second| (first, second)));
    (1..processes).flat_map(|ones| pairs().map(move |pair| (ones, pair))).find_map(|(ones, (first, second))| {
        let inputs = inputs(processes, ones);
        let initial = Configuration::initial(&protocol, &inputs);
        let (mut now, mut schedule) = (initial.clone(), Vec::new());
        for process in 0..processes {
            now.apply(&protocol, Event { process, message: None });
            schedule.push(Event { process, message: None });
        }
        for (process, towards) in [(first, false), (second, true)] {
            while protocol.decision(&now.states[process]).is_none() {
                let waiting = now.buffer.iter().filter(|pending| pending.to == process);
                let next = waiting.min_by_key(|pending| protocol.leaning(&pending.message) != Some(towards))?.event();
                now.apply(&protocol, next);
                schedule.push(next);
            }
        }
        (now.decisions(&protocol) == [true, true]).then(|| TradeOff {
            protocol: "first-majority",
            gives_up: "agreement",
            shown_by: "two processes have decided differently",
            schedule: written(&protocol, &initial, &schedule),
            inputs,
        })
    })
}
