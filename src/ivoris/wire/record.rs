//! The record types: what one element of an answer says, as text. `None` = missing, null or empty, which is not "none".

use serde_json::Value;

use super::super::profile::RouteProfile;
use super::super::route::Thing;
use super::Flaw;

/// A required field is the text itself, any other may be missing.
macro_rules! records {
    ($($(#[$outer:meta])* $type:ident ($($required:ident)?) { $($(#[$doc:meta])* $field:ident,)* })*) => {
        $(
            $(#[$outer])*
            #[derive(Clone, Default, PartialEq, Eq)]
            pub struct $type {
                $(
                    /// Ivoris id.
                    pub $required: String,
                )?
                $($(#[$doc])* pub $field: Option<String>,)*
            }

            impl $type {
                /// Reads one element of an answer by the names in `profile`; names it does not know are passed over.
                ///
                /// # Errors
                /// [`Flaw`] when it is no object or lacks what every record must have.
                pub fn decode(profile: &RouteProfile, value: &Value) -> Result<Self, Flaw> {
                    const THING: Thing = Thing::$type;
                    let record = value.as_object().ok_or(Flaw::NotAnObject { thing: THING })?;
                    let fields = profile.fields(THING);
                    Ok(Self {
                        $($required: fields
                            .text(stringify!($required), record)
                            .ok_or(Flaw::Missing { thing: THING, field: stringify!($required) })?,)?
                        $($field: fields.text(stringify!($field), record),)*
                    })
                }

                /// Our names of the fields, in order.
                #[cfg(test)]
                pub(crate) const FIELDS: &'static [&'static str] =
                    &[$(stringify!($required),)? $(stringify!($field),)*];
            }

            /// Nothing of it: records belong to people.
            impl std::fmt::Debug for $type {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str(concat!(stringify!($type), "([redacted])"))
                }
            }
        )*
    };
}

records! {
    /// A patient. Source: `ivoris-api.md` 7.2.
    Patient(id) {
        /// The number that staff use; text with leading zeros.
        number,
        /// Title.
        title,
        /// First name.
        first_name,
        /// Last name.
        last_name,
        /// Date of birth.
        birthday,
        /// `Male`, `Female`, `Unknown`, or others.
        gender,
        /// E-mail; often shared by a family.
        email,
        /// Landline.
        phone,
        /// Mobile.
        mobile,
        /// Street with number.
        street,
        /// Postal code.
        zip,
        /// Town.
        city,
        /// Country mark, such as `D`.
        country,
        /// `Statutory`, `Private`, or others.
        health_insurance,
        /// `Family`, `Statutory`, `Private`, `Retired`, or others.
        insurance_status,
        /// First name of the policy holder, usually a parent.
        insurant_first_name,
        /// Last name of the policy holder.
        insurant_last_name,
        /// Orthodontic stage, as the practice names it.
        stage,
        /// Orthodontist; name or id.
        orthodontist,
        /// Dentist; name or id.
        dentist,
        /// Legal unit.
        mandant,
        /// Id of the profile.
        profile_id,
        /// When the record was made.
        created,
        /// When it last changed.
        modified,
    }

    /// An appointment. Source: `ivoris-api.md` 9.3; nearly all of it is assumed.
    Appointment(id) {
        /// Ivoris id of the patient; `None` for blockers and people without a record.
        patient_id,
        /// Start, or its time of day when `date` is given.
        begin,
        /// End, or its time of day when `date` is given.
        end,
        /// The day, where day and time come apart.
        date,
        /// The time of day of the start, where day and time come apart.
        time,
        /// Minutes.
        duration,
        /// Id of the chair.
        chair_id,
        /// Name of the chair, where the answer has it.
        chair,
        /// Id of the practitioner.
        practitioner_id,
        /// Name of the practitioner, where the answer has it.
        practitioner,
        /// Id of the appointment type.
        template_id,
        /// Name of the appointment type, where the answer has it.
        template,
        /// Id of the profile.
        profile_id,
        /// Legal unit.
        mandant,
        /// State, as written; numbers too.
        state,
        /// State of the confirmation, as written.
        confirmation,
        /// `true` when booked online.
        online,
        /// When it was made.
        created,
        /// When it last changed.
        modified,
    }

    /// A chart entry. Source: `ivoris-api.md` 8.3.
    Entry() {
        /// Ivoris id; an entry without one is known by what it says.
        id,
        /// Ivoris id of the patient.
        patient_id,
        /// Id of the profile.
        profile_id,
        /// Day of treatment.
        date,
        /// Type: `Text`, `Note`, or others.
        kind,
        /// Field of treatment: `Orthodontics`, or others.
        treatment,
        /// Tooth, FDI.
        tooth,
        /// Free text; health data.
        text,
        /// Id of a linked document.
        document_id,
        /// Id of the practitioner.
        practitioner_id,
        /// Id of the appointment.
        appointment_id,
        /// Fee schedule.
        schedule,
        /// Fee code.
        code,
        /// How often.
        count,
        /// Factor of the fee schedule.
        factor,
        /// Amount.
        amount,
        /// When it was written down.
        created,
        /// When it last changed.
        modified,
    }

    /// An appointment type (*Terminart*). Source: `ivoris-api.md` 9.1.
    Template(id) {
        /// Name.
        name,
        /// Minutes.
        duration,
        /// `true` while it can be chosen.
        active,
    }

    /// A chair (*Behandlungsstuhl*). Source: `ivoris-api.md` 9.1.
    Chair(id) {
        /// Name.
        name,
        /// Id of its profile.
        profile_id,
        /// `true` while it is in use.
        active,
    }

    /// A practitioner (*Behandler*). Source: `ivoris-api.md` section 10.
    Practitioner(id) {
        /// Title.
        title,
        /// First name.
        first_name,
        /// Last name.
        last_name,
        /// Short name.
        short_name,
        /// `true` while active.
        active,
    }

    /// A profile (*Mandant*). Source: `ivoris-api.md` section 6.
    Profile(id) {
        /// Name.
        name,
        /// Small number that patient routes use.
        mandant,
    }
}
