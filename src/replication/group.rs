//! A group of replicas under one strategy, as a protocol.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::client::Client;
use super::message::{Record, Say};
use super::replica::Replica;
use super::shared::Shared;
use super::strategy::Strategy;
use crate::model::System;
use crate::protocol::{ProcessId, Protocol};

/// The strategy as a protocol for the simulator.
pub(super) struct Group {
    pub(super) shared: Rc<Shared>,
}

impl Group {
    pub(super) fn new(system: &System, strategy: Strategy, clients: u32, is_nondeterministic: bool) -> Self {
        let replicas = system.nodes().len();
        Group {
            shared: Rc::new(Shared {
                strategy,
                system: system.clone(),
                clients,
                is_nondeterministic,
                stores: (0..replicas).map(|_| RefCell::default()).collect(),
                views: (0..replicas).map(|_| Cell::default()).collect(),
                executions: Cell::default(),
                messages: Cell::default(),
                answers: Cell::default(),
            }),
        }
    }
}

impl Protocol for Group {
    type Message = Say;
    type Record = Record;
    type Replica = Replica;
    type Client = Client;

    fn replicas(&self) -> usize {
        self.shared.replicas()
    }

    fn is_single_writer(&self) -> bool {
        false
    }

    fn replica(&self, id: ProcessId) -> Replica {
        Replica::new(Rc::clone(&self.shared), id)
    }

    fn client(&self, id: ProcessId) -> Client {
        Client::new(Rc::clone(&self.shared), id)
    }
}
