//! Columns of Python values as columns of one kind each.

use std::ffi::c_void;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt};

/// Values of one kind, where missing ones have any value.
#[derive(Debug)]
enum Values {
    Integers(Vec<i64>),
    Floats(Vec<f64>),
    /// Bits, eight to a byte.
    Truths(Vec<u8>),
    /// Where each text ends, after a 0, and all texts.
    Texts(Vec<i64>, Vec<u8>),
}

/// A column with its name.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) length: usize,
    pub(crate) missing: usize,
    /// Bits of the values that are there; absent where all are.
    present: Option<Vec<u8>>,
    values: Values,
}

/// Kinds of values, from narrow to wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Truth,
    Integer,
    Float,
    Text,
}

fn width(value: &Bound<'_, PyAny>) -> Width {
    match () {
        () if value.is_instance_of::<PyBool>() => Width::Truth,
        () if value.is_instance_of::<PyInt>() && value.extract::<i64>().is_ok() => Width::Integer,
        () if value.is_instance_of::<PyFloat>() => Width::Float,
        () => Width::Text,
    }
}

fn bits(flags: impl ExactSizeIterator<Item = bool>) -> Vec<u8> {
    let mut bits = vec![0u8; flags.len().div_ceil(8)];
    flags.enumerate().filter(|(_, flag)| *flag).for_each(|(at, _)| bits[at / 8] |= 1 << (at % 8));
    bits
}

impl Column {
    /// The column of these values; truths among numbers are texts, and whole numbers among others are numbers.
    pub(crate) fn new(name: String, values: &[Bound<'_, PyAny>]) -> PyResult<Column> {
        let there: Vec<Option<&Bound<'_, PyAny>>> =
            values.iter().map(|value| (!value.is_none()).then_some(value)).collect();
        let widths = || there.iter().flatten().map(|value| width(value));
        let widest = widths().max().unwrap_or(Width::Float);
        let is_mixed = widest != Width::Truth && widths().any(|width| width == Width::Truth);
        let values = match if is_mixed { Width::Text } else { widest } {
            Width::Truth => Values::Truths(bits(read(&there)?.into_iter())),
            Width::Integer => Values::Integers(read(&there)?),
            Width::Float => Values::Floats(read(&there)?),
            Width::Text => texts(&there)?,
        };
        let missing = there.iter().filter(|value| value.is_none()).count();
        let present = (missing > 0).then(|| bits(there.iter().map(Option::is_some)));
        Ok(Column { name, length: there.len(), missing, present, values })
    }

    /// Its kind, as Arrow writes it.
    pub(crate) fn format(&self) -> &'static std::ffi::CStr {
        match self.values {
            Values::Integers(_) => c"l",
            Values::Floats(_) => c"g",
            Values::Truths(_) => c"b",
            Values::Texts(..) => c"U",
        }
    }

    /// Where its bytes are, in the order of Arrow, for as long as the column is.
    pub(crate) fn buffers(&self) -> Vec<*const c_void> {
        let mut buffers = vec![self.present.as_ref().map_or(std::ptr::null(), |bits| bits.as_ptr().cast())];
        match &self.values {
            Values::Integers(values) => buffers.push(values.as_ptr().cast()),
            Values::Floats(values) => buffers.push(values.as_ptr().cast()),
            Values::Truths(bits) => buffers.push(bits.as_ptr().cast()),
            Values::Texts(ends, bytes) => buffers.extend([ends.as_ptr().cast(), bytes.as_ptr().cast()]),
        }
        buffers
    }
}

fn read<'py, T: for<'a> FromPyObject<'a, 'py, Error: Into<PyErr>> + Default>(
    there: &[Option<&Bound<'py, PyAny>>],
) -> PyResult<Vec<T>> {
    let one = |value: &Option<&Bound<'py, PyAny>>| {
        value.map_or_else(|| Ok(T::default()), |value| value.extract().map_err(Into::into))
    };
    there.iter().map(one).collect()
}

fn texts(there: &[Option<&Bound<'_, PyAny>>]) -> PyResult<Values> {
    let (mut ends, mut bytes) = (vec![0i64], Vec::new());
    for value in there {
        if let Some(value) = value {
            bytes.extend_from_slice(value.str()?.to_string().as_bytes());
        }
        ends.push(bytes.len() as i64);
    }
    Ok(Values::Texts(ends, bytes))
}
