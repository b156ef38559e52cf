//! The status of each certificate of a path. Source: RFC 5280 6.3.3; EN 319 102-1 clause 5.2.6.

use types::UnixMillis;

use super::crl::{Crl, REMOVED, Revoked};
use super::scope::{ALL_REASONS, Point, Subject, covered};
use super::status::{RevocationSource, RevocationState, RevocationStatus};
use super::{RevocationEvidence, ocsp};
use crate::certificate::{Certificate, is_signed, permitted};
use crate::chain::{PathRequest, Target, validate_for_list};
use crate::policy::{Policy, Revocation};
use crate::reason::{Reason, RevocationReason};

/// Paths to issuers of lists may need lists of other issuers: this many steps are followed.
const DEPTH_MAX: u8 = 3;

/// What a check of revocation looks at, and what it may still spend.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) request: &'a PathRequest<'a>,
    pub(crate) evidence: &'a RevocationEvidence,
    pub(crate) policy: &'a Policy,
    /// What the policy asks for under the anchor of the path.
    pub(crate) grade: Revocation,
    /// The validation time: evidence must be current then.
    pub(crate) at: UnixMillis,
    /// A proved time at which the signature existed: revocations after it do not count.
    pub(crate) proved: Option<UnixMillis>,
    /// Steps from the path asked about to this one.
    pub(crate) depth: u8,
}

/// The statuses of a path, and what they mean for it.
pub(crate) struct Checked {
    pub(crate) statuses: Vec<RevocationStatus>,
    pub(crate) outcome: Result<(), Reason>,
}

/// Checks every certificate of a path below its anchor; `path` goes from the leaf to the anchor.
pub(crate) fn check_path(context: &Context<'_>, path: &[&Certificate], spent: &mut u32) -> Checked {
    let mut checked = Checked { statuses: Vec::new(), outcome: Ok(()) };
    if context.grade == Revocation::Off {
        return checked;
    }
    for (position, pair) in path.windows(2).enumerate() {
        let [certificate, issuer] = pair else { continue };
        let status = Check { context, path, issuer, certificate, spent: &mut *spent }.status();
        let kind = if position == 0 { Holder::Signer } else { Holder::Authority };
        if checked.outcome.is_ok() {
            checked.outcome = judge(context, &status, kind);
        }
        checked.statuses.push(status);
    }
    checked
}

const NOTHING: &str = "no list and no response was handed in that speaks of it";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    Signer,
    Authority,
}

fn judge(context: &Context<'_>, status: &RevocationStatus, holder: Holder) -> Result<(), Reason> {
    let subject = || status.subject.clone();
    match (status.state, status.revoked_at) {
        (RevocationState::Good, _) => Ok(()),
        (RevocationState::Revoked, Some(revoked_at)) => match context.proved {
            Some(proved) if proved < revoked_at => Ok(()),
            Some(proved) => Err(RevocationReason::SignedAfter { subject: subject(), proved, revoked_at }.into()),
            None if holder == Holder::Signer => {
                Err(RevocationReason::Revoked { subject: subject(), revoked_at }.into())
            }
            None => Err(RevocationReason::AuthorityRevoked { subject: subject(), revoked_at }.into()),
        },
        _ if context.grade == Revocation::Require => {
            let why = status.why.clone().unwrap_or_default();
            Err(RevocationReason::Unknown { subject: subject(), why }.into())
        }
        _ => Ok(()),
    }
}

/// One certificate of a path.
struct Check<'a> {
    context: &'a Context<'a>,
    /// From the leaf to the anchor.
    path: &'a [&'a Certificate],
    issuer: &'a Certificate,
    certificate: &'a Certificate,
    spent: &'a mut u32,
}

/// What one list, with its delta, says.
struct Answer<'a> {
    revoked: Option<Revoked>,
    list: &'a Crl,
    signer: String,
}

impl<'a> Check<'a> {
    fn status(mut self) -> RevocationStatus {
        let from_responses = self.by_responses();
        if from_responses.state == RevocationState::Revoked {
            return from_responses;
        }
        let from_lists = self.by_lists();
        match (from_responses.state, from_lists.state) {
            (RevocationState::Good, RevocationState::Good | RevocationState::Unknown) => from_responses,
            // What was wrong with an answer says more than that there was no list.
            (_, RevocationState::Unknown) if from_lists.why.as_deref() == Some(NOTHING) => from_responses,
            _ => from_lists,
        }
    }

    fn unknown(&self, why: &str) -> RevocationStatus {
        RevocationStatus {
            subject: self.certificate.subject().to_owned(),
            serial: self.certificate.serial_hex(),
            state: RevocationState::Unknown,
            source: None,
            source_issuer: None,
            number: None,
            this_update: None,
            next_update: None,
            revoked_at: None,
            reason: None,
            why: Some(why.to_owned()),
        }
    }

    fn by_responses(&mut self) -> RevocationStatus {
        let mut best = self.unknown(NOTHING);
        for response in self.context.evidence.responses() {
            let Some(single) = response.find(self.certificate, self.issuer) else { continue };
            if let Err(why) = self.check_current(single.this_update, single.next_update) {
                best.why = Some(format!("the response {why}"));
                continue;
            }
            // Responders forget certificates that expired, as lists do.
            if single.this_update > self.certificate.not_after() {
                best.why = Some("the response was made after the certificate expired".to_owned());
                continue;
            }
            if !self.may_spend() {
                break;
            }
            let signer = ocsp::signer(response, self.issuer, self.context);
            let signer = match signer.and_then(|signer| self.responder(&signer)) {
                Ok(signer) => signer,
                Err(reason) => {
                    best.why = Some(format!("the response: {reason}"));
                    continue;
                }
            };
            let found = RevocationStatus {
                state: if single.revoked.is_some() { RevocationState::Revoked } else { RevocationState::Good },
                source: Some(RevocationSource::Ocsp),
                source_issuer: Some(signer),
                this_update: Some(single.this_update),
                next_update: single.next_update,
                revoked_at: single.revoked.map(|revoked| revoked.at),
                reason: single.revoked.map(|revoked| revoked.reason),
                why: None,
                ..best.clone()
            };
            if found.state == RevocationState::Revoked {
                return found;
            }
            best = found;
        }
        best
    }

    /// The subject of a response's signer, once its own revocation is known where that matters. Lists alone are
    /// asked: a responder does not vouch for itself.
    fn responder(&mut self, signer: &ocsp::Signer<'_>) -> Result<String, Reason> {
        let delegate = match signer {
            ocsp::Signer::Issuer => return Ok(self.issuer.subject().to_owned()),
            ocsp::Signer::Exempt(delegate) => return Ok(delegate.subject().to_owned()),
            ocsp::Signer::Unchecked(delegate) => *delegate,
        };
        let subject = delegate.subject().to_owned();
        let (context, path, issuer) = (self.context, self.path, self.issuer);
        let status = Check { context, path, issuer, certificate: delegate, spent: &mut *self.spent }.by_lists();
        if status.state == RevocationState::Good {
            return Ok(subject);
        }
        Err(RevocationReason::ResponderUnchecked { subject }.into())
    }

    /// RFC 5280 6.3.3: point by point, list by list, until every reason is covered.
    fn by_lists(&mut self) -> RevocationStatus {
        let subject = Subject { issuer: self.certificate.issuer_name(), is_ca: self.certificate.is_ca() };
        let mut points = self.certificate.extensions().points.clone();
        points.push(Point::of_issuer(subject.issuer));
        let mut status = self.unknown(NOTHING);
        let mut done = 0;
        for point in &points {
            for issuer in point.issuers(subject.issuer) {
                let lists = self.context.evidence.crls_of(issuer).filter(|list| !list.is_delta());
                let mut lists: Vec<&Crl> = lists.collect();
                // An older list must not speak where a newer one does.
                lists.sort_by_key(|list| std::cmp::Reverse(list.this_update()));
                for list in lists {
                    let reasons = covered(point, &subject, list.issuer_name(), list.point());
                    if reasons & !done == 0 {
                        continue;
                    }
                    let answer = match self.ask(list) {
                        Ok(answer) => answer,
                        Err(why) => {
                            status.why = Some(why);
                            continue;
                        }
                    };
                    let state =
                        if answer.revoked.is_some() { RevocationState::Revoked } else { RevocationState::Unknown };
                    status = RevocationStatus {
                        state,
                        source: Some(RevocationSource::Crl),
                        source_issuer: Some(answer.signer),
                        number: answer.list.number_hex(),
                        this_update: Some(answer.list.this_update()),
                        next_update: answer.list.next_update(),
                        revoked_at: answer.revoked.map(|revoked| revoked.at),
                        reason: answer.revoked.map(|revoked| revoked.reason),
                        why: Some("the lists do not cover every reason".to_owned()),
                        ..status
                    };
                    done |= reasons;
                    if state == RevocationState::Revoked || done == ALL_REASONS {
                        let is_revoked = state == RevocationState::Revoked;
                        let state = if is_revoked { state } else { RevocationState::Good };
                        return RevocationStatus { state, why: None, ..status };
                    }
                }
            }
        }
        status
    }

    /// What a list says, once it is current, readable and verified; with its newest delta where there is one.
    fn ask(&mut self, list: &'a Crl) -> Result<Answer<'a>, String> {
        let deltas = self.context.evidence.crls_of(list.issuer_name()).filter(|delta| {
            delta.is_delta()
                && delta.extends(list)
                && self.check_current(delta.this_update(), delta.next_update()).is_ok()
        });
        let delta = deltas.max_by_key(|delta| delta.this_update());
        if delta.is_none() {
            self.check_current(list.this_update(), list.next_update()).map_err(|why| format!("the list {why}"))?;
        }
        for list in [Some(list), delta].into_iter().flatten() {
            if let Some(id) = list.unevaluated() {
                return Err(format!("the list has the critical extension {id}, which is not evaluated here"));
            }
            let has_dropped = list.this_update() > self.certificate.not_after()
                && list.expired_since().is_none_or(|since| since > self.certificate.not_after());
            if has_dropped {
                return Err("the list was issued after the certificate expired".to_owned());
            }
        }
        let signer = self.verify(list)?;
        if let Some(delta) = delta {
            self.verify(delta)?;
        }
        let find = |list: &Crl| list.find(self.certificate.issuer_name(), self.certificate.serial());
        let revoked = match delta.and_then(find) {
            Some(found) if found.reason == REMOVED => None,
            Some(found) => Some(found),
            None => find(list).filter(|found| found.reason != REMOVED),
        };
        Ok(Answer { revoked, list: delta.unwrap_or(list), signer })
    }

    /// Whether something speaks of the time that is judged: until then nothing newer was due, or it was made later.
    /// A list without an end says nothing of a time after it: nobody could tell when it stopped being current.
    fn check_current(&self, this_update: UnixMillis, next_update: Option<UnixMillis>) -> Result<(), &'static str> {
        let policy = self.context.policy;
        let judged_at = self.context.proved.unwrap_or(self.context.at);
        let is_begun = this_update <= self.context.at + policy.clock_tolerance;
        let is_later = self.context.proved.is_some_and(|proved| proved <= this_update);
        if !is_begun || !(is_later || next_update.is_some_and(|next| judged_at <= next)) {
            return Err("is not current");
        }
        match policy.revocation_age_max {
            Some(max) if this_update + max < judged_at => Err("is older than the policy takes"),
            _ => Ok(()),
        }
    }

    fn may_spend(&mut self) -> bool {
        let may = *self.spent < self.context.policy.revocation_checks_max;
        *self.spent += 1;
        may
    }

    /// The subject of the certificate that a list's signature verifies with, once that may sign lists here.
    fn verify(&mut self, list: &Crl) -> Result<String, String> {
        let name = list.issuer_name().chain_key();
        let on_path = self.path.iter().copied().filter(|certificate| certificate.subject_name().chain_key() == name);
        for certificate in on_path {
            // On the path, its validity and its standing were checked; only its usage was not.
            if certificate.extensions().usage.is_none_or(|usage| usage.signs_crls)
                && self.is_signed(list, certificate)?
            {
                return Ok(certificate.subject().to_owned());
            }
        }
        if self.context.depth >= DEPTH_MAX {
            return Err("the list's issuer needs too many further lists".to_owned());
        }
        let anchor = self.path.last().map(|anchor| anchor.sha256());
        let request = self.context.request;
        let mut why = "no certificate of the list's issuer verifies it".to_owned();
        for certificate in request.certificates_named(list.issuer_name()) {
            if self.path.iter().any(|other| other.sha256() == certificate.sha256())
                || !self.is_signed(list, certificate)?
            {
                continue;
            }
            let nested = request.nested(certificate, Target::CrlIssuer, self.context.depth + 1);
            match validate_for_list(&nested, self.spent) {
                Ok(path) if path.certificates().last().map(Certificate::sha256) == anchor => {
                    return Ok(certificate.subject().to_owned());
                }
                Ok(_) => why = "the list's issuer has another anchor".to_owned(),
                Err(reason) => why = format!("the list's issuer: {reason}"),
            }
        }
        Err(why)
    }

    fn is_signed(&mut self, list: &Crl, certificate: &Certificate) -> Result<bool, String> {
        permitted(list.der(), certificate.key(), self.context.policy).map_err(|reason| reason.to_string())?;
        self.context.request.trust().budget().take_check().map_err(|reason| reason.to_string())?;
        if list.verified_by.get() != Some(&certificate.sha256()) {
            if !self.may_spend() {
                return Err("the policy's number of signature checks is spent".to_owned());
            }
            let is_signed = is_signed(list.der(), list.tbs.clone(), certificate.key(), self.context.policy);
            if !is_signed.map_err(|reason| reason.to_string())? {
                return Ok(false);
            }
            list.verified_by.get_or_init(|| certificate.sha256());
        }
        Ok(true)
    }
}
