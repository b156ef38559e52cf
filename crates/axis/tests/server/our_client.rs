//! The client of this crate against the server of this crate.

use axis::client::{AgencyList, Client, ClientOptions, SentPacket, Timeouts};
use axis::{MessageType, Secret, TransferState};
use ring::digest::{SHA256, digest};

use crate::shelf::{SECRETS, SYSTEM};
use crate::started::Started;
use crate::written::PACKET;

#[tokio::test]
async fn what_the_client_sends_it_lists_fetches_and_confirms() {
    let started = Started::new().await;
    let client = Client::new(ClientOptions {
        endpoint: started.endpoint().parse().unwrap(),
        system: SYSTEM.to_owned(),
        secret: Secret::new(SECRETS[0].as_bytes()),
        proxy: None,
        tls: None,
        timeouts: Timeouts::default(),
        idle_connections: 1,
    })
    .unwrap();
    let sha256: [u8; 32] = digest(&SHA256, PACKET).as_ref().try_into().unwrap();
    let sent = SentPacket {
        from: SYSTEM.to_owned(),
        to: Some(vec!["000.00.00.H41".to_owned()]),
        message_type: MessageType::Edoc,
        length: PACKET.len() as u64,
        digest: types::Digest::new(sha256),
    };
    let id = client.send_edoc(sent, PACKET).await.unwrap().unwrap();
    assert_eq!(started.shelf.record(id.as_str()).to, ["000.00.00.H41"]);

    let waiting = client.received_edocs(MessageType::Edoc, None, None).await.unwrap();
    assert_eq!(waiting[0].status_desc, "Chờ nhận");
    for mut file in [client.get_edoc(&id).await.unwrap(), client.download_edoc(&id).await.unwrap()] {
        let mut read = Vec::new();
        while let Some(bytes) = file.next().await.unwrap() {
            read.extend_from_slice(&bytes);
        }
        assert_eq!(read, PACKET);
    }
    client.update_status(&id, TransferState::Done).await.unwrap();
    assert_eq!(client.count(MessageType::Edoc).await.unwrap(), 0);
    assert!(client.get_edoc(&"none".parse().unwrap()).await.is_err());

    for list in [AgencyList::All, AgencyList::Qd20, AgencyList::Units] {
        assert_eq!(client.agencies(list).await.unwrap().all(10).await.unwrap().len(), 3);
    }
}
