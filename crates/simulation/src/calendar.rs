//! Working days and hours in Vietnam, where the traffic comes from.

use crate::random::Random;

/// Monday 5 January 2026, 00:00 in Vietnam (UTC+7), in milliseconds since 1970.
pub(crate) const START: u64 = 1_767_546_000_000;
pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// Weight of each hour of a working day: mornings and afternoons are full, the last hour before each end most.
const WORKING: [u64; 24] = [0, 0, 0, 0, 0, 1, 2, 20, 40, 50, 60, 20, 4, 20, 45, 50, 60, 25, 5, 3, 2, 1, 1, 0];
/// Of a weekend: what is on duty.
const WEEKEND: [u64; 24] = [0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 1, 0, 1, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0];
const WEEKDAY_SUM: u64 = 409;

const fn hours(day: u64) -> &'static [u64; 24] {
    if day % 7 < 5 { &WORKING } else { &WEEKEND }
}

/// Documents of a day, when a working day has so many.
pub(crate) fn documents(day: u64, on_a_working_day: u64) -> u64 {
    let weight: u64 = hours(day).iter().sum();
    on_a_working_day * weight / WEEKDAY_SUM
}

/// A moment of a day at which somebody works.
pub(crate) fn moment(day: u64, random: &mut Random) -> u64 {
    let hours = hours(day);
    let mut left = random.within(0..hours.iter().sum());
    for (hour, weight) in (0..).zip(hours) {
        if left < *weight {
            return START + day * DAY + hour * HOUR + random.within(0..HOUR);
        }
        left -= weight;
    }
    START + day * DAY + 9 * HOUR
}

/// When somebody who is told now looks: within minutes at work, else in the next morning.
pub(crate) fn next_look(now: u64, random: &mut Random) -> u64 {
    let since = now.saturating_sub(START);
    let (day, hour) = (since / DAY, since % DAY / HOUR);
    let is_working = |day: u64| day % 7 < 5;
    if is_working(day) && (7..17).contains(&hour) {
        return now + random.within(10 * SECOND..30 * MINUTE);
    }
    let today = u64::from(hour >= 7);
    let morning = (day + today..).find(|day| is_working(*day)).unwrap_or(day + 1);
    START + morning * DAY + 7 * HOUR + random.within(0..HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_a_working_day_add_up() {
        assert_eq!(WORKING.iter().sum::<u64>(), WEEKDAY_SUM);
        assert_eq!(documents(0, 1000), 1000);
        assert!(documents(5, 1000) < 100, "a Saturday is quiet");
    }

    #[test]
    fn whoever_is_told_on_friday_evening_looks_on_monday() {
        let friday_evening = START + 4 * DAY + 20 * HOUR;
        let looks = next_look(friday_evening, &mut Random::part(1, 1));
        assert!((START + 7 * DAY..START + 7 * DAY + 9 * HOUR).contains(&looks));
    }
}
