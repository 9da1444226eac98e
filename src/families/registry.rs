//! What people should know about the families.

use super::info::FamilyInfo;
use super::{
    and_or, b_grid, custom, grid, hierarchical, liars, m_grid, majority, nucleus, paths, plane, probabilistic, ring,
    rowa, singleton, threshold, tree, wall, weighted, y,
};

/// All families, in the order in which a newcomer should meet them.
pub const ALBUM: &[FamilyInfo] = &[
    majority::INFO,
    threshold::INFO,
    weighted::INFO,
    rowa::ROWA,
    rowa::RAWO,
    singleton::INFO,
    grid::INFO,
    b_grid::INFO,
    tree::INFO,
    hierarchical::INFO,
    wall::WALL,
    wall::TRIANGLE,
    wall::CWLOG,
    wall::WHEEL,
    plane::INFO,
    paths::INFO,
    y::INFO,
    and_or::INFO,
    nucleus::INFO,
    liars::DISSEMINATION,
    liars::MASKING,
    liars::OPAQUE,
    m_grid::M_GRID,
    m_grid::MASKING_GRID,
    probabilistic::INFO,
    ring::INFO,
    custom::INFO,
];
