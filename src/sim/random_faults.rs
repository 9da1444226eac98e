//! Faults that the seed draws.

use std::ops::Range;

use super::fault::{Fault, FaultEvent, ProcessSet, Scenario};
use super::latency::{Latency, NS_PER_MS};
use super::random::{Purpose, Random};
use super::traffic::Task;
use crate::protocol::ProcessId;

/// Faults of one kind that a seed draws.
pub const DRAWN_MAX: u64 = 100_000;

/// A scenario for every seed: some faults stand there, others are drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultPlan {
    /// What every seed has.
    pub base: Scenario,
    /// What is drawn.
    pub drawn: Drawn,
    /// The operations of every client, if they are written out.
    pub script: Option<Vec<Vec<Task>>>,
}

/// Which faults are drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawn {
    /// Faults start before this time.
    pub until_ns: u64,
    /// Crashes of replicas.
    pub crashes: Option<Wave>,
    /// Crashes of clients, which come back with their disks.
    pub client_crashes: Option<Wave>,
    /// Some processes cannot talk to the others, in both directions.
    pub partitions: Option<Wave>,
    /// Messages of replicas take so many times as long.
    pub slow: Option<(Wave, f64)>,
    /// Writes that reach some replicas only, whose clients crash, and come back with their disks.
    pub torn_writes: Option<Wave>,
}

/// Faults of one kind at random times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// The mean time between two; exponential.
    pub every_ns: u64,
    /// The mean time that one lasts; exponential.
    pub for_ns: u64,
    /// How many processes are affected at once at most.
    pub at_most: usize,
    /// Whether processes come back with their disks.
    pub disk: bool,
}

/// How many processes there are of each kind.
#[derive(Debug, Clone, Copy)]
struct Census {
    replicas: u32,
    clients: u32,
}

impl Census {
    fn replicas(self) -> std::ops::Range<u32> {
        0..self.replicas
    }

    fn clients(self) -> std::ops::Range<u32> {
        self.replicas..self.replicas + self.clients
    }
}

impl FaultPlan {
    /// The same for every seed.
    pub fn scripted(base: Scenario) -> Self {
        FaultPlan { base, ..FaultPlan::default() }
    }

    /// The scenario of one seed, for so many replicas and clients.
    pub fn scenario(&self, seed: u64, replicas: usize, clients: u32) -> Scenario {
        let census = Census { replicas: replicas as u32, clients };
        let mut scenario = self.base.clone();
        scenario.faults.extend(self.drawn.faults(seed, census));
        scenario
    }
}

/// A process is affected from one time to another.
struct Span {
    process: ProcessId,
    from_ns: u64,
    until_ns: u64,
}

impl Drawn {
    fn faults(&self, seed: u64, census: Census) -> Vec<FaultEvent> {
        let mut events = Vec::new();
        let mut add = |span: &Span, fault: Fault, end: Fault| {
            events.push(FaultEvent { at_ns: span.from_ns, fault });
            events.push(FaultEvent { at_ns: span.until_ns, fault: end });
        };
        let one = |process: ProcessId| -> ProcessSet { [process].into_iter().collect() };
        let crashes = [(&self.crashes, census.replicas(), 0), (&self.client_crashes, census.clients(), 1)];
        for (wave, among, kind) in crashes {
            for span in self.spans(wave.as_ref(), among, &mut Random::new(seed, Purpose::Fault, kind, 0)) {
                let processes = one(span.process);
                let disk = wave.as_ref().is_none_or(|wave| wave.disk);
                add(&span, Fault::Crash { processes: processes.clone() }, Fault::Recover { processes, disk });
            }
        }
        let all = census.replicas().start..census.clients().end;
        let mut random = Random::new(seed, Purpose::Fault, 2, 0);
        for span in self.spans(self.partitions.as_ref(), all.clone(), &mut random) {
            let part = subset(all.clone(), &mut Random::new(seed, Purpose::Fault, 3, span.from_ns));
            let rest = part.complement(all.end as usize);
            for (from, to) in [(part.clone(), rest.clone()), (rest, part)] {
                let cut = Fault::Cut { from: from.clone(), to: to.clone(), role: None };
                add(&span, cut, Fault::Mend { from, to, role: None });
            }
        }
        if let Some((wave, factor)) = &self.slow {
            for span in self.spans(Some(wave), census.replicas(), &mut Random::new(seed, Purpose::Fault, 4, 0)) {
                let processes = one(span.process);
                let slow = Fault::Slow { processes: processes.clone(), factor: *factor };
                add(&span, slow, Fault::Slow { processes, factor: 1.0 });
            }
        }
        let mut random = Random::new(seed, Purpose::Fault, 5, 0);
        for span in self.spans(self.torn_writes.as_ref(), census.clients(), &mut random) {
            let reaches = subset(census.replicas(), &mut Random::new(seed, Purpose::Fault, 6, span.from_ns));
            let torn = Fault::TornWrite { client: span.process, reaches };
            add(&span, torn, Fault::Recover { processes: one(span.process), disk: true });
        }
        events
    }

    /// When which process is affected: never more at once than the wave allows.
    fn spans(&self, wave: Option<&Wave>, among: Range<u32>, random: &mut Random) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let Some(wave) = wave.filter(|_| !among.is_empty()) else { return spans };
        let gap = |mean_ns: u64| Latency::Exponential { mean_ms: mean_ns as f64 / NS_PER_MS };
        let mut affected: Vec<(ProcessId, u64)> = Vec::new();
        let mut at_ns = 0u64;
        for _ in 0..DRAWN_MAX {
            at_ns = at_ns.saturating_add(gap(wave.every_ns).draw_ns(random).max(1));
            let process = ProcessId(among.start + random.below(among.len() as u64) as u32);
            let until_ns = at_ns.saturating_add(gap(wave.for_ns).draw_ns(random).max(1));
            if at_ns >= self.until_ns {
                break;
            }
            affected.retain(|(_, until_ns)| *until_ns > at_ns);
            if affected.len() < wave.at_most && affected.iter().all(|(other, _)| *other != process) {
                affected.push((process, until_ns));
                spans.push(Span { process, from_ns: at_ns, until_ns });
            }
        }
        spans
    }
}

/// Every process with probability 1/2.
fn subset(among: Range<u32>, random: &mut Random) -> ProcessSet {
    among.map(ProcessId).filter(|_| random.chance(0.5)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_are_down_than_allowed_and_all_come_back() {
        let wave = |at_most| Wave { every_ns: 3_000_000, for_ns: 10_000_000, at_most, disk: true };
        for at_most in 0..4 {
            let drawn = Drawn { until_ns: 500_000_000, crashes: Some(wave(at_most)), ..Drawn::default() };
            let plan = FaultPlan { drawn, ..FaultPlan::default() };
            for seed in 0..20 {
                let mut events = plan.scenario(seed, 5, 3).faults;
                events.sort_by_key(|event| event.at_ns);
                let mut down = ProcessSet::default();
                let mut most = 0;
                for event in events {
                    match event.fault {
                        Fault::Crash { processes } => processes.iter().for_each(|process| down.insert(process)),
                        Fault::Recover { processes, .. } => {
                            down = down.iter().filter(|process| !processes.contains(*process)).collect();
                        }
                        other => panic!("{other:?}"),
                    }
                    most = most.max(down.len());
                }
                assert!(down.is_empty());
                assert_eq!(most, at_most.min(5));
            }
        }
    }
}
