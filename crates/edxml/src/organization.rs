//! `From` and `To`.

use crate::OrganId;

/// An agency as a packet names it: the fields of `From` and `To`.
///
/// `None`: the element is absent; `Some("")`: it is there and empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// `OrganId`: the agency's code.
    pub organ_id: OrganId,
    /// `OrganizationInCharge`: the body it belongs to.
    pub organization_in_charge: Option<String>,
    /// `OrganName`.
    pub organ_name: Option<String>,
    /// `OrganAdd`: postal address.
    pub organ_add: Option<String>,
    /// `Email`.
    pub email: Option<String>,
    /// `Telephone`.
    pub telephone: Option<String>,
    /// `Fax`.
    pub fax: Option<String>,
    /// `Website`.
    pub website: Option<String>,
}

impl Organization {
    /// An agency of which only the code is given.
    #[must_use]
    pub const fn new(organ_id: OrganId) -> Self {
        Self {
            organ_id,
            organization_in_charge: None,
            organ_name: None,
            organ_add: None,
            email: None,
            telephone: None,
            fax: None,
            website: None,
        }
    }

    /// The same with its name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.organ_name = Some(name.to_owned());
        self
    }
}
