//! The lists of agencies.

use serde_json::json;

use crate::started::Started;
use crate::written::Client;
use axis::server::Options;

#[tokio::test]
async fn each_list_has_its_own_fields() {
    let started = Started::with(Options::default(), |shelf| shelf.agencies = 2).await;
    let listed = async |operation| started.ask(&Client::new().call(operation, "")).await.json()["data"][1].clone();
    let (name, mail) = ("Ủy ban nhân dân xã 1", "xa1@example.vn");
    let plain =
        json!({ "id": "1", "pid": "0", "code": "H30.1", "name": name, "mail": mail, "oldCode": "000.00.1.H30" });
    assert_eq!(listed("getAgenciesList").await, plain);
    let decision = json!({ "id": "1", "code": "H30.1", "name": name, "mail": mail, "code102": "000.1.00.H30" });
    assert_eq!(listed("getAgenciesListQD20").await, decision);
    let unit = json!({
        "id": "1", "pid": "0", "code": "H30.1", "name": name, "mail": mail, "version": 7, "centerCode": "000.00.00.H30",
        "deleted": false, "modifyDate": "2026-03-05 09:15:00", "isAgency": true
    });
    assert_eq!(listed("getSynchronizeUnit").await, unit);
}

#[tokio::test]
async fn an_agency_that_is_gone_is_told_only_where_its_end_is_told_too() {
    let started = Started::with(Options::default(), |shelf| (shelf.agencies, shelf.gone) = (4, Some(2))).await;
    let codes = async |operation| {
        let answer = started.ask(&Client::new().call(operation, "")).await.json();
        answer["data"].as_array().unwrap().iter().map(|entry| entry["code"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(codes("getAgenciesList").await, ["H30.0", "H30.1", "H30.3"]);
    assert_eq!(codes("getAgenciesListQD20").await, ["H30.0", "H30.1", "H30.3"]);
    assert_eq!(codes("getSynchronizeUnit").await, ["H30.0", "H30.1", "H30.2", "H30.3"]);
}

#[tokio::test]
async fn a_list_of_many_pieces_is_one_array_and_an_empty_one_is_empty() {
    for count in [0, 5000] {
        let started = Started::with(Options::default(), |shelf| shelf.agencies = count).await;
        let answer = started.ask(&Client::new().call("getSynchronizeUnit", "")).await;
        let entries = answer.json()["data"].as_array().unwrap().clone();
        assert_eq!(entries.len(), count);
        assert!(
            entries.iter().enumerate().all(|(place, entry)| entry["id"].as_str() == Some(place.to_string().as_str()))
        );
    }
}
