//! A protocol whose machines are watched or changed from outside.

use super::machine::{Machine, ProcessId, Protocol};

/// A protocol that makes the machines of another one and puts each into a wrapping.
///
/// Wrappings see every input and every output of a machine: they count, check, or do something wrong on purpose.
///
/// # Examples
/// ```
/// use quorate::families::Family;
/// use quorate::protocol::register::{Guarantee, Patience, RegisterMessage, RegisterRecord, Registers};
/// use quorate::protocol::{Input, Machine, Outputs, Pick, Wrapped};
/// use quorate::sim::{RunLimits, Scenario, Traffic, run};
///
/// /// A replica that hears nothing.
/// struct Deaf;
///
/// impl Machine for Deaf {
///     type Message = RegisterMessage;
///     type Record = RegisterRecord;
///
///     fn step(
///         &mut self,
///         _: u64,
///         _: Input<RegisterMessage, RegisterRecord>,
///         _: &mut Outputs<RegisterMessage, RegisterRecord>,
///     ) {
///     }
/// }
///
/// let system = Family::Majority { n: 3 }.system()?;
/// let registers = Registers::new(&system, Guarantee::Atomic, &Pick::All, Patience::default());
/// let deaf = Wrapped::new(registers, |_, _| Deaf, |client, _| client);
/// let traffic = Traffic { clients: 1, operations: 1, ..Traffic::default() };
/// let run = run(&deaf, &Scenario::default(), &traffic, 1, RunLimits::default());
/// assert_eq!(run.counts.operations(), 0);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Wrapped<P, R, C> {
    inner: P,
    replica: R,
    client: C,
}

impl<P, R, C, WrappedReplica, WrappedClient> Wrapped<P, R, C>
where
    P: Protocol,
    R: Fn(P::Replica, ProcessId) -> WrappedReplica,
    C: Fn(P::Client, ProcessId) -> WrappedClient,
{
    /// The protocol `inner`, with `replica` and `client` around its machines.
    pub fn new(inner: P, replica: R, client: C) -> Self {
        Wrapped { inner, replica, client }
    }
}

impl<P, R, C, WrappedReplica, WrappedClient> Protocol for Wrapped<P, R, C>
where
    P: Protocol,
    R: Fn(P::Replica, ProcessId) -> WrappedReplica,
    C: Fn(P::Client, ProcessId) -> WrappedClient,
    WrappedReplica: Machine<Message = P::Message, Record = P::Record>,
    WrappedClient: Machine<Message = P::Message, Record = P::Record>,
{
    type Message = P::Message;
    type Record = P::Record;
    type Replica = WrappedReplica;
    type Client = WrappedClient;

    fn replicas(&self) -> usize {
        self.inner.replicas()
    }

    fn is_single_writer(&self) -> bool {
        self.inner.is_single_writer()
    }

    fn replica(&self, id: ProcessId) -> WrappedReplica {
        (self.replica)(self.inner.replica(id), id)
    }

    fn client(&self, id: ProcessId) -> WrappedClient {
        (self.client)(self.inner.client(id), id)
    }
}
