//! Seeded randomness in whole numbers: the same seed gives the same bytes on every machine.

use uuid::Builder;

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and good enough to invent people.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    /// A stream of its own for `what` number `index` under one seed: drawing more for one never shifts another.
    pub(crate) fn of(seed: u64, what: &str, index: u64) -> Self {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for part in what.bytes().map(u64::from).chain([index]) {
            state = mix(state.wrapping_add(part).wrapping_mul(0x0100_0000_01b3));
        }
        Self(state)
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number in `0..bound`; 0 for an empty range.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        // Multiply and shift: no modulo bias worth speaking of, no division.
        let high = (u64::from(bound) * (self.next() >> 32)) >> 32;
        u32::try_from(high).expect("a product of two 32-bit numbers, shifted by 32, has 32 bits")
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True in `count` of `of` cases.
    pub(crate) fn chance(&mut self, count: u32, of: u32) -> bool {
        self.below(of) < count
    }

    /// One of a list that is never empty.
    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let at = self.below(u32::try_from(list.len()).unwrap_or(u32::MAX));
        *list.get(at as usize).expect("lists to pick from are not empty")
    }

    /// One of a list by weight.
    pub(crate) fn weighted<T: Copy>(&mut self, list: &[(u32, T)]) -> T {
        let mut at = self.below(list.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in list {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *item,
            }
        }
        list.last().expect("lists to pick from are not empty").1
    }

    /// A version 4 UUID in lower case.
    pub(crate) fn uuid(&mut self) -> String {
        let bytes = (u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes();
        Builder::from_random_bytes(bytes).into_uuid().hyphenated().to_string()
    }
}

const fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_in_range_and_reach_both_ends() {
        let mut rng = Rng::of(7, "test", 0);
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            let drawn = rng.between(10, 15);
            seen[usize::try_from(drawn - 10).expect("small")] += 1;
        }
        assert!(seen.iter().all(|count| (850..1_150).contains(count)), "{seen:?}");
        assert_eq!(rng.below(0), 0);
    }

    #[test]
    fn streams_differ_and_repeat() {
        let first = |what, index| Rng::of(1, what, index).uuid();
        assert_eq!(first("patient", 1), first("patient", 1));
        assert_ne!(first("patient", 1), first("patient", 2));
        assert_ne!(first("patient", 1), first("visit", 1));
        assert_eq!(first("patient", 1).as_bytes()[14], b'4');
    }
}
