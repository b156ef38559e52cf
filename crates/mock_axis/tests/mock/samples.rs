//! What waits at the start.

use std::collections::BTreeSet;

use axis::MessageType;
use edxml::{DiscardSink, Limits, Packet, read_packet};
use mock_axis::{Data, Mock, Options, Samples};

use crate::stage::*;

#[tokio::test]
async fn every_business_type_and_every_status_waits_for_the_first_system() {
    let mock = Mock::start(Options { samples: Samples::Loaded, ..Options::default() }).await.unwrap();
    let receiver = client(&mock, H48);
    let (mut types, mut statuses) = (BTreeSet::new(), BTreeSet::new());
    for kind in [MessageType::Edoc, MessageType::Status] {
        for line in waiting(&receiver, kind).await {
            let bytes = content(&receiver, &line.doc_id.parse().unwrap()).await.unwrap();
            match read_packet(bytes.as_slice(), &Limits::default(), &mut DiscardSink).unwrap() {
                Packet::Document(document) => {
                    assert_eq!(document.attachments.len(), 1);
                    types.insert(document.business_type().as_number());
                }
                Packet::Status(status) => drop(statuses.insert(status.status_code.as_number())),
            }
        }
    }
    assert_eq!(types, BTreeSet::from([0, 1, 2, 3]));
    assert_eq!(statuses, BTreeSet::from([1, 2, 3, 4, 5, 6, 13, 15, 16]));
    let sent = receiver.sent_edocs(MessageType::Edoc, None).await.unwrap();
    assert!(sent.iter().any(|line| line.receive_status == "06"), "{sent:?}");
}

#[tokio::test]
async fn a_data_folder_takes_the_samples_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = Data::Folder(folder.path().to_owned());
    let options = Options { data, samples: Samples::Loaded, ..Options::default() };
    let mut counts = Vec::new();
    for _ in 0..2 {
        let mock = Mock::start(options.clone()).await.unwrap();
        counts.push(waiting(&client(&mock, H48), MessageType::Edoc).await.len());
        mock.stop().await.unwrap();
    }
    assert_eq!(counts[0], counts[1]);
}
