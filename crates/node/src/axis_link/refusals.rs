//! Refusals of packets that stay at the axis, so that they are not fetched every round: a small file beside the store.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axis::DocId;
use axis::connector::RefusedBefore;
use serde::{Deserialize, Serialize};
use types::UnixMillis;

const FILE: &str = "axis-refusals.json";
/// Refusals kept; the oldest makes room, and its packet is fetched once more.
const KEPT_MAX: usize = 10_000;
/// Bytes of the file at its fullest.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    times: u32,
    last_ms: u64,
}

/// The refusals by the axis's id.
#[derive(Clone, Debug)]
pub(super) struct Refusals {
    path: Arc<PathBuf>,
    kept: Arc<Mutex<BTreeMap<String, Kept>>>,
    /// One writer at a time: a later state never loses to an earlier one.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl Refusals {
    /// Reads the file; a damaged one costs each refused packet one more fetch, no more.
    pub(super) fn open(data_dir: &Path) -> Self {
        let path = data_dir.join(FILE);
        let kept = match read(&path) {
            Ok(kept) => kept,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, file = %path.display(), "refusals were forgotten");
                BTreeMap::new()
            }
        };
        Self { path: Arc::new(path), kept: Arc::new(Mutex::new(kept)), writing: Arc::default() }
    }

    /// An earlier refusal of this packet.
    pub(super) fn get(&self, doc_id: &DocId) -> Option<RefusedBefore> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(doc_id.as_str())?;
        Some(RefusedBefore { times: found.times, last: UnixMillis::new(found.last_ms) })
    }

    /// Keeps a refusal.
    pub(super) async fn remember(&self, doc_id: &DocId, refused: RefusedBefore) {
        {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = Kept { times: refused.times, last_ms: refused.last.as_millis() };
            kept.insert(doc_id.as_str().to_owned(), entry);
            if kept.len() > KEPT_MAX
                && let Some(oldest) = kept.iter().min_by_key(|(_, kept)| kept.last_ms).map(|(id, _)| id.clone())
            {
                kept.remove(&oldest);
            }
        }
        self.write().await;
    }

    /// Forgets a refusal: the packet was taken after all.
    pub(super) async fn forget(&self, doc_id: &DocId) {
        let found = self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(doc_id.as_str());
        if found.is_some() {
            self.write().await;
        }
    }

    async fn write(&self) {
        let _writing = self.writing.lock().await;
        let (path, kept) = (self.path.clone(), self.kept.clone());
        let write = move || -> io::Result<()> {
            let text = serde_json::to_vec(&*kept.lock().unwrap_or_else(PoisonError::into_inner))?;
            let new = path.with_extension("json.new");
            let mut file = File::create(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(new, &*path)
        };
        if let Ok(Err(error)) = tokio::task::spawn_blocking(write).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a refusal could not be kept beyond a restart");
        }
    }
}

fn read(path: &Path) -> io::Result<BTreeMap<String, Kept>> {
    let mut text = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> DocId {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_refusal_is_known_after_a_restart_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let refused = RefusedBefore { times: 3, last: UnixMillis::new(77) };
        Refusals::open(dir.path()).remember(&id("a"), refused).await;
        let again = Refusals::open(dir.path());
        assert_eq!(again.get(&id("a")), Some(refused));
        again.forget(&id("a")).await;
        assert_eq!(Refusals::open(dir.path()).get(&id("a")), None);
    }

    #[tokio::test]
    async fn a_damaged_file_is_an_empty_one() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "{").unwrap();
        assert_eq!(Refusals::open(dir.path()).get(&id("a")), None);
    }
}
