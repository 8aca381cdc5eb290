//! `explore --routes`: how each route would be asked.

use serde_json::json;

use crate::config::Instance;
use crate::ivoris::{Route, RouteProfile};
use crate::report::{Line, Look, table};

use crate::cli::context::Context;

pub(super) fn show(context: &Context, instances: &[&Instance]) {
    let screen = &context.screen;
    for instance in instances {
        let builtin = RouteProfile::builtin();
        let profile = instance.ivoris.as_ref().map_or(&builtin, |one| &one.profile);
        screen.out(&Line::new().look(Look::Strong, instance.key.as_str()));
        let mut rows = Vec::new();
        for route in Route::ALL {
            let spec = profile.route(route);
            let params: Vec<&str> = spec.params.values().map(String::as_str).collect();
            let state = if spec.enabled { "" } else { "off" };
            rows.push(vec![route.name().to_owned(), spec.path.clone(), params.join(", "), state.to_owned()]);
            screen.json(&json!({
                "type": "route",
                "instance": instance.key.as_str(),
                "route": route.name(),
                "path": spec.path,
                "params": spec.params.iter().map(|(param, name)| (param.name(), name)).collect::<std::collections::BTreeMap<_, _>>(),
                "date_format": spec.date_format.word(),
                "paging": spec.paging.word(),
                "enabled": spec.enabled,
            }));
        }
        screen.outs(&table(&["route", "path", "parameters", ""], &rows, 4, 2));
        screen.out(&Line::new());
    }
    screen.last(&Line::of("asked as above; what differs at an installation: ").look(Look::Command, "ivohub explore"));
}
