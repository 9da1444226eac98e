//! Tables as streams of Arrow: the C data and stream interfaces, which are stable and small enough to be written out.
//!
//! Source: <https://arrow.apache.org/docs/format/CDataInterface.html> and `CStreamInterface.html`. Everything here is owned by what is
//! handed over and freed by its `release`; a consumer that moves something out sets its `release` to null, as the interfaces ask for.

use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::columns::Column;

#[repr(C)]
struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    children_count: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private: *mut c_void,
}

#[repr(C)]
struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    buffers_count: i64,
    children_count: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private: *mut c_void,
}

#[repr(C)]
struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private: *mut c_void,
}

/// Values may be missing.
const NULLABLE: i64 = 2;

/// What a schema owns.
struct SchemaParts {
    name: CString,
    children: Vec<*mut Schema>,
}

/// What an array owns.
struct ArrayParts {
    #[expect(dead_code, reason = "the buffers are its own")]
    columns: Arc<Vec<Column>>,
    buffers: Vec<*const c_void>,
    children: Vec<*mut Array>,
}

/// What a stream owns: its one batch, until that is taken.
struct StreamParts {
    columns: Arc<Vec<Column>>,
    is_taken: bool,
}

fn schema(name: &str, format: &'static std::ffi::CStr, children: Vec<Schema>) -> Schema {
    let children = children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect();
    // A name with a null byte was refused before.
    let mut parts = Box::new(SchemaParts { name: CString::new(name).unwrap_or_default(), children });
    Schema {
        format: format.as_ptr(),
        name: parts.name.as_ptr(),
        metadata: ptr::null(),
        flags: NULLABLE,
        children_count: parts.children.len() as i64,
        children: parts.children.as_mut_ptr(),
        dictionary: ptr::null_mut(),
        release: Some(release_schema),
        private: Box::into_raw(parts).cast(),
    }
}

fn array(
    columns: &Arc<Vec<Column>>,
    (length, missing): (usize, usize),
    buffers: Vec<*const c_void>,
    children: Vec<Array>,
) -> Array {
    let children = children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect();
    let mut parts = Box::new(ArrayParts { columns: Arc::clone(columns), buffers, children });
    Array {
        length: length as i64,
        null_count: missing as i64,
        offset: 0,
        buffers_count: parts.buffers.len() as i64,
        children_count: parts.children.len() as i64,
        buffers: parts.buffers.as_mut_ptr(),
        children: parts.children.as_mut_ptr(),
        dictionary: ptr::null_mut(),
        release: Some(release_array),
        private: Box::into_raw(parts).cast(),
    }
}

/// Frees a schema that `schema` made.
unsafe extern "C" fn release_schema(schema: *mut Schema) {
    // SAFETY: the interface hands back what was handed out, once; each pointer was a box.
    unsafe {
        let parts = Box::from_raw((*schema).private.cast::<SchemaParts>());
        for child in &parts.children {
            let mut child = Box::from_raw(*child);
            if let Some(release) = child.release {
                release(&raw mut *child);
            }
        }
        (*schema).release = None;
    }
}

/// Frees an array that `array` made.
unsafe extern "C" fn release_array(array: *mut Array) {
    // SAFETY: as in `release_schema`.
    unsafe {
        let parts = Box::from_raw((*array).private.cast::<ArrayParts>());
        for child in &parts.children {
            let mut child = Box::from_raw(*child);
            if let Some(release) = child.release {
                release(&raw mut *child);
            }
        }
        (*array).release = None;
    }
}

unsafe extern "C" fn get_schema(stream: *mut Stream, out: *mut Schema) -> c_int {
    // SAFETY: the stream is one of `stream`, not yet released, and `out` is room for a schema.
    unsafe {
        let parts = &*(*stream).private.cast::<StreamParts>();
        let children = parts.columns.iter().map(|column| schema(&column.name, column.format(), Vec::new())).collect();
        out.write(schema("", c"+s", children));
    }
    0
}

unsafe extern "C" fn get_next(stream: *mut Stream, out: *mut Array) -> c_int {
    // SAFETY: as in `get_schema`.
    unsafe {
        let parts = &mut *(*stream).private.cast::<StreamParts>();
        if std::mem::replace(&mut parts.is_taken, true) {
            // The end is an array that is released.
            out.write(std::mem::zeroed());
            return 0;
        }
        let child =
            |column: &Column| array(&parts.columns, (column.length, column.missing), column.buffers(), Vec::new());
        let children = parts.columns.iter().map(child).collect();
        let length = parts.columns.first().map_or(0, |column| column.length);
        out.write(array(&parts.columns, (length, 0), vec![ptr::null()], children));
    }
    0
}

unsafe extern "C" fn get_last_error(_: *mut Stream) -> *const c_char {
    ptr::null()
}

unsafe extern "C" fn release_stream(stream: *mut Stream) {
    // SAFETY: as in `release_schema`.
    unsafe {
        drop(Box::from_raw((*stream).private.cast::<StreamParts>()));
        (*stream).release = None;
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: nobody took the stream, which is whole.
            unsafe { release(self) }
        }
    }
}

// SAFETY: it owns all that it points to, and columns are plain values.
unsafe impl Send for Stream {}

/// A stream of one batch with these columns, as the capsule that data frames ask for.
#[pyfunction]
pub(crate) fn arrow_stream<'py>(
    py: Python<'py>,
    names: Vec<String>,
    columns: Vec<Vec<Bound<'py, PyAny>>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    if let Some(name) = names.iter().find(|name| name.contains('\0')) {
        return Err(PyValueError::new_err(format!("a column is called {name:?}")));
    }
    let made = names.into_iter().zip(&columns).map(|(name, values)| Column::new(name, values));
    let columns = Arc::new(made.collect::<PyResult<Vec<Column>>>()?);
    let parts = Box::new(StreamParts { columns, is_taken: false });
    let stream = Stream {
        get_schema: Some(get_schema),
        get_next: Some(get_next),
        get_last_error: Some(get_last_error),
        release: Some(release_stream),
        private: Box::into_raw(parts).cast(),
    };
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}
