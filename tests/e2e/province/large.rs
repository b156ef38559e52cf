//! A packet much larger than the memory that its way may take: in by one node's door, over the connectors and the axis,
//! out by the other node's door.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::time::Instant;

use axis::MessageType;
use axis::client::{EdocFile, SentPacket};
use lienthong::scene::provinces::SIDES;
use ring::digest::{Context, SHA256};
use tokio::runtime::Runtime;
use types::{Digest, Lane};

use super::packets::{self, Draft};
use super::stage::Stage;
use crate::harness::{Random, hex, pause, peak_memory, until};

/// The packet and, beside it, its digest.
struct Hashed<W> {
    out: W,
    context: Context,
    length: u64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.context.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Bytes that do not compress.
struct Noise {
    random: Random,
    left: u64,
}

impl io::Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        for piece in buffer[..wanted].chunks_mut(8) {
            piece.copy_from_slice(&self.random.next().to_le_bytes()[..piece.len()]);
        }
        self.left -= wanted as u64;
        Ok(wanted)
    }
}

async fn digest_of(mut file: EdocFile) -> (String, u64) {
    let (mut context, mut length) = (Context::new(&SHA256), 0);
    while let Some(bytes) = file.next().await.unwrap() {
        context.update(&bytes);
        length += bytes.len() as u64;
    }
    (hex(context.finish().as_ref()), length)
}

#[test]
fn a_large_packet_goes_through_door_connector_axis_connector_and_door_in_little_memory() {
    let given = std::env::var("LIENTHONG_AXIS_LARGE_MIB").ok().and_then(|number| number.parse().ok());
    let packet_mib: u64 = given.unwrap_or(64);
    let memory_max: u64 = if packet_mib > 64 { 256 << 20 } else { 128 << 20 };
    let stage = Stage::new("", &[]);
    let runtime = Runtime::new().unwrap();
    let begun = Instant::now();
    let step = |what: &str| println!("{:>6.1} s  {what}", begun.elapsed().as_secs_f64());

    let path = stage.dir.path().join("large.edxml");
    let out = Hashed { out: BufWriter::new(File::create(&path).unwrap()), context: Context::new(&SHA256), length: 0 };
    let to = ["H48.02".to_owned()];
    let draft = Draft { from: "G22.01", to: &to, number: 1, updates: None, lane: Lane::Normal };
    // Base64 in the packet makes four bytes of three.
    let noise = Noise { random: Random(packet_mib), left: (packet_mib << 20) / 4 * 3 };
    let mut written = packets::write_document(out, &draft, noise);
    written.flush().unwrap();
    let length = written.length;
    let sha256 = written.context.finish();
    step("written");

    let sender = stage.software(SIDES[0]);
    let sent = SentPacket {
        from: draft.from.to_owned(),
        to: None,
        message_type: MessageType::Edoc,
        length,
        digest: Digest::new(sha256.as_ref().try_into().unwrap()),
    };
    let file = runtime.block_on(tokio::fs::File::open(&path)).unwrap();
    runtime.block_on(sender.send_edoc(sent, file)).unwrap().unwrap();
    step("taken by the first node");

    let receiver = stage.software(SIDES[1]);
    let patience = std::time::Duration::from_secs(60 + packet_mib);
    let line = until("the packet at the other node", patience, || {
        pause(std::time::Duration::from_millis(200));
        runtime.block_on(receiver.received_edocs(MessageType::Edoc, None, None)).unwrap().pop()
    });
    step("at the other node");
    let doc_id = line.doc_id.parse().unwrap();
    let fetched = runtime.block_on(async { digest_of(receiver.get_edoc(&doc_id).await.unwrap()).await });
    step("fetched by getEdoc");
    assert_eq!(fetched, (hex(sha256.as_ref()), length));
    let fetched = runtime.block_on(async { digest_of(receiver.download_edoc(&doc_id).await.unwrap()).await });
    step("fetched by downloadEdoc");
    assert_eq!(fetched, (hex(sha256.as_ref()), length));

    let processes = stage.nodes.iter().map(|(node, process)| (*node, process.id()));
    let mut too_much = Vec::new();
    for (name, process) in processes.chain([("mock-axis", stage.axis.as_ref().unwrap().id())]) {
        let peak = peak_memory(process);
        println!("{name}: at most {} MiB in memory for a packet of {} MiB", peak >> 20, length >> 20);
        if peak >= memory_max {
            too_much.push(name);
        }
    }
    assert!(too_much.is_empty(), "{too_much:?}");
}
