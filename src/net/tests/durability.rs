//! What was acknowledged is there after any crash.

use super::FaultyDisk;
use super::replicas::{Replica, version};
use crate::net::journal::Acknowledge;
use crate::protocol::register::RegisterMessage;
use crate::protocol::{Key, Version};

/// Stores of a run.
const STORES: u64 = 8;

/// Stores one after the other, each when the one before is answered, on a disk that ends at an operation; what is acknowledged.
fn acknowledged(disk: &FaultyDisk, acknowledge: Acknowledge) -> Vec<u64> {
    let Ok(mut replica) = Replica::on(disk, acknowledge) else { return Vec::new() };
    for number in 1..=STORES {
        replica.store(number);
        while replica.journal.waiting() > 0 && !replica.journal.is_over() {
            std::thread::yield_now();
        }
    }
    let round = |answer| match answer {
        RegisterMessage::Stored { round } => round,
        other => panic!("{other:?}"),
    };
    replica.answers().into_iter().map(round).collect()
}

/// What a replica says that it holds after it has opened what a crash has left.
fn held(left: Vec<u8>) -> Result<Vec<Version>, String> {
    let disk = FaultyDisk::new(left, None);
    let mut replica = Replica::on(&disk, Acknowledge::AfterCommit).map_err(|error| error.to_string())?;
    (0..5).for_each(|key| replica.send(RegisterMessage::Query { round: u64::from(key), key: Key(key) }));
    let version = |answer| match answer {
        RegisterMessage::Version { version, .. } => version,
        other => panic!("{other:?}"),
    };
    Ok(replica.answers().into_iter().map(version).collect())
}

/// Kills a replica at every write and sync of its disk in turn; says how many acknowledged stores were lost, and how many crashes
/// there were.
fn crashes(acknowledge: Acknowledge) -> (usize, usize) {
    let whole = FaultyDisk::default();
    assert_eq!(acknowledged(&whole, acknowledge).len() as u64, STORES);
    let (mut lost, mut crashes) = (0, 0);
    for end in 0..whole.operations() {
        let disk = FaultyDisk::new(Vec::new(), Some(end));
        let acknowledged = acknowledged(&disk, acknowledge);
        // What was not synced is lost, or all of it is there, or half.
        for kept in [0, disk.unsynced() / 2, disk.unsynced()] {
            crashes += 1;
            let held = match held(disk.after_crash(kept)) {
                Ok(held) => held,
                // A file that never was a whole one holds nothing that was acknowledged.
                Err(error) => {
                    assert!(acknowledged.is_empty() || acknowledge == Acknowledge::BeforeCommit, "{end}: {error}");
                    Vec::new()
                }
            };
            let is_held = |number: &u64| held.get(*number as usize % 5).is_some_and(|held| *held >= version(*number));
            lost += acknowledged.iter().filter(|number| !is_held(number)).count();
        }
    }
    (lost, crashes)
}

#[test]
fn a_crash_at_any_write_loses_nothing_that_was_acknowledged() {
    let (lost, crashes) = crashes(Acknowledge::AfterCommit);
    assert_eq!(lost, 0, "of {crashes} crashes");
    assert!(crashes > 100, "{crashes}");
}

/// The control: whoever acknowledges before the commit is found out.
#[test]
fn acknowledging_before_the_commit_is_found_out() {
    assert!(crashes(Acknowledge::BeforeCommit).0 > 0);
}

#[test]
fn steps_that_wait_are_committed_together() {
    let (alone, together) = (FaultyDisk::default(), FaultyDisk::default());
    acknowledged(&alone, Acknowledge::AfterCommit);
    let mut replica = Replica::on(&together, Acknowledge::AfterCommit).unwrap();
    (1..=STORES).for_each(|number| replica.store(number));
    assert_eq!(replica.answers().len() as u64, STORES);
    assert!(together.operations() < alone.operations(), "{} {}", together.operations(), alone.operations());
}

/// An answer to a query tells what is held in memory, and must wait for the disk as well.
#[test]
fn nobody_is_told_of_a_version_that_is_not_on_the_disk() {
    let first = FaultyDisk::default();
    let begun = {
        let _replica = Replica::on(&first, Acknowledge::AfterCommit).unwrap();
        first.operations()
    };
    // The disk ends with the first commit after the beginning.
    let disk = FaultyDisk::new(Vec::new(), Some(begun));
    let mut replica = Replica::on(&disk, Acknowledge::AfterCommit).unwrap();
    replica.store(1);
    replica.send(RegisterMessage::Query { round: 2, key: Key(1) });
    assert_eq!(replica.answers(), []);
}

/// Bytes of a closed file in turn: what is read is what was written, or nothing is read at all.
#[test]
fn a_flipped_byte_is_harmless_or_refused() {
    let disk = FaultyDisk::default();
    acknowledged(&disk, Acknowledge::AfterCommit);
    let file = disk.after_crash(disk.unsynced());
    let right = held(file.clone()).unwrap();
    // The head of the file says which of two states counts; of the pages, a part of the bytes at which something stands.
    let places = (0..file.len()).filter(|at| *at < 320 && at % 3 == 0 || file[*at] != 0 && at % 61 == 0);
    let (mut refused, mut harmless) = (0, 0);
    for at in places {
        let mut flipped = file.clone();
        flipped[at] ^= 0x10;
        let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| held(flipped)));
        match opened {
            Ok(Ok(found)) => {
                assert_eq!(found, right, "byte {at}");
                harmless += 1;
            }
            Ok(Err(_)) | Err(_) => refused += 1,
        }
    }
    assert!(refused > 10 && refused + harmless > 100, "{refused} {harmless}");
}
