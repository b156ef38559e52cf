//! Statuses reported by a call: the node writes the packet.

use edxml::{EdxmlDate, EdxmlTimestamp, OrganId, Organization, ResponseFor, StaffInfo, Status, write_status};
use gateway::{Caller, Refusal};
use queue::{Document, EntryKind};
use types::{ErrorCode, ExchangeId, StatusCode, UnixMillis};
use wire::exchange_v1::{Acceptance, ReportStatusRequest};

use super::Desk;
use super::compose::header::response;
use crate::intake::{Received, Refused, Upload};
use crate::record::Summary;

/// Vietnam has one zone without daylight saving: UTC+7.
const ZONE_SECONDS: u64 = 7 * 3600;

impl Desk {
    /// Writes and takes a status packet.
    pub(super) async fn submit_status(
        &self,
        caller: &Caller,
        request: ReportStatusRequest,
    ) -> Result<Acceptance, Refusal> {
        let status = self.or_rejected(caller, self.status(caller, &request)).await?;
        let received = self.or_rejected(caller, self.written(status).await).await?;
        self.admit_from(caller, received, None).await
    }

    fn status(&self, caller: &Caller, request: &ReportStatusRequest) -> Result<Status, Refused> {
        let agency = Self::agency(caller, &request.agency)
            .map_err(|refusal| Refused::new(refusal.code(), refusal.detail()).at("agency"))?;
        let number = u8::try_from(request.status_code).ok().and_then(StatusCode::from_number);
        let code = number.ok_or_else(|| {
            let detail = format!("status {}: use 1 to 6, 13, 15 or 16", request.status_code);
            Refused::new(ErrorCode::InvalidArgument, detail).at("statusCode")
        })?;
        let needs_reason = matches!(code, StatusCode::Refused | StatusCode::Declined);
        if needs_reason && request.description.trim().is_empty() {
            let detail = format!("status {code} needs a reason in description");
            return Err(Refused::new(ErrorCode::MissingElement, detail).at("description"));
        }
        let response_for = match (request.exchange_id.as_str(), &request.document) {
            ("", Some(document)) => response(document, "document")?,
            ("", None) => {
                return Err(Refused::new(ErrorCode::MissingElement, "name exchangeId or document").at("exchangeId"));
            }
            (text, _) => self.response_to(text)?,
        };
        let at = match &request.at {
            Some(at) => {
                wire::millis("at", at).map_err(|error| Refused::new(error.code(), error.to_string()).at("at"))?
            }
            None => crate::clock::now(),
        };
        let name = self.core.directory.load().find(&agency).map(|agency| agency.name.to_string());
        let from = Organization { organ_name: name, ..Organization::new(OrganId::from(&agency)) };
        let mut status = Status::new(from, response_for, code, vietnam_time(at)?);
        let present = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        status.description = present(&request.description);
        let staff = StaffInfo {
            department: present(&request.department),
            staff: present(&request.staff),
            email: present(&request.email),
            mobile: present(&request.mobile),
        };
        status.staff = (staff != StaffInfo::default()).then_some(staff);
        Ok(status)
    }

    /// The document of an exchange, as `ResponseFor` names it.
    fn response_to(&self, exchange: &str) -> Result<ResponseFor, Refused> {
        let id: ExchangeId = exchange.parse().map_err(|error: types::IdError| {
            Refused::new(ErrorCode::InvalidArgument, error.to_string()).at("exchangeId")
        })?;
        let unknown = || Refused::new(ErrorCode::NotFound, "the exchange is not known here").at("exchangeId");
        let mut found: Option<Document> = None;
        for seq in self.core.store.by_exchange(id)? {
            let document = self.core.store.document(seq)?;
            if document.kind == EntryKind::Document {
                found = Some(document);
            }
        }
        let document = found.ok_or_else(unknown)?;
        let kept = Summary::read(&document.summary).map_err(|error| Refused::new(error.code(), error.to_string()))?;
        Ok(ResponseFor {
            organ_id: OrganId::from(&document.key.sender),
            code: (!kept.code.is_empty()).then_some(kept.code),
            promulgation_date: kept.promulgation_date.parse().ok(),
            document_id: Some(document.key.document_id),
        })
    }

    async fn written(&self, status: Status) -> Result<Received, Refused> {
        let mut bytes = Vec::new();
        write_status(&mut bytes, &status).map_err(|error| Refused::new(error.code(), error.to_string()))?;
        let mut upload = Upload::start(&self.core.store, &self.core.packet_limits())?;
        upload.write(bytes.into()).await;
        Ok(upload.finish().await?)
    }
}

/// `yyyy/MM/dd HH:mm:ss` in Vietnam.
pub(crate) fn vietnam_time(at: UnixMillis) -> Result<EdxmlTimestamp, Refused> {
    let bad = || Refused::new(ErrorCode::InvalidArgument, "the time is outside the calendar").at("at");
    let seconds = i64::try_from(at.as_seconds() + ZONE_SECONDS).map_err(|_| bad())?;
    let civil = jiff::Timestamp::from_second(seconds).map_err(|_| bad())?.to_zoned(jiff::tz::TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).map_err(|_| bad());
    let year = u16::try_from(civil.year()).map_err(|_| bad())?;
    let date = EdxmlDate::new(year, part(civil.month())?, part(civil.day())?).map_err(|_| bad())?;
    EdxmlTimestamp::new(date, part(civil.hour())?, part(civil.minute())?, part(civil.second())?).map_err(|_| bad())
}
