//! One planned change, shown by pseudonyms: what is new, what becomes what, and by which rule.

use crate::domain::{KeyHash, Object, PropertyName};
use crate::plan::Op;
use crate::store::StepLine;

use super::lexicon::Lexicon;
use super::line::{Line, Look};

/// The letter in front of a pseudonym: `P:`, `A:`, `D:`.
#[must_use]
pub const fn letter(object: Object) -> char {
    match object {
        Object::Contact => 'P',
        Object::Appointment => 'A',
        Object::Deal => 'D',
    }
}

fn pseudonym(object: Object, key: KeyHash) -> String {
    format!("{}:{key}", letter(object))
}

const WIDEST_WORD: usize = 13;
const WIDEST_LABEL: usize = 24;
/// Where values begin: two blanks, sign, word, pseudonym.
const VALUES: usize = 4 + WIDEST_WORD + 12;

/// What kind of change it is: its sign and look.
const fn sign(step: &StepLine) -> (&'static str, Look) {
    match step.op {
        _ if step.closes => ("x", Look::Bad),
        Op::Create => ("+", Look::Good),
        Op::Update => ("~", Look::Warn),
        Op::TakeOver => (">", Look::Warn),
        Op::LinkOnly => ("=", Look::Faint),
    }
}

/// The lines of one change. `every` lists all fields of new records too.
#[must_use]
pub fn lines(step: &StepLine, lexicon: &Lexicon, every: bool) -> Vec<Line> {
    let (mark, look) = sign(step);
    // The names behind the colon stand below as fields.
    let reason = || step.reason.split(':').next().unwrap_or_default().to_owned();
    let why = step.rule.as_ref().map_or_else(reason, |rule| format!("rule {rule}"));
    let head = || {
        Line::of("  ")
            .look(look, mark)
            .plain(" ")
            .plain(step.object.word())
            .pad_to(4 + WIDEST_WORD)
            .look(Look::Strong, &pseudonym(step.object, step.key))
            .pad_to(VALUES)
    };
    let whose = if step.object == Object::Contact {
        String::new()
    } else {
        format!("   of {}", pseudonym(Object::Contact, step.patient))
    };
    let tail = |line: Line| line.look(Look::Faint, &format!("   {why}{whose}"));
    if step.op == Op::Create && !every || step.set.is_empty() {
        return vec![tail(head().plain(&headline(step, lexicon)))];
    }
    let mut fields: Vec<(&PropertyName, &String)> = step
        .set
        .iter()
        .filter(|(name, value)| {
            let before = step.before.get(*name).map_or("", String::as_str);
            let nothing = !every && lexicon.is_nothing(step.object, name.as_str(), before, value);
            !nothing && !lexicon.is_unsaid(step.object, name.as_str())
        })
        .collect();
    if fields.is_empty() {
        return vec![tail(head())];
    }
    fields.sort_by_key(|(name, _)| lexicon.order(step.object, name.as_str()));
    let mut lines = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        let start = if lines.is_empty() { head() } else { Line::new().pad_to(VALUES) };
        let line = field(start, step, lexicon, name, value);
        lines.push(if lines.is_empty() { tail(line) } else { line });
    }
    lines
}

/// What a new record is, in a few values; fields that are not shown are named.
fn headline(step: &StepLine, lexicon: &Lexicon) -> String {
    let mut shown: Vec<(u8, String)> = step
        .set
        .iter()
        .filter_map(|(name, value)| {
            let place = lexicon.headline(step.object, name.as_str())?;
            Some((place, lexicon.value(step.object, name.as_str(), value)?))
        })
        .collect();
    shown.sort();
    if step.object == Object::Contact {
        let hidden = |(name, value): (&PropertyName, &String)| {
            let hidden = lexicon.value(step.object, name.as_str(), value).is_none();
            (hidden && !lexicon.is_unsaid(step.object, name.as_str())).then(|| name.to_string())
        };
        let named: Vec<String> = step.set.iter().filter_map(hidden).collect();
        if !named.is_empty() {
            shown.push((u8::MAX, format!("with {}", named.join(", "))));
        }
    }
    shown.into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(" · ")
}

fn field(start: Line, step: &StepLine, lexicon: &Lexicon, name: &PropertyName, after: &str) -> Line {
    let before = step.before.get(name).map_or("", String::as_str);
    let line = start.plain(lexicon.label(step.object, name.as_str())).pad_to(VALUES + WIDEST_LABEL).plain(" ");
    let (old, new) =
        (lexicon.value(step.object, name.as_str(), before), lexicon.value(step.object, name.as_str(), after));
    match (old, new) {
        (Some(_), Some(new)) if step.op == Op::Create => line.plain(&new),
        (Some(old), Some(new)) => line.look(Look::Faint, &old).plain(" → ").plain(&new),
        (_, None) if before.is_empty() => line.look(Look::Faint, "set"),
        (None, _) if after.is_empty() => line.look(Look::Faint, "cleared"),
        (None | Some(_), None) | (None, Some(_)) => line.look(Look::Faint, "changed"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexicon::tests::lexicon;
    use super::*;
    use crate::domain::{Properties, RuleId};
    use crate::plan::Wave;
    use crate::store::StepId;

    fn step(object: Object, op: Op, set: &[(&str, &str)], before: &[(&str, &str)]) -> StepLine {
        let properties = |pairs: &[(&str, &str)]| -> Properties {
            pairs.iter().map(|(name, value)| (PropertyName::new(name), (*value).to_owned())).collect()
        };
        StepLine {
            id: StepId(1),
            wave: Wave::Deals,
            object,
            patient: KeyHash([0x1b; 16]),
            key: KeyHash([0xa7; 16]),
            op,
            set: properties(set),
            before: properties(before),
            rule: (object == Object::Deal).then(|| RuleId::new("R5")),
            reason: "new patient".to_owned(),
            closes: false,
        }
    }

    fn check(step: &StepLine, every: bool, wanted: &[&str]) {
        let shown: Vec<String> = lines(step, &lexicon(), every).iter().map(|line| line.text(false)).collect();
        assert_eq!(shown, wanted);
    }

    #[test]
    fn a_new_record_is_one_line() {
        let deal = step(
            Object::Deal,
            Op::Create,
            &[("amount", "3400.00"), ("dealstage", "s_gebucht"), ("ivoris_location", "nord")],
            &[],
        );
        check(
            &deal,
            false,
            &["  + deal         D:a7a7a7a7  Termin gebucht · nord · 3 400,00   rule R5   of P:1b1b1b1b"],
        );
    }

    #[test]
    fn nothing_about_a_person_is_shown() {
        let contact = step(Object::Contact, Op::Create, &[("email", "eva@example.org"), ("firstname", "Eva")], &[]);
        check(&contact, false, &["  + contact      P:a7a7a7a7  with email, firstname   new patient"]);
        let changed = step(
            Object::Contact,
            Op::Update,
            &[("email", "eva@example.org"), ("firstname", "Eva"), ("ivoris_patient_id", "4711")],
            &[("firstname", "Ewa"), ("ivoris_patient_id", "4712")],
        );
        check(
            &changed,
            false,
            &[
                "  ~ contact      P:a7a7a7a7  Vorname                  changed   new patient",
                "                             E-Mail                   set",
                "                             ivoris_patient_id        changed",
            ],
        );
    }

    #[test]
    fn what_changes_becomes_what() {
        let mut deal = step(
            Object::Deal,
            Op::Update,
            &[
                ("amount", "3400.00"),
                ("dealstage", "s_behandlung"),
                ("ivoris_revenue_lab", "0.00"),
                ("ivoris_rule", "R5"),
            ],
            &[("amount", ""), ("dealstage", "s_gebucht")],
        );
        check(
            &deal,
            false,
            &[
                "  ~ deal         D:a7a7a7a7  Deal-Phase               Termin gebucht → In Behandlung   rule R5   of P:1b1b1b1b",
                "                             Betrag                   (empty) → 3 400,00",
            ],
        );
        assert_eq!(
            lines(&deal, &lexicon(), true).len(),
            3,
            "everything: the empty amount too, the rule's own field never"
        );
        deal.closes = true;
        assert!(lines(&deal, &lexicon(), false)[0].text(false).starts_with("  x deal"));
    }
}
