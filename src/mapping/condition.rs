//! The `bedingung` column: small expressions over named variables, without functions, filters or loops (SEC-06).

use minijinja::{Environment, UndefinedBehavior};

/// The variables a condition may use (design.md section 4).
pub const VARIABLES: [&str; 8] =
    ["deal_stage", "stage_rank", "supported_rank", "category", "opens", "begun", "live", "push_back"];

/// Steps one evaluation may take; the shipped conditions take about twenty.
const FUEL: u64 = 10_000;

/// Longest condition that is read, in bytes.
pub(crate) const MAX_LENGTH: usize = 2_000;

/// The environment that conditions are compiled in: nothing in it but the language itself.
#[must_use]
pub fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment
}

/// What is wrong with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Not an expression, or it fails when it is evaluated.
    Expression(String),
    /// A variable that does not exist.
    Variable(String),
}

/// Checks a condition: it compiles, names only known variables, and answers for every mixture of yes and no.
pub(crate) fn flaws(condition: &str) -> Vec<Flaw> {
    if condition.is_empty() {
        return Vec::new();
    }
    if condition.len() > MAX_LENGTH {
        return vec![Flaw::Expression(format!("longer than {MAX_LENGTH} characters"))];
    }
    let environment = environment();
    let expression = match environment.compile_expression(condition) {
        Ok(expression) => expression,
        Err(error) => return vec![Flaw::Expression(reason(&error))],
    };
    // `and` is lazy and would hide a misspelt name, so names are checked apart from evaluation.
    let mut unknown: Vec<String> =
        expression.undeclared_variables(false).into_iter().filter(|name| !VARIABLES.contains(&name.as_str())).collect();
    unknown.sort();
    if !unknown.is_empty() {
        return unknown.into_iter().map(Flaw::Variable).collect();
    }
    for mixture in 0..16_u8 {
        let yes = |bit: u8| mixture & (1 << bit) != 0;
        let stage = if yes(3) { "erstberatung" } else { "termin_gebucht" };
        let (held, supported) = if yes(3) { (2, 1) } else { (1, 3) };
        let values = minijinja::context! {
            deal_stage => stage, stage_rank => held, supported_rank => supported, category => stage,
            opens => yes(0), begun => yes(1), live => yes(2), push_back => "tool",
        };
        if let Err(error) = expression.eval(values) {
            return vec![Flaw::Expression(reason(&error))];
        }
    }
    Vec::new()
}

fn reason(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_small_and_closed() {
        for sound in [
            "",
            "opens",
            "not live and not begun and (category == \"erstberatung\" or deal_stage == \"erstberatung\")",
            "stage_rank > supported_rank and push_back == \"tool\"",
        ] {
            assert_eq!(flaws(sound), [], "{sound}");
        }
        assert_eq!(flaws("live and begunn"), [Flaw::Variable("begunn".to_owned())]);
        for broken in ["live and", "live | upper", "range(3)", "opens is odd", "deal_stage > 3 and deal_stage.x()"] {
            assert!(!flaws(broken).is_empty(), "{broken}");
        }
        assert!(!flaws(&"not ".repeat(2_000)).is_empty());
    }
}
