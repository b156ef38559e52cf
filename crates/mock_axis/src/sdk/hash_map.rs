//! The order of a Java `HashMap<String, …>`, which is the order of the client's headers.

/// Buckets of a new map.
const CAPACITY: usize = 16;

/// Names and values in the order in which `java.util.HashMap` gives them: by bucket, and within one by insertion.
///
/// Source: `java.util.HashMap` (OpenJDK 8 and later): 16 buckets, twice as many beyond three quarters full, the hash
/// spread by its upper half. A bucket of more than eight names, which the map would make a tree, does not occur here.
#[derive(Clone, Debug, Default)]
pub struct HashMap(Vec<(String, Vec<u8>)>);

impl HashMap {
    /// Puts a value; a name that is there keeps its place.
    pub fn put(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// Names and values in the map's order.
    #[must_use]
    pub fn entries(&self) -> Vec<(String, Vec<u8>)> {
        let mut capacity = CAPACITY;
        while self.0.len() > capacity / 4 * 3 {
            capacity *= 2;
        }
        let mut entries = self.0.clone();
        // Stable: within a bucket the order of insertion stays, and splitting a bucket keeps it too.
        entries.sort_by_key(|(name, _)| bucket(name, capacity));
        entries
    }
}

fn bucket(name: &str, capacity: usize) -> usize {
    let hash = name.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    usize::try_from(hash ^ (hash >> 16)).unwrap_or_default() & (capacity - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(names: &[&str]) -> Vec<String> {
        let mut map = HashMap::default();
        names.iter().for_each(|name| map.put(name, *name));
        map.entries().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn names_come_in_the_order_of_their_buckets() {
        // Observed: the real client's sign-header-key after sendEdoc, getEdoc and updateStatus.
        let put = ["systemid", "timestamp", "from", "servicetype", "messagetype", "hash-file", "Content-Type"];
        let put = [&put[..], &["docId", "filePath", "docid", "status"]].concat();
        let observed =
            "systemid;servicetype;messagetype;hash-file;docId;docid;filePath;from;timestamp;Content-Type;status";
        assert_eq!(order(&put).join(";"), observed);
    }

    #[test]
    fn a_fuller_map_has_more_buckets() {
        let names: Vec<String> = (0..13).map(|number| format!("k{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // Java's hash of "k0" is 3365: bucket 5 of 32 (and of 16); "k9" is in 14, "k10" in 6 of 32.
        let ordered = order(&names);
        assert_eq!(ordered.iter().position(|name| name == "k0").map(|place| place < 13), Some(true));
        assert_eq!(bucket("k0", 32), 5);
        assert_eq!(bucket("timestamp", 16), 15);
    }

    #[test]
    fn a_name_put_again_keeps_its_place() {
        let mut map = HashMap::default();
        map.put("timestamp", "1");
        map.put("Content-Type", "a");
        map.put("timestamp", "2");
        let entries = map.entries();
        assert_eq!(entries[0], ("timestamp".to_owned(), b"2".to_vec()));
    }
}
