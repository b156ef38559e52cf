//! The operations of the store: each a function over a batch in the making, or over the committed state.

pub(crate) mod accept;
pub(crate) mod claim;
pub(crate) mod confirm;
pub(crate) mod deadline;
pub(crate) mod expire;
pub(crate) mod hold;
pub(crate) mod list;
pub(crate) mod order;
pub(crate) mod purge;
pub(crate) mod read;
pub(crate) mod recall;
pub(crate) mod settle;
