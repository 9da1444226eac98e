//! A client: operations, and which of three things came of each.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::sleep_until;

use super::chance::{Draws, random_word};
use super::cluster::fingerprint;
use super::key::SharedKey;
use super::letter;
use super::links::{Arrival, Link, Sent};
use super::peers::Caller;
use super::replicated::Replicated;
use super::setup::{NetError, check_open};
use super::texts::{self, Lexicon, TextError};
use crate::model::{Pair, System};
use crate::protocol::{Disk, Input, Machine, Message, Operation, Outcome, Output, Outputs, ProcessId, Role, TimerId};

/// How often an operation that changes nothing is tried again when a replica has rejoined meanwhile.
const TRIES: usize = 5;

/// A client that is to be.
#[derive(Debug, Clone)]
pub struct ClientSetup<'a> {
    /// The definition.
    pub system: &'a System,
    /// The name of the protocol.
    pub protocol: &'a str,
    /// Where the replicas are, as HOST:PORT; those that are not named cannot be asked.
    pub peers: BTreeMap<ProcessId, String>,
    /// The secret of the cluster.
    pub key: Option<SharedKey>,
    /// Which process it is, from the number of nodes on; absent: one that nobody else is.
    pub process: Option<ProcessId>,
    /// Seed of what it draws; absent: one that nobody else has.
    pub seed: Option<u64>,
    /// When it stops waiting for an operation.
    pub deadline: Duration,
}

/// Why an operation is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undone {
    /// It has certainly no effect, now and later.
    #[error("certainly not done: {0}")]
    CertainlyNot(String),
    /// It may have an effect, now or later.
    #[error("unknown whether done: {0}")]
    Unknown(String),
}

/// What came of an operation that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The value that was read.
    Value(String),
    /// The value was written.
    Written,
}

/// A client of a cluster; it does one operation at a time.
///
/// # Examples
/// ```no_run
/// use quorate::families::Family;
/// use quorate::net::{Client, ClientSetup};
/// use quorate::protocol::register::{Guarantee, Patience, Registers};
/// use quorate::protocol::{Pick, ProcessId};
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let system = Family::Majority { n: 3 }.system()?;
/// let registers = Registers::new(&system, Guarantee::Atomic, &Pick::All, Patience::default());
/// let peers = (0..3).map(|node| (ProcessId(node), format!("127.0.0.1:{}", 7001 + node))).collect();
/// let setup = ClientSetup {
///     system: &system,
///     protocol: "atomic",
///     peers,
///     key: None,
///     process: None,
///     seed: None,
///     deadline: std::time::Duration::from_secs(5),
/// };
/// let mut client = Client::new(&registers, &setup)?;
/// client.put("x", "hello").await?;
/// assert_eq!(client.get("x").await?, "hello");
/// # Ok(())
/// # }
/// ```
pub struct Client<P: Replicated> {
    protocol: P,
    process: ProcessId,
    machine: P::Client,
    /// What the machine wants to find again when it has forgotten everything else.
    disk: Disk<P::Record>,
    links: BTreeMap<ProcessId, Link>,
    arrivals: UnboundedReceiver<(ProcessId, Arrival)>,
    sent: Arc<Sent>,
    lexicon: Lexicon,
    alarms: BTreeMap<TimerId, Instant>,
    draws: Draws,
    operation: u64,
    deadline: Duration,
    out: Outputs<P::Message, P::Record>,
    /// What was heard last of replicas that did not answer.
    trouble: BTreeMap<ProcessId, String>,
    names: Vec<String>,
    contacts: Contacts,
}

impl<P: Replicated> fmt::Debug for Client<P> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client").field("process", &self.process).finish_non_exhaustive()
    }
}

/// How the machine's way through an operation ended.
enum Ended {
    Over(Outcome),
    /// A replica has rejoined, or the client's patience is over.
    Broken(String),
    Refused(String),
}

impl<P: Replicated> Client<P> {
    /// A client that has not connected to anybody yet; call it within a runtime of tokio.
    ///
    /// # Errors
    /// [`NetError::Open`] for an address off loopback without a key.
    pub fn new(protocol: &P, setup: &ClientSetup<'_>) -> Result<Client<P>, NetError> {
        setup.peers.values().try_for_each(|address| check_open(address, setup.key.as_ref()))?;
        let replicas = setup.system.nodes().len() as u64;
        let unique = || ProcessId((replicas + random_word() % (u64::from(u32::MAX) - replicas)) as u32);
        let process = setup.process.unwrap_or_else(unique);
        let cluster = fingerprint(setup.system, setup.protocol);
        let caller = Caller { cluster, from: process, disk: None, key: setup.key.clone() };
        let sent = Arc::new(Sent::default());
        let (arrived, arrivals) = unbounded_channel();
        let link = |(to, address): (&ProcessId, &String)| {
            (*to, Link::new(caller.clone(), (*to, address.clone()), &sent, arrived.clone()))
        };
        let mut client = Client {
            protocol: protocol.clone(),
            process,
            machine: protocol.client(process),
            disk: Disk::default(),
            links: setup.peers.iter().map(link).collect(),
            arrivals,
            sent: Arc::clone(&sent),
            lexicon: Lexicon::default(),
            alarms: BTreeMap::new(),
            draws: Draws::of(setup.seed.unwrap_or_else(random_word)),
            operation: 0,
            deadline: setup.deadline,
            out: Outputs::default(),
            trouble: BTreeMap::new(),
            names: setup.system.nodes().iter().map(|node| node.name.clone()).collect(),
            contacts: Contacts::default(),
        };
        let draw = client.draws.word();
        client.step(Input::Start { draw });
        Ok(client)
    }

    /// The value of a key; 0 where nothing was written.
    ///
    /// # Errors
    /// [`Undone`], which for a read says only why there is no answer.
    pub async fn get(&mut self, key: &str) -> Result<String, Undone> {
        let (key, name) = texts::key(key).map_err(|error| not(&error))?;
        let mut last = Undone::CertainlyNot("no try".into());
        for _ in 0..TRIES {
            match self.call(Operation::Read { key }, &[&name]).await {
                Ok(Answer::Value(value)) => return Ok(value),
                Ok(Answer::Written) => return Err(Undone::Unknown("a read was answered as a write".into())),
                // A read has no effect, whatever was written back.
                Err(Undone::CertainlyNot(reason)) => return Err(Undone::CertainlyNot(reason)),
                Err(Undone::Unknown(reason)) => last = Undone::CertainlyNot(reason),
            }
        }
        Err(last)
    }

    /// Writes a value.
    ///
    /// # Errors
    /// [`Undone`].
    pub async fn put(&mut self, key: &str, value: &str) -> Result<(), Undone> {
        let (key, name) = texts::key(key).map_err(|error| not(&error))?;
        let (value, text) = texts::value(value).map_err(|error| not(&error))?;
        self.call(Operation::Write { key, value }, &[&name, &text]).await.map(drop)
    }

    /// An operation of numbers, as those who drive many clients ask for it; a read that changed nothing is not tried again.
    ///
    /// # Errors
    /// [`Undone`].
    pub(super) async fn work(&mut self, operation: Operation) -> Result<Answer, Undone> {
        self.call(operation, &[]).await
    }

    /// How often each set of replicas was asked first, by queries and by stores.
    pub fn contacts(&self) -> &Contacts {
        &self.contacts
    }

    async fn call(&mut self, operation: Operation, known: &[&Option<texts::Text>]) -> Result<Answer, Undone> {
        self.lexicon.clear();
        for text in known.iter().copied().flatten() {
            self.lexicon.learn(text.word, &text.bytes).map_err(|error| not(&error))?;
        }
        self.operation += 1;
        self.trouble.clear();
        while self.arrivals.try_recv().is_ok() {}
        self.sent.begin(self.operation);
        let before = self.sent.changing();
        let draw = self.draws.word();
        let ended = self.run(Input::Call { operation, draw }).await;
        let changed = self.sent.end() > before;
        self.alarms.clear();
        let reason = match ended {
            Ended::Over(Outcome::Read(value)) => {
                return self
                    .lexicon
                    .value(value)
                    .map(Answer::Value)
                    .map_err(|error| Undone::Unknown(error.to_string()));
            }
            Ended::Over(Outcome::Written) => return Ok(Answer::Written),
            Ended::Over(_) => self.nobody("no quorum answered"),
            Ended::Refused(reason) | Ended::Broken(reason) => reason,
        };
        self.forget();
        Err(if changed { Undone::Unknown(reason) } else { Undone::CertainlyNot(reason) })
    }

    async fn run(&mut self, input: Input<P::Message, P::Record>) -> Ended {
        let end = Instant::now() + self.deadline;
        let mut rejoins = None;
        let mut ended = self.step(input);
        loop {
            if let Some(outcome) = ended {
                return Ended::Over(outcome);
            }
            let alarm = self.alarms.iter().min_by_key(|(_, at)| **at).map(|(timer, at)| (*timer, *at));
            let until = alarm.map_or(end, |(_, at)| at.min(end));
            tokio::select! {
                arrived = self.arrivals.recv() => {
                    // A client keeps its own end of the queue open.
                    let Some((from, arrival)) = arrived else { continue };
                    ended = match arrival {
                        Arrival::Letter(bytes) => {
                            let Ok((letter, _)) = letter::read::<P::Message>(&bytes, &mut self.lexicon) else { continue };
                            if *rejoins.get_or_insert(letter.rejoins) != letter.rejoins {
                                return Ended::Broken("a replica has rejoined meanwhile".into());
                            }
                            self.step(Input::Message { from, message: letter.message })
                        }
                        Arrival::Refused(reason) => {
                            let name = self.names.get(from.index()).cloned().unwrap_or_default();
                            return Ended::Refused(format!("{name} refuses it: {reason}"));
                        }
                        Arrival::Away(reason) => {
                            self.trouble.insert(from, reason);
                            None
                        }
                    };
                }
                () = sleep_until(until.into()) => {
                    if Instant::now() >= end {
                        return Ended::Broken(self.nobody("no quorum answered in time"));
                    }
                    let Some((timer, _)) = alarm else { continue };
                    self.alarms.remove(&timer);
                    let draw = self.draws.word();
                    ended = self.step(Input::Timer { timer, draw });
                }
            }
        }
    }

    /// The machine forgets the operation, as after a crash, so that it takes the next one.
    fn forget(&mut self) {
        self.machine = self.protocol.client(self.process);
        self.alarms.clear();
        let (disk, draw) = (self.disk.clone(), self.draws.word());
        self.step(Input::Restart { disk, draw });
    }

    /// Why nobody answered.
    fn nobody(&self, what: &str) -> String {
        let mut reason = what.to_owned();
        for (at, trouble) in &self.trouble {
            let name = self.names.get(at.index()).map(String::as_str).unwrap_or_default();
            reason.push_str(&format!("; {name}: {trouble}"));
        }
        reason
    }

    /// One input; says how the operation ended, if it did.
    fn step(&mut self, input: Input<P::Message, P::Record>) -> Option<Outcome> {
        let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut out = std::mem::take(&mut self.out);
        let is_first = !matches!(input, Input::Timer { .. });
        self.machine.step(u64::try_from(clock.as_nanos()).unwrap_or(u64::MAX), input, &mut out);
        let mut ended = None;
        let mut asked: Pair<Vec<ProcessId>> = Pair::default();
        for output in out.drain() {
            match output {
                Output::Send { to, message } => {
                    match message.role() {
                        Role::Query => asked.reads.push(to),
                        Role::Store => asked.writes.push(to),
                        _ => {}
                    }
                    // A message without its texts, or to a replica that nobody named, is one that got lost.
                    let Ok(frame) = letter::letter(&message, 0, &self.lexicon) else { continue };
                    if let Some(link) = self.links.get(&to) {
                        link.post(self.operation, frame);
                    }
                }
                Output::SetTimer { timer, after_ns } => {
                    self.alarms.insert(timer, Instant::now() + Duration::from_nanos(after_ns));
                }
                Output::CancelTimer { timer } => drop(self.alarms.remove(&timer)),
                Output::Complete { outcome } => ended = Some(outcome),
                Output::Persist { slot, record } => self.disk.put(slot, record),
                Output::Count { .. } | Output::Tell { .. } => {}
            }
        }
        self.out = out;
        // When a timer has run out, everybody is asked who has not answered.
        if is_first {
            count(&mut self.contacts.reads, asked.reads);
            count(&mut self.contacts.writes, asked.writes);
        }
        ended
    }
}

/// How often each set of replicas was asked first, by queries and by stores.
pub type Contacts = Pair<BTreeMap<Vec<ProcessId>, u64>>;

fn count(counts: &mut BTreeMap<Vec<ProcessId>, u64>, mut asked: Vec<ProcessId>) {
    if !asked.is_empty() {
        asked.sort_unstable();
        *counts.entry(asked).or_default() += 1;
    }
}

fn not(error: &TextError) -> Undone {
    Undone::CertainlyNot(error.to_string())
}
