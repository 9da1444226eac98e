//! What single methods may spend or keep before the next one is asked, on one page.
//!
//! A [`Budget`](super::Budget) is what a question may spend; these are the shares of its methods, each so large that what it is good for is
//! solved, and so small that what it is not good for is found out soon. All count steps, rounds or numbers kept, never seconds.

// availability
/// Steps over all combinations of few zones that votes are shared between.
pub(crate) const ZONE_VOTES_STEPS: u64 = 1 << 28;
/// Parts that the states of rare failures are divided into.
pub(crate) const RARE_PARTS_MAX: usize = 1 << 17;
/// Words of nodes that those parts may take together.
pub(crate) const RARE_WORDS_MAX: usize = 1 << 23;
/// Minimal quorums that are listed to find the symmetries of a chain.
pub(crate) const CHAIN_QUORUMS_MAX: u64 = 1_000;
/// Classes of nodes of a chain: over more no chain is short enough, unless it needs no symmetry.
pub(crate) const CHAIN_CLASSES_MAX: usize = 256;

// circuit
/// Quorums of a part that a formula is conditioned on, one case each.
pub(crate) const CONDITIONED_QUORUMS_MAX: u64 = 2_000;
/// Edges of all those cases: a pass over more takes longer than it is worth.
pub(crate) const CONDITIONED_EDGES_MAX: usize = 1_000_000;
/// Sums of votes that a pass keeps apart at once: more of them would take gigabytes before they take long.
pub(crate) const PASS_SUMS_MAX: usize = 1 << 19;
/// Minimal quorums of lists that are made before a diagram is asked for one.
pub(crate) const LISTED_FIRST_MAX: u64 = 1_000;
/// Sums that are kept at once, probable or not, where votes lie far apart.
pub(crate) const TILTED_SUMS_MAX: u64 = 1 << 22;
/// Sums of half of the voters, to find who is decisive.
pub(crate) const DECISIVE_HALF_SUMS_MAX: usize = 1 << 20;
/// States that are kept at once while the cheapest voters are found.
pub(crate) const CHEAPEST_STATES_MAX: usize = 1 << 18;
/// Exchanges that are remembered for it.
pub(crate) const CHEAPEST_EXCHANGES_MAX: usize = 1 << 22;
/// Turns of the factors within a block that a characteristic function keeps.
pub(crate) const CHARACTERISTIC_TURNS_MAX: usize = 1 << 24;
/// Sums that are kept, for all voters together, to find a subset of a given sum.
pub(crate) const SUBSET_SUMS_MAX: usize = 1 << 21;
/// Sums of which tails are kept one by one: as many as the memory has room for.
pub(crate) const TAIL_SUMS_MAX: usize = 1 << 21;
/// Words of an array of counts of minimal sets.
pub(crate) const COUNT_WORDS_MAX: u64 = 1 << 25;
/// Sums of half of the voters, to count minimal sets.
pub(crate) const COUNT_HALF_SUMS_MAX: usize = 1 << 21;

// structure
/// Sets of shared voters that are tried for the smallest overlap.
pub(crate) const SHARED_SETS_MAX: usize = 4_096;

// strategy
/// Steps of one check of a certificate: a second or a few.
pub(crate) const VERIFY_STEPS: u64 = 100_000_000;
/// Edges of all layers of latency of a kind together.
pub(crate) const LAYER_EDGES_MAX: usize = 4_000_000;
/// Edges of the largest program for the simplex method, which takes seconds there.
pub(crate) const CORNER_TERMS_MAX: u64 = if cfg!(feature = "interior") { 8_000 } else { 20_000 };
/// Steps of the interior-point method, of which most programs take twenty to forty.
#[cfg(feature = "interior")]
pub(crate) const INTERIOR_STEPS: u32 = 200;
/// Multiplications of one of its steps, known from where the rows have numbers: a second for all steps, or two. They are counted
/// before the first one, so that no program is begun that would not end.
#[cfg(feature = "interior")]
pub(crate) const INTERIOR_MULTIPLICATIONS_MAX: usize = 40_000_000;
/// Machine operations of a small load in whole numbers: some milliseconds.
pub(crate) const WHOLE_STEPS: u64 = 10_000_000;
/// The same where classes of nodes are large: up to a second.
pub(crate) const LARGE_WHOLE_STEPS: u64 = 400_000_000;
/// The same within limits, where there are few methods to come: some hundredths of a second.
pub(crate) const LIMITED_STEPS: u64 = 60_000_000;
/// Rounds in which layers of latency are added, each of them a program.
pub(crate) const LAYER_ROUNDS_MAX: usize = 24;
/// Sets that shares of votes are rounded to.
pub(crate) const ROUNDED_SETS_MAX: usize = 2_000;
/// Voters in all those sets together, as many as fit into some ten MiB.
pub(crate) const ROUNDED_MEMBERS_MAX: usize = 1 << 22;
/// Rounds of column generation; each adds a quorum of each kind.
pub(crate) const COLUMN_ROUNDS_MAX: usize = 400;
/// Coefficients of its restricted programs: with more they take longer than they are worth.
pub(crate) const COLUMN_TERMS_MAX: usize = 400_000;
/// Machine operations for all weighted sums together: a second or two.
pub(crate) const WEIGHTED_SUMS_STEPS: u64 = 1_500_000_000;
/// Operations modulo a prime and steps of passes to solve the equations of an optimum: a few tenths of a second.
pub(crate) const EQUATIONS_STEPS: u64 = 60_000_000;
/// Numbers in those equations.
pub(crate) const EQUATIONS_ENTRIES_MAX: usize = 1_000_000;
/// Corrections of them.
pub(crate) const EQUATIONS_ROUNDS_MAX: usize = 40;
/// Rounds of the program of clients, each of which adds a quorum of each commodity.
pub(crate) const CLIENT_ROUNDS_MAX: usize = 300;
/// Coefficients of a restricted program of clients that takes longer than it is worth.
pub(crate) const CLIENT_TERMS_MAX: usize = 3_000_000;
/// Coefficients of one up to which the simplex method finds a corner.
#[cfg(feature = "interior")]
pub(crate) const CLIENT_CORNER_TERMS_MAX: usize = 6_000;

// search
/// Pivots after which a small program of a search is given up.
pub(crate) const TABLEAU_PIVOTS: usize = 3_000;
/// Cells changed after which it is: a good part of a second.
pub(crate) const TABLEAU_CELLS: u64 = 1 << 29;
/// Regions of rates that a search keeps: beyond, nothing is known of the loads of larger formulas.
pub(crate) const REGIONS_MAX: usize = 1_000_000;
/// Steps of placing one function: more than nine different nodes can take.
pub(crate) const PLACEMENT_STEPS: u64 = 1_500_000;
/// Operations of making the load of a member of a family exact.
pub(crate) const FAMILY_EXACT_STEPS: u64 = 1 << 23;
/// Functions of votes that a search remembers, so that none is judged twice.
pub(crate) const VOTES_KNOWN_MAX: usize = 1 << 19;
