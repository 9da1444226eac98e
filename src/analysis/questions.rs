//! The questions of a system as one-liners, within the usual budget.

use crate::availability::{self, FailureProbability, Failures, SamplingOptions};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{Pair, Probability, System};
use crate::strategy::objective::{Infeasible, Limits, Objective};
use crate::strategy::{self, Optimum};
use crate::structure::intersection::{Intersections, intersections};
use crate::structure::resilience::{Resilience, resilience};

impl System {
    /// The load of the busiest node under the best strategy, listed: [`strategy::optimum`] of the workload of the definition.
    ///
    /// # Errors
    /// [`Infeasible::NoQuorum`] where the workload has operations of a kind of which there is no quorum.
    ///
    /// # Examples
    /// ```
    /// let system = quorate::System::from_expression("a*b + c*d")?;
    /// let load = system.load().expect("there are quorums");
    /// assert_eq!(load.exact.map(|load| load.to_string()), Some("1/2".into()));
    /// # Ok::<(), quorate::spec::Diagnostics>(())
    /// ```
    pub fn load(&self) -> Result<Optimum, Infeasible> {
        strategy::optimum(&Compiled::new(self, Budget::default()), self.workload(), true)
    }

    /// The best strategy for an objective within limits: [`strategy::optimise`] under the workload of the definition.
    ///
    /// # Errors
    /// [`Infeasible`] where no strategy does what was asked.
    ///
    /// # Examples
    /// ```
    /// use quorate::strategy::objective::{Limits, Objective};
    /// let system = quorate::System::from_expression("a*b + c*d*e")?;
    /// let smallest = system.best(Objective::Network, &Limits::default()).expect("there are quorums");
    /// assert_eq!(smallest.network, 2.0);
    /// # Ok::<(), quorate::spec::Diagnostics>(())
    /// ```
    pub fn best(&self, objective: Objective, limits: &Limits) -> Result<Optimum, Infeasible> {
        strategy::optimise(self, self.workload(), objective, limits, Budget::default())
    }

    /// Which quorums meet: [`intersections`].
    ///
    /// # Examples
    /// ```
    /// let system = quorate::System::from_expression("a*b + c*d")?;
    /// assert_eq!(system.intersections().read_write.verdict.known(), Some(true));
    /// # Ok::<(), quorate::spec::Diagnostics>(())
    /// ```
    pub fn intersections(&self) -> Intersections {
        intersections(&Compiled::new(self, Budget::default()))
    }

    /// How many nodes may fail, whichever they are, for reads and for writes: [`resilience()`].
    ///
    /// # Examples
    /// ```
    /// let system = quorate::System::from_expression("a*b + c*d")?;
    /// assert_eq!(system.resilience().reads.value(), Some(1));
    /// # Ok::<(), quorate::spec::Diagnostics>(())
    /// ```
    pub fn resilience(&self) -> Pair<Resilience> {
        let compiled = Compiled::new(self, Budget::default());
        compiled.of_both(|kind| resilience(&compiled, kind))
    }

    /// How probable it is that no quorum is left when every node fails with this probability, by itself:
    /// [`failure_probability`](availability::failure_probability()).
    ///
    /// # Examples
    /// ```
    /// use quorate::model::Probability;
    /// let system = quorate::System::from_expression("a*b + c*d")?;
    /// let failure = system.failure_probability(Probability::new(0.1)?);
    /// // Both lines have a failed node: (1 - 0.9 * 0.9)^2.
    /// assert!((failure.read.and_then(|read| read.to_f64()).unwrap_or(1.0) - 0.0361).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn failure_probability(&self, node: Probability) -> FailureProbability {
        let failures = Failures::uniform(self, node);
        let compiled = Compiled::new(self, Budget::default());
        availability::failure_probability(&compiled, &failures, &SamplingOptions::default()).0
    }
}
