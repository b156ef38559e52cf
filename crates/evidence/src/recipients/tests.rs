use super::*;

fn codes(count: usize) -> Vec<AgencyCode> {
    (0..count).map(|at| format!("H48.{at:02}").parse().unwrap()).collect()
}

#[test]
fn up_to_64_are_listed_in_their_order() {
    let mut all = codes(64);
    all.reverse();
    assert_eq!(Recipients::new(&all), Recipients::Listed(all));
}

#[test]
fn more_than_64_are_counted_and_hashed() {
    let Recipients::Counted { count, sha256 } = Recipients::new(&codes(65)) else { panic!("65 are listed") };
    assert_eq!(count, 65);
    let text: String = codes(65).iter().map(|code| format!("{code}\n")).collect();
    assert_eq!(sha256.as_bytes(), ring::digest::digest(&SHA256, text.as_bytes()).as_ref());
}

#[test]
fn a_list_is_recognised_in_any_order() {
    for count in [3, 70] {
        let recipients = Recipients::new(&codes(count));
        let mut other = codes(count);
        other.reverse();
        assert!(recipients.are(&other));
        other.pop();
        assert!(!recipients.are(&other));
        other.push("H49".parse().unwrap());
        assert!(!recipients.are(&other));
    }
}

#[test]
fn the_list_is_the_text_that_travelled() {
    let recipients = Recipients::new(&["000.00.20.H48".parse().unwrap()]);
    assert!(!recipients.are(&["H48.20".parse().unwrap()]), "the same agency, written otherwise");
}
