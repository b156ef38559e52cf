//! The operations of the protocol.

use std::fmt;

use http::Method;

/// One operation: the last segment of the request's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Sends a packet.
    SendEdoc,
    /// Lists what waits for the calling system.
    GetReceivedEdocList,
    /// Fetches a packet as base64 inside JSON.
    GetEdoc,
    /// Fetches a packet as the whole body.
    DownloadEdoc,
    /// Confirms a packet, or says that it could not be taken.
    UpdateStatus,
    /// Lists what the calling system sent, receiver by receiver.
    GetSentEdocList,
    /// Counts the documents that wait.
    CountReceiveEdoc,
    /// Counts the statuses that wait.
    CountReceiveStatus,
    /// Lists the agencies.
    GetAgenciesList,
    /// Lists the agencies with their codes by decision 20/2020/QĐ-TTg.
    GetAgenciesListQd20,
    /// Lists the agencies with what a copy of the list needs to follow it.
    GetSynchronizeUnit,
    /// Registers an agency.
    RegisterAgency,
    /// Deletes an agency.
    DeleteAgency,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 13] = [
        Self::SendEdoc,
        Self::GetReceivedEdocList,
        Self::GetEdoc,
        Self::DownloadEdoc,
        Self::UpdateStatus,
        Self::GetSentEdocList,
        Self::CountReceiveEdoc,
        Self::CountReceiveStatus,
        Self::GetAgenciesList,
        Self::GetAgenciesListQd20,
        Self::GetSynchronizeUnit,
        Self::RegisterAgency,
        Self::DeleteAgency,
    ];

    /// The segment of the path, exactly.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendEdoc => "sendEdoc",
            Self::GetReceivedEdocList => "getReceivedEdocList",
            Self::GetEdoc => "getEdoc",
            Self::DownloadEdoc => "downloadEdoc",
            Self::UpdateStatus => "updateStatus",
            Self::GetSentEdocList => "getSentEdocList",
            Self::CountReceiveEdoc => "countReceiveEdoc",
            Self::CountReceiveStatus => "countReceiveStatus",
            Self::GetAgenciesList => "getAgenciesList",
            Self::GetAgenciesListQd20 => "getAgenciesListQD20",
            Self::GetSynchronizeUnit => "getSynchronizeUnit",
            Self::RegisterAgency => "registerAgency",
            Self::DeleteAgency => "deleteAgency",
        }
    }

    /// The operation of this name; the case of letters counts.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// Whether the operation answers to this method. The counts are declared GET and called with POST.
    #[must_use]
    pub fn takes(self, method: &Method) -> bool {
        method == Method::POST || (self.is_gettable() && method == Method::GET)
    }

    const fn is_gettable(self) -> bool {
        matches!(self, Self::CountReceiveEdoc | Self::CountReceiveStatus | Self::DownloadEdoc)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_again_and_no_other_spelling_is() {
        for operation in Operation::ALL {
            assert_eq!(Operation::from_name(operation.name()), Some(operation));
            assert_eq!(Operation::from_name(&operation.name().to_ascii_lowercase()), None);
        }
    }

    #[test]
    fn everything_is_posted_and_the_counts_and_the_download_are_got_too() {
        let gettable: Vec<_> = Operation::ALL.into_iter().filter(|operation| operation.takes(&Method::GET)).collect();
        let expected = [Operation::DownloadEdoc, Operation::CountReceiveEdoc, Operation::CountReceiveStatus];
        assert_eq!(gettable, expected);
        assert!(Operation::ALL.into_iter().all(|operation| operation.takes(&Method::POST)));
        assert!(!Operation::ALL.into_iter().any(|operation| operation.takes(&Method::PUT)));
    }
}
