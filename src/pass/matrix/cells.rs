//! The cells, a line each.

use super::cell::Column::{Between, Booked, Consulted, Lead, Lost, NoDeal, Treated, Won};
use super::cell::Event::{
    Active, Cancelled, ClarifiedConsultation, ClarifiedOther, CompletedWithoutEntries, Deleted, EntryChanged,
    EntryRemoved, NewTime, NoShow, PersonMoves, Replaced,
};
use super::cell::check;
use crate::mapping::Grain;

/// One test per cell and grain.
macro_rules! cells {
    ($($name:ident: $event:ident, $column:ident => $expected:literal;)*) => {
        mod grain_case {
            use super::*;
            $(#[test] fn $name() { check(Grain::Case, $event, $column, $expected); })*
        }
        mod grain_appointment {
            use super::*;
            $(#[test] fn $name() { check(Grain::Appointment, $event, $column, $expected); })*
        }
    };
}

cells! {
    r2_active_without_a_deal_creates: Active, NoDeal => "termin_gebucht R2";
    r2_active_at_neuer_lead_is_booked: Active, Lead => "termin_gebucht R2";
    none_active_at_termin_gebucht_stays: Active, Booked => "=";
    r6_active_at_erstberatung_goes_back: Active, Consulted => "termin_gebucht R6";
    r6_active_between_goes_back: Active, Between => "termin_gebucht R6";
    r6_active_at_in_behandlung_goes_back: Active, Treated => "termin_gebucht R6";
    none_active_at_gewonnen_stays: Active, Won => "=";
    r7_active_at_verloren_reopens: Active, Lost => "termin_gebucht R7";

    r2_new_time_without_a_deal_creates: NewTime, NoDeal => "termin_gebucht R2";
    r2_new_time_at_neuer_lead_is_booked: NewTime, Lead => "termin_gebucht R2";
    none_new_time_at_termin_gebucht_stays: NewTime, Booked => "=";
    r6_new_time_at_erstberatung_goes_back: NewTime, Consulted => "termin_gebucht R6";
    r6_new_time_between_goes_back: NewTime, Between => "termin_gebucht R6";
    r6_new_time_at_in_behandlung_goes_back: NewTime, Treated => "termin_gebucht R6";
    none_new_time_at_gewonnen_stays: NewTime, Won => "=";
    r7_new_time_at_verloren_reopens: NewTime, Lost => "termin_gebucht R7";

    r2_completed_without_entries_without_a_deal_creates: CompletedWithoutEntries, NoDeal => "termin_gebucht R2";
    r2_completed_without_entries_at_neuer_lead_is_booked: CompletedWithoutEntries, Lead => "termin_gebucht R2";
    r10_completed_without_entries_at_termin_gebucht_stays: CompletedWithoutEntries, Booked => "=";
    r10_completed_without_entries_at_erstberatung_stays: CompletedWithoutEntries, Consulted => "=";
    r10_completed_without_entries_between_stays: CompletedWithoutEntries, Between => "=";
    r10_completed_without_entries_at_in_behandlung_stays: CompletedWithoutEntries, Treated => "=";
    r10_completed_without_entries_at_gewonnen_stays: CompletedWithoutEntries, Won => "=";
    // The cell says "= report"; design.md 4 (b) and (g): what a replay would not lose is open, so R7's "or completed" holds.
    r7_completed_without_entries_at_verloren_reopens: CompletedWithoutEntries, Lost => "termin_gebucht R7";

    r2_cancelled_without_a_deal_creates_none: Cancelled, NoDeal => "none";
    r3_cancelled_at_neuer_lead_stays: Cancelled, Lead => "=";
    r3_cancelled_at_termin_gebucht_loses: Cancelled, Booked => "verloren R3";
    r3_cancelled_at_erstberatung_loses: Cancelled, Consulted => "verloren R3";
    r6_cancelled_between_goes_back: Cancelled, Between => "termin_gebucht R6";
    r6_cancelled_at_in_behandlung_goes_back: Cancelled, Treated => "termin_gebucht R6";
    r3_cancelled_at_gewonnen_stays: Cancelled, Won => "=";
    r3_cancelled_at_verloren_stays: Cancelled, Lost => "=";

    r2_clarified_consultation_without_a_deal_creates_none: ClarifiedConsultation, NoDeal => "none";
    r4_clarified_consultation_at_neuer_lead_stays: ClarifiedConsultation, Lead => "=";
    r4_clarified_consultation_at_termin_gebucht_loses: ClarifiedConsultation, Booked => "verloren R4";
    r4_clarified_consultation_at_erstberatung_loses: ClarifiedConsultation, Consulted => "verloren R4";
    r6_clarified_consultation_between_goes_back: ClarifiedConsultation, Between => "termin_gebucht R6";
    r6_clarified_consultation_at_in_behandlung_goes_back: ClarifiedConsultation, Treated => "termin_gebucht R6";
    r4_clarified_consultation_at_gewonnen_stays: ClarifiedConsultation, Won => "=";
    r4_clarified_consultation_at_verloren_stays: ClarifiedConsultation, Lost => "=";

    r2_clarified_other_without_a_deal_creates_none: ClarifiedOther, NoDeal => "none";
    r4_clarified_other_at_neuer_lead_stays: ClarifiedOther, Lead => "=";
    r4_clarified_other_at_termin_gebucht_stays: ClarifiedOther, Booked => "=";
    r4_clarified_other_at_erstberatung_loses: ClarifiedOther, Consulted => "verloren R4";
    r6_clarified_other_between_goes_back: ClarifiedOther, Between => "termin_gebucht R6";
    r6_clarified_other_at_in_behandlung_goes_back: ClarifiedOther, Treated => "termin_gebucht R6";
    r4_clarified_other_at_gewonnen_stays: ClarifiedOther, Won => "=";
    r4_clarified_other_at_verloren_stays: ClarifiedOther, Lost => "=";

    r2_no_show_without_a_deal_creates_none: NoShow, NoDeal => "none";
    r10_no_show_at_neuer_lead_is_booked: NoShow, Lead => "termin_gebucht R10";
    r10_no_show_at_termin_gebucht_stays: NoShow, Booked => "=";
    r6_no_show_at_erstberatung_goes_back: NoShow, Consulted => "termin_gebucht R6";
    r6_no_show_between_goes_back: NoShow, Between => "termin_gebucht R6";
    r6_no_show_at_in_behandlung_goes_back: NoShow, Treated => "termin_gebucht R6";
    r10_no_show_at_gewonnen_stays: NoShow, Won => "=";
    r10_no_show_at_verloren_stays: NoShow, Lost => "=";

    r2_deleted_without_a_deal_creates_none: Deleted, NoDeal => "none";
    r10_deleted_at_neuer_lead_stays: Deleted, Lead => "=";
    r10_deleted_at_termin_gebucht_stays: Deleted, Booked => "=";
    r10_deleted_at_erstberatung_stays: Deleted, Consulted => "=";
    r10_deleted_between_stays: Deleted, Between => "=";
    r10_deleted_at_in_behandlung_stays: Deleted, Treated => "=";
    r10_deleted_at_gewonnen_stays: Deleted, Won => "=";
    r10_deleted_at_verloren_stays: Deleted, Lost => "=";

    // Not a row of its own: an appointment that another id has replaced drives no more than one that is gone.
    r2_replaced_without_a_deal_creates_none: Replaced, NoDeal => "none";
    r10_replaced_at_neuer_lead_stays: Replaced, Lead => "=";
    r10_replaced_at_termin_gebucht_stays: Replaced, Booked => "=";
    r10_replaced_at_erstberatung_stays: Replaced, Consulted => "=";
    r10_replaced_between_stays: Replaced, Between => "=";
    r10_replaced_at_in_behandlung_stays: Replaced, Treated => "=";
    r10_replaced_at_gewonnen_stays: Replaced, Won => "=";
    r10_replaced_at_verloren_stays: Replaced, Lost => "=";

    r5_entry_changed_at_neuer_lead_stays: EntryChanged, Lead => "=";
    r5_entry_changed_at_termin_gebucht_stays: EntryChanged, Booked => "=";
    r5_entry_changed_at_erstberatung_stays: EntryChanged, Consulted => "=";
    r5_entry_changed_between_stays: EntryChanged, Between => "=";
    r5_entry_changed_at_in_behandlung_stays: EntryChanged, Treated => "=";
    r5_entry_changed_at_gewonnen_stays: EntryChanged, Won => "=";
    r5_entry_changed_at_verloren_stays: EntryChanged, Lost => "=";
    r5_entry_removed_at_neuer_lead_stays: EntryRemoved, Lead => "=";
    r5_entry_removed_at_termin_gebucht_stays: EntryRemoved, Booked => "=";
    r5_entry_removed_at_erstberatung_stays: EntryRemoved, Consulted => "=";
    r5_entry_removed_between_stays: EntryRemoved, Between => "=";
    r5_entry_removed_at_in_behandlung_stays: EntryRemoved, Treated => "=";
    r5_entry_removed_at_gewonnen_stays: EntryRemoved, Won => "=";
    r5_entry_removed_at_verloren_stays: EntryRemoved, Lost => "=";

    // It stays, and the move is listed: nothing but the evidence it was booked for would move it forward again.
    r2_person_moves_to_neuer_lead_stays: PersonMoves, Lead => "held";
    r6_person_moves_to_termin_gebucht_stays: PersonMoves, Booked => "=";
    r6_person_moves_to_erstberatung_goes_back: PersonMoves, Consulted => "termin_gebucht R6";
    r6_person_moves_between_goes_back: PersonMoves, Between => "termin_gebucht R6";
    r6_person_moves_to_in_behandlung_goes_back: PersonMoves, Treated => "termin_gebucht R6";
    r0_person_moves_to_gewonnen_holds: PersonMoves, Won => "held";
    r0_person_moves_to_verloren_holds: PersonMoves, Lost => "held";
}
