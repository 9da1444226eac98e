//! What only the readers of files need: operations that begin on one line and end on another, keys that are no texts.

use super::{Action, Builder, InvalidOperation, Key, Place, Ticket, Value};

impl Builder {
    /// What an operation that was started is about to do.
    pub(in crate::history) fn started(&self, ticket: Ticket) -> (Action<&Value>, u32) {
        let draft = &self.drafts[ticket.register as usize];
        let entry = &draft.entries[ticket.entry as usize];
        (entry.action.map(|value| &draft.values[value.index()]), entry.line)
    }

    /// The key of the register of an operation.
    pub(in crate::history) fn key(&self, ticket: Ticket) -> Option<&Value> {
        self.drafts[ticket.register as usize].key.as_ref()
    }

    /// Takes operations in an order that need not be that of their processes.
    pub(in crate::history) fn keep_given_order(&mut self) {
        self.is_order_given = true;
    }

    /// The same, where the register is named by any value.
    pub(in crate::history) fn place_of_value(
        &mut self,
        process: &Value,
        key: Option<&Value>,
    ) -> Result<Place, InvalidOperation> {
        let text = key.and_then(Value::text);
        self.place_of(process, text.as_deref().map(Key::Text).or(key.map(Key::Other)))
    }
}
