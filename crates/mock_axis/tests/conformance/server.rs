//! The checks against servers.

use mock_axis::conformance::{RULES, Target, run};

use crate::stage::{start, target, troubles};

#[tokio::test]
async fn the_mock_holds_every_rule() {
    let mock = start().await;
    let target = Target { large_mib: Some(3), ..target(&format!("http://{}", mock.address())) };
    let report = run(target, |_| {}).await;
    assert_eq!(troubles(&report), Vec::<String>::new());
    assert_eq!(report.passed().len(), RULES.len() + 1);
    mock.stop().await.unwrap();
}
