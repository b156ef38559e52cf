//! Throughput of the codec, beside the plain base64 work on the same bytes in the same run: machines differ, ratios
//! hardly do.

use std::hint::black_box;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use edxml::{
    AttachmentHead, DiscardSink, Document, DocumentCode, EdxmlDate, Limits, Organization, PacketWriter,
    PromulgationInfo, read_packet,
};

const CONTENT_LENGTH: usize = 1 << 20;

fn head() -> AttachmentHead {
    AttachmentHead::new("cid:1", "12.pdf", "application/pdf")
}

fn document() -> Document {
    let agency = |code: &str| Organization::new(code.parse().expect("a code")).named("Ủy ban nhân dân");
    Document::new(
        agency("000.00.20.H48"),
        vec![agency("H48.20.15"), agency("H48.20.16"), agency("H48.21")],
        "000.00.20.H48,2026/03/01,12/SNV-VP".parse().expect("an id"),
        DocumentCode::new("12", "SNV-VP"),
        PromulgationInfo { place: None, date: EdxmlDate::new(2026, 3, 1).expect("a day") },
        "V/v kết nối, liên thông phần mềm quản lý văn bản",
    )
}

fn content() -> Vec<u8> {
    (0..CONTENT_LENGTH).map(|n| (n.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()[0]).collect()
}

fn with_attachment(content: &[u8]) -> Vec<u8> {
    let mut document = document();
    document.list(&head());
    let mut writer = PacketWriter::new(Vec::new(), &document).expect("a document");
    writer.attachment(&head(), content).expect("an attachment");
    writer.finish().expect("a packet")
}

fn read(packet: &[u8]) {
    black_box(read_packet(packet, &Limits::default(), &mut DiscardSink).expect("a packet"));
}

fn reading(criterion: &mut Criterion) {
    let content = content();
    let packet = with_attachment(&content);
    let text = STANDARD.encode(&content);
    let lines: Vec<&str> = text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    let in_lines = String::from_utf8(packet.clone()).expect("UTF-8").replace(&text, &lines.join("\r\n"));
    let mut decoded = vec![0; CONTENT_LENGTH + 3];
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Bytes(CONTENT_LENGTH as u64));
    group.bench_function("packet of 1 MiB", |bencher| bencher.iter(|| read(&packet)));
    group.bench_function("packet of 1 MiB in lines of 76", |bencher| bencher.iter(|| read(in_lines.as_bytes())));
    group.bench_function("plain base64 of 1 MiB", |bencher| {
        bencher.iter(|| black_box(STANDARD.decode_slice(black_box(&text), &mut decoded).expect("base64")));
    });
    group.finish();
    let plain = fastest(|| {
        black_box(STANDARD.decode_slice(black_box(&text), &mut decoded).expect("base64"));
    });
    report("read 1 MiB / plain decode", fastest(|| read(&packet)), plain);
    report("read 1 MiB in lines / plain decode", fastest(|| read(in_lines.as_bytes())), plain);
}

fn writing(criterion: &mut Criterion) {
    let content = content();
    let mut encoded = vec![0; CONTENT_LENGTH * 4 / 3 + 4];
    let mut group = criterion.benchmark_group("write");
    group.throughput(Throughput::Bytes(CONTENT_LENGTH as u64));
    group.bench_function("packet of 1 MiB", |bencher| bencher.iter(|| black_box(with_attachment(&content))));
    group.bench_function("plain base64 of 1 MiB", |bencher| {
        bencher.iter(|| black_box(STANDARD.encode_slice(black_box(&content), &mut encoded).expect("room")));
    });
    group.finish();
    let plain = fastest(|| {
        black_box(STANDARD.encode_slice(black_box(&content), &mut encoded).expect("room"));
    });
    let written = fastest(|| {
        black_box(with_attachment(&content));
    });
    report("write 1 MiB / plain encode", written, plain);
}

fn headers(criterion: &mut Criterion) {
    let packet = PacketWriter::new(Vec::new(), &document()).and_then(PacketWriter::finish).expect("a packet");
    let mut group = criterion.benchmark_group("header only");
    group.throughput(Throughput::Elements(1));
    group.bench_function("read", |bencher| bencher.iter(|| read(&packet)));
    group.bench_function("write", |bencher| {
        bencher.iter(|| black_box(PacketWriter::new(Vec::new(), &document()).and_then(PacketWriter::finish)));
    });
    group.finish();
}

/// The shortest of fifty runs: the one least disturbed by the rest of the machine.
fn fastest(mut run: impl FnMut()) -> Duration {
    let timed = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..50).map(timed).min().unwrap_or_default()
}

#[expect(clippy::print_stderr, reason = "a bench talks to the one who runs it")]
fn report(what: &str, ours: Duration, plain: Duration) {
    eprintln!("ratio: {what} = {:.2}", ours.as_secs_f64() / plain.as_secs_f64());
}

criterion_group!(benches, reading, writing, headers);
criterion_main!(benches);
