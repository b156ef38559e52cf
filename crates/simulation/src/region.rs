//! A province: its node, its departments, its districts and their communes, each with a node of its own.

use std::collections::BTreeMap;
use std::rc::Rc;

use directory::{Agency, Directory, EndpointKind, Neighbour, NeighbourKind, Reach, Topology};
use types::{AgencyCode, Level, NeighbourId, NodeId};

use crate::SetupError;

/// Number of a node in its region.
pub(crate) type Place = usize;

/// A node as the configuration of a real one would describe it.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) id: NodeId,
    /// The same name, as its neighbours call it.
    pub(crate) as_neighbour: NeighbourId,
    pub(crate) agencies: Vec<AgencyCode>,
    pub(crate) topology: Rc<Topology>,
    pub(crate) neighbours: Vec<Place>,
    pub(crate) parent: Option<Place>,
    pub(crate) level: Level,
}

/// All of them, with the directory that they share.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) sites: Vec<Site>,
    pub(crate) directory: Rc<Directory>,
    homes: BTreeMap<AgencyCode, Place>,
}

struct Draft {
    code: AgencyCode,
    more: Vec<AgencyCode>,
    level: Level,
    parent: Option<Place>,
}

/// Nodes of a region at most: three digits of communes a district.
const NODES_MAX: usize = 1000;

impl Region {
    /// A region of so many nodes: one for the province, a tenth for its departments, a fifteenth for its districts, the
    /// rest for communes. With 218: 21 departments, 14 districts, 182 communes.
    pub(crate) fn new(nodes: usize) -> Result<Self, SetupError> {
        if !(2..=NODES_MAX).contains(&nodes) {
            return Err(SetupError::Nodes { given: nodes, most: NODES_MAX });
        }
        let departments = (nodes / 10).min(60);
        let districts = (nodes / 15).clamp(1, 30);
        let code = |text: String| text.parse::<AgencyCode>().map_err(|_| SetupError::Code(text));
        let mut drafts = vec![Draft {
            code: code("H48".to_owned())?,
            more: vec![code("H48.90".to_owned())?],
            level: Level::Province,
            parent: None,
        }];
        for number in 0..departments.min(nodes - 2) {
            let number = number + 1;
            drafts.push(Draft {
                code: code(format!("H48.{number:02}"))?,
                more: vec![code(format!("H48.{number:02}.01"))?],
                level: Level::Province,
                parent: Some(0),
            });
        }
        let first_district = drafts.len();
        for number in 0..districts.min(nodes - drafts.len()) {
            drafts.push(Draft {
                code: code(format!("H48.{}", 61 + number))?,
                more: Vec::new(),
                level: Level::District,
                parent: Some(0),
            });
        }
        let districts = drafts.len() - first_district;
        for number in 0..nodes - drafts.len() {
            let parent = first_district + number % districts;
            drafts.push(Draft {
                code: code(format!("H48.{}.{:02}", 61 + number % districts, 10 + number / districts))?,
                more: Vec::new(),
                level: Level::Commune,
                parent: Some(parent),
            });
        }
        Self::of(drafts)
    }

    fn of(drafts: Vec<Draft>) -> Result<Self, SetupError> {
        let agencies = drafts.iter().flat_map(|draft| {
            let level = draft.level;
            std::iter::once(&draft.code).chain(&draft.more).map(move |code| agency(code, level))
        });
        let directory = Directory::from_agencies(agencies).map_err(|error| SetupError::Directory(error.to_string()))?;
        let id = |draft: &Draft| format!("node-{}", draft.code.as_str().to_lowercase().replace('.', "-"));
        let neighbour_id = |place: Place| drafts.get(place).and_then(|draft| id(draft).parse::<NeighbourId>().ok());
        let mut sites = Vec::with_capacity(drafts.len());
        for (place, draft) in drafts.iter().enumerate() {
            let below = drafts.iter().enumerate().filter(|(_, other)| other.parent == Some(place));
            let mut neighbours = Vec::new();
            let mut places = Vec::new();
            for (child, other) in below {
                let kind = NeighbourKind::Child;
                neighbours.extend(neighbour_id(child).map(|id| Neighbour {
                    id,
                    kind,
                    serves: vec![other.code.clone()],
                }));
                places.push(child);
            }
            if let Some(parent) = draft.parent {
                let kind = NeighbourKind::Parent;
                neighbours.extend(neighbour_id(parent).map(|id| Neighbour { id, kind, serves: Vec::new() }));
                places.push(parent);
            }
            let text = id(draft);
            let node: NodeId = text.parse().map_err(|_| SetupError::Code(text.clone()))?;
            let codes: Vec<AgencyCode> = std::iter::once(&draft.code).chain(&draft.more).cloned().collect();
            let topology = Topology {
                node: node.clone(),
                neighbours,
                local: codes.iter().map(|code| (code.clone(), EndpointKind::Inbox)).collect(),
                sole_authority_for: Vec::new(),
            };
            sites.push(Site {
                id: node,
                as_neighbour: text.parse().map_err(|_| SetupError::Code(text.clone()))?,
                agencies: codes,
                topology: Rc::new(topology),
                neighbours: places,
                parent: draft.parent,
                level: draft.level,
            });
        }
        let homes = sites.iter().enumerate();
        let homes =
            homes.flat_map(|(place, site)| site.agencies.iter().map(move |code| (code.clone(), place))).collect();
        Ok(Self { sites, directory: Rc::new(directory), homes })
    }

    /// The nodes that a packet passes from one node to another, both included: up to the common one, and down.
    pub(crate) fn way(&self, from: Place, to: Place) -> Vec<Place> {
        let above = |mut at: Place| {
            let mut line = vec![at];
            while let Some(parent) = self.sites.get(at).and_then(|site| site.parent) {
                line.push(parent);
                at = parent;
            }
            line
        };
        let (up, down) = (above(from), above(to));
        let Some(common) = up.iter().find(|place| down.contains(place)) else { return Vec::new() };
        let mut way: Vec<Place> = up.iter().take_while(|place| *place != common).copied().collect();
        way.push(*common);
        way.extend(down.iter().take_while(|place| *place != common).copied().collect::<Vec<_>>().into_iter().rev());
        way
    }

    /// The node of an agency.
    pub(crate) fn home(&self, agency: &AgencyCode) -> Option<Place> {
        self.homes.get(agency).copied()
    }
}

fn agency(code: &AgencyCode, level: Level) -> Agency {
    Agency {
        code: code.clone(),
        level,
        parent: None,
        name: format!("Cơ quan {code}").into(),
        short_name: None,
        aliases: Vec::new(),
        valid_from: None,
        valid_until: None,
        succession: None,
        mail: None,
        reach: Reach::Unstated,
    }
}
