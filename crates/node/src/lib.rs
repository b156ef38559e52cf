//! Configuration, composition and running of one node.

pub mod config;
