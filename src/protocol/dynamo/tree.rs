//! What two replicas compare to find out where they differ.

use std::collections::BTreeMap;

use crate::protocol::machine::Key;
use crate::protocol::pick::next_word;
use crate::protocol::version::Version;

/// Leaves of the hash tree; keys are spread over them by hash.
pub(super) const LEAVES: u16 = 64;

/// The leaf that a key belongs to.
pub(super) fn leaf(key: Key) -> u16 {
    (next_word(u64::from(key.0)) % u64::from(LEAVES)) as u16
}

/// The hash of every leaf over the given registers: equal registers have equal hashes, in whatever order they come.
pub(super) fn leaves<'a>(held: impl Iterator<Item = (&'a Key, &'a Version)>) -> Vec<u64> {
    let mut hashes = vec![0u64; usize::from(LEAVES)];
    for (key, version) in held {
        let stamp = next_word(version.timestamp.counter ^ next_word(u64::from(version.timestamp.writer.0)));
        let entry = next_word(stamp ^ next_word(u64::from(key.0)));
        let hash = &mut hashes[usize::from(leaf(*key))];
        *hash = hash.wrapping_add(entry);
    }
    hashes
}

/// Leaves in which two summaries differ.
pub(super) fn differing(own: &[u64], other: &[u64]) -> Vec<u16> {
    let differ = |at: &u16| own.get(usize::from(*at)) != other.get(usize::from(*at));
    (0..LEAVES).filter(differ).collect()
}

/// The registers below some leaves.
pub(super) fn below(
    held: &BTreeMap<Key, Version>,
    leaves: &[u16],
    shared: impl Fn(Key) -> bool,
) -> Vec<(Key, Version)> {
    let wanted = |(key, _): &(&Key, &Version)| leaves.contains(&leaf(**key)) && shared(**key);
    held.iter().filter(wanted).map(|(key, version)| (*key, *version)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::machine::ProcessId;
    use crate::protocol::version::Timestamp;

    fn version(counter: u64) -> Version {
        Version { timestamp: Timestamp { counter, writer: ProcessId(9) }, value: counter }
    }

    #[test]
    fn summaries_differ_exactly_in_the_leaves_of_different_registers() {
        let own: BTreeMap<Key, Version> = (0..500).map(|key| (Key(key), version(1))).collect();
        let mut other = own.clone();
        assert!(differing(&leaves(own.iter()), &leaves(other.iter())).is_empty());
        other.insert(Key(7), version(2));
        other.remove(&Key(123));
        let mut expected = vec![leaf(Key(7)), leaf(Key(123))];
        expected.sort_unstable();
        expected.dedup();
        let found = differing(&leaves(own.iter()), &leaves(other.iter()));
        assert_eq!(found, expected);
        let sent = below(&own, &found, |key| key != Key(123));
        assert!(sent.iter().any(|(key, _)| *key == Key(7)) && sent.iter().all(|(key, _)| *key != Key(123)));
    }

    #[test]
    fn a_summary_of_another_length_differs_where_it_ends() {
        assert_eq!(differing(&[0; LEAVES as usize], &[]).len(), usize::from(LEAVES));
    }
}
