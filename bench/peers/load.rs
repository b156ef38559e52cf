//! Loads RabbitMQ (AMQP 0-9-1) or NATS JetStream with the documents that `lienthong bench` sends, and takes them out
//! again. Standard library only: `rustc -O load.rs`.
//!
//! `load amqp|nats HOST:PORT DOCUMENTS CLIENTS SIZE`: every client waits for the confirmation of a document before it sends
//! the next; four consumers acknowledge each document. Prints `accepted/s delivered/s`.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

const CONSUMERS: usize = 4;
const QUEUE: &str = "bench";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, address, documents, clients, size] = arguments.as_slice() else {
        eprintln!("load amqp|nats HOST:PORT DOCUMENTS CLIENTS SIZE");
        std::process::exit(2);
    };
    let number = |text: &String| text.parse::<u64>().expect("a number");
    let work = Arc::new(Work {
        address: address.clone(),
        documents: number(documents),
        size: usize::try_from(number(size)).expect("a size"),
        sent: AtomicU64::new(0),
        received: AtomicU64::new(0),
    });
    let clients = usize::try_from(number(clients)).expect("a number");
    let (accepted, delivered) = match kind.as_str() {
        "amqp" => run(&work, clients, amqp::prepare, amqp::publish, amqp::consume),
        "nats" => run(&work, clients, nats::prepare, nats::publish, nats::consume),
        _ => panic!("amqp or nats"),
    };
    println!("{accepted:.0} {delivered:.0}");
}

struct Work {
    address: String,
    documents: u64,
    size: usize,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Work {
    /// The next document to send; no two are alike, and nothing shrinks them.
    fn next(&self, body: &mut [u8]) -> bool {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        for piece in body.chunks_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            piece.copy_from_slice(&state.to_le_bytes()[..piece.len()]);
        }
        number < self.documents
    }

    fn is_done(&self) -> bool {
        self.received.load(Ordering::Relaxed) >= self.documents
    }
}

type Step = fn(&Work) -> Result<()>;

fn run(work: &Arc<Work>, clients: usize, prepare: Step, publish: Step, consume: Step) -> (f64, f64) {
    prepare(work).expect("prepare the queue");
    let start = Instant::now();
    let go = |count: usize, step: Step| -> Vec<thread::JoinHandle<()>> {
        let one = |_| {
            let work = Arc::clone(work);
            thread::spawn(move || step(&work).expect("the connection holds"))
        };
        (0..count).map(one).collect()
    };
    let (consumers, publishers) = (go(CONSUMERS, consume), go(clients, publish));
    publishers.into_iter().for_each(|publisher| publisher.join().expect("a publisher"));
    let accepting = start.elapsed().as_secs_f64();
    while !work.is_done() {
        thread::yield_now();
        thread::park_timeout(std::time::Duration::from_millis(1));
    }
    let delivering = start.elapsed().as_secs_f64();
    drop(consumers);
    #[allow(clippy::cast_precision_loss)]
    let documents = work.documents as f64;
    (documents / accepting, documents / delivering)
}

mod amqp {
    use super::*;

    const FRAME_END: u8 = 0xce;

    struct Channel {
        reader: BufReader<TcpStream>,
        writer: TcpStream,
    }

    pub fn prepare(work: &Work) -> Result<()> {
        let mut channel = Channel::open(&work.address)?;
        let mut declare = vec![0, 0];
        short(&mut declare, QUEUE);
        declare.push(0b10); // durable
        let mut table = Vec::new();
        short(&mut table, "x-queue-type");
        table.push(b'S');
        long(&mut table, b"quorum");
        long(&mut declare, &table);
        channel.method(1, 50, 10, &declare)?;
        channel.wait(50, 11).map(drop)
    }

    pub fn publish(work: &Work) -> Result<()> {
        let mut channel = Channel::open(&work.address)?;
        channel.method(1, 85, 10, &[0])?;
        channel.wait(85, 11)?;
        let mut body = vec![0; work.size];
        let mut publish = vec![0, 0];
        short(&mut publish, "");
        short(&mut publish, QUEUE);
        publish.push(0);
        while work.next(&mut body) {
            let mut frames = Vec::with_capacity(body.len() + 128);
            method(&mut frames, 1, 60, 40, &publish);
            let mut header = vec![0, 60, 0, 0];
            header.extend((body.len() as u64).to_be_bytes());
            header.extend([0x10, 0, 2]); // persistent
            frame(&mut frames, 2, 1, &header);
            frame(&mut frames, 3, 1, &body);
            channel.writer.write_all(&frames)?;
            channel.wait(60, 80)?;
        }
        Ok(())
    }

    pub fn consume(work: &Work) -> Result<()> {
        let mut channel = Channel::open(&work.address)?;
        channel.method(1, 60, 10, &[0, 0, 0, 0, 0, 64, 0])?;
        channel.wait(60, 11)?;
        let mut consume = vec![0, 0];
        short(&mut consume, QUEUE);
        short(&mut consume, "");
        consume.extend([0, 0, 0, 0, 0]);
        channel.method(1, 60, 20, &consume)?;
        channel.wait(60, 21)?;
        while !work.is_done() {
            let delivered = channel.wait(60, 60)?;
            let tag_at = 1 + usize::from(delivered[0]);
            let mut ack = delivered[tag_at..tag_at + 8].to_vec();
            ack.push(0);
            let mut left = 0;
            loop {
                let (kind, payload) = channel.frame()?;
                match kind {
                    2 => left = u64::from_be_bytes(payload[4..12].try_into().expect("eight bytes")),
                    3 => left -= payload.len() as u64,
                    _ => continue,
                }
                if left == 0 {
                    break;
                }
            }
            channel.method(1, 60, 80, &ack)?;
            work.received.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    impl Channel {
        fn open(address: &str) -> Result<Self> {
            let writer = TcpStream::connect(address)?;
            writer.set_nodelay(true)?;
            let mut channel = Self { reader: BufReader::with_capacity(1 << 16, writer.try_clone()?), writer };
            channel.writer.write_all(b"AMQP\0\0\x09\x01")?;
            channel.wait(10, 10)?;
            let mut start = vec![0, 0, 0, 0];
            short(&mut start, "PLAIN");
            long(&mut start, b"\0guest\0guest");
            short(&mut start, "en_US");
            channel.method(0, 10, 11, &start)?;
            let mut tune = channel.wait(10, 30)?;
            tune[6..8].fill(0); // no heartbeats
            channel.method(0, 10, 31, &tune)?;
            channel.method(0, 10, 40, &[1, b'/', 0, 0])?;
            channel.wait(10, 41)?;
            channel.method(1, 20, 10, &[0])?;
            channel.wait(20, 11)?;
            Ok(channel)
        }

        fn method(&mut self, number: u16, class: u16, method_id: u16, arguments: &[u8]) -> Result<()> {
            let mut bytes = Vec::new();
            method(&mut bytes, number, class, method_id, arguments);
            self.writer.write_all(&bytes)
        }

        fn frame(&mut self) -> Result<(u8, Vec<u8>)> {
            let mut head = [0; 7];
            self.reader.read_exact(&mut head)?;
            let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
            let mut payload = vec![0; size + 1];
            self.reader.read_exact(&mut payload)?;
            assert_eq!(payload.pop(), Some(FRAME_END), "a frame ends");
            Ok((head[0], payload))
        }

        /// The arguments of the next such method.
        fn wait(&mut self, class: u16, method_id: u16) -> Result<Vec<u8>> {
            loop {
                let (kind, payload) = self.frame()?;
                if kind != 1 {
                    continue;
                }
                let found =
                    (u16::from_be_bytes([payload[0], payload[1]]), u16::from_be_bytes([payload[2], payload[3]]));
                if found == (class, method_id) {
                    return Ok(payload[4..].to_vec());
                }
                assert!(!matches!(found, (10, 50) | (20, 40)), "closed: {}", String::from_utf8_lossy(&payload));
            }
        }
    }

    fn method(out: &mut Vec<u8>, number: u16, class: u16, method_id: u16, arguments: &[u8]) {
        let mut payload = Vec::with_capacity(arguments.len() + 4);
        payload.extend(class.to_be_bytes());
        payload.extend(method_id.to_be_bytes());
        payload.extend(arguments);
        frame(out, 1, number, &payload);
    }

    fn frame(out: &mut Vec<u8>, kind: u8, number: u16, payload: &[u8]) {
        out.push(kind);
        out.extend(number.to_be_bytes());
        out.extend((payload.len() as u32).to_be_bytes());
        out.extend(payload);
        out.push(FRAME_END);
    }

    fn short(out: &mut Vec<u8>, text: &str) {
        out.push(text.len() as u8);
        out.extend(text.as_bytes());
    }

    fn long(out: &mut Vec<u8>, bytes: &[u8]) {
        out.extend((bytes.len() as u32).to_be_bytes());
        out.extend(bytes);
    }
}

mod nats {
    use super::*;

    /// Documents asked for at a time.
    const PULL: usize = 64;

    struct Connection {
        reader: BufReader<TcpStream>,
        writer: TcpStream,
        inbox: String,
    }

    pub fn prepare(work: &Work) -> Result<()> {
        let mut connection = Connection::open(&work.address)?;
        let stream = format!(
            r#"{{"name":"{QUEUE}","subjects":["{QUEUE}.documents"],"storage":"file","retention":"workqueue","num_replicas":1}}"#
        );
        connection.request(&format!("$JS.API.STREAM.CREATE.{QUEUE}"), stream.as_bytes())?;
        let consumer = format!(
            r#"{{"stream_name":"{QUEUE}","config":{{"durable_name":"w","ack_policy":"explicit","max_ack_pending":4096}}}}"#
        );
        connection.request(&format!("$JS.API.CONSUMER.DURABLE.CREATE.{QUEUE}.w"), consumer.as_bytes())
    }

    pub fn publish(work: &Work) -> Result<()> {
        let mut connection = Connection::open(&work.address)?;
        let mut body = vec![0; work.size];
        while work.next(&mut body) {
            connection.request(&format!("{QUEUE}.documents"), &body)?;
        }
        Ok(())
    }

    pub fn consume(work: &Work) -> Result<()> {
        let mut connection = Connection::open(&work.address)?;
        let next = format!("$JS.API.CONSUMER.MSG.NEXT.{QUEUE}.w");
        while !work.is_done() {
            connection.publish(&next, format!(r#"{{"batch":{PULL},"expires":200000000}}"#).as_bytes())?;
            for _ in 0..PULL {
                let (reply, _) = connection.message()?;
                let Some(reply) = reply else { break }; // a status: this pull is over
                connection.writer.write_all(format!("PUB {reply} 4\r\n+ACK\r\n").as_bytes())?;
                work.received.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    impl Connection {
        fn open(address: &str) -> Result<Self> {
            static NUMBER: AtomicU64 = AtomicU64::new(0);
            let writer = TcpStream::connect(address)?;
            writer.set_nodelay(true)?;
            let reader = BufReader::with_capacity(1 << 16, writer.try_clone()?);
            let inbox = format!("_INBOX.b{}", NUMBER.fetch_add(1, Ordering::Relaxed));
            let mut connection = Self { reader, writer, inbox };
            let hello = format!(
                "CONNECT {{\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true}}\r\nSUB {} 1\r\n",
                connection.inbox
            );
            connection.writer.write_all(hello.as_bytes())?;
            Ok(connection)
        }

        fn publish(&mut self, subject: &str, body: &[u8]) -> Result<()> {
            let mut bytes = format!("PUB {subject} {} {}\r\n", self.inbox, body.len()).into_bytes();
            bytes.extend(body);
            bytes.extend(b"\r\n");
            self.writer.write_all(&bytes)
        }

        /// Publishes and waits for the answer, which is no error.
        fn request(&mut self, subject: &str, body: &[u8]) -> Result<()> {
            self.publish(subject, body)?;
            let (_, answer) = self.message()?;
            let text = String::from_utf8_lossy(&answer);
            assert!(!answer.is_empty() && !text.contains("\"error\""), "{subject}: {text}");
            Ok(())
        }

        /// The next message: its reply subject and payload; no subject for a status.
        fn message(&mut self) -> Result<(Option<String>, Vec<u8>)> {
            loop {
                let mut line = String::new();
                self.reader.read_line(&mut line)?;
                let words: Vec<&str> = line.split_whitespace().collect();
                match words.as_slice() {
                    ["PING"] => self.writer.write_all(b"PONG\r\n")?,
                    ["MSG", _, _, rest @ ..] => {
                        let length: usize = rest.last().and_then(|length| length.parse().ok()).expect("a length");
                        let reply = if rest.len() > 1 { rest[0].to_owned() } else { String::new() };
                        return Ok((Some(reply), self.payload(length)?));
                    }
                    ["HMSG", _, _, rest @ ..] => {
                        let length: usize = rest.last().and_then(|length| length.parse().ok()).expect("a length");
                        self.payload(length)?;
                        return Ok((None, Vec::new()));
                    }
                    ["-ERR", ..] => panic!("{line}"),
                    [] => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                    _ => {}
                }
            }
        }

        fn payload(&mut self, length: usize) -> Result<Vec<u8>> {
            let mut payload = vec![0; length + 2];
            self.reader.read_exact(&mut payload)?;
            payload.truncate(length);
            Ok(payload)
        }
    }
}
