//! How long do clients wait, also after the loss of a zone?

use super::fastest::Fastest;
use super::leaders::{LeaderAnswer, Leaders};
use super::places::places;
use super::surroundings::Surroundings;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::model::{Client, Kind, LeaderReads, NodeId, NodeSet, Pair, System, Workload, ZoneId};

/// How long one client waits.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientAnswer {
    /// The position of the client in the definition.
    pub client: usize,
    /// Whether the place that it stands at has failed.
    pub is_lost: bool,
    /// Milliseconds of its fastest read and write; absent where no quorum is left, or the budget ended.
    pub latency_ms: Pair<Option<f64>>,
    /// The nodes that it waits for: with a leader those that the leader waits for.
    pub quorum: Pair<Option<NodeSet>>,
    /// The same times after the loss of each zone, in the order of [`places`].
    pub after: Vec<ClientAfter>,
}

/// How long a client waits after the loss of a zone.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientAfter {
    /// The zone.
    pub zone: ZoneId,
    /// Whether the client is lost with it.
    pub is_lost: bool,
    /// As before the loss.
    pub latency_ms: Pair<Option<f64>>,
}

/// What clients see.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientAnswers {
    /// In the order of the definition.
    pub each: Vec<ClientAnswer>,
    /// The means over clients, by their weights and shares of reads and writes; absent where one is not known, or nobody asks.
    pub mean_ms: Pair<Option<f64>>,
    /// Every node as a leader, the best first; absent where the budget ended.
    pub leaders: Option<Vec<LeaderAnswer>>,
    /// The leader in force, where there is one.
    pub leader: Option<NodeId>,
    /// Whether the budget ended before everything was known.
    pub exhausted: Option<Exhausted>,
}

/// How long each client waits for the fastest quorum, and where a leader stands best; nothing without clients.
///
/// Clients without a read fraction of their own have that of the workload.
///
/// # Method
/// Of every place that somebody asks from, one pass over the formula for each loss of a zone.
///
/// # Complexity
/// O((c + n) z) passes of c clients, n nodes and z zones, and O(c n z) for the means of leaders.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::operations::clients;
/// let text = "name = 'x'\nclient = [{ name = 'web', zone = 'eu' }]\n\
///     link = [{ between = ['eu', 'us'], round_trip_ms = 80 }]\n\
///     zone = [{ name = 'eu', nodes = ['n1', 'n2'] }, { name = 'us', nodes = ['n3'] }]\n\
///     [system]\nfamily = 'rowa'\nn = 3\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let answers = clients(&system, system.workload(), Budget::default());
/// assert_eq!(answers.each[0].latency_ms.reads, Some(0.0));
/// assert_eq!(answers.each[0].latency_ms.writes, Some(80.0));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn clients(system: &System, workload: &Workload, budget: Budget) -> ClientAnswers {
    if system.about().clients.each.is_empty() {
        return ClientAnswers::default();
    }
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps / 2);
    let asking = Asking::new(system, workload, budget);
    match asking.answers(&mut meter) {
        Ok(answers) => answers,
        Err(exhausted) => asking.without_numbers(exhausted),
    }
}

/// The fastest times of a client, one for each loss, and the quorum before any.
type OfQuorums = (Vec<Option<f64>>, Option<NodeSet>);

/// A question about the clients of a system.
struct Asking<'a> {
    system: &'a System,
    workload: &'a Workload,
    budget: Budget,
    zones: Vec<ZoneId>,
}

impl<'a> Asking<'a> {
    fn new(system: &'a System, workload: &'a Workload, budget: Budget) -> Self {
        Asking { system, workload, budget, zones: places(system) }
    }

    fn answers(&self, meter: &mut Meter) -> Result<ClientAnswers, Exhausted> {
        let around = Surroundings::of(self.system, &self.zones, meter)?;
        let leaders = Leaders::of(&around, self.workload, meter);
        let mut exhausted = leaders.as_ref().err().copied();
        let chosen = match (around.clients.leader, &leaders) {
            (None, _) => None,
            (Some(_), Err(exhausted)) => return Err(*exhausted),
            (Some(leader), Ok(leaders)) => Some((leaders, leaders.chosen(leader))),
        };
        let by_quorums = chosen.is_none();
        let own = [Kind::Read, Kind::Write].map(|kind| {
            let is_asked = by_quorums || kind == Kind::Read && around.clients.leader_reads == LeaderReads::Direct;
            is_asked.then(|| self.of_quorums(&around, kind, meter)).transpose()
        });
        let [reads, writes] = own;
        let own = Pair { reads: reads?, writes: writes? };
        let mut each = Vec::new();
        for client in 0..around.clients.each.len() {
            let latency = |kind: Kind, loss: usize| {
                if around.is_client_lost(client, loss) {
                    return None;
                }
                match (own.of(kind), &chosen) {
                    (Some(own), _) => own[client].0[loss],
                    (None, Some((leaders, at))) => leaders.latency(client, at[loss]?, (kind, loss)),
                    (None, None) => None,
                }
            };
            let both = |loss: usize| Pair { reads: latency(Kind::Read, loss), writes: latency(Kind::Write, loss) };
            let mut quorum = |kind: Kind| match (own.of(kind), &chosen) {
                (Some(own), _) => Ok(own[client].1.clone()),
                (None, Some((leaders, at))) if !around.is_client_lost(client, 0) => match at[0] {
                    Some(leader) => leaders.quorum(leader, kind, (&self.budget, meter)),
                    None => Ok(None),
                },
                _ => Ok(None),
            };
            let quorum = Pair { reads: quorum(Kind::Read)?, writes: quorum(Kind::Write)? };
            let after = self.zones.iter().enumerate().map(|(at, zone)| ClientAfter {
                zone: *zone,
                is_lost: around.is_client_lost(client, at + 1),
                latency_ms: both(at + 1),
            });
            each.push(ClientAnswer {
                client,
                is_lost: around.is_client_lost(client, 0),
                latency_ms: both(0),
                quorum,
                after: after.collect(),
            });
        }
        let mean_ms = Pair { reads: self.mean(&each, Kind::Read), writes: self.mean(&each, Kind::Write) };
        let leader = chosen.as_ref().and_then(|(_, at)| at[0]).map(NodeId::new);
        let leaders = match leaders {
            Ok(leaders) => Some(leaders.ranked(&self.zones)),
            Err(cut) => {
                exhausted = Some(cut);
                None
            }
        };
        Ok(ClientAnswers { each, mean_ms, leaders, leader, exhausted })
    }

    /// Each client without a leader.
    fn of_quorums(
        &self,
        around: &Surroundings<'_>,
        kind: Kind,
        meter: &mut Meter,
    ) -> Result<Vec<OfQuorums>, Exhausted> {
        let mut fastest = Fastest::new(self.system.formula(kind));
        let mut all = Vec::new();
        for client in 0..around.clients.each.len() {
            let mut times = vec![None; around.losses.len()];
            let mut quorum = None;
            let far = around.clients.each[client].place.map(|place| around.times_from(place));
            // Where a link is missing, nobody knows which quorum is the fastest.
            if let Some(far) = far.filter(|far| !far.iter().any(|time| time.is_nan())) {
                for (loss, time) in times.iter_mut().enumerate() {
                    let left = around.losses[loss].times(&far);
                    *time = Some(fastest.time(&left, meter)?).filter(|time| time.is_finite());
                    if loss == 0 {
                        quorum = fastest.quorum(&left, &self.budget, meter)?;
                    }
                }
            }
            all.push((times, quorum));
        }
        Ok(all)
    }

    /// The mean time of a kind over clients that are not lost.
    fn mean(&self, each: &[ClientAnswer], kind: Kind) -> Option<f64> {
        let clients = &self.system.about().clients.each;
        let mut sum = Pair { reads: 0.0, writes: 0.0 };
        for answer in each.iter().filter(|answer| !answer.is_lost) {
            let weight = clients[answer.client].weight_of(kind, self.workload);
            if weight > 0.0 {
                sum.reads += weight * (*answer.latency_ms.of(kind))?;
                sum.writes += weight;
            }
        }
        (sum.writes > 0.0).then(|| sum.reads / sum.writes)
    }

    /// What is said when the budget ended: who there is.
    fn without_numbers(&self, exhausted: Exhausted) -> ClientAnswers {
        let none = || Pair { reads: None, writes: None };
        let answer = |(client, known): (usize, &Client)| ClientAnswer {
            client,
            is_lost: known.place.is_none(),
            latency_ms: none(),
            quorum: Pair { reads: None, writes: None },
            after: Vec::new(),
        };
        ClientAnswers {
            each: self.system.about().clients.each.iter().enumerate().map(answer).collect(),
            exhausted: Some(exhausted),
            ..ClientAnswers::default()
        }
    }
}
