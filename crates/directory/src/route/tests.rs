use super::*;

const FIXTURE: &str = r#"
agency = [
    { code = "G22", name = "VPCP", level = "central", aliases = ["00.01.G22"] },
    { code = "H48", name = "tỉnh", level = "province", endpoint = "inbox" },
    { code = "H48.15", name = "sở", level = "province" },
    { code = "H48.15.01", name = "phòng", level = "province" },
    { code = "H48.112", name = "xã", level = "commune", route = "xa-112" },
    { code = "H48.113", name = "xã", level = "commune", route = "chua-khai" },
    { code = "H34.07", name = "xã chuyển tỉnh", level = "commune", parent = "H48.15" },
    { code = "28.22.H17", name = "mã lạ", level = "commune" },
]
"#;

fn directory() -> Directory {
    Directory::from_toml(FIXTURE).unwrap()
}

fn code(text: &str) -> AgencyCode {
    AgencyCode::opaque(text).unwrap()
}

fn neighbour(id: &str, kind: NeighbourKind, serves: &[&str]) -> Neighbour {
    Neighbour { id: id.parse().unwrap(), kind, serves: serves.iter().map(|text| code(text)).collect() }
}

/// The node of the province H48.
fn topology() -> Topology {
    Topology {
        node: "h48".parse().unwrap(),
        neighbours: vec![
            neighbour("so-15", NeighbourKind::Child, &["000.00.15.H48"]),
            neighbour("phong-15-01", NeighbourKind::Child, &["H48.15.01"]),
            neighbour("xa-112", NeighbourKind::Child, &[]),
            neighbour("h49", NeighbourKind::Peer, &["H49"]),
            neighbour("vpcp", NeighbourKind::Parent, &["G22"]),
            neighbour("axis", NeighbourKind::Axis, &["28.22.H17"]),
        ],
        local: [(code("H48.20"), EndpointKind::Folder)].into(),
        sole_authority_for: Vec::new(),
    }
}

fn route(topology: &Topology, to: &str, from: Option<&str>, hops: &[&str]) -> RouteDecision {
    let from = from.map(|id| id.parse::<NeighbourId>().unwrap());
    let hops: Vec<NodeId> = hops.iter().map(|id| id.parse().unwrap()).collect();
    topology.route(&directory(), &code(to), from.as_ref(), &hops)
}

fn check(to: &str, from: Option<&str>, neighbour: &str, rule: RouteRule) {
    let decision = route(&topology(), to, from, &[]);
    assert_eq!(decision, RouteDecision::Neighbour { id: neighbour.parse().unwrap(), rule }, "{to}");
}

#[test]
fn a_local_endpoint_comes_first() {
    let local = |agency: &str, endpoint| RouteDecision::Local { agency: code(agency), endpoint };
    assert_eq!(route(&topology(), "000.00.00.H48", None, &[]), local("H48", EndpointKind::Inbox));
    assert_eq!(route(&topology(), "000.00.20.H48", None, &[]), local("H48.20", EndpointKind::Folder));
}

#[test]
fn an_exact_route_comes_before_any_prefix() {
    check("H48.15.01", None, "phong-15-01", RouteRule::Exact);
    check("H48.112", None, "xa-112", RouteRule::Exact);
    check("28.22.H17", None, "axis", RouteRule::Exact);
}

#[test]
fn the_nearest_body_above_decides_next() {
    check("H48.15.02.007", None, "so-15", RouteRule::Above(code("H48.15")));
    check("H49.20.15", None, "h49", RouteRule::Above(code("H49")));
}

#[test]
fn a_listed_parent_that_the_code_does_not_show_counts_too() {
    check("H34.07", None, "so-15", RouteRule::Above(code("H48.15")));
}

#[test]
fn a_serving_neighbour_may_be_configured_by_any_code_of_the_body() {
    let mut topology = topology();
    topology.neighbours.push(neighbour("vpcp-2", NeighbourKind::Peer, &["00.01.G22"]));
    let decision = route(&topology, "G22.05", Some("vpcp"), &[]);
    assert_eq!(
        decision,
        RouteDecision::Neighbour { id: "vpcp-2".parse().unwrap(), rule: RouteRule::Above(code("G22")) }
    );
}

#[test]
fn what_nothing_fits_goes_to_the_parent_and_then_to_the_axis() {
    check("H01.15", None, "vpcp", RouteRule::Parent);
    check("H01.15", Some("vpcp"), "axis", RouteRule::Axis);
}

#[test]
fn a_document_never_goes_back_to_where_it_came_from() {
    check("H48.15.01", Some("phong-15-01"), "so-15", RouteRule::Above(code("H48.15")));
    check("H48.15.02", Some("so-15"), "vpcp", RouteRule::Parent);
}

#[test]
fn a_route_to_a_neighbour_that_is_not_configured_is_no_route() {
    check("H48.113", None, "vpcp", RouteRule::Parent);
}

#[test]
fn without_parent_and_axis_the_nearest_known_body_is_named() {
    let mut topology = topology();
    topology.neighbours.truncate(3);
    let refused = |to: &str, nearest: Option<&str>| {
        let decision = route(&topology, to, None, &[]);
        let RouteDecision::Refused(refusal) = decision else { panic!("{decision}") };
        assert_eq!(refusal, RouteRefusal::NoRoute { to: code(to), nearest: nearest.map(code) });
        assert_eq!(refusal.code(), ErrorCode::NoRoute);
    };
    refused("H48.99.01", Some("H48"));
    refused("H01.15", None);
    refused("28.22.H17", None);
}

#[test]
fn below_its_sole_authority_a_node_refuses_instead_of_sending_up() {
    let mut topology = topology();
    topology.sole_authority_for = vec![code("000.00.00.H48")];
    let refusal = RouteRefusal::NoRoute { to: code("H48.99"), nearest: Some(code("H48")) };
    assert_eq!(route(&topology, "H48.99", None, &[]), RouteDecision::Refused(refusal));
    assert!(matches!(route(&topology, "H48.15.02", None, &[]), RouteDecision::Neighbour { .. }));
    assert!(matches!(route(&topology, "H01.15", None, &[]), RouteDecision::Neighbour { .. }));
}

#[test]
fn a_node_that_the_document_has_passed_refuses_it() {
    let RouteDecision::Refused(refusal) = route(&topology(), "H48", None, &["h49", "h48", "vpcp"]) else { panic!() };
    assert_eq!(refusal.code(), ErrorCode::LoopDetected);
}

#[test]
fn after_sixteen_nodes_a_document_is_delivered_here_or_refused() {
    let hops: Vec<String> = (0..16).map(|n| format!("n{n}")).collect();
    let hops: Vec<&str> = hops.iter().map(String::as_str).collect();
    assert!(matches!(route(&topology(), "H48", None, &hops), RouteDecision::Local { .. }));
    let refusal = RouteRefusal::HopLimit { hops: 16, max: 16 };
    assert_eq!(
        (route(&topology(), "H49", None, &hops), refusal.code()),
        (RouteDecision::Refused(refusal), ErrorCode::HopLimit)
    );
    assert!(matches!(route(&topology(), "H49", None, &hops[..15]), RouteDecision::Neighbour { .. }));
}

#[test]
fn an_explanation_prints_every_rule_in_both_languages() {
    let from = "so-15".parse().unwrap();
    let explanation = topology().explain(&directory(), &code("H48.15.02"), Some(&from), &[]);
    let expected = "\
1. chưa đi qua nút này: đạt / not passed this node: yes
2. điểm nhận tại nút: không có / local endpoint: none
3. số nút đã qua: đạt / nodes passed: yes
4. đường đi khai đích danh: không có / exact route: none
5. đường đi của cấp trên H48.15: bỏ qua so-15: văn bản đến từ đó / route of the body above, H48.15: so-15 skipped: the document came from there
6. đường đi của cấp trên H48: không có / route of the body above, H48: none
7. nút cấp trên: chọn vpcp / parent node: chose vpcp
⇒ chuyển qua vpcp / send through vpcp";
    assert_eq!(explanation.to_string(), expected);
}

#[test]
fn an_explanation_decides_as_the_route_does() {
    for to in ["H48", "H48.20", "H48.15.01", "H48.15.02", "H49", "H01", "28.22.H17", "vxp.saas.02"] {
        for from in [None, Some("vpcp"), Some("so-15"), Some("axis")] {
            let id = from.map(|id| id.parse::<NeighbourId>().unwrap());
            let explanation = topology().explain(&directory(), &code(to), id.as_ref(), &[]);
            assert_eq!(explanation.decision, route(&topology(), to, from, &[]));
        }
    }
}
