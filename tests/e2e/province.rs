//! Two provinces' nodes with the national axis between them: agency software on either side, three processes, every
//! fault of the mock axis.

mod away;
mod large;
mod office;
mod packets;
mod soak;
mod stage;
