//! How the values of Jepsen's events are to be read: a register may hold pairs, and a pair may be a key and a value, or a
//! version and a value. All operations of a file decide together.

use rustc_hash::FxHashMap;

use super::edn_form::Edn;
use super::error::Reason;
use super::events::{Datum, Events, Function, Type};
use super::micro::Micro;
use super::options::ValueShape;

/// How values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shape {
    /// A value is a list of a key and what is about it.
    pub(super) is_keyed: bool,
    /// What is about the key is a list of a version and the value.
    pub(super) is_versioned: bool,
}

/// What is read, and what a reader should be told about it.
#[derive(Debug, Default)]
pub(super) struct Decision {
    pub(super) shape: Shape,
    pub(super) note: Option<String>,
}

/// What a value says: the key, if it is in it, and the value, or both of a compare-and-set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parts<'a> {
    pub(super) key: Option<&'a Edn>,
    pub(super) said: Said<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Said<'a> {
    One(&'a Edn),
    Both(&'a Edn, &'a Edn),
}

impl Shape {
    /// Takes a value apart; `None` if it has another shape.
    pub(super) fn parts<'a>(self, function: Function, value: &'a Edn) -> Option<Parts<'a>> {
        let (key, said) = match (self.is_keyed, value) {
            (false, value) => (None, Said::One(value)),
            (true, Edn::List(elements)) => match &elements[..] {
                [key, rest] => (Some(key), Said::One(rest)),
                [key, old, new] if function == Function::Cas => (Some(key), Said::Both(old, new)),
                _ => return None,
            },
            _ => return None,
        };
        let said = match said {
            Said::One(rest) if self.is_versioned => match rest {
                Edn::Nil if function == Function::Read => Said::One(rest),
                rest => Said::One(rest.pair()?.1),
            },
            said => said,
        };
        let said = match said {
            Said::One(rest) if function == Function::Cas => {
                let (old, new) = rest.pair()?;
                Said::Both(old, new)
            }
            said => said,
        };
        Some(Parts { key, said })
    }
}

/// The shape that all operations of a file have, or the one that is asked for.
///
/// # Errors
/// [`Reason::NotOfShape`] with its line when an operation does not have the shape asked for.
pub(super) fn decide(events: &Events, asked: Option<ValueShape>) -> Result<Decision, (u64, Reason)> {
    let census = Census::of(events);
    let shape = |is_keyed, is_versioned| Shape { is_keyed, is_versioned };
    let found = match asked {
        Some(ValueShape::Plain) => shape(false, false),
        Some(ValueShape::Keyed) => shape(true, false),
        Some(ValueShape::Versioned) => shape(!census.has_keys && census.unkeyed_version.is_none(), true),
        None => census.shape(),
    };
    if let Some(asked) = asked {
        if let Some(line) = first_without(events, found) {
            return Err((line, Reason::NotOfShape { shape: asked }));
        }
        return Ok(Decision { shape: found, note: None });
    }
    Ok(Decision { shape: found, note: census.note(found) })
}

/// The line of the first operation that does not have a shape.
fn first_without(events: &Events, shape: Shape) -> Option<u64> {
    let lacks = |event: &&super::events::Kept| {
        let Some(function @ (Function::Read | Function::Write | Function::Cas)) = event.function else { return false };
        let value = events.form(event.value);
        event.kind == Type::Invoke && Micro::of(function, &value).is_none() && shape.parts(function, &value).is_none()
    };
    events.events.iter().find(lacks).map(|event| event.line.into())
}

/// What the invocations of a file have in common.
#[derive(Debug, Default)]
struct Census {
    /// Operations that are no transactions.
    operations: u64,
    /// Whether some event has a `:key`.
    has_keys: bool,
    /// The first operation that has no key in its value.
    unkeyed: Option<u32>,
    /// The first completion whose first element differs from that of its invocation.
    other_key: Option<u32>,
    /// The first completion that has a version where its invocation has `nil`, in values without keys.
    unkeyed_version: Option<u32>,
    /// Whether every value in a key, and every value without, could be a version and a value; and whether some must.
    versions: [Versions; 2],
    /// Values of reads and writes that are lists of two.
    pairs: u64,
    /// Whether some compare-and-set has a key and both values in one list.
    has_triples: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Versions {
    none_of: bool,
    some: bool,
}

impl Census {
    fn of(events: &Events) -> Census {
        let mut census = Census::default();
        let mut open: FxHashMap<u32, Datum> = FxHashMap::default();
        for event in &events.events {
            census.has_keys |= event.key.is_some();
            let value = events.form(event.value);
            match (event.kind, event.function) {
                (Type::Invoke, Some(function @ (Function::Read | Function::Write | Function::Cas))) => {
                    if Micro::of(function, &value).is_none() {
                        census.invocation(event.line, function, &value);
                        open.insert(event.process, event.value);
                    }
                }
                (Type::Ok, _) => {
                    if let Some(invoked) = open.remove(&event.process) {
                        census.completion(event.line, &events.form(invoked), &value);
                    }
                }
                _ => {
                    open.remove(&event.process);
                }
            }
        }
        census
    }

    fn invocation(&mut self, line: u32, function: Function, value: &Edn) {
        self.operations += 1;
        self.pairs += u64::from(function != Function::Cas && value.pair().is_some());
        let keyed = Shape { is_keyed: true, is_versioned: false }.parts(function, value);
        self.has_triples |= function == Function::Cas && matches!(value, Edn::List(list) if list.len() == 3);
        if keyed.is_none() {
            self.unkeyed = self.unkeyed.or(Some(line));
        }
        let inner = match value {
            Edn::List(elements) if elements.len() == 2 => Some(&elements[1]),
            _ => None,
        };
        for (versions, inner) in self.versions.iter_mut().zip([inner, Some(value)]) {
            versions.look_at(function, inner);
        }
    }

    fn completion(&mut self, line: u32, invoked: &Edn, completed: &Edn) {
        let (Some((before, _)), Some((after, _))) = (invoked.pair(), completed.pair()) else { return };
        if before != after {
            self.other_key = self.other_key.or(Some(line));
            if *before == Edn::Nil {
                self.unkeyed_version = self.unkeyed_version.or(Some(line));
            }
        }
    }

    fn shape(&self) -> Shape {
        let is_keyed = self.operations > 0 && !self.has_keys && self.unkeyed.is_none() && self.other_key.is_none();
        let [inside, outside] = self.versions;
        let versions = if is_keyed { inside } else { outside };
        // Without keys, a nil at the front is a version only if one stands there later.
        let has_versions = is_keyed || self.has_keys || self.unkeyed_version.is_some();
        Shape { is_keyed, is_versioned: has_versions && versions.some && !versions.none_of }
    }

    /// What a reader should be told, where values could be read in two ways.
    fn note(&self, shape: Shape) -> Option<String> {
        let text = match shape {
            Shape { is_versioned: true, is_keyed } => {
                let key = if is_keyed { "a key, " } else { "" };
                format!(
                    "values are read as {key}a version and a value, which all operations have; versions are not checked \
                     (--values plain or keyed reads them as values)"
                )
            }
            Shape { is_keyed: true, .. } if !self.has_triples => {
                "values are read as a key and a value, which all operations have (--values plain reads pairs as values)"
                    .to_owned()
            }
            Shape { is_keyed: false, .. } if self.pairs > 0 && !self.has_keys => {
                let line = self.unkeyed.or(self.other_key)?;
                format!(
                    "values that are pairs are read as values, since not all operations have a key (line {line}); --values \
                     keyed reads them as a key and a value"
                )
            }
            _ => return None,
        };
        Some(text)
    }
}

impl Versions {
    /// Looks at what could be a version and a value: an invocation has `nil` for the version.
    fn look_at(&mut self, function: Function, value: Option<&Edn>) {
        let rest = match value.and_then(Edn::pair) {
            Some((Edn::Nil, rest)) => Some(rest),
            _ => None,
        };
        let fits = match (function, value, rest) {
            (Function::Read, Some(Edn::Nil), _) => return,
            (Function::Read, _, Some(rest)) => *rest == Edn::Nil,
            (Function::Cas, _, Some(rest)) => rest.pair().is_some(),
            (_, _, rest) => rest.is_some(),
        };
        self.some |= fits;
        self.none_of |= !fits;
    }
}
