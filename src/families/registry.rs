//! What people should know about the families.

use super::info::FamilyInfo;
use super::{
    b_grid, custom, grid, hierarchical, majority, paths, plane, rowa, singleton, threshold, tree, wall, weighted, y,
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
    custom::INFO,
];
