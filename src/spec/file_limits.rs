//! How large a definition may be, and what may stand before it.

/// Bytes of a definition: enough for an expression of a million nodes.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Parentheses of an expression inside each other.
pub const NESTING_MAX: usize = 1_000;

/// What some editors put at the start of a file.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
