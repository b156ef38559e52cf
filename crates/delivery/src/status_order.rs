//! The order of status codes per recipient (QCVN 102:2016/BTTTT).
//!
//! 01 → (02 | 03) → 04 → 05 → 06, skipping forward, never back. 13 may come any time before 06 and is answered by exactly
//! one of 15 or 16; a revocation or an update is answered in the same way, without a 13. After 02 or 15 the recipient's
//! delivery is closed. A status that breaks the order is recorded and flagged, never lost: the verdict is a flag.

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
    let mut course = Course::new(business);
    for code in history {
        course.take(*code);
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
    /// The document itself, a revocation or an update.
    Document,
    /// A 13 of the sender.
    TakeBack,
    Answered(StatusCode),
}

impl Course {
    const fn new(business: BusinessType) -> Self {
        let request = match business {
            BusinessType::Revoke | BusinessType::Update => Request::Document,
            BusinessType::New | BusinessType::Replace => Request::None,
        };
        Self { furthest: None, closed_by: None, request }
    }

    fn take(&mut self, code: StatusCode) {
        if self.judge(code) != StatusVerdict::InOrder {
            return;
        }
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
        if matches!(code, StatusCode::Refused | StatusCode::Agreed) {
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
            (StatusCode::TakeBack, Request::None | Request::Document | Request::Answered(_)) if finished => {
                out_of_order
            }
            (StatusCode::TakeBack, Request::None | Request::Document | Request::Answered(_)) => StatusVerdict::InOrder,
            (_, Request::Document | Request::TakeBack) => StatusVerdict::InOrder,
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
