//! Options of the deal rules that stand in `ivohub.toml` under `[deals]`, with the defaults of design.md section 4.

use serde::{Deserialize, Serialize};

/// What one deal stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grain {
    /// One treatment case: later appointments attach to the open deal.
    #[default]
    Case,
    /// One opening appointment.
    Appointment,
}

/// What tells two cases of one patient apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseKey {
    /// The patient alone.
    #[default]
    Patient,
    /// The patient at one location.
    PatientLocation,
}

/// Who moves a deal back that is ahead of its evidence (R6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PushBack {
    /// ivohub.
    #[default]
    Tool,
    /// A workflow in the portal.
    Portal,
}

impl PushBack {
    /// The word that conditions in `regeln.csv` see as `push_back`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Portal => "portal",
        }
    }
}

/// Which stage a deal goes back to (R6, target `previous`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PreviousStage {
    /// The one it held before, as far as remembered.
    #[default]
    Held,
    /// The one before it in the pipeline.
    Order,
}

/// What sets `behandlungsstartdate` (R9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartDate {
    /// A completed start of treatment.
    #[default]
    Completed,
    /// A booked one too.
    Booked,
}

/// What wins a deal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WonAt {
    /// The end of treatment.
    #[default]
    TreatmentEnd,
    /// Its start; the case goes on to its end.
    TreatmentStart,
}

/// Which day closes a lost deal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CloseDate {
    /// The earlier of the two.
    #[default]
    Earlier,
    /// The start of the appointment that decided.
    Appointment,
    /// The day on which its state was first read.
    Read,
}

/// How deals are derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct DealSettings {
    /// What one deal stands for.
    pub grain: Grain,
    /// What tells two cases of one patient apart.
    pub case_key: CaseKey,
    /// Days within which another appointment keeps a cancelled case alive.
    pub rebook_days: u32,
    /// Days without a visit after which an opening appointment opens a new case; 0 = off.
    pub case_idle_days: u32,
    /// Days around an entry in which a completed appointment is looked for; 0 = the same day only.
    pub link_days: u32,
    /// Who pushes back.
    pub push_back: PushBack,
    /// Days after a completed appointment from which on a reading that finds no entries of it says that they are missing.
    pub entries_wait_days: u32,
    /// To which stage.
    pub previous_stage: PreviousStage,
    /// An appointment with entries of its day counts as completed, whatever its status says.
    pub infer_completed_from_entries: bool,
    /// A completed appointment supports its stage without entries, too.
    pub advance_without_entries: bool,
    /// Entries without appointment support the stage they name.
    pub unlinked_signals: bool,
    /// Days after which a missed appointment loses its case; 0 = never. The one rule that looks at the day of the run.
    pub no_show_lose_after_days: u32,
    /// What sets the start of treatment.
    pub start_date: StartDate,
    /// An appointment that was cancelled or clarified when first read makes a lost deal.
    pub create_lost_deals: bool,
    /// What wins a deal.
    pub won_at: WonAt,
    /// Which day closes a lost deal.
    pub close_date: CloseDate,
    /// `num_open_deal` counts deals of others in the pipeline, too.
    pub count_open_deals_of_others: bool,
}

impl Default for DealSettings {
    fn default() -> Self {
        Self {
            grain: Grain::Case,
            case_key: CaseKey::Patient,
            rebook_days: 30,
            case_idle_days: 0,
            link_days: 0,
            push_back: PushBack::Tool,
            entries_wait_days: 14,
            previous_stage: PreviousStage::Held,
            infer_completed_from_entries: false,
            advance_without_entries: false,
            unlinked_signals: false,
            no_show_lose_after_days: 0,
            start_date: StartDate::Completed,
            create_lost_deals: false,
            won_at: WonAt::TreatmentEnd,
            close_date: CloseDate::Earlier,
            count_open_deals_of_others: true,
        }
    }
}
