//! What is drawn at random for many tests.

use quorate::model::{Node, Zone, ZoneId};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::systems::probability;

/// A number below a limit.
pub(crate) fn below(random: &mut ChaCha8Rng, limit: usize) -> usize {
    (random.next_u64() % limit as u64) as usize
}

/// One of the choices.
pub(crate) fn one_of<T: Clone>(random: &mut ChaCha8Rng, choices: &[T]) -> T {
    choices[below(random, choices.len())].clone()
}

/// Up to three zones of these failure probabilities, some inside others, and the nodes put into them or into none.
pub(crate) fn zones(random: &mut ChaCha8Rng, nodes: &mut [Node], failures: &[f64]) -> Vec<Zone> {
    let count = below(random, 4);
    let zone = |number| Zone::new(format!("z{number}"), probability(one_of(random, failures)));
    let mut zones: Vec<Zone> = (0..count).map(zone).collect();
    // A zone stands in one of those behind it, or in none.
    for (inner, zone) in zones.iter_mut().enumerate() {
        let outer = inner + 1 + below(random, count - inner);
        zone.parent = (outer < count).then(|| ZoneId::new(outer));
    }
    for node in nodes {
        let place = below(random, count + 1);
        node.zone = (place < count).then(|| ZoneId::new(place));
    }
    zones
}
