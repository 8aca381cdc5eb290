//! The small reading endpoints: account, usage, enablement, owners (`hubspot-api.md` section 10 and 6.3).

use serde_json::json;

use super::core::{Call, Core};
use super::exchange::Done;
use super::limits::ZONE;
use super::refusal::Refusal;

impl Core {
    /// `GET /account-info/{version}/details`.
    pub(super) fn account(&self) -> Done {
        Done::json(
            200,
            &json!({
                "portalId": self.settings.portal_id, "accountType": "STANDARD", "timeZone": ZONE.name(),
                "companyCurrency": "EUR", "additionalCurrencies": [], "utcOffset": "+01:00",
                "utcOffsetMilliseconds": 3_600_000, "uiDomain": "app-eu1.hubspot.com",
                "dataHostingLocation": "eu1", "portalName": "ivohub sandbox"
            }),
        )
    }

    /// `GET /account-info/{version}/api-usage/daily/private-apps`; stays 0 for service keys (O1).
    pub(super) fn usage(&self, call: &Call) -> Done {
        let at = super::json::iso(call.now);
        let limit = self.settings.limits.daily;
        let usage = json!({"name": "private-apps-api-calls-daily", "usageLimit": limit, "currentUsage": 0,
            "collectedAt": at, "fetchStatus": "SUCCESS", "resetsAt": at});
        Done::json(200, &json!({"results": [usage]}))
    }

    /// `GET /crm/object-library/{version}/enablement[/{type}]`.
    pub(super) fn enablement(&self, object: Option<&str>) -> Result<Done, Refusal> {
        let appointments = self.settings.profile.appointments;
        let body = match object {
            None => json!({"enablementByObjectTypeId": {"0-1": true, "0-3": true, "0-421": appointments}}),
            Some("0-1" | "0-3") => json!({"enablement": true}),
            Some("0-421") => json!({"enablement": appointments}),
            Some(other) => return Err(Refusal::invalid(format!("Unable to infer object type from: {other}"))),
        };
        Ok(Done::json(200, &body))
    }
}

/// An empty list: owners, validation rules.
pub(super) fn nothing() -> Done {
    Done::json(200, &json!({"results": []}))
}
