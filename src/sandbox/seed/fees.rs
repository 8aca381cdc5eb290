//! Fee codes and their amounts (`domain.md` 2.1, 2.2): everything multiplied, rounded half-up once at the end.

use super::german;
use super::rows::{Cell, EntryRow};

/// A fee schedule, with the value of a point in hundred-thousandths of a cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// Statutory; the value is the assumption of the shipped `punktwerte.csv`.
    Bema,
    /// Private, dental.
    Goz,
    /// Private, medical.
    Goae,
}

impl Schedule {
    /// The word in column `Gebührenart`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Bema => "BEMA",
            Self::Goz => "GOZ",
            Self::Goae => "GOÄ",
        }
    }

    const fn point(self) -> i64 {
        match self {
            Self::Bema => 10_500_000,
            Self::Goz => 562_421,
            Self::Goae => 582_873,
        }
    }
}

/// One fee code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fee {
    pub(crate) schedule: Schedule,
    pub(crate) code: &'static str,
    pub(crate) points: i64,
}

impl Fee {
    /// Cents for `count` times this fee; `tenths` is the factor, ten for none.
    pub(crate) const fn cents(self, count: i64, tenths: i64) -> i64 {
        (self.points * self.schedule.point() * tenths * count + 500_000) / 1_000_000
    }

    /// The factor that is usual: 2.3 for GOZ and GOÄ, none for BEMA.
    pub(crate) const fn usual_factor(self) -> i64 {
        match self.schedule {
            Schedule::Bema => 10,
            Schedule::Goz | Schedule::Goae => 23,
        }
    }
}

impl EntryRow {
    /// Fills the columns of money from a fee.
    pub(crate) fn charge(&mut self, fee: Fee, count: i64, tenths: i64) {
        self.schedule = Cell::Borrowed(fee.schedule.word());
        self.code = Cell::Borrowed(fee.code);
        self.count = number(count);
        if fee.schedule != Schedule::Bema {
            self.factor = if tenths == 23 { Cell::Borrowed("2,3") } else { Cell::Owned(german::factor(tenths)) };
        }
        self.fee = Some((fee, count, tenths));
        self.price(fee.cents(count, tenths));
    }

    /// Sets the amount.
    pub(crate) fn price(&mut self, cents: i64) {
        self.cents = Some(cents);
        self.amount = Cell::Owned(german::amount(cents));
    }
}

fn number(count: i64) -> Cell {
    if count == 1 { Cell::Borrowed("1") } else { Cell::Owned(count.to_string()) }
}

macro_rules! fees {
    ($($name:ident = $schedule:ident $code:literal $points:literal;)*) => {
        $(pub(crate) const $name: Fee = Fee { schedule: Schedule::$schedule, code: $code, points: $points };)*
        #[cfg(test)]
        const ALL: &[Fee] = &[$($name),*];
    };
}

fees! {
    B_01K = Bema "01k" 28;
    B_5 = Bema "5" 95;
    B_116 = Bema "116" 15;
    B_117 = Bema "117" 35;
    B_118 = Bema "118" 29;
    B_934A = Bema "Ä934a" 19;
    B_935D = Bema "Ä935d" 36;
    B_119A = Bema "119a" 11;
    B_119B = Bema "119b" 17;
    B_119C = Bema "119c" 23;
    B_119D = Bema "119d" 28;
    B_120A = Bema "120a" 17;
    B_120B = Bema "120b" 19;
    B_120C = Bema "120c" 23;
    B_120D = Bema "120d" 28;
    B_126A = Bema "126a" 18;
    B_126B = Bema "126b" 42;
    B_126D = Bema "126d" 5;
    B_127A = Bema "127a" 25;
    B_127B = Bema "127b" 10;
    B_128A = Bema "128a" 40;
    B_128B = Bema "128b" 12;
    B_130 = Bema "130" 12;
    B_131A = Bema "131a" 30;
    G_1040 = Goz "1040" 28;
    G_6000 = Goz "6000" 80;
    G_6010 = Goz "6010" 180;
    G_6020 = Goz "6020" 360;
    G_6030 = Goz "6030" 1350;
    G_6040 = Goz "6040" 2100;
    G_6050 = Goz "6050" 3600;
    G_6070 = Goz "6070" 2600;
    G_6080 = Goz "6080" 3600;
    G_6100 = Goz "6100" 165;
    G_6120 = Goz "6120" 230;
    G_6150 = Goz "6150" 500;
    G_6190 = Goz "6190" 120;
    G_6210 = Goz "6210" 85;
    A_1 = Goae "Ä1" 80;
    A_5 = Goae "Ä5" 80;
    A_5000 = Goae "Ä5000" 50;
    A_5004 = Goae "Ä5004" 400;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_amounts_come_out() {
        assert_eq!(G_6030.cents(1, 23), 17_463);
        assert_eq!(G_6040.cents(1, 23), 27_165);
        assert_eq!(G_6050.cents(1, 23), 46_568);
        assert_eq!(G_1040.cents(1, 23), 362);
        assert_eq!(B_119B.cents(1, 10), 1_785);
    }

    #[test]
    fn every_fee_stands_in_the_shipped_table() {
        let table = include_str!("../../../mappings/gebuehren.csv");
        for fee in ALL {
            let row = format!("\n{};{};{};", fee.schedule.word(), fee.code, fee.points);
            assert!(table.contains(&row), "{row}");
        }
    }
}
