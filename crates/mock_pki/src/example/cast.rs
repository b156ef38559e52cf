//! Who appears in the example: a node per level of government and the systems of eight agencies.

/// A node of the example.
#[derive(Clone, Copy, Debug)]
pub struct NodeSeat {
    /// Node id, as in `urn:lienthong:node:<id>`.
    pub id: &'static str,
    /// Agency that runs it.
    pub operator: &'static str,
    /// The body that it serves, with everything below.
    pub serves: &'static str,
    /// The node above it, which it dials.
    pub parent: Option<&'static str>,
}

/// A connected system of the example; each speaks for one agency.
#[derive(Clone, Copy, Debug)]
pub struct SystemSeat {
    /// System id, as in `urn:lienthong:system:<id>`.
    pub id: &'static str,
    /// Code of its agency.
    pub agency: &'static str,
    /// Name of its agency.
    pub name: &'static str,
    /// Node that it is connected to.
    pub node: &'static str,
}

/// Central axis, province, district, commune: each dials the one before.
pub const NODES: &[NodeSeat] = &[
    NodeSeat { id: "axis-g22", operator: "Văn phòng Chính phủ", serves: "G22", parent: None },
    NodeSeat {
        id: "lgsp-h48", operator: "Ủy ban nhân dân tỉnh Quảng Ngãi", serves: "H48", parent: Some("axis-g22")
    },
    NodeSeat {
        id: "node-h48-35",
        operator: "Ủy ban nhân dân huyện Nghĩa Hành",
        serves: "H48.35",
        parent: Some("lgsp-h48"),
    },
    NodeSeat {
        id: "node-h48-35-12",
        operator: "Ủy ban nhân dân xã Hành Phước",
        serves: "H48.35.12",
        parent: Some("node-h48-35"),
    },
];

/// One agency per level, and four communes.
pub const SYSTEMS: &[SystemSeat] = &[
    SystemSeat { id: "vpcp", agency: "G22", name: "Văn phòng Chính phủ", node: "axis-g22" },
    SystemSeat { id: "ubnd-h48", agency: "H48", name: "Ủy ban nhân dân tỉnh Quảng Ngãi", node: "lgsp-h48" },
    SystemSeat {
        id: "so-ttt",
        agency: "H48.15",
        name: "Sở Thông tin và Truyền thông tỉnh Quảng Ngãi",
        node: "lgsp-h48",
    },
    SystemSeat {
        id: "huyen-h48-35", agency: "H48.35", name: "Ủy ban nhân dân huyện Nghĩa Hành", node: "node-h48-35"
    },
    SystemSeat {
        id: "xa-h48-35-12",
        agency: "H48.35.12",
        name: "Ủy ban nhân dân xã Hành Phước",
        node: "node-h48-35-12",
    },
    commune("xa-h48-35-13", "H48.35.13", "Ủy ban nhân dân xã Hành Minh"),
    commune("xa-h48-35-14", "H48.35.14", "Ủy ban nhân dân xã Hành Đức"),
    commune("xa-h48-35-15", "H48.35.15", "Ủy ban nhân dân xã Hành Thuận"),
];

/// The agency whose expired and foreign certificates show a refusal.
pub(super) const REJECTED: SystemSeat = commune("xa-h48-35-15", "H48.35.15", "Ủy ban nhân dân xã Hành Thuận");

const fn commune(id: &'static str, agency: &'static str, name: &'static str) -> SystemSeat {
    SystemSeat { id, agency, name, node: "node-h48-35" }
}
