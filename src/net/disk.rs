//! What a replica keeps for the time after a crash, in a file of redb.
//!
//! A commit is on the disk when it returns: redb writes new pages beside the old ones, checks them by hashes when it opens the
//! file, and syncs once. A commit that failed is neither done nor undone, and a file that could not be synced once is not to be
//! trusted again; so a replica ends at the first failure.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use redb::{Builder, Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

use super::chance::random_word;
use super::letter::DiskName;

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");
const DISKS: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("disks");
const IDENTITY: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("identity");

/// The one row of the table with this name.
const OWN: &str = "own";

/// The file in the folder of a replica.
const FILE: &str = "replica.redb";

/// Bytes of the file that are kept in memory.
const CACHE_BYTES: usize = 32 << 20;

/// Why a disk cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// It cannot be opened or read.
    #[error("cannot use {path:?}: {reason}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the store says.
        reason: String,
    },
    /// It belongs to another replica.
    #[error("the disk belongs to {owner:?}{}: give {name:?} a folder of its own", if *is_other_cluster { " of another definition or protocol" } else { "" })]
    Foreign {
        /// Whose it is.
        owner: String,
        /// Who wanted it.
        name: String,
        /// Whether definition or protocol differ.
        is_other_cluster: bool,
    },
    /// A replica that rejoined did not finish.
    #[error("the disk does not hold yet what was lost: start with --rejoin again")]
    NotWhole,
    /// A commit failed: what it wrote may or may not be there.
    #[error("the disk failed, and what was written last may or may not be there: {reason}")]
    Failed {
        /// What the store says.
        reason: String,
    },
}

fn failed(reason: impl std::fmt::Display) -> DiskError {
    DiskError::Failed { reason: reason.to_string() }
}

/// Whose disk it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) cluster: [u8; 16],
    pub(super) node: u32,
    pub(super) name: String,
    pub(super) disk: DiskName,
    /// How often a process has started on it.
    pub(super) starts: u64,
    /// Whether it holds everything that its replica has acknowledged.
    pub(super) is_whole: bool,
}

/// What a disk held when it was opened.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) identity: Identity,
    pub(super) records: BTreeMap<u64, Vec<u8>>,
    pub(super) disks: BTreeMap<u32, DiskName>,
}

impl Contents {
    /// An empty disk.
    pub(super) fn of(identity: Identity) -> Self {
        Contents { identity, records: BTreeMap::new(), disks: BTreeMap::new() }
    }
}

/// What is to be written together.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) records: Vec<(u64, Option<Vec<u8>>)>,
    pub(super) disks: Vec<(u32, DiskName)>,
    pub(super) identity: Option<Identity>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.disks.is_empty() && self.identity.is_none()
    }
}

/// Somebody who wants a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) cluster: [u8; 16],
    pub(super) node: u32,
    pub(super) name: String,
    /// Whether it has lost what it had.
    pub(super) rejoins: bool,
}

impl Owner {
    /// What a new disk says.
    pub(super) fn new_identity(&self) -> Identity {
        let Owner { cluster, node, name, rejoins } = self.clone();
        let disk = DiskName { number: random_word(), rejoins: 0 };
        Identity { cluster, node, name, disk, starts: 1, is_whole: !rejoins }
    }

    /// Takes a disk over from the process before.
    fn take(&self, mut found: Identity) -> Result<Identity, DiskError> {
        let is_other_cluster = found.cluster != self.cluster;
        if is_other_cluster || found.node != self.node || found.name != self.name {
            return Err(DiskError::Foreign { owner: found.name, name: self.name.clone(), is_other_cluster });
        }
        if !found.is_whole && !self.rejoins {
            return Err(DiskError::NotWhole);
        }
        found.is_whole = !self.rejoins;
        found.starts += 1;
        Ok(found)
    }
}

/// An open file of redb.
#[derive(Debug)]
pub(super) struct Disk {
    database: Database,
}

impl Disk {
    /// The disk in a folder, which is made if it is not there.
    pub(super) fn open(folder: &Path, owner: &Owner) -> Result<(Disk, Contents), DiskError> {
        let path = folder.join(FILE);
        let cannot = |reason: String| DiskError::Open { path: path.clone(), reason };
        std::fs::create_dir_all(folder).map_err(|reason| cannot(reason.to_string()))?;
        let database = Builder::new().set_cache_size(CACHE_BYTES).create(&path).map_err(|reason| match reason {
            redb::DatabaseError::DatabaseAlreadyOpen => cannot("another process uses it".into()),
            reason => cannot(reason.to_string()),
        })?;
        let found = Disk { database }.begin(owner)?;
        // The file's name is in the folder, and that in its own folder, before anything is acknowledged.
        for folder in [Some(folder), folder.parent().filter(|parent| !parent.as_os_str().is_empty())] {
            let Some(folder) = folder else { continue };
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(|reason| cannot(reason.to_string()))?;
        }
        Ok(found)
    }

    /// A disk that is whatever somebody makes of it.
    #[cfg(test)]
    pub(super) fn of_backend(backend: impl redb::StorageBackend, owner: &Owner) -> Result<(Disk, Contents), DiskError> {
        let database = Builder::new().create_with_backend(backend).map_err(failed)?;
        Disk { database }.begin(owner)
    }

    fn begin(mut self, owner: &Owner) -> Result<(Disk, Contents), DiskError> {
        // A file that is not what was written is refused: going back to what it was before would forget what was acknowledged.
        if !self.database.check_integrity().map_err(failed)? {
            return Err(failed("the file is damaged"));
        }
        let (found, records, disks) = self.read()?;
        let identity = match found {
            Some(found) => owner.take(found)?,
            None => owner.new_identity(),
        };
        self.commit([Changes { identity: Some(identity.clone()), ..Changes::default() }])?;
        Ok((self, Contents { identity, records, disks }))
    }

    fn read(&self) -> Result<Found, DiskError> {
        let begun = self.database.begin_read().map_err(failed)?;
        let mut found = (None, BTreeMap::new(), BTreeMap::new());
        match begun.open_table(IDENTITY) {
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(found),
            table => {
                let own = table.map_err(failed)?.get(OWN).map_err(failed)?;
                found.0 = own.map(|own| postcard::from_bytes(own.value())).transpose().map_err(failed)?;
            }
        }
        for row in begun.open_table(RECORDS).map_err(failed)?.iter().map_err(failed)? {
            let (slot, record) = row.map_err(failed)?;
            found.1.insert(slot.value(), record.value().to_vec());
        }
        for row in begun.open_table(DISKS).map_err(failed)?.iter().map_err(failed)? {
            let (node, disk) = row.map_err(failed)?;
            found.2.insert(node.value(), postcard::from_bytes(disk.value()).map_err(failed)?);
        }
        Ok(found)
    }

    /// Writes everything and syncs once; when it returns, all of it is there after any crash.
    pub(super) fn commit(&self, all: impl IntoIterator<Item = Changes>) -> Result<(), DiskError> {
        let begun = self.database.begin_write().map_err(failed)?;
        {
            let mut records = begun.open_table(RECORDS).map_err(failed)?;
            let mut disks = begun.open_table(DISKS).map_err(failed)?;
            let mut own = begun.open_table(IDENTITY).map_err(failed)?;
            for changes in all {
                for (slot, record) in changes.records {
                    match record {
                        Some(record) => records.insert(slot, &record[..]).map(drop),
                        None => records.remove(slot).map(drop),
                    }
                    .map_err(failed)?;
                }
                for (node, disk) in changes.disks {
                    disks.insert(node, &postcard::to_stdvec(&disk).map_err(failed)?[..]).map_err(failed)?;
                }
                if let Some(identity) = changes.identity {
                    own.insert(OWN, &postcard::to_stdvec(&identity).map_err(failed)?[..]).map_err(failed)?;
                }
            }
        }
        begun.commit().map_err(failed)
    }
}

/// The identity, the records and the disks of others that a file holds.
type Found = (Option<Identity>, BTreeMap<u64, Vec<u8>>, BTreeMap<u32, DiskName>);
