//! A replica: its machine, what it holds, and which disks it knows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use rustc_hash::FxHashMap;

use super::chance::{Draws, random_word};
use super::disk::{Changes, Contents, DiskError, Identity};
use super::frame::{FrameError, FrameKind, content, frame};
use super::journal::Step;
use super::letter::{self, DiskName, KnownAll, Refused, Slot, Unreadable};
use super::outbox::{Line, Parcel, To};
use super::replicated::{Durable, Replicated};
use super::texts::Lexicon;
use crate::protocol::{Disk, Input, Machine, Output, Outputs, ProcessId, Protocol, TimerId, next_word};

/// Bytes of records that one frame carries to a replica that rejoins.
const KNOWN_BYTES: usize = 256 << 10;

/// The state of a replica between two steps.
pub(super) struct Node<P: Replicated> {
    machine: P::Replica,
    identity: Identity,
    lexicon: Lexicon,
    /// The records as they are on the disk.
    records: BTreeMap<u64, Vec<u8>>,
    /// The texts that each record is about.
    words: FxHashMap<u64, Vec<u64>>,
    /// The disks of the other replicas.
    disks: BTreeMap<u32, DiskName>,
    alarms: BTreeMap<TimerId, Instant>,
    draws: Draws,
    out: Outputs<P::Message, P::Record>,
}

/// What a record looks like on a disk: with the texts that it is about.
type Stored<R> = (R, Vec<(u64, Vec<u8>)>);

impl<P: Replicated> Node<P> {
    /// The replica that a disk belongs to, and its first step.
    pub(super) fn begin(protocol: &P, contents: Contents) -> Result<(Node<P>, Step), DiskError> {
        let Contents { identity, records, disks } = contents;
        let mut node = Node {
            machine: protocol.replica(ProcessId(identity.node)),
            lexicon: Lexicon::default(),
            words: FxHashMap::default(),
            alarms: BTreeMap::new(),
            draws: Draws::of(random_word()),
            out: Outputs::default(),
            identity,
            records,
            disks,
        };
        let mut disk = Disk::default();
        for (slot, bytes) in &node.records {
            let unreadable = || DiskError::Failed { reason: format!("the record in slot {slot} cannot be read") };
            let (record, texts): Stored<P::Record> = content(bytes).map_err(|_| unreadable())?;
            let words: Vec<u64> = texts.iter().map(|(word, _)| *word).collect();
            letter::learn(&words, &texts, &mut node.lexicon).map_err(|_| unreadable())?;
            words.iter().for_each(|word| node.lexicon.hold(*word));
            node.words.insert(*slot, words);
            disk.put(*slot, Some(record));
        }
        let draw = node.draws.word();
        let input = if node.identity.starts > 1 || !node.records.is_empty() {
            Input::Restart { disk, draw }
        } else {
            Input::Start { draw }
        };
        let step = node.step(input, &[], None);
        Ok((node, step))
    }

    pub(super) fn id(&self) -> ProcessId {
        ProcessId(self.identity.node)
    }

    pub(super) fn disk(&self) -> DiskName {
        self.identity.disk
    }

    pub(super) fn record_count(&self) -> usize {
        self.records.len()
    }

    /// A letter came; answers to its sender go to `line`.
    pub(super) fn receive(&mut self, from: ProcessId, bytes: &[u8], line: &Line) -> Result<Step, FrameError> {
        let (letter, words) = match letter::read::<P::Message>(bytes, &mut self.lexicon) {
            Ok(read) => read,
            Err(Unreadable::Frame(error)) => return Err(error),
            Err(Unreadable::Text(error)) => {
                let refused = Refused { reason: error.to_string(), for_ever: false };
                let frame = frame(FrameKind::Refused, &refused)?;
                let parcel = Parcel { to: To::Line(line.clone()), frame };
                return Ok(Step { parcels: vec![parcel], ..Step::default() });
            }
        };
        let step = self.step(Input::Message { from, message: letter.message }, &words, Some((from, line)));
        words.iter().for_each(|word| self.lexicon.sweep(*word));
        Ok(step)
    }

    /// When the next timer runs out.
    pub(super) fn next_alarm(&self) -> Option<Instant> {
        self.alarms.values().min().copied()
    }

    /// The steps of the timers that have run out by now.
    pub(super) fn ring(&mut self, now: Instant) -> Vec<Step> {
        let due: Vec<TimerId> = self.alarms.iter().filter(|(_, at)| **at <= now).map(|(timer, _)| *timer).collect();
        due.into_iter()
            .map(|timer| {
                self.alarms.remove(&timer);
                let draw = self.draws.word();
                self.step(Input::Timer { timer, draw }, &[], None)
            })
            .collect()
    }

    /// One input; `words` are the texts that it brought, which what it stores may be about.
    fn step(
        &mut self,
        input: Input<P::Message, P::Record>,
        words: &[u64],
        answers: Option<(ProcessId, &Line)>,
    ) -> Step {
        let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut out = std::mem::take(&mut self.out);
        self.machine.step(u64::try_from(clock.as_nanos()).unwrap_or(u64::MAX), input, &mut out);
        let mut step = Step::default();
        let rejoins = self.rejoins();
        for output in out.drain() {
            match output {
                Output::Send { to, message } => {
                    // A message whose texts nobody knows is one that got lost.
                    let Ok(frame) = letter::letter(&message, rejoins, &self.lexicon) else { continue };
                    let to = match answers {
                        Some((from, line)) if from == to => To::Line(line.clone()),
                        _ => To::Process(to),
                    };
                    step.parcels.push(Parcel { to, frame });
                }
                Output::SetTimer { timer, after_ns } => {
                    self.alarms.insert(timer, Instant::now() + Duration::from_nanos(after_ns));
                }
                Output::CancelTimer { timer } => drop(self.alarms.remove(&timer)),
                Output::Persist { slot, record } => step.changes.records.extend(self.persist(slot, record, words)),
                Output::Complete { .. } | Output::Count { .. } | Output::Tell { .. } => {}
            }
        }
        self.out = out;
        step
    }

    /// Puts a record into its slot, and its texts with it.
    fn persist(&mut self, slot: u64, record: Option<P::Record>, brought: &[u64]) -> Option<(u64, Option<Vec<u8>>)> {
        let before = self.words.remove(&slot).unwrap_or_default();
        let change = record.and_then(|record| {
            let mut words = letter::words(&record);
            // The name of a key that the record itself does not repeat.
            words.extend(brought.iter().filter(|word| is_key(**word)));
            words.sort_unstable();
            words.dedup();
            let texts = letter::texts(&words, &self.lexicon).ok()?;
            let bytes = postcard::to_stdvec(&(&record, texts)).ok()?;
            words.iter().for_each(|word| self.lexicon.hold(*word));
            self.words.insert(slot, words);
            Some(bytes)
        });
        before.iter().for_each(|word| self.lexicon.release(*word));
        match &change {
            Some(bytes) => drop(self.records.insert(slot, bytes.clone())),
            None => drop(self.records.remove(&slot)),
        }
        Some((slot, change))
    }

    /// Which replicas are known to have rejoined, as one word: answers that differ in it do not belong together.
    pub(super) fn rejoins(&self) -> u64 {
        let own = (self.identity.node, self.identity.disk);
        let all = self.disks.iter().map(|(node, disk)| (*node, *disk)).chain([own]);
        rejoins_word(all)
    }

    /// Another replica says which disk it has: it is the one that was known, or comes after that by rejoining.
    pub(super) fn introduce(&mut self, node: ProcessId, disk: DiskName) -> Result<Step, Refused> {
        let known = self.disks.get(&node.0).copied();
        match known {
            Some(known) if known == disk => return Ok(Step::default()),
            Some(known) if known.rejoins >= disk.rejoins => {
                let reason =
                    "another disk of this replica is known here, and what that one acknowledged would be forgotten: \
                              start it with --rejoin"
                        .to_owned();
                return Err(Refused { reason, for_ever: true });
            }
            _ => {}
        }
        self.disks.insert(node.0, disk);
        let changes = Changes { disks: vec![(node.0, disk)], ..Changes::default() };
        Ok(Step { changes, ..Step::default() })
    }

    /// Everything that is known here, for a replica that has lost its disk and now has this one.
    pub(super) fn tell(&mut self, node: ProcessId, mut disk: DiskName, line: &Line) -> Result<Step, FrameError> {
        let before = self.disks.get(&node.0).copied();
        if before.is_none_or(|before| before.number != disk.number) {
            disk.rejoins = before.map_or(0, |before| before.rejoins) + 1;
            self.disks.insert(node.0, disk);
        }
        let disks: Vec<(u32, DiskName)> = self.disks.iter().map(|(node, disk)| (*node, *disk)).collect();
        let own = (self.identity.node, self.identity.disk);
        let mut step = Step::default();
        step.changes.disks = disks.clone();
        let mut parcel = |frame| step.parcels.push(Parcel { to: To::Line(line.clone()), frame });
        let mut some: Vec<(u64, &[u8])> = Vec::new();
        let mut bytes = 0;
        for (slot, record) in &self.records {
            if bytes + record.len() > KNOWN_BYTES {
                parcel(frame(FrameKind::Known, &some)?);
                some.clear();
                bytes = 0;
            }
            bytes += record.len();
            some.push((*slot, record));
        }
        parcel(frame(FrameKind::Known, &some)?);
        parcel(frame(FrameKind::KnownAll, &KnownAll { disks: disks.into_iter().chain([own]).collect() })?);
        Ok(step)
    }
}

/// The word for the replicas that have rejoined.
fn rejoins_word(disks: impl Iterator<Item = (u32, DiskName)>) -> u64 {
    let rejoined = disks.filter(|(_, disk)| disk.rejoins > 0);
    rejoined.fold(0, |word, (node, disk)| word.wrapping_add(next_word(u64::from(node) << 32 ^ disk.rejoins)))
}

/// Texts of keys stand below those of values.
fn is_key(word: u64) -> bool {
    word >> 63 == 0
}

/// Adds what another replica knows to the records of one that rejoins.
///
/// # Errors
/// [`DiskError`] when a record cannot be read, or the protocol has no rule for joining two.
pub(super) fn join<P: Protocol<Record: Durable + serde::Serialize + serde::de::DeserializeOwned>>(
    records: &mut BTreeMap<u64, Vec<u8>>,
    more: Vec<Slot>,
) -> Result<(), DiskError> {
    let failed = |reason: &str| DiskError::Failed { reason: reason.to_owned() };
    let read = |bytes: &[u8]| content::<Stored<P::Record>>(bytes).map_err(|_| failed("a record cannot be read"));
    for (slot, theirs) in more {
        let Some(ours) = records.get(&slot) else {
            read(&theirs)?;
            records.insert(slot, theirs);
            continue;
        };
        let ((ours, mut texts), (theirs, more)) = (read(ours)?, read(&theirs)?);
        let joined = ours.joined(theirs).ok_or_else(|| failed("this protocol has no way to rejoin without a disk"))?;
        texts.extend(more);
        texts.sort_unstable();
        texts.dedup();
        let needed = letter::words(&joined);
        texts.retain(|(word, _)| is_key(*word) || needed.contains(word));
        let bytes = postcard::to_stdvec(&(&joined, texts)).map_err(|_| failed("a record cannot be written"))?;
        records.insert(slot, bytes);
    }
    Ok(())
}
