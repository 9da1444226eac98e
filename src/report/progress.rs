//! One line about a sample that is still growing.

use super::number::{lower_end, upper_end, whole};
use crate::availability::Progress;

/// How far a sample is; the interval is that of the share of failures among the trials.
pub fn progress(progress: &Progress) -> String {
    let Progress { trials, trials_max, failures, failures_wanted, interval } = *progress;
    let goal = match failures_wanted {
        Some(wanted) => format!("{} of {} failures, {} trials", whole(failures), whole(wanted), whole(trials)),
        None => format!("{} failures, {} of {} trials", whole(failures), whole(trials), whole(trials_max)),
    };
    // What matters most comes first: a narrow terminal cuts the line off.
    format!("[{}, {}], {goal}; Ctrl-C ends with what there is", lower_end(interval.0), upper_end(interval.1))
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
        assert!(super::progress(&seen).starts_with("[1e-7, 1e-5], 3 failures, 1,048,576 of 1,073,741,824 trials;"));
        let waiting = Progress { failures_wanted: Some(400), ..seen };
        assert!(super::progress(&waiting).starts_with("[1e-7, 1e-5], 3 of 400 failures, 1,048,576 trials;"));
    }
}
