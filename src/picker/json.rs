//! Reading a strategy from the JSON of `quorate analyze --strategy --format json`.

use super::{Picker, PickerError};
use crate::model::{Choice, Kind, NodeSet, Strategy};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

const SCHEMA: &str = "quorate/analysis/1";

/// Which strategy of a document to take; what is left open must leave one only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// The name of the system.
    pub system: Option<String>,
    /// What the strategy was optimised for.
    pub objective: Option<String>,
    /// The read fraction that it was optimised for.
    pub read_fraction: Option<f64>,
}

// Analyses may have other keys, which come by addition and say nothing about the strategy; within a strategy there are none.

#[derive(Deserialize)]
struct Document {
    schema: String,
    systems: Vec<Object<System>>,
}

#[derive(Deserialize)]
struct System {
    name: String,
    optimum: Vec<Object<Optimum>>,
}

#[derive(Deserialize)]
struct Optimum {
    objective: String,
    read_fraction: ReadFraction,
    node_load: Names,
    strategy: Option<Object<Listed>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a read fraction is a number, or a list of objects with `fraction` and `weight`")]
enum ReadFraction {
    Single(f64),
    Distribution(Vec<Object<Share>>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    fraction: f64,
    weight: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    reads: Vec<Object<Chosen>>,
    writes: Vec<Object<Chosen>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    quorum: Vec<String>,
    probability: f64,
}

/// An object with these keys, and not a list of their values, which derived readers would take for it.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Object<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// The keys of an object in the order in which they stand: the nodes of the system.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Names;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object with a number for each node")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, _)) = map.next_entry::<String, Option<f64>>()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

impl fmt::Display for ReadFraction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadFraction::Single(fraction) => write!(out, "{fraction}"),
            ReadFraction::Distribution(shares) => {
                let pairs: Vec<String> =
                    shares.iter().map(|Object(share)| format!("{}:{}", share.fraction, share.weight)).collect();
                out.write_str(&pairs.join(" "))
            }
        }
    }
}

impl Picker {
    /// Loads a strategy that `quorate analyze --strategy --format json` wrote.
    ///
    /// # Errors
    /// [`PickerError`] when the text is not such a document, when the selection fits no strategy or more than one, and
    /// as [`Picker::new`].
    ///
    /// # Examples
    /// See the [module](crate::picker).
    pub fn from_json(text: &str, selection: &Selection) -> Result<Self, PickerError> {
        let Object(document): Object<Document> = serde_json::from_str(text)?;
        if document.schema != SCHEMA {
            return Err(PickerError::Schema { found: document.schema });
        }
        let all: Vec<(String, Optimum)> =
            document.systems.into_iter().flat_map(|Object(system)| system.optima()).collect();
        let titles = |each: &[(String, Optimum)]| -> Vec<String> { each.iter().map(title).collect() };
        let every = titles(&all);
        let fitting: Vec<(String, Optimum)> = all.into_iter().filter(|each| selection.fits(each)).collect();
        let [only]: [(String, Optimum); 1] = fitting
            .try_into()
            .map_err(|fitting: Vec<_>| PickerError::NotOne { fitting: titles(&fitting), all: every })?;
        let which = title(&only);
        let Optimum { node_load: Names(names), strategy, .. } = only.1;
        let Object(Listed { reads, writes }) = strategy.ok_or(PickerError::NoStrategy { which })?;
        let empty = Picker::new(names, Strategy::default())?;
        let (reads, writes) = (empty.resolve(Kind::Read, reads)?, empty.resolve(Kind::Write, writes)?);
        Picker::new(empty.names, Strategy { reads, writes })
    }

    fn resolve(&self, kind: Kind, listed: Vec<Object<Chosen>>) -> Result<Vec<Choice>, PickerError> {
        let choice = |(index, Object(chosen)): (usize, Object<Chosen>)| {
            let number = index + 1;
            let mut quorum = NodeSet::new();
            for name in chosen.quorum {
                let Some(node) = self.node(&name) else { return Err(PickerError::UnknownNode { kind, number, name }) };
                if quorum.contains(node) {
                    return Err(PickerError::RepeatedNode { kind, number, name });
                }
                quorum.insert(node);
            }
            Ok(Choice { quorum, probability: chosen.probability })
        };
        listed.into_iter().enumerate().map(choice).collect()
    }
}

impl System {
    fn optima(self) -> Vec<(String, Optimum)> {
        self.optimum.into_iter().map(|Object(optimum)| (self.name.clone(), optimum)).collect()
    }
}

impl Selection {
    fn fits(&self, (system, optimum): &(String, Optimum)) -> bool {
        let fraction = |wanted: f64| matches!(optimum.read_fraction, ReadFraction::Single(given) if given == wanted);
        self.system.as_ref().is_none_or(|name| name == system)
            && self.objective.as_ref().is_none_or(|objective| *objective == optimum.objective)
            && self.read_fraction.is_none_or(fraction)
    }
}

fn title((system, optimum): &(String, Optimum)) -> String {
    format!("{system:?} optimised for {} at read fraction {}", optimum.objective, optimum.read_fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_keep_the_order_of_the_document() {
        let Names(names) = serde_json::from_str(r#"{"n10": 0.5, "n2": null, "n1": 1}"#).unwrap();
        assert_eq!(names, ["n10", "n2", "n1"]);
    }
}
