//! How a page is shown.

/// How much of the answers people see, and in which colours; programs get everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Colour the text with terminal codes.
    pub color: bool,
    /// Show the optimal strategies.
    pub strategy: bool,
    /// Show the certificates of the best strategies.
    pub certificate: bool,
    /// Columns of a line of text.
    pub width: usize,
}

impl View {
    /// Columns of a line where there is no terminal.
    pub const WIDTH: usize = 80;
}

impl Default for View {
    fn default() -> Self {
        View { color: false, strategy: false, certificate: false, width: View::WIDTH }
    }
}
