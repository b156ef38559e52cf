//! The watch over clients.

use std::time::Duration;

use axis::MessageType;
use mock_axis::conformance::{Target, Watch};
use mock_axis::sdk::{Answer, Draft, Sdk};
use mock_axis::{Mock, Options, Running};

use crate::stage::{G22, H48, party, start, target};

fn sdk(mock: &Running, who: (&str, &str)) -> Sdk {
    let Target { endpoint, at, .. } = target(&format!("http://{}", mock.address()));
    let party = party(who);
    Sdk::new(endpoint, &party.system, party.secret, at)
}

async fn send(sdk: &mut Sdk, id: &str, from: &str) -> Answer {
    let at = types::UnixMillis::new(1_790_000_000_000);
    let packet = Draft { from: H48.0, to: &[G22.0], id, subject: "Thử", at }.packet().unwrap();
    let request = sdk.send_request(from, MessageType::Edoc, packet);
    Answer::read_sent(&sdk.exchange(request).await.unwrap()).unwrap().0
}

/// Lists and gives the first id that waits.
async fn first_waiting(sdk: &mut Sdk) -> String {
    sdk.set("servicetype", "eDoc").set("messagetype", "edoc");
    let request = sdk.post_request("getReceivedEdocList", "");
    let answer = Answer::read(&sdk.exchange(request).await.unwrap()).unwrap();
    answer.data()[0]["docId"].as_str().unwrap().to_owned()
}

async fn call(sdk: &mut Sdk, operation: &str) -> Answer {
    let request = sdk.post_request(operation, "{}");
    Answer::read(&sdk.exchange(request).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_client_that_goes_through_the_operations_holds_the_rules_and_ends_the_watch() {
    let mock = start().await;
    let going = async {
        let (mut sender, mut receiver) = (sdk(&mock, H48), sdk(&mock, G22));
        assert!(send(&mut sender, "D1", H48.0).await.is_success());
        let id = first_waiting(&mut receiver).await;
        receiver.set("docId", id.as_str()).set("filePath", "kho");
        assert!(call(&mut receiver, "getEdoc").await.is_success());
        receiver.set("docid", id.as_str()).set("status", "done");
        assert!(call(&mut receiver, "updateStatus").await.is_success());
    };
    let mut told = Vec::new();
    let watch =
        Watch::new(&mock).run(Duration::from_secs(30), |operation, code| told.push(format!("{operation} {code}")));
    let (watched, ()) = tokio::join!(watch, going);
    let (report, seen) = watched.unwrap();
    assert_eq!(report.failed(), Vec::<&str>::new());
    assert!(report.passed().contains(&"AX-C-STATE-4") && report.passed().contains(&"AX-C-HASH-1"));
    assert_eq!(told, ["sendEdoc 0", "getReceivedEdocList 0", "getEdoc 0", "updateStatus 0"]);
    assert_eq!(seen.len(), 4);
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_that_signs_wrong_and_confirms_blindly_is_told_so() {
    let mock = Mock::start(Options { agencies: Some(200), ..Options::default() }).await.unwrap();
    let going = async {
        let (mut sender, mut receiver) = (sdk(&mock, H48), sdk(&mock, G22));
        let mut stranger = sdk(&mock, (H48.0, "another"));
        assert_eq!(call(&mut stranger, "countReceiveEdoc").await.error_code, "15");
        send(&mut sender, "D1", H48.0).await;
        assert_eq!(send(&mut sender, "D2", "").await.error_code, "21");
        let id = first_waiting(&mut receiver).await;
        receiver.set("docid", id.as_str()).set("status", "done");
        assert!(call(&mut receiver, "updateStatus").await.is_success());
    };
    let watch = Watch::new(&mock).run(Duration::from_secs(3), |_, _| {});
    let (watched, ()) = tokio::join!(watch, going);
    let (report, _) = watched.unwrap();
    assert_eq!(report.failed(), ["AX-C-SIGN-1", "AX-C-SEND-1", "AX-C-STATE-3"]);
    mock.stop().await.unwrap();
}
