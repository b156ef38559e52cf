mod attachments;
mod hostile;
mod limits;
mod memory;
mod variants;
