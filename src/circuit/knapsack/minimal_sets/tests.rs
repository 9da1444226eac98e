use super::*;
use crate::budget::Resource;

fn meter() -> Meter {
    Meter::new(Resource::PassSteps, 400_000_000)
}

fn scattered(seed: u64, count: usize, largest: u64) -> Vec<u64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    (0..count).map(|_| 1 + next() % largest).collect()
}

fn by_all_sets(votes: &[u64], quota: u64) -> (u64, usize, u64) {
    let (mut count, mut largest, mut used) = (0, 0, u64::MAX);
    for set in 1u32..1 << votes.len() {
        let members = || (0..votes.len()).filter(move |voter| set >> voter & 1 == 1).map(|voter| votes[voter]);
        let (sum, least) = (members().sum::<u64>(), members().min().unwrap());
        if sum >= quota && sum - least < quota {
            count += 1;
            largest = largest.max(members().count());
            used = used.min(least);
        }
    }
    (count, largest, used)
}

fn between(known: &MinimalSets, count: u64) -> bool {
    match &known.count {
        Counted::Exactly(exact) => *exact == count.into(),
        Counted::Between([least, most]) => {
            least.to_f64().is_none_or(|least| least <= count as f64) && most.to_f64().unwrap() >= count as f64
        }
    }
}

/// Each way against all sets, for small votes and huge ones.
#[test]
fn every_way_agrees_with_all_sets() {
    for seed in 0..48 {
        let votes = scattered(seed, 2 + seed as usize % 11, [4, 30, 500, 1_000_000_000][seed as usize % 4]);
        let total: u64 = votes.iter().sum();
        for part in [0, 20, 50, 67, 90, 100] {
            let quota = (total * part / 100).max(1);
            let (count, largest, used) = by_all_sets(&votes, quota);
            let order = Falling::new(&votes, quota);
            let place = format!("{votes:?} {quota}");
            let exact = [exact::sum_by_sum(&order, &mut meter()), exact::by_halves(&order, &mut meter())];
            for known in exact.into_iter().chain([exact::in_an_array(&order, &mut meter())]).flatten() {
                assert_eq!(known.count, Counted::Exactly(count.into()), "{place}");
                assert_eq!(known.largest, [largest; 2], "{place}");
            }
            let rough = bounds::bounds(&order, &mut meter()).unwrap();
            assert!(between(&rough, count), "{place}: {rough:?} {count}");
            assert!(rough.largest[0] <= largest && largest <= rough.largest[1], "{place}: {rough:?} {largest}");
            assert_eq!(least_used(&votes, quota, &mut meter()), Some(used), "{place}");
        }
    }
}

/// Counts of more than one word, by an array and by halves.
#[test]
fn dozens_of_voters_are_counted() {
    for (count, largest) in [(40, 60), (34, 1 << 20)] {
        let votes = scattered(5, count, largest);
        let quota = votes.iter().sum::<u64>() * 2 / 3 + 1;
        let order = Falling::new(&votes, quota);
        let halves = exact::by_halves(&order, &mut Meter::new(Resource::PassSteps, u64::MAX)).unwrap();
        assert_eq!(minimal_sets(&votes, quota, &mut meter()).unwrap(), halves);
        let rough = bounds::bounds(&order, &mut meter()).unwrap();
        assert_eq!(rough.largest, halves.largest);
        let (Counted::Between([least, most]), Counted::Exactly(exact)) = (rough.count, halves.count) else { panic!() };
        let exact: f64 = exact.to_string().parse().unwrap();
        assert!(least.to_f64().unwrap() <= exact && exact <= most.to_f64().unwrap());
        assert!(most.ratio(least) < 1.01, "{least} {most}");
    }
    // A majority of 101: C(101, 51).
    let majority = minimal_sets(&[1; 101], 51, &mut meter()).unwrap();
    assert_eq!(majority.count, Counted::Exactly("199804427433372226016001220056".parse().unwrap()));
}

#[test]
fn a_proof_of_stake_set_is_bounded() {
    let votes = scattered(11, 100, 10_000_000);
    let quota = votes.iter().sum::<u64>() * 2 / 3 + 1;
    let known = minimal_sets(&votes, quota, &mut meter()).unwrap();
    let Counted::Between([least, most]) = known.count else { panic!("{known:?}") };
    assert!(most.ratio(least) < 1.025, "{least} {most}");
    assert_eq!(known.largest[0], known.largest[1]);
    assert_eq!(least_used(&votes, quota, &mut meter()), votes.iter().copied().min());
}
