//! Disks that fail, and replicas that must be found out.
mod durability;
mod faulty_disk;
mod replicas;

use faulty_disk::FaultyDisk;
