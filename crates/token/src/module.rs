//! Loading modules.

use std::path::Path;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};

use crate::TokenError;

/// Loads a module and starts it.
///
/// A module is started once per process, whoever comes first, and stays loaded and started until the process ends: other
/// users of it may have sessions.
pub(crate) fn load(module: &Path) -> Result<Pkcs11, TokenError> {
    let failed = |error: Error| TokenError::Module { module: module.to_owned(), why: error.to_string() };
    let context = Pkcs11::new(module).map_err(failed)?;
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) => std::mem::forget(context.clone()),
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(failed(error)),
    }
    Ok(context)
}
