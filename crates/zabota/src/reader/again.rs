//! When something that could not be read is asked for again, and when that is no use any more.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::work::Kind;

/// The first pause; each is twice the one before.
const FIRST: SignedDuration = SignedDuration::from_secs(5);
/// The longest pause that we choose.
const LONGEST: SignedDuration = SignedDuration::from_mins(1);
/// So often is something asked for, also by copies that crashed over it.
const MOST: u32 = 20;

/// How long it is tried: a customer who has paid is not to wait long and learn nothing, and the operators
/// can read, too; the sheet is read anew soon anyway.
fn patience(kind: Kind) -> SignedDuration {
    match kind {
        Kind::Picture => SignedDuration::from_mins(2),
        Kind::Sheet => SignedDuration::from_mins(1),
    }
}

/// When it is asked again after so many attempts since then; none if it is given up. `pause` is what the
/// one who was asked wants.
pub(super) fn not_before(
    kind: Kind,
    attempts: u32,
    since: Timestamp,
    pause: Option<Duration>,
    now: Timestamp,
) -> Option<Timestamp> {
    let wanted = pause.map(|pause| SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX));
    let pause = wanted.unwrap_or_default().max(own(attempts));
    let moment = now.checked_add(pause).ok()?;
    let last = since.checked_add(patience(kind)).ok()?;
    (attempts < MOST && moment <= last).then_some(moment)
}

fn own(attempts: u32) -> SignedDuration {
    let doublings = attempts.saturating_sub(1).min(10);
    (FIRST * (1 << doublings)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    /// At which second each attempt is made, if each fails at once.
    fn attempts(kind: Kind) -> Vec<i64> {
        let mut moments = vec![START];
        while let Some(next) = moments.last().and_then(|now| {
            let made = u32::try_from(moments.len()).unwrap();
            not_before(kind, made, START, None, *now)
        }) {
            moments.push(next);
        }
        moments.iter().map(|moment| moment.as_second()).collect()
    }

    #[test]
    fn a_picture_is_tried_for_two_minutes_less_and_less_often() {
        assert_eq!(attempts(Kind::Picture), [0, 5, 15, 35, 75]);
    }

    #[test]
    fn the_sheet_is_tried_for_a_minute() {
        assert_eq!(attempts(Kind::Sheet), [0, 5, 15, 35]);
    }

    #[test]
    fn who_wants_a_pause_gets_it_if_there_is_time() {
        let again = |seconds| {
            let pause = Duration::from_secs(seconds);
            not_before(Kind::Picture, 1, START, Some(pause), START).map(Timestamp::as_second)
        };
        assert_eq!(again(1), Some(5));
        assert_eq!(again(100), Some(100));
        assert_eq!(again(600), None);
        assert_eq!(again(86_400), None);
        assert_eq!(again(u64::MAX), None);
    }

    #[test]
    fn what_stops_the_desk_again_and_again_is_given_up() {
        assert!(not_before(Kind::Picture, MOST - 1, START, None, START).is_some());
        assert_eq!(not_before(Kind::Picture, MOST, START, None, START), None);
    }
}
