//! The messages of `proto/`, their JSON mapping (protobuf JSON), and conversions to domain types.
//!
//! With the feature `rpc` also the gRPC client and server stubs; without it the crate is pure.

#[expect(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, reason = "generated code")]
mod generated {
    pub mod types {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/lienthong.types.v1.rs"));
            include!(concat!(env!("OUT_DIR"), "/lienthong.types.v1.serde.rs"));
        }
    }
    pub mod exchange {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/lienthong.exchange.v1.rs"));
            include!(concat!(env!("OUT_DIR"), "/lienthong.exchange.v1.serde.rs"));
        }
    }
    pub mod admin {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/lienthong.admin.v1.rs"));
            include!(concat!(env!("OUT_DIR"), "/lienthong.admin.v1.serde.rs"));
        }
    }
    pub mod relay {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/lienthong.relay.v1.rs"));
            include!(concat!(env!("OUT_DIR"), "/lienthong.relay.v1.serde.rs"));
        }
    }
}

mod convert;

pub use convert::{FieldError, millis, required, timestamp};

/// Messages shared by the exchange and relay interfaces (`lienthong.types.v1`).
pub use generated::types::v1 as types_v1;

/// The interface for agency software (`lienthong.exchange.v1`).
pub use generated::exchange::v1 as exchange_v1;

/// The interface for the people who run a node (`lienthong.admin.v1`).
pub use generated::admin::v1 as admin_v1;

/// The link between nodes (`lienthong.relay.v1`).
pub use generated::relay::v1 as relay_v1;

/// The encoded `FileDescriptorSet` of `proto/`, with comments and HTTP annotations.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
