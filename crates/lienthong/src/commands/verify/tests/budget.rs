use clap::Parser;
use signature::BudgetLimits;

use super::super::{Finding, VerifyArgs, packet};
use super::Desk;
use crate::commands::tests::pdf::signed;
use crate::commands::verify::desk::Desk as Bench;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: VerifyArgs,
}

/// The rule that each attachment broke, when the checks of the whole packet may take so many signatures.
fn rules(checks_max: u64) -> Vec<Option<String>> {
    let desk = Desk::new();
    let pdf = signed(&desk.signer());
    let file = desk.packet(&[("a.pdf", &pdf), ("b.pdf", &pdf), ("c.pdf", &pdf)], &[]);
    let trust = desk.at("pki/ca");
    let args = Line::parse_from(["verify".as_ref(), file.as_os_str(), "--trust".as_ref(), trust.as_os_str()]).args;
    let limits = BudgetLimits { checks_max, ..BudgetLimits::document() };
    let parts = packet::check_within(&args, &Bench::open(&args).unwrap(), limits).unwrap();
    let rule = |finding| match finding {
        Finding::Pdf(report) => report.rule,
        _ => panic!("every attachment is a PDF"),
    };
    parts.into_iter().map(|part| rule(part.finding)).collect()
}

#[test]
fn the_files_of_a_packet_share_what_its_checks_may_cost() {
    assert_eq!(rules(100), [None, None, None]);
    let cut = rules(3);
    assert_eq!(cut[0], None, "{cut:?}");
    assert_eq!(cut[2].as_deref(), Some("work_budget_spent"), "{cut:?}");
}
