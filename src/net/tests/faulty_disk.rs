//! A disk in memory that loses what was not synced, ends at any write, and flips any byte.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

/// What is on it, and when it fails.
#[derive(Debug, Default)]
struct State {
    /// What the process sees.
    seen: Vec<u8>,
    /// What is there after a crash, whatever else is lost.
    synced: Vec<u8>,
    /// Everything that was written since the last sync, in order.
    unsynced: Vec<(u64, Vec<u8>)>,
    /// Writes and syncs so far.
    operations: usize,
    /// The operation from which on nothing works.
    ends_at: Option<usize>,
}

/// A handle on it; all handles are on the same disk.
#[derive(Debug, Clone, Default)]
pub(super) struct FaultyDisk(Arc<Mutex<State>>);

impl FaultyDisk {
    /// A disk with this content, on which nothing works from an operation on.
    pub(super) fn new(content: Vec<u8>, ends_at: Option<usize>) -> Self {
        let state = State { seen: content.clone(), synced: content, ends_at, ..State::default() };
        FaultyDisk(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// One operation more.
    fn operate(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.operations += 1;
        match state.ends_at {
            Some(end) if state.operations > end => Err(io::Error::other("the disk is gone")),
            _ => Ok(state),
        }
    }

    /// Writes and syncs so far.
    pub(super) fn operations(&self) -> usize {
        self.state().operations
    }

    /// What is left after a crash that keeps so many of the writes since the last sync.
    pub(super) fn after_crash(&self, kept: usize) -> Vec<u8> {
        let state = self.state();
        let mut left = state.synced.clone();
        for (at, bytes) in state.unsynced.iter().take(kept) {
            let end = *at as usize + bytes.len();
            if left.len() < end {
                left.resize(end, 0);
            }
            left[*at as usize..end].copy_from_slice(bytes);
        }
        left
    }

    /// How many writes a crash may lose.
    pub(super) fn unsynced(&self) -> usize {
        self.state().unsynced.len()
    }
}

impl StorageBackend for FaultyDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (state, from) = (self.state(), offset as usize);
        let found = state.seen.get(from..from + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.operate()?;
        state.seen.resize(length as usize, 0);
        // Lengths are kept: what a crash loses is what was written there.
        state.synced.resize(length as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.operate()?;
        state.synced = state.seen.clone();
        state.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.operate()?;
        let end = offset as usize + data.len();
        state.seen[offset as usize..end].copy_from_slice(data);
        state.unsynced.push((offset, data.to_vec()));
        Ok(())
    }
}
