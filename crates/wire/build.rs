//! Generates messages, their JSON mapping and the gRPC stubs from `proto/`, without protoc.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

const FILES: [&str; 4] = [
    "lienthong/types/v1/types.proto",
    "lienthong/exchange/v1/exchange.proto",
    "lienthong/relay/v1/relay.proto",
    "lienthong/admin/v1/admin.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    let proto = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo:rerun-if-changed={}", proto.display());
    let out = PathBuf::from(env::var("OUT_DIR")?);

    // The typed set of `protox::compile` drops the HTTP annotations; the encoded one keeps them.
    let encoded = protox::Compiler::new([&proto])?
        .include_source_info(true)
        .include_imports(true)
        .open_files(FILES)?
        .encode_file_descriptor_set();
    fs::write(out.join("descriptors.bin"), &encoded)?;

    let descriptors = protox::compile(FILES, [&proto])?;
    tonic_prost_build::configure()
        .build_client(env::var_os("CARGO_FEATURE_RPC").is_some())
        .build_server(env::var_os("CARGO_FEATURE_RPC").is_some())
        .compile_well_known_types(true)
        .extern_path(".google.protobuf", "::pbjson_types")
        .bytes(".lienthong.exchange.v1.SubmitRequest.chunk")
        .bytes(".lienthong.exchange.v1.SubmitPacketRequest.chunk")
        .bytes(".lienthong.exchange.v1.FetchPacketResponse.chunk")
        .bytes(".lienthong.exchange.v1.FetchAttachmentResponse.chunk")
        .bytes(".lienthong.relay.v1.Chunk.data")
        .bytes(".lienthong.relay.v1.Offer.inline")
        .compile_fds(descriptors.clone())?;
    pbjson_build::Builder::new()
        .register_descriptors(&descriptors.encode_to_vec())?
        .extern_path(".google.protobuf", "::pbjson_types")
        .build(&[".lienthong"])?;
    Ok(())
}
