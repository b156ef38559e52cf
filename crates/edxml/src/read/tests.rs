mod attachments;
mod damaged;
mod hostile;
mod limits;
mod memory;
mod variants;
