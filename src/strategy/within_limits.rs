//! The best strategy within limits on other quantities.

use super::claims::limit_prices;
use super::climb::Climb;
use super::finish::About;
use super::ladder::climb;
use super::limited_program::LimitedProgram;
use super::objective::{Infeasible, Limits, Objective};
use super::optimum::Optimum;
use super::question::{EligibleSets, StrategyQuestion};
use super::rung::Rung;
use crate::budget::{Exhausted, Resource};
use crate::strategy::tolerance::LIMIT_ROUNDING;
use num_rational::BigRational;
use num_traits::Zero;

/// The best strategy within the limits of the question.
///
/// Whether a limit can be kept is decided by making its quantity as small as possible within the other limits: first alone,
/// then with one more limit.
pub(super) fn within(
    question: &StrategyQuestion<'_>,
    eligible: &EligibleSets<'_>,
    objective: Objective,
) -> Result<Optimum, Infeasible> {
    let freely = StrategyQuestion { rungs: &Rung::ALL, ..*question };
    let mut limited = checked(&freely, eligible)?;
    let free = match limited.iter().position(|(quantity, _)| *quantity == objective) {
        Some(known) => limited.remove(known).1,
        None => eligible.unlimited(&freely, objective)?,
    };
    let is_forced = question.rungs.len() < Rung::ALL.len();
    if !is_forced && Objective::ALL.into_iter().all(|quantity| reaches(question, quantity, &free)) {
        return Ok(with_idle_limits(free, question.limits));
    }
    if let [(first, alone), (second, _)] = &limited[..] {
        let of_second = question.limits.without(*first);
        let narrowed = StrategyQuestion { limits: &of_second, ..freely };
        let least = solve(&narrowed, eligible, (*first, alone.value()))?;
        keeps(question.limits, (*first, Some(*second)), &least)?;
    }
    solve(question, eligible, (objective, free.value()))
}

/// The quantities with limits, each of which can be kept alone, with the best that each can be.
pub(super) fn checked(
    question: &StrategyQuestion<'_>,
    eligible: &EligibleSets<'_>,
) -> Result<Vec<(Objective, Optimum)>, Infeasible> {
    let limited: Vec<Objective> =
        Objective::ALL.into_iter().filter(|quantity| question.limits.of(*quantity).is_some()).collect();
    if limited.contains(&Objective::Latency)
        && let Some(node) = question.without_latency(eligible)
    {
        return Err(Infeasible::NoLatency { node });
    }
    let alone = |quantity: Objective| {
        let alone = eligible.unlimited(question, quantity)?;
        keeps(question.limits, (quantity, None), &alone)?;
        Ok((quantity, alone))
    };
    limited.into_iter().map(alone).collect()
}

/// Whether a quantity can be as small as its limit.
fn keeps(
    limits: &Limits,
    (quantity, beside): (Objective, Option<Objective>),
    best: &Optimum,
) -> Result<(), Infeasible> {
    let (Some(limit), Some(exact)) = (limits.of(quantity), limits.exact(quantity)) else { return Ok(()) };
    let possible = match &best.exact {
        Some(least) => *least <= exact,
        None => best.upper_bound <= limit * (1.0 + LIMIT_ROUNDING),
    };
    if possible {
        return Ok(());
    }
    match best.exhausted {
        Some(exhausted) if best.lower_bound <= limit => Err(Infeasible::Undecided(exhausted)),
        _ => Err(Infeasible::Limit { quantity, limit, least: best.upper_bound, beside }),
    }
}

/// Whether a strategy happens to keep a limit: in fractions, where it has them.
fn reaches(question: &StrategyQuestion<'_>, quantity: Objective, best: &Optimum) -> bool {
    let (Some(limit), Some(exact_limit)) = (question.limits.of(quantity), question.limits.exact(quantity)) else {
        return true;
    };
    let exactly = best.certificate.as_ref().map(|of| of.quantity(question.system(), question.workload, quantity));
    if let Some(Ok(exact)) = exactly {
        return exact <= exact_limit;
    }
    let value = match quantity {
        Objective::Load => best.load(),
        Objective::Network => best.network,
        Objective::Latency => best.latency_ms.unwrap_or(f64::INFINITY),
    };
    value <= limit
}

/// An optimum without limits that keeps some: they cost nothing.
fn with_idle_limits(mut best: Optimum, limits: &Limits) -> Optimum {
    if let Some(certificate) = &mut best.certificate {
        certificate.limits = limits.clone();
        certificate.limit_prices = limit_prices(limits, |_| BigRational::zero());
    }
    best
}

/// The program, for limits that can be kept; `least` is what the objective can be without them.
fn solve(
    question: &StrategyQuestion<'_>,
    eligible: &EligibleSets<'_>,
    (objective, least): (Objective, f64),
) -> Result<Optimum, Infeasible> {
    let program = LimitedProgram::new(question, eligible, &[(objective, least)])?;
    let about = About { objective, ..program.about(question) };
    let on = Climb::new(about.compiled, program.lp.clone(), program.layers());
    let limit = question.budget().program_terms;
    let found = climb(on, question.rungs).map_err(Infeasible::Undecided)?;
    let solution = found.ok_or(Infeasible::Undecided(Exhausted { resource: Resource::ProgramTerms, limit }))?;
    Ok(about.answer(solution))
}
