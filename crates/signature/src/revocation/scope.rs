//! Distribution points of certificates and of lists, and whether they meet (RFC 5280 4.2.1.13, 5.2.5, 6.3.3 b).

use crate::certificate::{GeneralName, Name, directory};
use crate::der::{DerError, Reader, Tlv, sequence, single, tag};

/// Reasons as bits, numbered as in ReasonFlags; bit 0 is unused.
pub(crate) type Reasons = u16;
/// Every reason.
pub(crate) const ALL_REASONS: Reasons = 0x1fe;
/// Points of one certificate: every certificate seen has one or two.
const POINTS_MAX: usize = 16;

/// The name of a distribution point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PointName {
    Full(Vec<GeneralName>),
    /// The bytes of a RelativeDistinguishedName's content, to be added to the issuer's name.
    Relative(Vec<u8>),
}

impl PointName {
    /// Reads DistributionPointName, a CHOICE.
    fn read(value: &Tlv<'_>) -> Result<Self, DerError> {
        let mut inside = value.inside();
        let choice = inside.next()?;
        inside.end()?;
        match choice.tag {
            0xa0 => Ok(Self::Full(GeneralName::read_all(choice.inside())?)),
            0xa1 => Ok(Self::Relative(choice.content.to_vec())),
            _ => Err(DerError::Tag),
        }
    }

    /// The full names; a relative one is below `issuer`.
    fn full(&self, issuer: &Name) -> Vec<GeneralName> {
        match self {
            Self::Full(names) => names.clone(),
            Self::Relative(rdn) => {
                let Ok(base) = single(issuer.raw(), tag::SEQUENCE) else { return Vec::new() };
                let name = sequence(&[base.content, &crate::der::tlv(tag::SET, rdn)]);
                directory(&name).map(GeneralName::Directory).into_iter().collect()
            }
        }
    }
}

/// One DistributionPoint of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) name: Option<PointName>,
    pub(crate) reasons: Option<Reasons>,
    /// Who issues its lists, when that is not the certificate's issuer.
    pub(crate) crl_issuer: Vec<GeneralName>,
}

impl Point {
    /// Reads CRLDistributionPoints.
    pub(crate) fn read_all(bytes: &[u8]) -> Result<Vec<Self>, DerError> {
        let values = single(bytes, tag::SEQUENCE)?.inside().all()?;
        if values.is_empty() || values.len() > POINTS_MAX {
            return Err(DerError::Value);
        }
        values.iter().map(Self::read).collect()
    }

    fn read(value: &Tlv<'_>) -> Result<Self, DerError> {
        if value.tag != tag::SEQUENCE {
            return Err(DerError::Tag);
        }
        let mut inside = value.inside();
        let name = inside.optional(0xa0)?.map(|value| PointName::read(&value)).transpose()?;
        let reasons = reasons(&mut inside, 1)?;
        let crl_issuer =
            inside.optional(0xa2)?.map_or(Ok(Vec::new()), |value| GeneralName::read_all(value.inside()))?;
        inside.end()?;
        Ok(Self { name, reasons, crl_issuer })
    }

    /// The point that every certificate has: the lists of its issuer (RFC 5280 6.3.3, last paragraph).
    pub(crate) fn of_issuer(issuer: &Name) -> Self {
        Self { name: Some(PointName::Full(vec![GeneralName::Directory(issuer.clone())])), ..Self::default() }
    }

    /// Addresses among its names.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &str> {
        let names = match &self.name {
            Some(PointName::Full(names)) => names.as_slice(),
            _ => &[],
        };
        names.iter().filter_map(|name| match name {
            GeneralName::Uri(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The names under which its lists' issuers are known.
    pub(crate) fn issuers<'a>(&'a self, issuer: &'a Name) -> Vec<&'a Name> {
        let named = self.crl_issuer.iter().filter_map(|name| match name {
            GeneralName::Directory(name) => Some(name),
            _ => None,
        });
        if self.crl_issuer.is_empty() { vec![issuer] } else { named.collect() }
    }
}

/// IssuingDistributionPoint of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct IssuingPoint {
    name: Option<PointName>,
    only: Only,
    reasons: Option<Reasons>,
    pub(crate) is_indirect: bool,
}

/// Which certificates a list is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Only {
    #[default]
    All,
    Users,
    Authorities,
    Attributes,
}

impl IssuingPoint {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, DerError> {
        let mut inside = single(bytes, tag::SEQUENCE)?.inside();
        let name = inside.optional(0xa0)?.map(|value| PointName::read(&value)).transpose()?;
        let is_users = boolean(&mut inside, 1)?;
        let is_authorities = boolean(&mut inside, 2)?;
        let reasons = reasons(&mut inside, 3)?;
        let is_indirect = boolean(&mut inside, 4)?;
        let is_attributes = boolean(&mut inside, 5)?;
        inside.end()?;
        let only = match (is_users, is_authorities, is_attributes) {
            (false, false, false) => Only::All,
            (true, false, false) => Only::Users,
            (false, true, false) => Only::Authorities,
            (false, false, true) => Only::Attributes,
            // RFC 5280 5.2.5: at most one of them.
            _ => return Err(DerError::Value),
        };
        Ok(Self { name, only, reasons, is_indirect })
    }
}

/// The certificate that a status is asked of, as far as scopes matter.
pub(crate) struct Subject<'a> {
    pub(crate) issuer: &'a Name,
    pub(crate) is_ca: bool,
}

/// The reasons for which a list with this issuer and issuing point speaks of a certificate under this point; none
/// when it does not (RFC 5280 6.3.3 b, d).
pub(crate) fn covered(
    point: &Point,
    subject: &Subject<'_>,
    crl_issuer: &Name,
    issuing: Option<&IssuingPoint>,
) -> Reasons {
    let default = IssuingPoint::default();
    let issuing = issuing.unwrap_or(&default);
    let is_named = point.issuers(subject.issuer).iter().any(|name| name.chain_key() == crl_issuer.chain_key());
    if !is_named || (!point.crl_issuer.is_empty() && !issuing.is_indirect) {
        return 0;
    }
    let fits = match issuing.only {
        Only::All => true,
        Only::Users => !subject.is_ca,
        Only::Authorities => subject.is_ca,
        Only::Attributes => false,
    };
    if !fits || !names_meet(point, subject, crl_issuer, issuing) {
        return 0;
    }
    point.reasons.unwrap_or(ALL_REASONS) & issuing.reasons.unwrap_or(ALL_REASONS)
}

fn names_meet(point: &Point, subject: &Subject<'_>, crl_issuer: &Name, issuing: &IssuingPoint) -> bool {
    let Some(name) = &issuing.name else { return true };
    let issuing = name.full(crl_issuer);
    let wanted = match &point.name {
        Some(name) => {
            // A relative name is below the list's issuer where the point names one, which must then be one name.
            let base = match point.issuers(subject.issuer).as_slice() {
                [one] => *one,
                _ => subject.issuer,
            };
            name.full(base)
        }
        None => point.crl_issuer.clone(),
    };
    issuing.iter().any(|one| wanted.iter().any(|other| one.is_same(other)))
}

fn boolean(inside: &mut Reader<'_>, number: u8) -> Result<bool, DerError> {
    match inside.optional(tag::context_primitive(number))?.map(|value| value.content) {
        None => Ok(false),
        Some([0xff]) => Ok(true),
        // FALSE is the default, which some issuers write out.
        Some([0]) => Ok(false),
        Some(_) => Err(DerError::Value),
    }
}

fn reasons(inside: &mut Reader<'_>, number: u8) -> Result<Option<Reasons>, DerError> {
    let Some(value) = inside.optional(tag::context_primitive(number))? else { return Ok(None) };
    let [unused @ 0..=7, bytes @ ..] = value.content else { return Err(DerError::Value) };
    if bytes.len() > 2 || (bytes.is_empty() && *unused != 0) {
        return Err(DerError::Value);
    }
    let bit = |number: usize| bytes.get(number / 8).is_some_and(|byte| byte >> (7 - number % 8) & 1 == 1);
    Ok(Some((1..9).filter(|number| bit(*number)).fold(0, |mask, number| mask | 1 << number)))
}
