//! The source words: what `eigenschaften.csv` may name in `source_path`, and of which type each value is.

use crate::domain::Object;

use super::tables::PropertyType;

macro_rules! source_words {
    ($($(#[$doc:meta])* $name:ident = $object:ident, $kind:ident, $word:literal;)*) => {
        /// A value that may be sent to HubSpot; the registry is closed, nothing else leaves the host.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SourceWord { $($(#[$doc])* $name,)* }

        impl SourceWord {
            /// All words.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in `source_path`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The object whose property it can fill.
            #[must_use]
            pub const fn object(self) -> Object {
                match self { $(Self::$name => Object::$object,)* }
            }

            /// The type the value has by nature.
            #[must_use]
            pub const fn kind(self) -> PropertyType {
                match self { $(Self::$name => PropertyType::$kind,)* }
            }
        }
    };
}

source_words! {
    /// Key of the patient; the unique property of contacts.
    PatientId = Contact, Text, "patient.id";
    /// First name.
    PatientFirstName = Contact, Text, "patient.firstname";
    /// Last name.
    PatientLastName = Contact, Text, "patient.lastname";
    /// E-mail, if this patient owns the address (design.md section 3).
    PatientEmail = Contact, Text, "patient.email";
    /// E-mail of the patient whoever owns it.
    PatientIvorisEmail = Contact, Text, "patient.ivoris_email";
    /// Landline in E.164.
    PatientPhone = Contact, Phone, "patient.phone";
    /// Mobile in E.164.
    PatientMobile = Contact, Phone, "patient.mobile";
    /// Option value of the patient's location.
    PatientLocation = Contact, Select, "patient.location";
    /// Number of open deals; written last by a step of its own.
    NumOpenDeal = Contact, Number, "derived.num_open_deal";
    /// Key of the appointment; the unique property of HubSpot appointments.
    AppointmentId = Appointment, Text, "appointment.id";
    /// `Termin <location name>`.
    AppointmentName = Appointment, Text, "appointment.name";
    /// Start.
    AppointmentStart = Appointment, Datetime, "appointment.start";
    /// End.
    AppointmentEnd = Appointment, Datetime, "appointment.end";
    /// Our word for the state.
    AppointmentStatus = Appointment, Select, "appointment.status";
    /// Name of the template without location prefix.
    AppointmentType = Appointment, Text, "appointment.type";
    /// Option value of the appointment's location.
    AppointmentLocation = Appointment, Select, "appointment.location";
    /// Chair as written.
    AppointmentChair = Appointment, Text, "appointment.chair";
    /// Practitioner as written.
    AppointmentPractitioner = Appointment, Text, "appointment.practitioner";
    /// Id of the opening appointment; the unique property of deals.
    DealKey = Deal, Text, "derived.opening_appointment_id";
    /// Key of the deal's patient.
    DealPatientId = Deal, Text, "derived.patient_id";
    /// `<location name> <yyyy-mm> <8 hex>`.
    DealName = Deal, Text, "derived.dealname";
    /// Pipeline id.
    DealPipeline = Deal, Select, "derived.pipeline";
    /// HubSpot stage id.
    DealStage = Deal, Select, "derived.stage";
    /// Plan value if known, else treated revenue.
    DealAmount = Deal, Money, "derived.amount";
    /// When it was won or lost.
    DealCloseDate = Deal, Datetime, "derived.closedate";
    /// Why it was lost.
    DealLostReason = Deal, Text, "derived.lost_reason";
    /// Sum of revenue-counting entries.
    DealRevenue = Deal, Money, "derived.treatment_revenue";
    /// Option value of the category with the highest rank.
    DealCategory = Deal, Select, "derived.treatment_category";
    /// First day of active treatment.
    DealStartDate = Deal, Date, "derived.start_date";
    /// Earliest booked start of treatment.
    DealPlannedStartDate = Deal, Date, "derived.planned_start_date";
    /// Option value of the opening appointment's location.
    DealLocation = Deal, Select, "derived.location";
    /// Key of the surviving deal.
    DealDuplicateOf = Deal, Text, "derived.duplicate_of";
    /// Number of `pabg` markers.
    DealPabgCount = Deal, Number, "derived.pabg_count";
    /// Sum of `pabg` markers, apart from revenue.
    DealPabgAmount = Deal, Money, "derived.pabg_amount";
    /// First day of a `pabg` marker.
    DealPabgFirstDate = Deal, Date, "derived.pabg_first_date";
    /// Last day of a `pabg` marker.
    DealPabgLastDate = Deal, Date, "derived.pabg_last_date";
    /// Amount of the newest plan.
    DealPlanValue = Deal, Money, "derived.plan_value";
    /// Revenue paid by the statutory insurance.
    DealRevenueStatutory = Deal, Money, "derived.revenue_statutory";
    /// Revenue paid privately.
    DealRevenuePrivate = Deal, Money, "derived.revenue_private";
    /// Revenue of lab and material.
    DealRevenueLab = Deal, Money, "derived.revenue_lab";
    /// The patient's own share of statutory treatment.
    DealRevenueOwnShare = Deal, Money, "derived.revenue_own_share";
    /// Flags joined by `;`.
    DealFlag = Deal, MultiSelect, "derived.flag";
    /// The rule that decided last; written only together with another property.
    DealRule = Deal, Text, "derived.rule";
    /// Set by people: ivohub keeps its hands off.
    DealLock = Deal, Bool, "people.lock";
}

impl SourceWord {
    /// The word named `text`.
    #[must_use]
    pub fn from_word(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.word() == text)
    }

    /// Whether the value is about a person by nature: name, e-mail, phone.
    #[must_use]
    pub const fn is_person(self) -> bool {
        matches!(
            self,
            Self::PatientFirstName
                | Self::PatientLastName
                | Self::PatientEmail
                | Self::PatientIvorisEmail
                | Self::PatientPhone
                | Self::PatientMobile
        )
    }

    /// The word whose value is the unique key of `object`.
    #[must_use]
    pub const fn key_of(object: Object) -> Self {
        match object {
            Object::Contact => Self::PatientId,
            Object::Appointment => Self::AppointmentId,
            Object::Deal => Self::DealKey,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_lead_back() {
        for word in SourceWord::ALL {
            assert_eq!(SourceWord::from_word(word.word()), Some(*word));
        }
        for object in Object::ALL {
            assert_eq!(SourceWord::key_of(object).object(), object);
        }
    }
}
