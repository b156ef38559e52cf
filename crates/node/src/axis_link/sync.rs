//! The daily synchronisation of agencies.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use types::UnixMillis;

use crate::agency_sync::{self, Guard, SyncError};
use crate::config::{AgencySync, SyncMode};
use crate::core::Core;

/// After a failure, and between two synchronisations that an unknown sender asked for.
const AGAIN_AFTER: Duration = Duration::from_secs(3600);

/// Synchronises every day at the configured time until `stop`; at once when no list was ever applied, and soon after
/// `unknown_sender` when lists are applied unasked.
pub(crate) async fn run(core: Arc<Core>, sync: AgencySync, unknown_sender: Arc<Notify>, stop: CancellationToken) {
    if sync.mode == SyncMode::Off {
        return;
    }
    let mut due = match agency_sync::file(&core.config.data_dir).exists() {
        true => Instant::now() + until(sync.at, crate::clock::now()),
        false => Instant::now(),
    };
    let mut last: Option<Instant> = None;
    loop {
        let asked = async {
            unknown_sender.notified().await;
            sleep_until(last.map_or_else(Instant::now, |last| last + AGAIN_AFTER)).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep_until(due) => {}
            () = asked, if sync.mode == SyncMode::Apply => {}
        }
        let done = tokio::select! {
            () = stop.cancelled() => return,
            done = once(&core, sync.mode) => done,
        };
        last = Some(Instant::now());
        due = Instant::now() + until(sync.at, crate::clock::now());
        if let Err(error) = done {
            tracing::error!(error = &error as &dyn std::error::Error, "the axis's agencies could not be synchronised");
            // A list that was refused for what it says will be no better within the hour.
            if !matches!(error, SyncError::TooManyRemoved(_)) {
                due = due.min(Instant::now() + AGAIN_AFTER);
            }
        }
    }
}

async fn once(core: &Arc<Core>, mode: SyncMode) -> Result<(), SyncError> {
    let proposal = agency_sync::fetch(&core.config, None).await?;
    if proposal.changes.is_empty() {
        tracing::info!(agencies = proposal.changes.after, "the axis's agencies have not changed");
        return Ok(());
    }
    match mode {
        SyncMode::Apply => {
            let changes = proposal.changes.to_string();
            let work = core.clone();
            // The directory's watch takes the new file up.
            let applied =
                tokio::task::spawn_blocking(move || agency_sync::apply(&work.config, &proposal, Guard::Holds)).await;
            applied.unwrap_or(Ok(()))?;
            tracing::info!("applied the axis's agencies: {changes}");
        }
        SyncMode::Propose | SyncMode::Off => tracing::warn!(
            "the axis's agencies have changed: {}; see and apply them with `lienthong agency sync`",
            proposal.changes
        ),
    }
    Ok(())
}

/// How long until the clock in Vietnam next shows `at`.
fn until(at: Time, now: UnixMillis) -> Duration {
    const DAY: u64 = 24 * 3600;
    let seconds = i64::try_from(now.as_seconds()).unwrap_or(i64::MAX);
    let zone = TimeZone::fixed(Offset::constant(7));
    let clock = jiff::Timestamp::from_second(seconds).map(|now| now.to_zoned(zone).time()).unwrap_or_default();
    let of_day = |time: Time| {
        u64::try_from(i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second()))
            .unwrap_or(0)
    };
    let wait = (of_day(at) + DAY - of_day(clock)) % DAY;
    Duration::from_secs(if wait == 0 { DAY } else { wait })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(at: &str, now: &str) -> f64 {
        let now: jiff::Timestamp = now.parse().unwrap();
        let now = UnixMillis::new(u64::try_from(now.as_millisecond()).unwrap());
        until(at.parse().unwrap(), now).as_secs_f64() / 3600.0
    }

    #[test]
    fn the_time_is_vietnams() {
        assert_eq!(hours("02:00", "2026-11-21T18:30:00Z"), 0.5);
        assert_eq!(hours("02:00", "2026-11-21T20:00:00Z"), 23.0);
    }

    #[test]
    fn it_is_a_whole_day_away_when_it_is_now() {
        assert_eq!(hours("02:00", "2026-11-21T19:00:00Z"), 24.0);
    }
}
