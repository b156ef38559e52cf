use super::*;

fn list() -> AllowList {
    let hosts = ["ca.gov.vn", "Pki.example:8080"].map(|host| host.parse().unwrap());
    let rewrites = [
        ("http://ocsp.ca.btc/", "http://10.0.0.1:8081/ocsp/"),
        ("http://ocsp.ca.btc/special/", "http://10.0.0.2/"),
        ("http://ca.btc/one.crl", "http://10.0.0.3/list.crl"),
    ];
    AllowList::new(hosts.to_vec(), rewrites.map(|(from, to)| Rewrite::new(from, to).unwrap()).to_vec())
}

fn lead(text: &str) -> Result<String, UrlError> {
    list().resolve(text).map(|url| url.to_string())
}

#[test]
fn hosts_on_the_list_are_asked_at_their_ports() {
    assert_eq!(lead("http://CA.gov.vn/a.crl").unwrap(), "http://ca.gov.vn/a.crl");
    assert_eq!(lead("https://ca.gov.vn/a.crl").unwrap(), "https://ca.gov.vn/a.crl");
    assert_eq!(lead("http://pki.example:8080/x?y=1").unwrap(), "http://pki.example:8080/x?y=1");
    for other in ["http://pki.example/x", "http://ca.gov.vn:8080/a.crl", "http://evil.ca.gov.vn/", "http://127.0.0.1/"]
    {
        assert!(matches!(lead(other), Err(UrlError::NotAllowed { .. })), "{other}");
    }
}

#[test]
fn rewriting_takes_the_longest_prefix_and_cuts_no_name() {
    assert_eq!(lead("http://ocsp.ca.btc").unwrap(), "http://10.0.0.1:8081/ocsp/");
    assert_eq!(lead("http://ocsp.ca.btc/a/b").unwrap(), "http://10.0.0.1:8081/ocsp/a/b");
    assert_eq!(lead("http://ocsp.ca.btc/special/b").unwrap(), "http://10.0.0.2/b");
    assert_eq!(lead("http://ca.btc/one.crl").unwrap(), "http://10.0.0.3/list.crl");
    for other in ["http://ocsp.ca.btc.evil.example/", "https://ocsp.ca.btc/", "http://ca.btc/one.crl2"] {
        assert!(lead(other).is_err(), "{other}");
    }
}

#[test]
fn nothing_else_is_a_url() {
    let long = format!("http://ca.gov.vn/{}", "a".repeat(3000));
    for text in [
        "",
        "ldap://ca.gov.vn/cn=x",
        "file:///etc/passwd",
        "http://user@ca.gov.vn/",
        "http://ocsp.ca.btc/../admin",
        "http://ocsp.ca.btc/%2E%2e/admin",
        "ca.gov.vn/a.crl",
        "http:///a",
        long.as_str(),
    ] {
        assert!(matches!(lead(text), Err(UrlError::Malformed(_))), "{text}");
    }
}

#[test]
fn what_the_operator_names_needs_no_leave() {
    let url = |text: &str| list().configured(&text.parse().unwrap()).to_string();
    assert_eq!(url("http://10.9.9.9/list.crl"), "http://10.9.9.9/list.crl");
    assert_eq!(url("http://ocsp.ca.btc/x"), "http://10.0.0.1:8081/ocsp/x");
}

#[test]
fn hosts_and_rewrites_are_checked() {
    for text in ["", "a/b", "http://a", "*.gov.vn", "user@a", "a?b"] {
        assert!(text.parse::<Host>().is_err(), "{text}");
    }
    assert!("[::1]:80".parse::<Host>().unwrap().takes(&"http://[::1]/".parse().unwrap()));
    assert!(Rewrite::new("http://a/", "http://b/c").is_err());
    assert!(Rewrite::new("http://a/x", "http://b/c/").is_err());
    assert!(Rewrite::new("a", "http://b/").is_err());
}
