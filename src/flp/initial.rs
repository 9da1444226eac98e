//! Lemma 2: some initial configuration is bivalent.

use super::configuration::{Configuration, Event};
use super::protocol::Protocol;
use super::valence::{Policy, Search, Valence};

/// An initial configuration, and what can be reached from it.
#[derive(Debug, Clone)]
pub(crate) struct Initial {
    pub(crate) inputs: Vec<bool>,
    pub(crate) valence: Valence,
}

/// Two initial configurations that differ in one input, of which one can reach a decision that the other was not seen to reach.
#[derive(Debug, Clone)]
pub(crate) struct Neighbours {
    /// The place of the first; the second one follows it.
    pub(crate) first: usize,
    /// The process whose input differs.
    pub(crate) process: usize,
    /// Steps of the others: they decide the same from both, so that nobody can know the input of that process.
    pub(crate) without: Option<(bool, Vec<Event>)>,
}

/// From all inputs 0 to all inputs 1, one input after the other, the last process first.
pub(crate) fn chain<P: Protocol>(search: &mut Search<'_, P>) -> Vec<Initial> {
    let processes = search.protocol.processes();
    (0..=processes)
        .map(|ones| {
            let inputs: Vec<bool> = (0..processes).map(|process| process >= processes - ones).collect();
            let valence = search.valence(&Configuration::initial(search.protocol, &inputs), &[]);
            Initial { inputs, valence }
        })
        .collect()
}

/// The first place of the chain at which the valence changes.
pub(crate) fn neighbours<P: Protocol>(search: &mut Search<'_, P>, chain: &[Initial]) -> Option<Neighbours> {
    let first = chain.windows(2).position(|pair| pair[0].valence.known() != pair[1].valence.known())?;
    let process =
        (0..search.protocol.processes()).find(|at| chain[first].inputs[*at] != chain[first + 1].inputs[*at])?;
    let initial = Configuration::initial(search.protocol, &chain[first].inputs);
    let without = search.follow(&initial, Policy { silent: Some(process), is_unheard: true, towards: None });
    Some(Neighbours { first, process, without })
}
