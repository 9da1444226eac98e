//! Who of the voters of a gate, and which of the zones around them, decides it?

use std::collections::BTreeMap;

use super::ballot::{Ballot, Ballots};
use super::plan::Across;
use super::sums::Sums;
use crate::budget::{Exhausted, Meter};
use crate::number::Scaled;

/// The probability that each child decides a gate while all zones across it that the child stands in are up, and the same of
/// each zone across it.
#[derive(Debug)]
pub(super) struct Decisive {
    pub(super) of_child: Vec<Scaled>,
    pub(super) of_zone: Vec<Scaled>,
}

/// A member in its place: members that are alike in the same zone share one.
struct Place {
    member: usize,
    /// The probability that all zones around it are up.
    up: Scaled,
    /// The votes of all that is outside of it, given that.
    outside: Sums,
}

impl Ballot {
    /// Who decides this gate.
    ///
    /// A voter decides when the others have fewer votes than are enough, and with its own have enough; a zone when the gate
    /// holds with what is live in it, and not without. All terms are positive.
    ///
    /// # Method
    /// From the outside inwards: to what is outside of a zone comes what is in it beside a member; "all but one" by
    /// halving.
    pub(super) fn decisive(&self, across: &Across, meter: &mut Meter) -> Result<Decisive, Exhausted> {
        let count = self.count();
        let sums = self.sums(count, meter)?;
        let top = Place { member: usize::MAX, up: Scaled::ONE, outside: Sums::sure(0, count.enough) };
        let mut places = self.beside(&self.top, &top, &sums, meter)?;
        // Which place each member has outside of zones, or in a zone of that place.
        let mut known: BTreeMap<(Option<usize>, usize), usize> = BTreeMap::new();
        known.extend(places.iter().enumerate().map(|(at, place)| ((None, place.member), at)));
        let mut next = 0;
        while next < places.len() {
            if let Some(inside) = &self.members[places[next].member].inside {
                let up = places[next].up * self.members[places[next].member].live;
                let around = Place { member: usize::MAX, up, outside: places[next].outside.clone() };
                for place in self.beside(inside, &around, &sums, meter)? {
                    known.insert((Some(next), place.member), places.len());
                    places.push(place);
                }
            }
            next += 1;
        }
        let values =
            places.iter().map(|place| self.decides(place, &sums, count, meter)).collect::<Result<Vec<_>, _>>()?;
        let mut zone_places: Vec<usize> = Vec::with_capacity(across.zones.len());
        for (zone, member) in across.zones.iter().zip(&self.of_zone) {
            zone_places.push(known[&(zone.inside.map(|outer| zone_places[outer]), *member)]);
        }
        let child_place =
            |(child, zone): (&usize, &Option<usize>)| known[&(zone.map(|zone| zone_places[zone]), *child)];
        Ok(Decisive {
            of_child: self.of_child.iter().zip(&across.of_child).map(child_place).map(|place| values[place]).collect(),
            of_zone: zone_places.iter().map(|place| values[*place]).collect(),
        })
    }

    /// The places of several members, given what is outside of all of them.
    fn beside(
        &self,
        members: &[(usize, u64)],
        around: &Place,
        sums: &[Sums],
        meter: &mut Meter,
    ) -> Result<Vec<Place>, Exhausted> {
        let mut places: Vec<Option<Place>> = members.iter().map(|_| None).collect();
        let mut open = vec![(0..members.len(), around.outside.clone())];
        let add = |all: &mut Sums, member: usize, times: u64, meter: &mut Meter| {
            // Sums that are enough without a member never make it decisive.
            (0..times).try_for_each(|_| all.add(&sums[member], meter).map(|sum| *all = sum.only_open()))
        };
        while let Some((range, mut outside)) = open.pop() {
            if range.len() <= 1 {
                let Some((member, times)) = members.get(range.start) else { break };
                add(&mut outside, *member, times - 1, meter)?;
                places[range.start] = Some(Place { member: *member, up: around.up, outside });
                continue;
            }
            let middle = range.start + range.len() / 2;
            let mut left = outside.clone();
            members[middle..range.end].iter().try_for_each(|(member, times)| add(&mut left, *member, *times, meter))?;
            members[range.start..middle]
                .iter()
                .try_for_each(|(member, times)| add(&mut outside, *member, *times, meter))?;
            open.extend([(range.start..middle, left), (middle..range.end, outside)]);
        }
        Ok(places.into_iter().flatten().collect())
    }

    fn decides(&self, place: &Place, sums: &[Sums], count: Ballots, meter: &mut Meter) -> Result<Scaled, Exhausted> {
        let member = &self.members[place.member];
        let enough = count.enough;
        let Some(inside) = &member.inside else {
            let short = place.outside.open().filter(|(sum, _)| sum.saturating_add(member.votes) >= enough);
            return Ok(place.up * short.fold(Scaled::ZERO, |total, (_, mass)| total + mass));
        };
        let within: Vec<(u64, Scaled)> = self.together(inside, sums, count, meter)?.all().collect();
        let outside: Vec<(u64, Scaled)> = place.outside.open().collect();
        meter.charge((outside.len() as u64).saturating_mul(1 + within.len() as u64))?;
        // With what is outside the zone: are the votes that are counted enough while it is up, and while it is down?
        let decided = |sum: u64| {
            let reaches = |votes: u64| sum.saturating_add(votes) >= enough;
            let down = reaches(if count.live { 0 } else { member.votes });
            let differ = within.iter().filter(|(votes, _)| reaches(*votes) != down);
            differ.fold(Scaled::ZERO, |total, (_, mass)| total + *mass)
        };
        Ok(place.up * outside.iter().fold(Scaled::ZERO, |total, (sum, mass)| total + *mass * decided(*sum)))
    }
}
