//! One line about a sample that is still growing.

use super::number::{probability, whole};
use crate::analysis::availability::Progress;

/// How far a sample is; the interval is that of the share of failures among the trials.
pub fn progress(progress: &Progress) -> String {
    let Progress { trials, trials_max, failures, failures_wanted, interval } = *progress;
    let goal = match failures_wanted {
        Some(wanted) => format!("{} trials, {} of {} failures", whole(trials), whole(failures), whole(wanted)),
        None => format!("{} of {} trials, {} failures", whole(trials), whole(trials_max), whole(failures)),
    };
    format!("{goal}, [{}, {}]; Ctrl-C ends with what there is", probability(interval.0), probability(interval.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_it_is() {
        let seen = Progress {
            trials: 1 << 20,
            trials_max: 1 << 30,
            failures: 3,
            failures_wanted: None,
            interval: (1e-7, 1e-5),
        };
        assert!(super::progress(&seen).starts_with("1,048,576 of 1,073,741,824 trials, 3 failures, ["));
        let waiting = Progress { failures_wanted: Some(400), ..seen };
        assert!(super::progress(&waiting).starts_with("1,048,576 trials, 3 of 400 failures, ["));
    }
}
