//! From a solution in floating point to bounds that hold, and to exact fractions where both bounds are the same.
//!
//! | question | file |
//! | --- | --- |
//! | which way to fractions? | `exactly` |
//! | which bounds do a strategy and prices prove? | `bounds`; in fractions alone, `proof` |
//! | which fractions are near, and do they prove it? | `rounded` |
//! | what is known in fractions? | `known`; quorum by quorum, `exact_flow` |
//! | which fractions did rounding hide? | `optimality_equations`: the quorums that are drawn and the rows that are full say it all |
//! | how are such equations solved without rounding? | `dixon`: modulo a prime, then digit by digit |

pub(super) mod bounds;
mod dixon;
mod exact_flow;
pub(super) mod exactly;
pub(super) mod known;
pub(super) mod optimality_equations;
pub(super) mod proof;
pub(super) mod rounded;
