//! The order of status codes per recipient (QCVN 102:2016/BTTTT).
//!
//! 01 → (02 | 03) → 04 → 05 → 06, skipping forward, never back. 13 may come any time before 06 and is answered by exactly
//! one of 15 or 16; a revocation, an update or a replacement is answered in the same way, without a 13. After 02 or 15 the
//! recipient's delivery is closed. A status that breaks the order is recorded and flagged, never lost: the verdict is a
//! flag.

use types::{BusinessType, StatusCode};

/// How a status fits what was reported before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusVerdict {
    /// It moves the recipient's handling forward.
    InOrder,
    /// It was reported already and changes nothing.
    Repeated,
    /// It breaks the order.
    OutOfOrder {
        /// The furthest code in order before it, `None` when there was none.
        after: Option<StatusCode>,
    },
    /// The recipient's delivery is closed.
    AfterClosed {
        /// The code that closed it: 02 or 15.
        by: StatusCode,
    },
}

impl StatusVerdict {
    /// Whether the status is shown as it is, without a flag.
    #[must_use]
    pub const fn is_in_order(self) -> bool {
        matches!(self, Self::InOrder)
    }
}

/// Judges `next` after `history`, which holds every status of this document and recipient in the order of arrival, those
/// that were flagged included.
///
/// `business` is the type of the document that the statuses are about.
#[must_use]
pub fn check(business: BusinessType, history: &[StatusCode], next: StatusCode) -> StatusVerdict {
    let words: Vec<Word> = history.iter().copied().map(Word::Status).collect();
    check_words(business, &words, next)
}

/// One thing that was said about a document and recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// A status.
    Status(StatusCode),
    /// A revocation, update or replacement of the document went to the recipient, who answers it with 15 or 16.
    Request,
}

/// Like [`check`], with the later packets that acted on the document in their places.
#[must_use]
pub fn check_words(business: BusinessType, history: &[Word], next: StatusCode) -> StatusVerdict {
    let mut course = Course::new(business);
    for word in history {
        match word {
            Word::Status(code) => course.take(*code),
            Word::Request => course.ask(),
        }
    }
    course.judge(next)
}

/// What the statuses in order have led to so far; flagged ones leave no mark.
struct Course {
    furthest: Option<StatusCode>,
    closed_by: Option<StatusCode>,
    request: Request,
}

/// What waits for an answer of 15 or 16.
#[derive(Clone, Copy)]
enum Request {
    None,
    /// A revocation or update: the document itself, or a later packet about it.
    Document,
    /// The document itself, a replacement: the answer is about the document it replaces, and closes nothing here.
    Replacement,
    /// A 13 of the sender.
    TakeBack,
    Answered(StatusCode),
}

impl Course {
    const fn new(business: BusinessType) -> Self {
        let request = match business {
            BusinessType::Revoke | BusinessType::Update => Request::Document,
            BusinessType::Replace => Request::Replacement,
            BusinessType::New => Request::None,
        };
        Self { furthest: None, closed_by: None, request }
    }

    /// A later packet acts on the document: a new question, to be answered once.
    fn ask(&mut self) {
        if self.closed_by.is_none() {
            self.request = Request::Document;
        }
    }

    fn take(&mut self, code: StatusCode) {
        if self.judge(code) != StatusVerdict::InOrder {
            return;
        }
        let closes = !matches!(self.request, Request::Replacement);
        match code {
            StatusCode::TakeBack => self.request = Request::TakeBack,
            StatusCode::Agreed | StatusCode::Declined => self.request = Request::Answered(code),
            StatusCode::Arrived
            | StatusCode::Refused
            | StatusCode::Registered
            | StatusCode::Assigned
            | StatusCode::InProgress
            | StatusCode::Finished => self.furthest = Some(code),
        }
        if code == StatusCode::Refused || (code == StatusCode::Agreed && closes) {
            self.closed_by = Some(code);
        }
    }

    fn judge(&self, next: StatusCode) -> StatusVerdict {
        if let Some(by) = self.closed_by {
            return if by == next { StatusVerdict::Repeated } else { StatusVerdict::AfterClosed { by } };
        }
        let out_of_order = StatusVerdict::OutOfOrder { after: self.furthest };
        let Some(step) = step(next) else { return self.judge_request(next, out_of_order) };
        match self.furthest {
            Some(last) if last == next => StatusVerdict::Repeated,
            Some(last) if self::step(last) >= Some(step) => out_of_order,
            Some(_) | None => StatusVerdict::InOrder,
        }
    }

    fn judge_request(&self, next: StatusCode, out_of_order: StatusVerdict) -> StatusVerdict {
        let finished = self.furthest == Some(StatusCode::Finished);
        match (next, self.request) {
            (StatusCode::TakeBack, Request::TakeBack) => StatusVerdict::Repeated,
            (StatusCode::TakeBack, _) if finished => out_of_order,
            (StatusCode::TakeBack, _) => StatusVerdict::InOrder,
            (_, Request::Document | Request::Replacement | Request::TakeBack) => StatusVerdict::InOrder,
            (_, Request::Answered(answer)) if answer == next => StatusVerdict::Repeated,
            (_, Request::None | Request::Answered(_)) => out_of_order,
        }
    }
}

/// The place of a code in 01 → (02 | 03) → 04 → 05 → 06, `None` for requests and answers.
const fn step(code: StatusCode) -> Option<u8> {
    match code {
        StatusCode::Arrived => Some(1),
        StatusCode::Refused | StatusCode::Registered => Some(2),
        StatusCode::Assigned => Some(3),
        StatusCode::InProgress => Some(4),
        StatusCode::Finished => Some(5),
        StatusCode::TakeBack | StatusCode::Agreed | StatusCode::Declined => None,
    }
}

#[cfg(test)]
mod tests;
