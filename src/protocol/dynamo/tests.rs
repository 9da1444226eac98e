//! The machines by hand: messages arrive at once, in order, unless the two sides cannot reach each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
use crate::protocol::{Disk, Event, Input, Machine, Operation, Outcome, Output, Outputs, TimerId};

const KEY: Key = Key(0);
const SECOND: u64 = 1_000_000_000;

/// Replicas 0.. and clients after them.
struct Town {
    replicas: Vec<Replica>,
    clients: Vec<Client>,
    disks: BTreeMap<ProcessId, Disk<DynamoRecord>>,
    /// Pairs that cannot reach each other.
    apart: BTreeSet<(ProcessId, ProcessId)>,
    timers: BTreeSet<(ProcessId, TimerId)>,
    outcomes: Vec<Outcome>,
    events: BTreeMap<Event, u32>,
    clock_ns: u64,
}

impl Town {
    fn new(settings: Settings) -> Town {
        let store = Dynamo::new(settings).unwrap();
        let replicas = (0..settings.nodes as u32).map(|id| store.replica(ProcessId(id))).collect();
        let clients = (0..2).map(|id| store.client(ProcessId(settings.nodes as u32 + id))).collect();
        let mut town = Town {
            replicas,
            clients,
            disks: BTreeMap::new(),
            apart: BTreeSet::new(),
            timers: BTreeSet::new(),
            outcomes: Vec::new(),
            events: BTreeMap::new(),
            clock_ns: SECOND,
        };
        for id in 0..settings.nodes as u32 + 2 {
            town.give(ProcessId(id), Input::Start { draw: 0 });
        }
        town
    }

    fn client(&self, index: usize) -> ProcessId {
        ProcessId((self.replicas.len() + index) as u32)
    }

    fn cut(&mut self, client: usize, replicas: &[u32]) {
        let client = self.client(client);
        self.apart.extend(replicas.iter().flat_map(|id| [(client, ProcessId(*id)), (ProcessId(*id), client)]));
    }

    /// One input, and everything that follows from it but for timers.
    fn give(&mut self, to: ProcessId, input: Input<DynamoMessage, DynamoRecord>) {
        let mut waiting = VecDeque::from([(to, input)]);
        while let Some((to, input)) = waiting.pop_front() {
            let mut out = Outputs::default();
            match to.index().checked_sub(self.replicas.len()) {
                None => self.replicas[to.index()].step(self.clock_ns, input, &mut out),
                Some(client) => self.clients[client].step(self.clock_ns, input, &mut out),
            }
            for output in out.drain() {
                match output {
                    Output::Send { to: receiver, message } if !self.apart.contains(&(to, receiver)) => {
                        waiting.push_back((receiver, Input::Message { from: to, message }));
                    }
                    Output::Send { .. } => {}
                    Output::SetTimer { timer, .. } => _ = self.timers.insert((to, timer)),
                    Output::CancelTimer { timer } => _ = self.timers.remove(&(to, timer)),
                    Output::Complete { outcome } => self.outcomes.push(outcome),
                    Output::Persist { slot, record } => self.disks.entry(to).or_default().put(slot, record),
                    Output::Count { event } => *self.events.entry(event).or_default() += 1,
                    Output::Tell { .. } => {}
                }
            }
        }
    }

    /// All timers of a process run out.
    fn wait(&mut self, process: ProcessId) {
        self.clock_ns += SECOND / 10;
        let due: Vec<_> = self.timers.iter().filter(|(whose, _)| *whose == process).copied().collect();
        for (whose, timer) in due {
            self.timers.remove(&(whose, timer));
            self.give(whose, Input::Timer { timer, draw: 0 });
        }
    }

    /// Runs an operation to its end.
    fn run(&mut self, client: usize, operation: Operation) -> Outcome {
        let (process, before) = (self.client(client), self.outcomes.len());
        self.clock_ns += 1;
        self.give(process, Input::Call { operation, draw: 0 });
        while self.outcomes.len() == before {
            self.wait(process);
        }
        self.outcomes[before]
    }

    fn write(&mut self, client: usize, value: u64) -> Outcome {
        self.run(client, Operation::Write { key: KEY, value })
    }

    fn read(&mut self, client: usize) -> Outcome {
        self.run(client, Operation::Read { key: KEY })
    }

    fn holders(&self, value: u64) -> Vec<usize> {
        (0..self.replicas.len()).filter(|id| self.replicas[*id].version(KEY).value == value).collect()
    }
}

/// N = 3, R = W = 2 on A, B, C, D, E; the register's homes are A, B, C.
fn lecture() -> Settings {
    Settings { placement: Placement::InOrder, ..Settings::new(5, 3, 2, 2) }
}

/// The lecture's example: R + W > N, and yet the read misses the write, because D and E stand in for B and C.
#[test]
fn sloppy_quorums_read_stale_and_hand_off_mends_it() {
    let mut town = Town::new(lecture());
    assert_eq!(town.write(0, 1), Outcome::Written);
    town.cut(0, &[1, 2]);
    town.cut(1, &[0, 3, 4]);
    assert_eq!(town.write(0, 2), Outcome::Written);
    assert_eq!(town.holders(2), [0, 3, 4], "two stand-ins took the write");
    assert_eq!(town.replicas.iter().map(Replica::hints).sum::<usize>(), 2);
    assert_eq!(town.read(1), Outcome::Read(1), "the read asked {{B, C}}");
    town.wait(ProcessId(3));
    town.wait(ProcessId(4));
    assert_eq!(town.read(1), Outcome::Read(2), "after the hand-off it is fresh");
    assert_eq!(town.holders(2), [0, 1, 2]);
    assert_eq!((town.events[&Event::HintStored], town.events[&Event::HintDelivered]), (2, 2));
}

#[test]
fn strict_quorums_would_rather_give_up() {
    let mut town = Town::new(Settings { sloppy: false, ..lecture() });
    town.cut(0, &[1, 2]);
    assert_eq!(town.write(0, 2), Outcome::GaveUp);
    assert_eq!(town.holders(2), [0], "which may take effect all the same");
}

#[test]
fn a_read_repairs_what_it_finds_to_be_old() {
    let mut town = Town::new(Settings { sloppy: false, ..lecture() });
    town.cut(0, &[2]);
    assert_eq!(town.write(0, 1), Outcome::Written);
    assert_eq!(town.holders(1), [0, 1]);
    assert_eq!(town.read(1), Outcome::Read(1));
    assert_eq!(town.holders(1), [0, 1, 2], "the late answer of C was repaired too");
    assert_eq!(town.events[&Event::ReadRepair], 1);
    let mut plain = Town::new(Settings { sloppy: false, read_repair: false, ..lecture() });
    plain.cut(0, &[2]);
    assert_eq!((plain.write(0, 1), plain.read(1)), (Outcome::Written, Outcome::Read(1)));
    assert_eq!(plain.holders(1), [0, 1]);
}

#[test]
fn replicas_that_compare_end_with_the_same_registers() {
    let mut town = Town::new(Settings { sloppy: false, ..lecture() });
    town.cut(0, &[1]);
    for key in 0..100 {
        let outcome = town.run(0, Operation::Write { key: Key(key), value: u64::from(key) + 1 });
        assert_eq!(outcome, Outcome::Written);
    }
    // Draw 0 is the first other replica: n2 compares with n1, and n1 with n2.
    town.wait(ProcessId(1));
    let store = Dynamo::new(lecture()).unwrap();
    for key in (0..100).map(Key) {
        let both = store.homes(key).contains(&ProcessId(0)) && store.homes(key).contains(&ProcessId(1));
        assert_eq!(town.replicas[1].version(key).value == u64::from(key.0) + 1, both, "{key:?}");
    }
    let exchanged = town.events[&Event::AntiEntropy];
    town.wait(ProcessId(1));
    assert_eq!(town.events[&Event::AntiEntropy], exchanged, "equal replicas exchange nothing");
}

#[test]
fn what_was_acknowledged_survives_a_crash() {
    let mut town = Town::new(lecture());
    town.cut(0, &[1, 2]);
    assert_eq!(town.write(0, 7), Outcome::Written);
    for id in [0, 3, 4] {
        let disk = town.disks[&ProcessId(id)].clone();
        let store = Dynamo::new(*Dynamo::new(lecture()).unwrap().settings()).unwrap();
        let before = town.replicas[id as usize].clone();
        town.replicas[id as usize] = store.replica(ProcessId(id));
        town.give(ProcessId(id), Input::Restart { disk, draw: 0 });
        assert_eq!(town.replicas[id as usize].version(KEY), before.version(KEY));
        assert_eq!(town.replicas[id as usize].hints(), before.hints());
    }
    town.wait(ProcessId(3));
    assert_eq!(town.holders(7), [0, 1, 4], "the hint was handed off after the crash, and dropped");
}

/// A client with a slow clock overtakes nobody, and its own writes stay in order even when the clock goes back.
#[test]
fn clocks_that_go_back_do_not_undo_a_client_s_own_writes() {
    let mut town = Town::new(lecture());
    assert_eq!(town.write(0, 1), Outcome::Written);
    town.clock_ns = 5;
    assert_eq!(town.write(0, 2), Outcome::Written);
    assert_eq!(town.read(1), Outcome::Read(2));
    assert_eq!(town.write(1, 3), Outcome::Written);
    assert_eq!(town.read(0), Outcome::Read(2), "the other client's clock was behind: its write is lost");
}

#[test]
fn settings_outside_the_ring_are_refused() {
    let refused = |nodes, homes, read, write| Dynamo::new(Settings::new(nodes, homes, read, write)).unwrap_err();
    assert_eq!(refused(2, 3, 1, 1).to_string(), "3 homes on a ring of 2 nodes: there must be from 1 to 2");
    assert_eq!(refused(3, 3, 1, 4).to_string(), "W = 4 of 3 homes: it must be from 1 to 3");
    assert_eq!(refused(3, 3, 0, 1).to_string(), "R = 0 of 3 homes: it must be from 1 to 3");
    assert!(Dynamo::new(Settings::new(0, 0, 0, 0)).is_err());
}
