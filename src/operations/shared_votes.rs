//! In how many votes do two quorums of votes meet?

use crate::budget::{Exhausted, Meter};
use crate::model::Formula;
use crate::structure::vote_sums::Ballot;

/// The fewest votes that a quorum of the one kind and one of the other have in common; `None` where the two are not votes of the
/// same voters.
///
/// # Method
/// Let R have x votes. Some W shares no more than S of R with it exactly when S and the other V - x votes are enough. So for each
/// number s of shared votes the numbers a of votes that are R's alone are a set of sums, which grows voter by voter.
pub(super) fn fewest_shared(first: &Formula, second: &Formula, meter: &mut Meter) -> Option<Result<u64, Exhausted>> {
    let ballot = Ballot::of(first, second)?;
    let divisor = ballot.votes().iter().fold(0, |divisor, votes| num_integer::gcd(divisor, *votes)).max(1);
    let votes: Vec<u64> = ballot.votes().iter().map(|votes| votes / divisor).collect();
    let [r, w] = ballot.quotas().map(|quota| quota.div_ceil(divisor));
    let total: u64 = votes.iter().sum();
    if votes.iter().all(|one| *one == 1) {
        return Some(Ok((r + w).saturating_sub(total) * divisor));
    }
    Some(by_sums(&votes, [r, w], meter).map(|shared| shared * divisor))
}

fn by_sums(votes: &[u64], [r, w]: [u64; 2], meter: &mut Meter) -> Result<u64, Exhausted> {
    let total: u64 = votes.iter().sum();
    let words = total as usize / 64 + 1;
    meter.charge((total + 1).saturating_mul(words as u64).saturating_mul(votes.len() as u64))?;
    // Row s has the sums of votes that are the first's alone, where s are shared.
    let mut sums = vec![vec![0u64; words]; total as usize + 1];
    sums[0][0] = 1;
    for own in votes {
        let own = *own as usize;
        for shared in (0..sums.len()).rev() {
            let from = shared.checked_sub(own).map(|before| sums[before].clone());
            let row = &mut sums[shared];
            let alone = shifted(row, own);
            row.iter_mut().zip(&alone).for_each(|(word, more)| *word |= more);
            if let Some(from) = from {
                row.iter_mut().zip(&from).for_each(|(word, more)| *word |= more);
            }
        }
    }
    let fits = |shared: u64| {
        let row = &sums[shared as usize];
        let least = r.saturating_sub(shared);
        // The rest is the second's alone.
        let most = total.checked_sub(w);
        most.is_some_and(|most| (least..=most).any(|alone| row[alone as usize / 64] >> (alone % 64) & 1 == 1))
    };
    Ok((0..=total).find(|shared| fits(*shared)).unwrap_or(total))
}

/// The set of sums, each larger by so much; what is beyond the end is left out.
fn shifted(row: &[u64], by: usize) -> Vec<u64> {
    let (words, bits) = (by / 64, by % 64);
    let mut out = vec![0u64; row.len()];
    for at in words..row.len() {
        out[at] = row[at - words] << bits;
        if bits > 0 && at > words {
            out[at] |= row[at - words - 1] >> (64 - bits);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;

    fn by_pairs(votes: &[u64], [r, w]: [u64; 2]) -> u64 {
        let sum =
            |set: u32| (0..votes.len()).filter(|voter| set >> voter & 1 == 1).map(|voter| votes[voter]).sum::<u64>();
        let sets = || 0..1u32 << votes.len();
        let pairs =
            sets().filter(|set| sum(*set) >= r).flat_map(|a| sets().filter(|set| sum(*set) >= w).map(move |b| a & b));
        pairs.map(sum).min().unwrap()
    }

    #[test]
    fn shared_votes_are_those_of_the_closest_pair() {
        for votes in [&[3, 1, 1][..], &[2, 2, 1], &[5, 3, 3, 2, 1], &[1, 1, 1, 1], &[4, 4, 4, 1], &[7, 1, 1, 1, 1, 1]] {
            let total: u64 = votes.iter().sum();
            for r in 1..=total {
                for w in 1..=total {
                    let mut meter = Meter::new(Resource::PassSteps, 1_000_000);
                    assert_eq!(by_sums(votes, [r, w], &mut meter), Ok(by_pairs(votes, [r, w])), "{votes:?} {r} {w}");
                }
            }
        }
    }
}
