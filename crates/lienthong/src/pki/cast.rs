//! Who appears in the example: three nodes and the systems of eight agencies.

/// A node of the example.
#[derive(Clone, Copy, Debug)]
pub struct NodeSeat {
    /// Node id, as in `urn:lienthong:node:<id>`.
    pub id: &'static str,
    /// Agency that runs it.
    pub operator: &'static str,
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

/// Central axis, province, district.
pub const NODES: &[NodeSeat] = &[
    NodeSeat { id: "axis-g22", operator: "Văn phòng Chính phủ" },
    NodeSeat { id: "lgsp-h48", operator: "Ủy ban nhân dân tỉnh Quảng Ngãi" },
    NodeSeat { id: "node-h48-35", operator: "Ủy ban nhân dân huyện Nghĩa Hành" },
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
    commune("xa-h48-35-12", "H48.35.12", "Ủy ban nhân dân xã Hành Phước"),
    commune("xa-h48-35-13", "H48.35.13", "Ủy ban nhân dân xã Hành Minh"),
    commune("xa-h48-35-14", "H48.35.14", "Ủy ban nhân dân xã Hành Đức"),
    commune("xa-h48-35-15", "H48.35.15", "Ủy ban nhân dân xã Hành Thuận"),
];

/// The agency whose expired and foreign certificates show a refusal.
pub(super) const REJECTED: SystemSeat = commune("xa-h48-35-15", "H48.35.15", "Ủy ban nhân dân xã Hành Thuận");

const fn commune(id: &'static str, agency: &'static str, name: &'static str) -> SystemSeat {
    SystemSeat { id, agency, name, node: "node-h48-35" }
}
