//! An agency as a file writes it: texts with their lines, not yet checked.

use types::{AgencyCode, Level, NeighbourId};

use crate::problem::{Place, ProblemKind, Problems};
use crate::{Agency, Day, Endpoint, EndpointKind, Reach, Succession};

/// Bytes of a name: the longest official names have about 250.
const NAME_MAX: usize = 500;
/// Bytes of a mail address (RFC 5321).
const MAIL_MAX: usize = 254;
/// Bytes of an endpoint's address.
const ADDRESS_MAX: usize = 1024;
/// Codes that one agency may have beside its own: the axis publishes three.
const ALIASES_MAX: usize = 16;
/// Agencies that one agency may be split into.
const SUCCESSORS_MAX: usize = 64;

macro_rules! keys {
    ($($variant:ident $text:literal,)*) => {
        /// A key of an `[[agency]]` table, which is also a column of the CSV form.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Key { $($variant,)* }

        impl Key {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];

            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

keys! {
    Code "code",
    Name "name",
    ShortName "short_name",
    Level "level",
    Parent "parent",
    Aliases "aliases",
    Code102 "code102",
    OldCode "old_code",
    ValidFrom "valid_from",
    ValidUntil "valid_until",
    Successors "successors",
    Since "since",
    Mail "mail",
    Route "route",
    Endpoint "endpoint",
    Address "address",
}

impl Key {
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.as_str() == text)
    }

    pub(crate) const fn is_list(self) -> bool {
        matches!(self, Self::Aliases | Self::Successors)
    }

    pub(crate) fn known() -> String {
        Self::ALL.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// One value of a key and the line it is on.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) line: usize,
}

/// One agency of a file.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) line: usize,
    pub(crate) values: Vec<(Key, Text)>,
}

/// A checked agency with what only the whole directory can check.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) agency: Agency,
    pub(crate) place: Place,
}

impl Draft {
    /// Checks all that one agency can be checked for alone; `None` when something was wrong.
    pub(crate) fn check(self, file: &Place, problems: &mut Problems) -> Option<Entry> {
        let mut reader = Reader { draft: &self, file, problems, is_sound: true };
        let code = reader.required_code();
        let name = reader.text(Key::Name, NAME_MAX);
        if name.is_none() && !self.has(Key::Name) {
            reader.fail(self.line, ProblemKind::Missing { key: Key::Name.as_str() });
        }
        let level = reader.level();
        let parent = reader.code(Key::Parent);
        let short_name = reader.text(Key::ShortName, NAME_MAX);
        let aliases = reader.aliases();
        let valid_from = reader.day(Key::ValidFrom);
        let valid_until = reader.day(Key::ValidUntil);
        let succession = reader.succession();
        let mail = reader.text(Key::Mail, MAIL_MAX);
        let reach = reader.reach();
        reader.check_period(valid_from, valid_until, succession.as_ref());
        if !reader.is_sound {
            code.into_iter().for_each(|code| problems.leave_out(code));
            return None;
        }
        let place = file.on_line(self.line);
        let (code, level, name) = (code?, level?, name?);
        let agency =
            Agency { code, level, parent, name, short_name, aliases, valid_from, valid_until, succession, mail, reach };
        Some(Entry { agency, place })
    }

    fn has(&self, key: Key) -> bool {
        self.one(key).is_some()
    }

    fn one(&self, key: Key) -> Option<&Text> {
        self.many(key).next()
    }

    /// The values of `key`; an empty text is no value.
    fn many(&self, key: Key) -> impl Iterator<Item = &Text> {
        let values = self.values.iter().filter(move |(at, _)| *at == key).map(|(_, text)| text);
        values.filter(|text| !text.value.trim().is_empty())
    }
}

struct Reader<'a> {
    draft: &'a Draft,
    file: &'a Place,
    problems: &'a mut Problems,
    is_sound: bool,
}

impl Reader<'_> {
    fn fail(&mut self, line: usize, kind: ProblemKind) {
        self.is_sound = false;
        self.problems.add(&self.file.on_line(line), kind);
    }

    fn required_code(&mut self) -> Option<AgencyCode> {
        if !self.draft.has(Key::Code) {
            self.fail(self.draft.line, ProblemKind::Missing { key: Key::Code.as_str() });
        }
        self.code(Key::Code)
    }

    fn text(&mut self, key: Key, max: usize) -> Option<Box<str>> {
        let text = self.draft.one(key)?;
        let (value, key) = (text.value.trim(), key.as_str());
        if value.len() > max {
            self.fail(text.line, ProblemKind::TextTooLong { key, max });
        } else if value.contains(char::is_control) {
            self.fail(text.line, ProblemKind::ControlCharacter { key });
        } else {
            return Some(value.into());
        }
        None
    }

    fn level(&mut self) -> Option<Level> {
        let Some(text) = self.draft.one(Key::Level) else {
            self.fail(self.draft.line, ProblemKind::Missing { key: Key::Level.as_str() });
            return None;
        };
        match text.value.trim().parse::<Level>() {
            Ok(level) => Some(level),
            Err(error) => {
                self.fail(text.line, ProblemKind::BadLevel { text: error.text });
                None
            }
        }
    }

    fn code(&mut self, key: Key) -> Option<AgencyCode> {
        let text = self.draft.one(key)?;
        self.read_code(key, text)
    }

    fn read_code(&mut self, key: Key, text: &Text) -> Option<AgencyCode> {
        match AgencyCode::opaque(text.value.trim()) {
            Ok(code) => Some(code),
            Err(source) => {
                self.fail(text.line, ProblemKind::BadCode { key: key.as_str(), source });
                None
            }
        }
    }

    fn codes(&mut self, key: Key, max: usize) -> Vec<AgencyCode> {
        let draft = self.draft;
        let codes: Vec<AgencyCode> = draft.many(key).take(max).filter_map(|text| self.read_code(key, text)).collect();
        if let Some(text) = draft.many(key).nth(max) {
            self.fail(text.line, ProblemKind::TooMany { key: key.as_str(), max });
        }
        codes
    }

    /// All alias keys in one list, each text once, without the code itself.
    fn aliases(&mut self) -> Vec<AgencyCode> {
        let own = self.draft.one(Key::Code).map_or("", |text| text.value.trim()).to_owned();
        let mut aliases: Vec<AgencyCode> = Vec::new();
        for key in [Key::Aliases, Key::Code102, Key::OldCode] {
            for alias in self.codes(key, ALIASES_MAX) {
                let is_listed = aliases.iter().any(|listed| listed.as_str() == alias.as_str());
                if !is_listed && alias.as_str() != own {
                    aliases.push(alias);
                }
            }
        }
        aliases.shrink_to_fit();
        aliases
    }

    fn day(&mut self, key: Key) -> Option<Day> {
        let text = self.draft.one(key)?;
        match text.value.trim().parse() {
            Ok(day) => Some(day),
            Err(crate::DayError { text: value }) => {
                self.fail(text.line, ProblemKind::BadDay { key: key.as_str(), text: value });
                None
            }
        }
    }

    fn succession(&mut self) -> Option<Succession> {
        if self.draft.has(Key::Successors) != self.draft.has(Key::Since) {
            self.fail(self.draft.line, ProblemKind::HalfSuccession {});
        }
        let mut successors: Vec<AgencyCode> = Vec::new();
        for code in self.codes(Key::Successors, SUCCESSORS_MAX) {
            if !successors.contains(&code) {
                successors.push(code);
            }
        }
        let since = self.day(Key::Since)?;
        Some(Succession { since, successors })
    }

    fn check_period(&mut self, from: Option<Day>, until: Option<Day>, succession: Option<&Succession>) {
        let line = |key| self.draft.one(key).map_or(self.draft.line, |text| text.line);
        let last = until.or_else(|| succession.map(|succession| succession.since.previous()));
        if let (Some(from), Some(until)) = (from, last)
            && until < from
        {
            self.fail(line(Key::ValidFrom), ProblemKind::PeriodReversed { from, until });
        }
        if let (Some(until), Some(Succession { since, .. })) = (until, succession)
            && *since <= until
        {
            self.fail(line(Key::Since), ProblemKind::SuccessionEarly { since: *since, until });
        }
    }

    fn reach(&mut self) -> Reach {
        let draft = self.draft;
        let address = self.text(Key::Address, ADDRESS_MAX);
        match (draft.one(Key::Route), draft.one(Key::Endpoint)) {
            (Some(route), Some(_)) => self.fail(route.line, ProblemKind::TwoReaches {}),
            (None, Some(endpoint)) => {
                return self.endpoint(endpoint, address).map_or(Reach::Unstated, Reach::Local);
            }
            (route, None) => {
                if let Some(text) = draft.one(Key::Address) {
                    self.fail(text.line, ProblemKind::BadAddress { wanted: "endpoint = push_grpc | webhook | folder" });
                }
                match route.map(|text| (text, text.value.trim().parse::<NeighbourId>())) {
                    Some((_, Ok(neighbour))) => return Reach::Neighbour(neighbour),
                    Some((text, Err(error))) => {
                        self.fail(text.line, ProblemKind::BadRoute { cause: error.to_string() });
                    }
                    None => {}
                }
            }
        }
        Reach::Unstated
    }

    fn endpoint(&mut self, text: &Text, address: Option<Box<str>>) -> Option<Endpoint> {
        let Some(kind) = EndpointKind::from_text(text.value.trim()) else {
            let value = text.value.chars().take(64).collect();
            self.fail(text.line, ProblemKind::BadEndpoint { text: value });
            return None;
        };
        let is_url = |address: &str| address.starts_with("https://") || address.starts_with("http://");
        let (endpoint, wanted) = match (kind, address) {
            (EndpointKind::Inbox, None) => (Some(Endpoint::Inbox), ""),
            (EndpointKind::Inbox, Some(_)) => (None, "inbox: no address"),
            (EndpointKind::PushGrpc, Some(target)) => (Some(Endpoint::PushGrpc(target)), ""),
            (EndpointKind::PushGrpc, None) => (None, "push_grpc: host:port"),
            (EndpointKind::Webhook, Some(url)) if is_url(&url) => (Some(Endpoint::Webhook(url)), ""),
            (EndpointKind::Webhook, _) => (None, "webhook: https://…"),
            (EndpointKind::Folder, Some(path)) => (Some(Endpoint::Folder(path)), ""),
            (EndpointKind::Folder, None) => (None, "folder: path"),
        };
        if endpoint.is_none() {
            self.fail(text.line, ProblemKind::BadAddress { wanted });
        }
        endpoint
    }
}
