//! A run in space and time: processes side by side, time downwards, messages as arrows.

mod drawing;
mod labels;
mod layout;

pub use drawing::space_time;
