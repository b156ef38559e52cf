//! The packets of one list, sender by sender.

use std::collections::HashMap;

use jiff::civil::DateTime;

use super::Waiting;
use crate::{DocId, MessageType, ReceivedEdoc};

/// The packets of one sender, to be fetched one after the other: documents before statuses, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) from: String,
    pub(super) packets: Vec<Waiting>,
}

/// Puts a list in the order that the protocol promises, where every line tells its time; those of one second stay as
/// the axis gave them.
pub(super) fn oldest_first(lines: &mut [ReceivedEdoc]) {
    let is_time = |line: &ReceivedEdoc| line.created_time.trim().parse::<DateTime>().is_ok();
    if lines.iter().all(is_time) {
        lines.sort_by(|a, b| a.created_time.trim().cmp(b.created_time.trim()));
    }
}

/// Orders the lines of the lists, documents' and statuses', each as the axis gave it (oldest first). Lines with the
/// same id are one packet for several receivers; lines without a usable id are left out, the second number counts them.
pub(super) fn chains(documents: Vec<ReceivedEdoc>, statuses: Vec<ReceivedEdoc>) -> (Vec<Chain>, usize) {
    let mut chains: Vec<Chain> = Vec::new();
    let mut of_sender: HashMap<String, usize> = HashMap::new();
    let mut of_packet: HashMap<DocId, (usize, usize)> = HashMap::new();
    let mut unusable = 0;
    let documents = documents.into_iter().map(|line| (MessageType::Edoc, line));
    let statuses = statuses.into_iter().map(|line| (MessageType::Status, line));
    for (asked, line) in documents.chain(statuses) {
        let Ok(doc_id) = line.doc_id.trim().parse::<DocId>() else {
            unusable += 1;
            continue;
        };
        let known = of_packet.get(&doc_id).and_then(|(chain, packet)| chains.get_mut(*chain)?.packets.get_mut(*packet));
        if let Some(packet) = known {
            if !packet.to.contains(&line.to) {
                packet.to.push(line.to);
            }
            continue;
        }
        let place = *of_sender.entry(line.from.clone()).or_insert_with(|| {
            chains.push(Chain { from: line.from.clone(), packets: Vec::new() });
            chains.len() - 1
        });
        if let Some(chain) = chains.get_mut(place) {
            of_packet.insert(doc_id.clone(), (place, chain.packets.len()));
            chain.packets.push(Waiting {
                doc_id,
                message_type: line.message_type.parse().unwrap_or(asked),
                from: line.from,
                to: vec![line.to],
                created: line.created_time,
            });
        }
    }
    (chains, unusable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(doc_id: &str, from: &str, to: &str) -> ReceivedEdoc {
        ReceivedEdoc { doc_id: doc_id.into(), from: from.into(), to: to.into(), ..ReceivedEdoc::default() }
    }

    fn ids(chain: &Chain) -> Vec<&str> {
        chain.packets.iter().map(|packet| packet.doc_id.as_str()).collect()
    }

    #[test]
    fn each_sender_has_its_chain_documents_before_statuses() {
        let documents = vec![line("1", "A", "X"), line("2", "B", "X"), line("3", "A", "X")];
        let (chains, unusable) = chains(documents, vec![line("4", "A", "X")]);
        assert_eq!(unusable, 0);
        assert_eq!(chains.iter().map(|chain| chain.from.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!((ids(&chains[0]), ids(&chains[1])), (vec!["1", "3", "4"], vec!["2"]));
        assert_eq!(chains[0].packets[2].message_type, MessageType::Status);
    }

    #[test]
    fn lines_with_one_id_are_one_packet_for_several_receivers() {
        let (chains, _) = chains(vec![line("1", "A", "X"), line("1", "A", "Y"), line("1", "A", "X")], vec![]);
        assert_eq!(chains[0].packets.len(), 1);
        assert_eq!(chains[0].packets[0].to, ["X", "Y"]);
    }

    fn ordered(times: [&str; 3]) -> Vec<String> {
        let mut lines: Vec<_> = times
            .iter()
            .zip(["1", "2", "3"])
            .map(|(time, id)| ReceivedEdoc { created_time: (*time).to_owned(), ..line(id, "A", "X") })
            .collect();
        oldest_first(&mut lines);
        lines.into_iter().map(|line| line.doc_id).collect()
    }

    #[test]
    fn a_list_out_of_order_is_put_in_order_and_one_second_stays_as_it_came() {
        assert_eq!(ordered(["2026-03-02 08:00:01", "2026-03-02 08:00:00", "2026-03-02 08:00:01"]), ["2", "1", "3"]);
    }

    #[test]
    fn a_list_with_times_of_another_form_stays_as_it_is() {
        assert_eq!(ordered(["02/03/2026 08:00", "01/03/2026 08:00", ""]), ["1", "2", "3"]);
    }

    #[test]
    fn a_line_without_a_usable_id_costs_only_itself() {
        let (chains, unusable) = chains(vec![line("", "A", "X"), line("a b", "A", "X"), line(" 1 ", "A", "X")], vec![]);
        assert_eq!((ids(&chains[0]), unusable), (vec!["1"], 2));
    }
}
