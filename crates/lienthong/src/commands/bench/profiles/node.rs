//! Accepting small documents: by the store alone, and by a node over gRPC.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};

use super::Bench;
use super::load::{Documents, accept as accept_at, failed, open, rate};
use super::table::{Goal, Row, Table};
use crate::commands::bench::report::Report;
use crate::commands::bench::{BenchArgs, own, raw};
use crate::failure::Failure;

const SIZE: usize = 4096;
const CLIENTS: u16 = 64;
/// Documents before the measurement.
const WARM: u64 = 500;
/// How long the library's verification is measured.
const WINDOW: Duration = Duration::from_secs(1);

pub(super) fn accept(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    let documents = Documents::small(SIZE, "tinh-h48");
    for engine in bench.engines {
        let store = open(&bench.dir.join(format!("accept-{engine}")), *engine)?;
        let clients = usize::from(CLIENTS);
        bench.runtime.block_on(accept_at(&store, documents, 0, WARM, clients))?;
        let before = store.commits();
        let count = bench.args.documents;
        let took = bench.runtime.block_on(accept_at(&store, documents, WARM, count, clients))?;
        let batch = rate(count, Duration::from_secs(1)) / rate(store.commits() - before, Duration::from_secs(1));
        bench.runtime.block_on(store.close()).map_err(failed)?;
        let goal = match engine {
            queue::EngineKind::Sled => 0.35,
            queue::EngineKind::Fjall => 0.65,
        };
        table.add(Row {
            profile: "accept",
            work: format!("kho {engine}, mỗi lô (store, a batch) {batch:.1}"),
            measured: rate(count, took),
            unit: "/s",
            reference: Some(alone(bench, batch)?),
            beside: "/s, append + fdatasync",
            goal: Goal::AtLeast(goal),
        });
    }
    let report = over_grpc(bench, Signed::No)?;
    table.add(Row {
        profile: "accept",
        work: format!("nút qua gRPC (node), sled, mỗi lô {:.1}", report.raw.batch),
        measured: report.accepted_per_second,
        unit: "/s",
        reference: Some(report.raw.documents_per_second),
        beside: "/s, append + fdatasync",
        goal: Goal::AtLeast(0.35),
    });
    Ok(())
}

/// What the disk does alone with such batches.
fn alone(bench: &Bench<'_>, batch: f64) -> Result<f64, Failure> {
    let length = u64::try_from(SIZE).unwrap_or(u64::MAX);
    raw::rate(bench.dir, length, batch).map_err(|error| Failure::file(bench.dir, error))
}

pub(super) fn accept_signed(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    let unsigned = over_grpc(bench, Signed::No)?.accepted_per_second;
    let signed = over_grpc(bench, Signed::Yes)?.accepted_per_second;
    let verified = verifications()?;
    let (slower, beside) = match unsigned < verified {
        true => (unsigned, "/s, không ký số (unsigned)"),
        false => (verified, "/s, ring P-256, một nhân (one core)"),
    };
    table.add(Row {
        profile: "accept-signed",
        work: format!("nút qua gRPC (node), P-256; ring {verified:.0}/s"),
        measured: signed,
        unit: "/s",
        reference: Some(slower),
        beside,
        goal: Goal::AtLeast(0.7),
    });
    Ok(())
}

/// Whether documents are signed.
#[derive(Clone, Copy)]
enum Signed {
    Yes,
    No,
}

fn over_grpc(bench: &Bench<'_>, signed: Signed) -> Result<Report, Failure> {
    let unsigned = matches!(signed, Signed::No);
    let args = BenchArgs { clients: CLIENTS, size: 4096, recipients: 1, hops: 1, unsigned, ..bench.args.clone() };
    own(&args, bench.runtime)
}

/// Verifications per second of one thread.
fn verifications() -> Result<f64, Failure> {
    let refused = |_| Failure::Internal("ring".to_owned());
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(refused)?;
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let message = [7; 512];
    let signature = key.sign(&random, &message).map_err(refused)?;
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref());
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < WINDOW {
        public.verify(black_box(&message), signature.as_ref()).map_err(refused)?;
        count += 1;
    }
    Ok(rate(count, start.elapsed()))
}
