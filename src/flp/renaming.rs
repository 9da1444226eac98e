//! Configurations that differ in the names of rounds only.

use super::configuration::{Configuration, Content};
use super::protocol::Protocol;

/// A configuration under other names: equal ones do the same for ever, event by event, as their buffers are in the same order.
///
/// Rounds that some process may still begin are moved down together, by a multiple of the protocol's period; of older ones only the order
/// counts, and 0, which is no round, stays.
pub(crate) type Renamed<P> = Content<P>;

impl<P: Protocol> Configuration<P> {
    /// The same under the smallest names; `None` for a protocol whose rounds have no other names.
    pub(crate) fn renamed(&self, protocol: &P) -> Option<Renamed<P>> {
        let period = protocol.period()?;
        let oldest = self.states.iter().map(|state| protocol.oldest_round(state)).min()?;
        let base = oldest - oldest % period;
        let mut states = self.states.clone();
        let mut buffer: Vec<_> =
            self.buffer.iter().map(|pending| (pending.to, pending.from, pending.message.clone())).collect();
        let of_states = states.iter_mut().flat_map(|state| protocol.rounds_in_state(state));
        let of_messages = buffer.iter_mut().flat_map(|(_, _, message)| protocol.rounds_in_message(message));
        let rounds: Vec<&mut u32> = of_states.chain(of_messages).collect();
        let mut old: Vec<u32> = rounds.iter().map(|round| **round).filter(|round| (1..base).contains(round)).collect();
        old.sort_unstable();
        old.dedup();
        // Who may still begin the very first rounds has no others to begin in their place.
        let first = if base == 0 { 0 } else { (old.len() as u32 + 1).next_multiple_of(period) };
        for round in rounds {
            *round = match *round {
                0 => 0,
                number if number >= base => number - base + first,
                number => old.partition_point(|other| *other < number) as u32 + 1,
            };
        }
        Some((states, buffer))
    }
}
