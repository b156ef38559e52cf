//! When a document that waits for a neighbour will probably be there.

use std::time::Duration;

/// What is known of how long a neighbour takes: the smoothed time of one transmission, from its claim to its answer.
///
/// By Little's law a neighbour that has `window` transmissions under way and takes `latency` for each gets `window / latency`
/// a second, whether the neighbour, the line or this node is what limits it. A window that shrinks and a latency that grows
/// both show in the forecast at once; an idle neighbour is not taken for a slow one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    latency: Option<Duration>,
}

/// A new measurement counts one part in eight, as in RFC 6298, section 2.
const SMOOTHING: u32 = 8;

impl Forecast {
    /// One transmission was answered after this time.
    pub fn answered(&mut self, took: Duration) {
        self.latency = Some(match self.latency {
            None => took,
            Some(known) => known.saturating_mul(SMOOTHING - 1).saturating_add(took) / SMOOTHING,
        });
    }

    /// The smoothed time of one transmission; `None` before the first.
    #[must_use]
    pub const fn latency(&self) -> Option<Duration> {
        self.latency
    }

    /// How long until a document is there that has `ahead` others before it, `window` at a time; `None` before anything is
    /// known.
    #[must_use]
    pub fn arrival(&self, ahead: u64, window: u32) -> Option<Duration> {
        let rounds = (ahead / u64::from(window.max(1))).saturating_add(1);
        let latency = u64::try_from(self.latency?.as_micros()).unwrap_or(u64::MAX);
        Some(Duration::from_micros(latency.saturating_mul(rounds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn nothing_is_said_before_anything_is_known() {
        assert_eq!(Forecast::default().arrival(10, 4), None);
    }

    #[test]
    fn a_backlog_goes_a_window_at_a_time() {
        let mut forecast = Forecast::default();
        forecast.answered(100 * MS);
        assert_eq!(forecast.arrival(0, 4), Some(100 * MS));
        assert_eq!(forecast.arrival(1_000, 10), Some(10_100 * MS));
        assert_eq!(forecast.arrival(u64::MAX, 1).map(|wait| wait > 1_000_000 * MS), Some(true));
    }

    #[test]
    fn a_neighbour_that_becomes_slow_is_noticed_within_some_transmissions() {
        let mut forecast = Forecast::default();
        (0..50).for_each(|_| forecast.answered(10 * MS));
        (0..20).for_each(|_| forecast.answered(1000 * MS));
        assert!(forecast.latency().is_some_and(|latency| latency > 900 * MS));
    }

    /// A neighbour that serves `rate` a second, seen through a window: the forecast for the last of a backlog is held
    /// against the time at which the simulation sees it served.
    #[test]
    fn the_forecast_for_a_backlog_comes_true_within_a_tenth() {
        for (rate, window) in [(5_u64, 1_u32), (50, 8), (400, 28)] {
            let step = 1_000_000 / rate;
            let mut forecast = Forecast::default();
            // A busy neighbour answers one after the other: each has waited for those of its window before it.
            for _ in 0..u64::from(window) * 20 {
                forecast.answered(Duration::from_micros(step * u64::from(window)));
            }
            let backlog = 10_000;
            let said = forecast.arrival(backlog, window).unwrap_or_default().as_secs_f64();
            let came = Duration::from_micros(step * backlog).as_secs_f64();
            assert!((said - came).abs() < came / 10.0, "said {said} s, came after {came} s");
        }
    }
}
