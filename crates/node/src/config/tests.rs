mod policy;

use super::*;

const MINIMAL: &str = r#"
[node]
id = "lgsp-h48"
data_dir = "data"
[tls]
certificate_file = "node.pem"
key_file = "node.key.pem"
ca_files = ["ca.pem"]
[signing]
certificate_file = "sign.pem"
key_file = "sign.key.pem"
[trust]
document_anchor_files = ["root.pem"]
node_anchor_files = ["root.pem"]
[directory]
file = "directory.toml"
"#;

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(text, Path::new("/etc/lienthong"), variables).map_err(|error| match error {
        Unplaced::Parse(message) => message,
        Unplaced::Invalid(problems) => problems.join("\n"),
    })
}

#[test]
fn relative_paths_start_at_the_files_folder() {
    assert_eq!(read(MINIMAL, &[]).unwrap().data_dir, Path::new("/etc/lienthong/data"));
}

#[test]
fn example_certificates_are_refused_unless_said() {
    assert_eq!(read(MINIMAL, &[]).unwrap().example_certificates, ExampleCertificates::Refused);
}

#[test]
fn a_variable_overrides_the_file() {
    let config = read(MINIMAL, &[("LIENTHONG__NODE__ID", "other")]).unwrap();
    assert_eq!(config.node.as_str(), "other");
}

#[test]
fn a_variable_may_be_a_number() {
    let config = read(MINIMAL, &[("LIENTHONG__LIMITS__UPLOADS_MAX", "7")]).unwrap();
    assert_eq!(config.limits.uploads_max, 7);
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let error = read(&MINIMAL.replace("data_dir", "data_dri"), &[]).unwrap_err();
    assert!(error.contains("data_dri") && error.contains("line 4"), "{error}");
}

#[test]
fn every_problem_is_told_at_once() {
    let text =
        format!("{MINIMAL}\n[[system]]\nid = \"a b\"\nagencies = [\"h48 \"]\n[store]\ndisk_reserve_percent = 90\n");
    let error = read(&text, &[]).unwrap_err();
    assert!(error.contains("system id") && error.contains("agencies") && error.contains("disk_reserve"), "{error}");
}

#[test]
fn a_second_parent_is_refused() {
    let text = format!(
        "{MINIMAL}\n[[neighbour]]\nid = \"a\"\nkind = \"parent\"\n[[neighbour]]\nid = \"b\"\nkind = \"parent\"\n"
    );
    assert!(read(&text, &[]).unwrap_err().contains("at most one"));
}

#[test]
fn a_neighbour_without_a_port_is_refused() {
    let text = format!("{MINIMAL}\n[[neighbour]]\nid = \"a\"\nkind = \"peer\"\naddress = \"somewhere\"\n");
    assert!(read(&text, &[]).unwrap_err().contains("host:port"));
}

#[test]
fn the_generated_sample_is_a_valid_configuration() {
    let sample = reference::sample();
    let config = read(&sample, &[]).unwrap_or_else(|error| panic!("{error}\n{sample}"));
    assert_eq!(config.node.as_str(), "lgsp-h48");
}

#[test]
fn the_reference_names_every_section() {
    let page = reference::markdown();
    for section in ["[node]", "[tls]", "[policy]", "[[system]]", "[[neighbour]]"] {
        assert!(page.contains(section), "{section} in\n{page}");
    }
}

const AXIS: &str = "[[neighbour]]\nid = \"truc\"\nkind = \"axis\"\nendpoint = \"https://truc.example.vn/x/\"\n\
                    system_id = \"000.00.00.H48\"\nsecret = \"env:AXIS_SECRET\"\n";

#[test]
fn an_axis_needs_its_endpoint_system_and_secret_only() {
    let config = read(&format!("{MINIMAL}\n{AXIS}"), &[]).unwrap();
    let link = config.neighbours[0].axis.as_ref().unwrap();
    assert_eq!(link.endpoint.to_string(), "https://truc.example.vn/x");
    assert_eq!(link.agency_sync.mode, SyncMode::Propose);
}

#[test]
fn an_axis_without_a_secret_is_refused() {
    let text = format!("{MINIMAL}\n{}", AXIS.replace("secret = \"env:AXIS_SECRET\"\n", ""));
    assert!(read(&text, &[]).unwrap_err().contains("secret is missing"));
}

#[test]
fn a_secret_in_the_file_itself_is_refused_and_not_repeated() {
    let error = read(&format!("{MINIMAL}\n{}", AXIS.replace("env:AXIS_SECRET", "hunter2")), &[]).unwrap_err();
    assert!(error.contains("file:PATH") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_second_axis_is_refused() {
    let text = format!("{MINIMAL}\n{AXIS}{}", AXIS.replace("\"truc\"", "\"truc-2\""));
    assert!(read(&text, &[]).unwrap_err().contains("at most one of kind = \"axis\""));
}

#[test]
fn keys_of_the_axis_on_a_node_are_refused() {
    let text = format!("{MINIMAL}\n{}", AXIS.replace("kind = \"axis\"", "kind = \"peer\""));
    assert!(read(&text, &[]).unwrap_err().contains("belong to kind = \"axis\""));
}

#[test]
fn an_endpoint_with_a_password_is_refused() {
    let text = format!("{MINIMAL}\n{}", AXIS.replace("https://", "https://user:pass@"));
    let error = read(&text, &[]).unwrap_err();
    assert!(error.contains("endpoint") && !error.contains("user:pass"), "{error}");
}

const SYSTEM: &str = "\n[[system]]\nid = \"so-ttt\"\nagencies = [\"H48.15\"]\n";

#[test]
fn a_system_is_known_to_the_axis_protocol_by_its_id_unless_another_is_given() {
    let secret = "axis_secret = \"file:secret\"\n";
    let named = |more: &str| {
        let config = read(&format!("{MINIMAL}{SYSTEM}{secret}{more}"), &[]).unwrap();
        config.systems[0].axis.as_ref().unwrap().id.to_string()
    };
    assert_eq!((named(""), named("axis_id = \"vxp.saas.02\"\n")), ("so-ttt".to_owned(), "vxp.saas.02".to_owned()));
}

#[test]
fn two_systems_with_one_axis_id_are_refused() {
    let axis = "axis_secret = \"env:SECRET\"\naxis_id = \"000.00.00.H48\"\n";
    let text = format!("{MINIMAL}{SYSTEM}{axis}{}{axis}", SYSTEM.replace("so-ttt", "so-y"));
    assert!(read(&text, &[]).unwrap_err().contains("two have the axis_id"));
}

#[test]
fn a_secret_written_into_the_configuration_is_refused_and_not_repeated() {
    let error = read(&format!("{MINIMAL}{SYSTEM}axis_secret = \"hunter2\"\n"), &[]).unwrap_err();
    assert!(error.contains("axis_secret") && !error.contains("hunter2"), "{error}");
}

#[test]
fn the_axis_protocol_does_not_lie_over_the_json_interface() {
    for root in ["", "/", "axis", "/v1", "/v1/axis", "/axis/", "/a//b", "/openapi.json", "/{x}"] {
        let error = read(&format!("{MINIMAL}[axis]\nroot = {root:?}\n"), &[]).map(|_| root).unwrap_err();
        assert!(error.contains("axis.root"), "{root}: {error}");
    }
    assert_eq!(
        read(&format!("{MINIMAL}[axis]\nroot = \"/XrdAdapter/RestService\"\n"), &[]).unwrap().axis.list_max,
        500
    );
}

#[test]
fn a_timestamp_does_not_count_unless_a_window_is_given() {
    assert_eq!(read(MINIMAL, &[]).unwrap().axis.timestamp_window, None);
    let config = read(&format!("{MINIMAL}[axis]\ntimestamp_window = \"15m\"\n"), &[]).unwrap();
    assert_eq!(config.axis.timestamp_window, Some(Duration::from_secs(900)));
}

#[test]
fn a_burst_without_a_rate_is_refused() {
    let error = read(&format!("{MINIMAL}{SYSTEM}requests_burst = 5\n"), &[]).unwrap_err();
    assert!(error.contains("requests_per_second"), "{error}");
}

fn signing(lines: &str) -> Result<SigningKeys, String> {
    let own = "certificate_file = \"sign.pem\"\nkey_file = \"sign.key.pem\"\n";
    read(&MINIMAL.replace(own, &format!("certificate_file = \"sign.pem\"\n{lines}\n")), &[])
        .map(|config| config.signing)
}

const TOKEN: &str = "pkcs11_module = \"hsm.so\"\npkcs11_token = \"node\"\npkcs11_key = \"id:0a\"\n";

#[test]
fn the_signing_key_is_in_a_file_or_in_a_token() {
    let keys = signing("key_file = \"k.pem\"\npassphrase = \"credential:word\"").unwrap();
    assert!(matches!(keys.current.key, KeySource::File { passphrase: Some(SecretRef::Credential(_)), .. }));
    let keys = signing(&format!("{TOKEN}pkcs11_pin = \"file:pin\"")).unwrap();
    let KeySource::Token { address, pin } = keys.current.key else { panic!("no token") };
    assert_eq!(address.module, Path::new("/etc/lienthong/hsm.so"));
    assert_eq!((address.token.as_str(), address.key.to_string().as_str()), ("node", "id:0a"));
    assert_eq!(pin, Some(SecretRef::File("/etc/lienthong/pin".into())));
}

#[test]
fn the_next_signing_key_may_be_in_the_same_token() {
    let keys = signing(&format!(
        "key_file = \"k.pem\"\nnext_certificate_file = \"n.pem\"\n{}",
        TOKEN.replace("pkcs11_key", "next_pkcs11_key")
    ));
    let next = keys.unwrap().next.unwrap();
    assert!(matches!(next.key, KeySource::Token { .. }));
}

#[test]
fn a_signing_key_that_is_nowhere_twice_or_half_said_is_refused() {
    for (lines, about) in [
        (String::new(), "exactly one says where the key is"),
        (format!("key_file = \"k.pem\"\n{TOKEN}"), "exactly one says where the key is"),
        ("pkcs11_key = \"key\"".to_owned(), "come together"),
        ("key_file = \"k.pem\"\npkcs11_module = \"hsm.so\"".to_owned(), "come together"),
        (format!("{TOKEN}passphrase = \"file:word\""), "only a key in a file"),
        ("key_file = \"k.pem\"\npassphrase = \"word\"".to_owned(), "never the secret itself"),
        ("key_file = \"k.pem\"\nnext_key_file = \"n.pem\"".to_owned(), "next_certificate_file"),
        ("key_file = \"k.pem\"\nnext_certificate_file = \"n.pem\"".to_owned(), "signing.next_key_file"),
        ("key_file = \"k.pem\"\npkcs11_pin = \"file:pin\"".to_owned(), "pkcs11_pin"),
    ] {
        let error = signing(&lines).unwrap_err();
        assert!(error.contains(about), "{lines}: {error}");
    }
}
