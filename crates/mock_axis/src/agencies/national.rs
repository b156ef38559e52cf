//! A country made of a few lists: level-1 bodies, their departments, communes, and units below, each computed from its
//! number. Only the departments and communes are kept, half a megabyte, so that a directory of national size costs neither time nor memory.

use axis::AgencyEntry;
use types::AgencyCode;

const LEVEL1: &str = include_str!("../../data/level1.tsv");
const PROVINCE_DEPARTMENTS: &str = include_str!("../../data/departments_province.txt");
const MINISTRY_DEPARTMENTS: &str = include_str!("../../data/departments_ministry.txt");
const COMMUNE_WORDS: &str = include_str!("../../data/commune_words.txt");

/// Departments of one level-1 body: `H48.01` to `H48.20`.
const DEPARTMENTS: u32 = 20;
/// The first commune of a province has this group: `H48.101`.
const FIRST_COMMUNE: u32 = 101;
/// Units of one department or commune at most: the two digits of their group.
const UNITS_MAX: u32 = 99;
/// Units below a department or a commune, by custom.
const UNIT_NAMES: [&str; 10] = [
    "Văn phòng",
    "Phòng Tổ chức - Hành chính",
    "Phòng Kinh tế",
    "Phòng Văn hóa - Xã hội",
    "Trung tâm Phục vụ hành chính công",
    "Trường Trung học cơ sở",
    "Trường Tiểu học",
    "Trường Mầm non",
    "Trạm Y tế",
    "Trung tâm Cung ứng dịch vụ công",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ministry,
    /// A ministry that was merged into another in 2025.
    Ended,
    Province,
    City,
}

#[derive(Clone, Copy, Debug)]
struct Body {
    code: &'static str,
    kind: Kind,
    name: &'static str,
    communes: u32,
    /// Communes of the bodies before it.
    communes_before: u32,
}

/// Where an agency stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A level-1 body.
    Level1 { body: usize },
    /// A department, from 1.
    Department { body: usize, number: u32 },
    /// A commune, from 0.
    Commune { body: usize, number: u32 },
    /// A unit, from 1, of the department or commune with this number in the list of both.
    Unit { parent: u32, number: u32 },
}

/// The generated directory.
#[derive(Clone, Debug)]
pub(crate) struct National {
    bodies: Vec<Body>,
    /// Codes and names of departments and communes, which every unit below them repeats.
    parents: Vec<(String, String)>,
    communes: u32,
    units: u32,
    count: u32,
    seed: u64,
}

/// An agency of the generated directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Generated {
    /// Its code, generation 2: `H48.20`.
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it was merged into another in 2025.
    pub(crate) ended: bool,
}

impl National {
    /// The directory of the first `count` agencies: level-1 bodies, then departments, then communes, then units below
    /// both, as many as there are numbers for. `None`: everything but the units (4,497). `seed` chooses the names.
    #[must_use]
    pub(crate) fn new(count: Option<u32>, seed: u64) -> Self {
        let bodies = bodies();
        let communes = bodies.iter().map(|body| body.communes).sum();
        let level1 = u32::try_from(bodies.len()).unwrap_or(u32::MAX);
        let parents = level1 * DEPARTMENTS + communes;
        let base = level1 + parents;
        let count = count.unwrap_or(base).min(base + parents * UNITS_MAX);
        let mut national =
            Self { parents: Vec::new(), bodies, communes, units: count.saturating_sub(base), count, seed };
        national.parents = (0..national.parents()).filter_map(|number| national.written(number)).collect();
        national
    }

    /// How many agencies there are.
    #[must_use]
    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// Every agency in the order of its number; `center` names the centre of a code.
    pub(crate) fn entries(self: std::sync::Arc<Self>) -> impl Iterator<Item = AgencyEntry> + Send + 'static {
        (0..self.count).filter_map(move |number| self.entry(number))
    }

    /// The agency with this code in either generation.
    #[must_use]
    pub(crate) fn find(&self, code: &AgencyCode) -> Option<Generated> {
        let number = self.number_of(code.canonical())?;
        self.generated(number)
    }

    /// Code and name of the department or commune with this number.
    fn written(&self, number: u32) -> Option<(String, String)> {
        let place = self.parent_place(number)?;
        Some((self.code(place)?, self.name(place)?))
    }

    fn parent_of_unit(&self, number: u32) -> Option<&(String, String)> {
        self.parents.get(usize::try_from(number).ok()?)
    }

    fn entry(&self, number: u32) -> Option<AgencyEntry> {
        let place = self.place(number)?;
        let generated = self.generated(number)?;
        let old = generated.code.parse::<AgencyCode>().ok().and_then(|code| code.as_qcvn2016()).unwrap_or_default();
        Some(AgencyEntry {
            id: (number + 1).to_string(),
            pid: self.parent(place).map_or_else(String::new, |parent| (parent + 1).to_string()),
            mail: mail(&generated.code),
            name: generated.name,
            old_code: old.clone(),
            code102: old,
            version: 1,
            center_code: generated.code.split('.').next().unwrap_or_default().to_owned(),
            deleted: generated.ended,
            modify_date: "2025-07-01 00:00:00".to_owned(),
            is_agency: !matches!(place, Place::Unit { .. }),
            code: generated.code,
        })
    }

    fn generated(&self, number: u32) -> Option<Generated> {
        let place = self.place(number)?;
        let code = self.code(place)?;
        let (name, ended) = (self.name(place)?, self.body_of(place)?.kind == Kind::Ended);
        Some(Generated { code, name, ended })
    }

    fn level1(&self) -> u32 {
        u32::try_from(self.bodies.len()).unwrap_or(u32::MAX)
    }

    fn departments(&self) -> u32 {
        self.level1() * DEPARTMENTS
    }

    fn parents(&self) -> u32 {
        self.departments() + self.communes
    }

    fn place(&self, number: u32) -> Option<Place> {
        if number >= self.count {
            return None;
        }
        let Some(below) = number.checked_sub(self.level1()) else {
            return Some(Place::Level1 { body: usize::try_from(number).ok()? });
        };
        if below < self.parents() {
            return self.parent_place(below);
        }
        let unit = below - self.parents();
        Some(Place::Unit { parent: unit % self.parents(), number: unit / self.parents() + 1 })
    }

    /// The department or commune with this number in the list of both.
    fn parent_place(&self, number: u32) -> Option<Place> {
        let Some(commune) = number.checked_sub(self.departments()) else {
            let body = usize::try_from(number / DEPARTMENTS).ok()?;
            return Some(Place::Department { body, number: number % DEPARTMENTS + 1 });
        };
        let body = self.bodies.partition_point(|body| body.communes_before + body.communes <= commune);
        let found = self.bodies.get(body)?;
        Some(Place::Commune { body, number: commune - found.communes_before })
    }

    fn number(&self, place: Place) -> Option<u32> {
        let number = match place {
            Place::Level1 { body } => u32::try_from(body).ok()?,
            Place::Department { .. } | Place::Commune { .. } => self.level1() + self.parent_number(place)?,
            Place::Unit { parent, number } => self.level1() + self.parents() + (number - 1) * self.parents() + parent,
        };
        (number < self.count).then_some(number)
    }

    fn parent_number(&self, place: Place) -> Option<u32> {
        match place {
            Place::Department { body, number } => Some(u32::try_from(body).ok()? * DEPARTMENTS + number - 1),
            Place::Commune { body, number } => {
                Some(self.departments() + self.bodies.get(body)?.communes_before + number)
            }
            Place::Level1 { .. } | Place::Unit { .. } => None,
        }
    }

    fn parent(&self, place: Place) -> Option<u32> {
        match place {
            Place::Level1 { .. } => None,
            Place::Department { body, .. } | Place::Commune { body, .. } => u32::try_from(body).ok(),
            Place::Unit { parent, .. } => Some(self.level1() + parent),
        }
    }

    fn body_of(&self, place: Place) -> Option<&Body> {
        match place {
            Place::Level1 { body } | Place::Department { body, .. } | Place::Commune { body, .. } => {
                self.bodies.get(body)
            }
            Place::Unit { parent, .. } => self.body_of(self.parent_place(parent)?),
        }
    }

    fn code(&self, place: Place) -> Option<String> {
        let body = self.body_of(place)?.code;
        Some(match place {
            Place::Level1 { .. } => body.to_owned(),
            Place::Department { number, .. } => format!("{body}.{number:02}"),
            Place::Commune { number, .. } => format!("{body}.{}", FIRST_COMMUNE + number),
            Place::Unit { parent, number } => format!("{}.{number:02}", self.parent_of_unit(parent)?.0),
        })
    }

    fn number_of(&self, canonical: &str) -> Option<u32> {
        let mut groups = canonical.split('.');
        let (first, second, third) = (groups.next()?, groups.next(), groups.next());
        if groups.next().is_some() {
            return None;
        }
        let body = self.bodies.iter().position(|body| body.code == first)?;
        let Some(second) = second else { return self.number(Place::Level1 { body }) };
        let parent = self.child(body, second)?;
        let Some(third) = third else { return self.number(parent) };
        let number = digits(third, 2).filter(|number| (1..=UNITS_MAX).contains(number))?;
        let number = self.number(Place::Unit { parent: self.parent_number(parent)?, number })?;
        (number < self.level1() + self.parents() + self.units).then_some(number)
    }

    fn child(&self, body: usize, group: &str) -> Option<Place> {
        if let Some(number) = digits(group, 2) {
            return (1..=DEPARTMENTS).contains(&number).then_some(Place::Department { body, number });
        }
        let number = digits(group, 3)?.checked_sub(FIRST_COMMUNE)?;
        (number < self.bodies.get(body)?.communes).then_some(Place::Commune { body, number })
    }

    fn name(&self, place: Place) -> Option<String> {
        let body = self.body_of(place)?;
        Some(match place {
            Place::Level1 { .. } => level1_name(body),
            Place::Department { number, .. } => {
                let list = if matches!(body.kind, Kind::Province | Kind::City) {
                    PROVINCE_DEPARTMENTS
                } else {
                    MINISTRY_DEPARTMENTS
                };
                format!("{} {}", list.lines().nth(usize::try_from(number).ok()? - 1)?, short_name(body))
            }
            Place::Commune { number, body: index } => {
                format!("UBND {}, {}", self.commune_name(index, number)?, short_name(body))
            }
            Place::Unit { parent, number } => {
                let (_, parent) = self.parent_of_unit(parent)?;
                let parent = parent.strip_prefix("UBND ").unwrap_or(parent);
                let kind = UNIT_NAMES.get(usize::try_from(number - 1).ok()? % UNIT_NAMES.len())?;
                let round = (number - 1) / u32::try_from(UNIT_NAMES.len()).ok()?;
                let suffix = if round == 0 { String::new() } else { format!(" số {}", round + 1) };
                format!("{kind}{suffix}, {parent}")
            }
        })
    }

    /// The `number`th commune of a body: every name is there once, one in four is a ward.
    fn commune_name(&self, body: usize, number: u32) -> Option<String> {
        let (first, second) = COMMUNE_WORDS.split_once('\n')?;
        let (first, second): (Vec<_>, Vec<_>) = (first.split(' ').collect(), second.trim().split(' ').collect());
        let names = u64::try_from(first.len() * second.len()).ok()?;
        // 77 and the 480 names have no common factor: the walk meets every name once before it repeats.
        let offset = self.seed.wrapping_mul(31).wrapping_add(u64::try_from(body).ok()? * 53) % names;
        let chosen = usize::try_from((u64::from(number) * 77 + offset) % names).ok()?;
        let kind = if number % 4 == 3 { "phường" } else { "xã" };
        Some(format!("{kind} {} {}", first.get(chosen / second.len())?, second.get(chosen % second.len())?))
    }
}

fn bodies() -> Vec<Body> {
    let mut before = 0;
    let lines = LEVEL1.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (code, kind, name) = (fields.next()?, fields.next()?, fields.next()?);
            let communes = fields.next()?.parse().ok()?;
            let kind = match kind {
                "ministry" => Kind::Ministry,
                "ended" => Kind::Ended,
                "city" => Kind::City,
                _ => Kind::Province,
            };
            let body = Body { code, kind, name, communes, communes_before: before };
            before += communes;
            Some(body)
        })
        .collect()
}

fn level1_name(body: &Body) -> String {
    match body.kind {
        Kind::Ministry | Kind::Ended => body.name.to_owned(),
        Kind::Province => format!("Ủy ban nhân dân tỉnh {}", body.name),
        Kind::City => format!("Ủy ban nhân dân thành phố {}", body.name),
    }
}

fn short_name(body: &Body) -> String {
    match body.kind {
        Kind::Ministry | Kind::Ended => body.name.to_owned(),
        Kind::Province => format!("tỉnh {}", body.name),
        Kind::City => format!("thành phố {}", body.name),
    }
}

fn mail(code: &str) -> String {
    format!("vanthu.{}@example.gov.vn", code.to_ascii_lowercase())
}

/// A number of exactly this many digits.
fn digits(text: &str, length: usize) -> Option<u32> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests;
