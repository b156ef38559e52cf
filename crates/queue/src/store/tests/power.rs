//! The real store killed in the middle of its work: the test binary runs itself as a child and kills it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use types::ErrorCode;

use super::accepting::join_all;
use super::support::*;
use crate::{Accept, Accepted, Content, Hold, HoldNote, NoteKind, Start, Store};

const CHILD: &str = "LIENTHONG_QUEUE_CHILD";
const ROUNDS: u32 = 6;
/// Entries in flight in the child.
const IN_FLIGHT: u64 = 16;

/// Some in memory, some in files.
fn staged(store: &Store, text: &str) -> Content {
    let mut writer = store.stage().unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    if text.ends_with(['1', '3', '5', '7', '9']) {
        writer.write_all(&[b' '; crate::INLINE_MAX]).unwrap();
    }
    Content::Staged(writer.finish().unwrap())
}

/// The child: accepts and settles until it is killed, and prints each id once it was acknowledged.
#[test]
fn child() {
    let Ok(directory) = std::env::var(CHILD) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let store =
            Store::open(crate::StoreOptions { reserve_percent: 0, ..crate::StoreOptions::new(directory) }).unwrap();
        let first = store.stats().accepted;
        for round in 0.. {
            let ids: Vec<String> = (0..IN_FLIGHT).map(|n| format!("D{first}-{round}-{n}")).collect();
            let accepts = ids.iter().map(|id| {
                let recipients = vec![to_hop("H48.20", HOP), to_inbox("H48.21")];
                store.accept(Accept { content: staged(&store, id), ..document(id, recipients) })
            });
            let answers = join_all(accepts).await;
            let mut out = std::io::stdout().lock();
            for (id, answer) in ids.iter().zip(answers) {
                let Accepted::New { seq } = answer.unwrap() else { panic!("{id} is not new") };
                writeln!(out, "accepted {id} {}", seq.as_number()).unwrap();
            }
            drop(out);
            for part in ["stays", "goes"] {
                let id = format!("H{first}-{round}-{part}");
                let hold = Hold { code: ErrorCode::PeerUnavailable, text: String::new(), until: NOW + seconds(600) };
                let accept = Accept { hold: Some(hold), ..document(&id, vec![to_inbox("H48.21")]) };
                let Accepted::New { seq } = store.accept(accept).await.unwrap() else { panic!("{id} is not new") };
                writeln!(
                    std::io::stdout(),
                    "{} {}",
                    if part == "stays" { "held" } else { "accepted" },
                    seq.as_number()
                )
                .unwrap();
                if part == "goes" {
                    let (at, kind, code) = (NOW, NoteKind::Released, None);
                    let (text, by, report) = (String::new(), String::new(), Vec::new());
                    store.release(seq, HoldNote { at, kind, code, text, by, report }).await.unwrap();
                    store.start_held(Start { seq, now: NOW, evidence: Vec::new() }).await.unwrap();
                    writeln!(std::io::stdout(), "started {}", seq.as_number()).unwrap();
                }
            }
            for claim in claims(&store, NOW) {
                settle(&store, &claim, delivered(), NOW).await;
                let mut out = std::io::stdout().lock();
                writeln!(out, "settled {} {}", claim.document.key.document_id, claim.document.seq.as_number()).unwrap();
            }
        }
    });
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = TempDir::new().unwrap();
    let (mut accepted, mut settled) = (BTreeMap::new(), Vec::new());
    let (mut held, mut started) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::power::child", "--nocapture", "--test-threads=1"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Another moment each time, counted in acknowledgements and not in time.
        let lines_before_kill = 40 + 37 * round as usize;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        while let Some(Ok(line)) = lines.next() {
            let words: Vec<&str> = line.split(' ').collect();
            let seq = words.last().and_then(|word| word.parse::<u64>().ok());
            match (words.first(), seq) {
                (Some(&"held"), Some(seq)) => held.push(seq),
                (Some(&"started"), Some(seq)) => started.push(seq),
                (Some(&"accepted"), Some(seq)) if words.len() == 3 => drop(accepted.insert(words[1].to_owned(), seq)),
                (Some(&"settled"), Some(seq)) => settled.push(seq),
                _ => continue,
            }
            seen += 1;
            if seen == lines_before_kill {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(seen >= lines_before_kill, "the child worked until it was killed");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(options(&folder)).unwrap();
        assert_eq!(faults(&store), Vec::<String>::new());
        for (id, seq) in &accepted {
            assert_eq!(store.lookup(&key(id)).unwrap(), [crate::Seq::new(*seq)]);
        }
        for seq in held {
            let hold = store.hold(crate::Seq::new(seq)).unwrap();
            assert_eq!(hold.unwrap().code, Some(ErrorCode::PeerUnavailable));
        }
        for seq in started {
            assert_eq!(store.hold(crate::Seq::new(seq)).unwrap(), None);
        }
        for seq in settled {
            let found = store.recipients(crate::Seq::new(seq), 0, 1).unwrap().pop().unwrap();
            assert_eq!(found.delivery.state(), delivery::State::Delivered);
        }
        assert!(accepted.len() >= usize::try_from(IN_FLIGHT).unwrap() * 6);
        store.close().await.unwrap();
    });
}
