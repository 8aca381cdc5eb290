//! How long answers usually take, and whether one took longer.

use std::time::Duration;

/// How an answer's time compares with the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// As usual or faster.
    Quick,
    /// Longer than usual, but not much.
    Usual,
    /// Much longer than usual.
    Slow,
}

/// The usual time of an answer: follows faster answers soon and slower ones late, so that a server that slowly chokes is
/// not taken for a slow one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency(Option<Duration>);

/// What answers may differ by without meaning anything.
const NOISE: Duration = Duration::from_millis(100);

impl Latency {
    /// Begins with what is known.
    #[must_use]
    pub const fn new(usual: Option<Duration>) -> Self {
        Self(usual)
    }

    /// The usual time, once there was an answer.
    #[must_use]
    pub const fn usual(self) -> Option<Duration> {
        self.0
    }

    /// Takes in one answer and tells how it compares with those before; the first one tells nothing.
    pub fn learn(&mut self, took: Duration) -> Speed {
        let Some(usual) = self.0 else {
            self.0 = Some(took);
            return Speed::Usual;
        };
        self.0 = Some(usual.saturating_sub(usual.saturating_sub(took) / 4) + took.saturating_sub(usual) / 32);
        if took <= usual + usual / 2 + NOISE {
            Speed::Quick
        } else if took <= usual * 2 + NOISE * 5 {
            Speed::Usual
        } else {
            Speed::Slow
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(times: &[u64], wanted: Speed) {
        let mut latency = Latency::default();
        let speeds: Vec<Speed> = times.iter().map(|ms| latency.learn(Duration::from_millis(*ms))).collect();
        assert_eq!(speeds.last(), Some(&wanted), "{times:?}");
    }

    #[test]
    fn answers_are_compared_with_those_before() {
        check(&[2_000], Speed::Usual);
        check(&[2_000, 2_100], Speed::Quick);
        check(&[2_000, 3_300], Speed::Usual);
        check(&[2_000, 4_600], Speed::Slow);
        check(&[5, 90], Speed::Quick);
        check(&[5, 700], Speed::Slow);
        check(&[0, 0], Speed::Quick);
    }

    #[test]
    fn slow_answers_become_usual_late_and_quick_ones_soon() {
        let of = |times: &[u64]| {
            let mut latency = Latency::new(Some(Duration::from_secs(2)));
            for ms in times {
                latency.learn(Duration::from_millis(*ms));
            }
            latency.usual().expect("known").as_millis()
        };
        assert!(of(&[10_000; 5]) < 3_200);
        assert!(of(&[10_000; 100]) > 9_000);
        assert!(of(&[200; 10]) < 320);
    }
}
