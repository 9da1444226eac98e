//! What happens to a replica, whatever its protocol: it begins, timers go off, clients and other replicas say something.

/// Makes a machine of a replica with the methods `begin`, `timer`, `request`, `hear` and `stands`.
macro_rules! replica_machine {
    ($replica:ty, $peer:ty, $record:ty) => {
        impl $crate::protocol::Machine for $replica {
            type Message = $crate::consensus::message::ConsensusMessage<$peer>;
            type Record = $crate::consensus::message::ConsensusRecord<$record>;

            fn step(
                &mut self,
                _clock_ns: u64,
                input: $crate::protocol::Input<Self::Message, Self::Record>,
                out: &mut $crate::consensus::message::Out<$peer, $record>,
            ) {
                use $crate::consensus::message::ConsensusMessage;
                use $crate::protocol::{Disk, Input};
                match input {
                    Input::Start { draw } => self.begin(&Disk::default(), draw, out),
                    Input::Restart { disk, draw } => self.begin(&disk, draw, out),
                    Input::Timer { timer, draw } => self.timer(timer, draw, out),
                    Input::Message { message: ConsensusMessage::Request { command }, .. } => self.request(command, out),
                    Input::Message { from, message: ConsensusMessage::Peer { message } } => {
                        self.hear(from, message, out);
                    }
                    // What is for clients.
                    Input::Message { .. } | Input::Call { .. } => {}
                }
            }

            fn standing(&self) -> Option<$crate::protocol::Standing> {
                Some(self.stands())
            }
        }
    };
}

pub(super) use replica_machine;
