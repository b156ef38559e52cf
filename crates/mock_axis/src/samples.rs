//! Documents that wait at the start.

use std::sync::Arc;

use crate::service::Axis;

pub(crate) async fn load(_axis: &Arc<Axis>, _seed: u64) -> Result<(), String> {
    Ok(())
}
