//! Transactions of one micro-operation.

use super::edn_form::Edn;
use super::error::Reason;
use super::events::Function;

/// A micro-operation: `[:r key value]` or `[:w key value]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Micro<'a> {
    pub(super) is_write: bool,
    pub(super) key: &'a Edn,
    pub(super) value: &'a Edn,
}

impl<'a> Micro<'a> {
    /// The micro-operation that a value is; nothing if it is none. A transaction must be one.
    pub(super) fn of(function: Function, value: &'a Edn) -> Option<Result<Micro<'a>, Reason>> {
        if !matches!(function, Function::Read | Function::Write | Function::Txn) {
            return None;
        }
        let Edn::List(all) = value else {
            return (function == Function::Txn).then_some(Err(Reason::Transaction { operations: 0 }));
        };
        let is_micro = |element: &Edn| matches!(element, Edn::List(parts) if parts.first().is_some_and(is_word));
        if function != Function::Txn && (all.is_empty() || !all.iter().all(is_micro)) {
            return None;
        }
        let [Edn::List(parts)] = &all[..] else { return Some(Err(Reason::Transaction { operations: all.len() })) };
        Some(match &parts[..] {
            [word, key, value] => match word.word().as_deref() {
                Some("r" | "read") => Ok(Micro { is_write: false, key, value }),
                Some("w" | "write") => Ok(Micro { is_write: true, key, value }),
                _ => Err(Reason::UnknownOperation {
                    name: word.word().unwrap_or_else(|| word.to_value().to_string()),
                    expected: "the micro-operations :r and :w",
                }),
            },
            _ => Err(Reason::NoMicroOperation),
        })
    }
}

/// Whether a micro-operation begins with this; also one that no register has.
fn is_word(form: &Edn) -> bool {
    matches!(form.word().as_deref(), Some("r" | "read" | "w" | "write" | "append"))
}
