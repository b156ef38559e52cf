//! What a search for a path came across.

use crate::certificate::Certificate;
use crate::reason::{ChainReason, Reason};
use crate::revocation::{RevocationState, RevocationStatus};
use crate::wanted::{Wanted, merge};

/// Statuses, and what was lacking.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// Of the path that came last, from the leaf up.
    pub(crate) statuses: Vec<RevocationStatus>,
    /// Statuses that were not known, and issuers that were not there.
    pub(crate) wanted: Vec<Wanted>,
}

impl Trail {
    /// Takes the statuses of a path that goes from the leaf to its anchor.
    pub(super) fn found(&mut self, statuses: &[RevocationStatus], path: &[&Certificate]) {
        self.statuses = statuses.to_vec();
        let pairs = statuses.iter().zip(path.windows(2));
        let unknown = pairs.filter(|(status, _)| status.state == RevocationState::Unknown);
        let wanted = unknown.filter_map(|(_, pair)| match pair {
            [certificate, issuer] => Some(Wanted::status(certificate, issuer)),
            _ => None,
        });
        merge(&mut self.wanted, wanted.collect());
    }

    /// Takes a certificate for which nobody was found who could have issued it.
    pub(super) fn lacks_issuer(&mut self, certificate: &Certificate) {
        merge(&mut self.wanted, vec![Wanted::issuer(certificate)]);
    }

    /// Keeps only what bears on the outcome: the issuer of a by-way is not wanted.
    pub(super) fn settle(&mut self, reason: Option<&Reason>) {
        let lacks_issuer = matches!(reason, Some(Reason::Chain(ChainReason::NoIssuer { .. })));
        if !lacks_issuer {
            self.wanted.retain(|wanted| wanted.issuer.is_some());
        }
    }
}
