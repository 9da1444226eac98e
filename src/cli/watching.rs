//! Looking on while a sample grows: how far it is on the terminal, and the end of it when somebody asks for the end.

use indicatif::ProgressBar;

use super::interrupt;
use crate::availability::Watch;
use crate::report;

/// Shows the trials, the failures and the interval so far behind this bar, and ends samples when somebody asks for the end.
pub(super) fn samples(bar: &ProgressBar) -> Watch {
    let bar = bar.clone();
    Watch::new(move |progress| {
        bar.set_message(report::progress(progress));
        !interrupt::asked()
    })
}
