//! The signature element itself as a small tree: SignedInfo, KeyInfo, Objects. Source: W3C XMLDSig core.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::canonical::{Canonical, Kind, Method};
use super::survey::XMLDSIG;
use super::tokens::{Tokens, is_blank};
use super::walk::{Element, Scopes, Text, Visitor};
use crate::algorithm::{Hash, SignatureAlgorithm};
use crate::reason::{AlgorithmReason, Reason, XmlReason};

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// References of one signature.
const REFERENCES_MAX: usize = 4;

/// One element.
#[derive(Debug, Default)]
pub(super) struct Node {
    namespace: String,
    local: String,
    attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

/// What was signed, as SignedInfo states it.
#[derive(Debug)]
pub(super) struct SignedInfo {
    pub(super) method: Method,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) references: Vec<Reference>,
}

#[derive(Debug)]
pub(super) struct Reference {
    pub(super) uri: String,
    pub(super) is_enveloped: bool,
    pub(super) method: Method,
    pub(super) hash: Hash,
    pub(super) digest: Vec<u8>,
}

fn broken(what: &'static str) -> XmlReason {
    XmlReason::Structure { what }
}

fn unsupported(uri: &str) -> Reason {
    AlgorithmReason::Unsupported { name: uri.chars().take(200).collect() }.into()
}

impl Node {
    fn is(&self, local: &str) -> bool {
        self.namespace == XMLDSIG && self.local == local
    }

    /// Children of XMLDSig with this name.
    pub(super) fn all<'n>(&'n self, local: &'n str) -> impl Iterator<Item = &'n Self> {
        self.children.iter().filter(move |child| child.is(local))
    }

    /// The only one.
    pub(super) fn one(&self, local: &'static str) -> Result<&Self, XmlReason> {
        let mut all = self.all(local);
        match (all.next(), all.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(broken(local)),
        }
    }

    /// The first of any namespace with this name, at any depth.
    pub(super) fn find(&self, local: &str) -> Option<&Self> {
        self.children.iter().find_map(|child| if child.local == local { Some(child) } else { child.find(local) })
    }

    /// The element with this identifier, itself included; identifiers are unique in the packet.
    pub(super) fn identified(&self, id: &str) -> Option<&Self> {
        let is_it = ["Id", "ID", "id", "xml:id"].iter().any(|name| self.attribute(name) == Some(id));
        if is_it { Some(self) } else { self.children.iter().find_map(|child| child.identified(id)) }
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn algorithm(&self) -> Result<&str, XmlReason> {
        self.attribute("Algorithm").ok_or(broken("Algorithm"))
    }

    pub(super) fn base64(&self) -> Result<Vec<u8>, XmlReason> {
        let text: String = self.text.chars().filter(|c| !is_blank(*c)).collect();
        if !self.children.is_empty() {
            return Err(broken("an element inside base64"));
        }
        STANDARD.decode(text).map_err(|_| broken("base64"))
    }
}

impl SignedInfo {
    /// Reads the SignedInfo of a Signature.
    pub(super) fn read(signature: &Node) -> Result<Self, Reason> {
        let known = ["SignedInfo", "SignatureValue", "KeyInfo", "Object"];
        if signature.children.iter().any(|child| !known.iter().any(|name| child.is(name))) {
            return Err(broken("an unknown part").into());
        }
        let info = signature.one("SignedInfo")?;
        let method = info.one("CanonicalizationMethod")?;
        let algorithm = info.one("SignatureMethod")?;
        // HMACOutputLength and parameters are for algorithms that are not taken.
        if !algorithm.children.is_empty() {
            return Err(broken("parameters of SignatureMethod").into());
        }
        let references: Vec<Reference> = info.all("Reference").map(Reference::read).collect::<Result<_, _>>()?;
        if references.is_empty() || info.children.len() != references.len() + 2 {
            return Err(broken("SignedInfo").into());
        }
        if references.len() > REFERENCES_MAX {
            return Err(XmlReason::Limit { what: "references", max: REFERENCES_MAX }.into());
        }
        Ok(Self {
            method: canonical(method)?.ok_or_else(|| unsupported(method.algorithm().unwrap_or_default()))?,
            algorithm: signature_algorithm(algorithm.algorithm()?)?,
            references,
        })
    }
}

impl Reference {
    fn read(node: &Node) -> Result<Self, Reason> {
        let uri = node.attribute("URI").ok_or(broken("a reference without URI"))?.to_owned();
        let mut reference = Self {
            uri,
            is_enveloped: false,
            method: Method::default_for_references(),
            hash: hash(node.one("DigestMethod")?)?,
            digest: node.one("DigestValue")?.base64()?,
        };
        let mut is_last = false;
        for transform in node.all("Transforms").flat_map(|transforms| transforms.children.iter()) {
            let uri = transform.algorithm()?;
            let refused = || XmlReason::Transform { uri: uri.chars().take(200).collect() };
            if is_last || !transform.is("Transform") {
                return Err(refused().into());
            }
            if uri == ENVELOPED {
                if reference.is_enveloped || !transform.children.is_empty() {
                    return Err(refused().into());
                }
                reference.is_enveloped = true;
            } else {
                reference.method = canonical(transform)?.ok_or_else(refused)?;
                is_last = true;
            }
        }
        // References by "" and "#id" never select comments (XMLDSig 4.4.3.3).
        reference.method.comments = super::canonical::Comments::Dropped;
        Ok(reference)
    }
}

/// The canonicalisation that an element names, with its parameters.
fn canonical(node: &Node) -> Result<Option<Method>, XmlReason> {
    let Some(mut method) = Method::of(node.algorithm()?) else { return Ok(None) };
    match (node.children.as_slice(), method.kind) {
        ([], _) => {}
        ([list], Kind::Exclusive) if list.namespace == EXCLUSIVE && list.local == "InclusiveNamespaces" => {
            let prefixes = list.attribute("PrefixList").unwrap_or_default().split_ascii_whitespace();
            method.inclusive =
                prefixes.map(|prefix| if prefix == "#default" { "" } else { prefix }.to_owned()).take(64).collect();
        }
        _ => return Err(broken("parameters of a canonicalisation")),
    }
    Ok(Some(method))
}

pub(super) fn hash(node: &Node) -> Result<Hash, Reason> {
    match node.algorithm()? {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Ok(Hash::Sha256),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Ok(Hash::Sha384),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Ok(Hash::Sha512),
        other => Err(unsupported(other)),
    }
}

/// Identifiers of RFC 9231. ECDSA's curve is the certificate's and has to go with the hash.
fn signature_algorithm(uri: &str) -> Result<SignatureAlgorithm, Reason> {
    use SignatureAlgorithm as Algorithm;
    Ok(match uri {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => Algorithm::RsaPkcs1Sha256,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => Algorithm::RsaPkcs1Sha384,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => Algorithm::RsaPkcs1Sha512,
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1" => Algorithm::RsaPssSha256,
        "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1" => Algorithm::RsaPssSha384,
        "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1" => Algorithm::RsaPssSha512,
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => Algorithm::EcdsaP256Sha256,
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => Algorithm::EcdsaP384Sha384,
        "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519" => Algorithm::Ed25519,
        other => return Err(unsupported(other)),
    })
}

/// Builds the tree, and the canonical SignedInfo beside it once its method is known.
#[derive(Default)]
pub(super) struct Builder {
    open: Vec<Node>,
    root: Option<Node>,
}

impl Builder {
    pub(super) fn finish(self) -> Result<Node, XmlReason> {
        self.root.ok_or(broken("Signature"))
    }
}

impl Visitor for Builder {
    fn start(&mut self, element: &Element<'_>, _: &Scopes) -> Result<(), XmlReason> {
        self.open.push(Node {
            namespace: element.namespace.clone(),
            local: element.local.to_owned(),
            attributes: element.attributes.iter().map(|a| (a.name.to_owned(), a.value.to_string())).collect(),
            ..Node::default()
        });
        Ok(())
    }

    fn end(&mut self, _: usize) -> Result<(), XmlReason> {
        let Some(node) = self.open.pop() else { return Ok(()) };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn text(&mut self, text: Text<'_>, tokens: &Tokens<'_>) -> Result<(), XmlReason> {
        let Some(node) = self.open.last_mut() else { return Ok(()) };
        let mut rest = match text {
            Text::Written(text) => text,
            Text::Plain(text) => {
                node.text.push_str(text);
                return Ok(());
            }
        };
        while let Some((plain, reference)) = rest.split_once('&') {
            let (c, after) = tokens.reference(reference)?;
            node.text.push_str(plain);
            node.text.push(c);
            rest = after;
        }
        node.text.push_str(rest);
        Ok(())
    }
}

/// Feeds one subtree, or the whole text, to its canonical form, and that to `out`.
pub(super) struct Extract<'o> {
    canonical: Canonical,
    target: Target,
    skipped: Option<usize>,
    depth: usize,
    /// Depth at which the target opened; the whole text is always inside.
    active: Option<usize>,
    skipping: Option<usize>,
    out: Sink<'o>,
}

/// Takes the canonical form, piece by piece.
type Sink<'o> = Box<dyn FnMut(&[u8]) + 'o>;

/// What is extracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Everything, instructions outside the root included.
    Whole,
    /// The element of this number.
    Element(usize),
}

impl<'o> Extract<'o> {
    /// `skipped`: number of the element left out.
    pub(super) fn new(method: Method, target: Target, skipped: Option<usize>, out: impl FnMut(&[u8]) + 'o) -> Self {
        let canonical = Canonical::new(method);
        let active = (target == Target::Whole).then_some(0);
        Self { canonical, target, skipped, depth: 0, active, skipping: None, out: Box::new(out) }
    }

    const fn is_on(&self) -> bool {
        self.active.is_some() && self.skipping.is_none()
    }
}

impl Visitor for Extract<'_> {
    fn start(&mut self, element: &Element<'_>, scopes: &Scopes) -> Result<(), XmlReason> {
        self.depth += 1;
        if self.target == Target::Element(element.number) {
            self.active = Some(self.depth);
        }
        if self.skipped == Some(element.number) {
            self.skipping = Some(self.depth);
        }
        if self.is_on() { self.canonical.start(element, scopes, &mut *self.out) } else { Ok(()) }
    }

    fn end(&mut self, _: usize) -> Result<(), XmlReason> {
        if self.is_on() {
            self.canonical.end(&mut *self.out);
        }
        if self.skipping == Some(self.depth) {
            self.skipping = None;
        }
        if self.active == Some(self.depth) {
            self.active = None;
        }
        self.depth -= 1;
        Ok(())
    }

    fn text(&mut self, text: Text<'_>, tokens: &Tokens<'_>) -> Result<(), XmlReason> {
        if self.is_on() { self.canonical.text(text, tokens, &mut *self.out) } else { Ok(()) }
    }

    fn comment(&mut self, comment: &str) {
        if self.is_on() {
            self.canonical.comment(comment, &mut *self.out);
        }
    }

    fn instruction(&mut self, target: &str, data: &str) {
        if self.is_on() {
            self.canonical.instruction(target, data, &mut *self.out);
        }
    }
}
