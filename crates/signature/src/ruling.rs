//! From what was found to what is done: accept, flag, hold until more is known, or refuse.
//!
//! Pure: [`judge`] takes the rules, what the checks found and who signs for whom, and says which rule decided.
//! Nothing here verifies anything.

mod demands;
mod findings;
mod judge;
mod remark;
mod shipped;
mod standing;

pub use demands::{Demand, DemandChanges, Demands, Exception, OnFailure, OnUndecided, Rules, SignedBy};
pub use findings::{
    BoundBy, Capacity, DocumentFacts, DocumentFindings, FileFinding, FileOutcome, PacketOutcome, Place, Role,
    Unexamined,
};
pub use judge::judge;
pub use remark::{Judgement, Remark, Ruling};
pub use shipped::{NamedPolicy, PolicyName};

#[cfg(test)]
mod tests;
