//! Options of the deal rules that stand in `ivohub.toml` under `[deals]`, with the defaults of design.md section 4.

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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

/// How deals are derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        }
    }
}
