//! The `bedingung` column: small expressions over named variables, without functions, filters or loops (SEC-06).

use std::ops::Range;
use std::sync::LazyLock;

use minijinja::{Environment, Expression, UndefinedBehavior};

use super::settings::PushBack;

/// The variables a condition may use (design.md section 4).
pub const VARIABLES: [&str; 8] =
    ["deal_stage", "stage_rank", "supported_rank", "category", "opens", "begun", "live", "push_back"];

/// What a condition looks at, by the names in [`VARIABLES`].
pub(crate) struct Variables<'a> {
    pub(crate) deal_stage: &'a str,
    pub(crate) stage_rank: u32,
    pub(crate) supported_rank: u32,
    pub(crate) category: &'a str,
    pub(crate) opens: bool,
    pub(crate) begun: bool,
    pub(crate) live: bool,
    pub(crate) push_back: PushBack,
}

impl Variables<'_> {
    /// Whether they fulfil a condition; one that fails is not fulfilled.
    pub(crate) fn fulfil(&self, condition: &Expression<'_, '_>) -> bool {
        self.answer(condition).is_ok_and(|value| value.is_true())
    }

    fn answer(&self, condition: &Expression<'_, '_>) -> Result<minijinja::Value, minijinja::Error> {
        let Self { deal_stage, stage_rank, supported_rank, category, opens, begun, live, push_back } = *self;
        let push_back = push_back.word();
        condition.eval(minijinja::context! {
            deal_stage, stage_rank, supported_rank, category, opens, begun, live, push_back,
        })
    }
}

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

static CONDITIONS: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// A condition to be evaluated again and again; `None` when it does not compile.
pub(crate) fn compiled(condition: &str) -> Option<Expression<'static, 'static>> {
    CONDITIONS.compile_expression_owned(condition.to_owned()).ok()
}

/// What is wrong with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Not an expression, or it fails when it is evaluated: why, and at which bytes if that is known.
    Expression(String, Option<Range<usize>>),
    /// A variable that does not exist, and its bytes.
    Variable(String, Option<Range<usize>>),
}

/// Checks a condition: it compiles, names only known variables, and answers for every mixture of yes and no.
pub(crate) fn flaws(condition: &str) -> Vec<Flaw> {
    if condition.is_empty() {
        return Vec::new();
    }
    if condition.len() > MAX_LENGTH {
        return vec![Flaw::Expression(format!("longer than {MAX_LENGTH} characters"), None)];
    }
    let environment = environment();
    let expression = match environment.compile_expression(condition) {
        Ok(expression) => expression,
        Err(error) => return vec![Flaw::Expression(reason(&error), place(&error, condition))],
    };
    // `and` is lazy and would hide a misspelt name, so names are checked apart from evaluation.
    let mut unknown: Vec<String> =
        expression.undeclared_variables(false).into_iter().filter(|name| !VARIABLES.contains(&name.as_str())).collect();
    unknown.sort();
    if !unknown.is_empty() {
        let flaw = |name: String| {
            let place = word(condition, &name);
            Flaw::Variable(name, place)
        };
        return unknown.into_iter().map(flaw).collect();
    }
    for mixture in 0..16_u8 {
        let yes = |bit: u8| mixture & (1 << bit) != 0;
        let stage = if yes(3) { "erstberatung" } else { "termin_gebucht" };
        let (stage_rank, supported_rank) = if yes(3) { (2, 1) } else { (1, 3) };
        let values = Variables {
            deal_stage: stage,
            stage_rank,
            supported_rank,
            category: stage,
            opens: yes(0),
            begun: yes(1),
            live: yes(2),
            push_back: PushBack::Tool,
        };
        if let Err(error) = values.answer(&expression) {
            return vec![Flaw::Expression(reason(&error), place(&error, condition))];
        }
    }
    Vec::new()
}

/// The bytes that an error is about, as far as they lie in the condition.
fn place(error: &minijinja::Error, condition: &str) -> Option<Range<usize>> {
    let range = error.range()?;
    let end = range.end.min(condition.len());
    (range.start < end && condition.get(range.start..end).is_some()).then_some(range.start..end)
}

/// Where a name stands as a word of its own.
fn word(condition: &str, name: &str) -> Option<Range<usize>> {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let alone = |at: &usize| {
        let before = condition.get(..*at).and_then(|text| text.chars().next_back());
        let after = condition.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    };
    condition.match_indices(name).map(|(at, _)| at).find(alone).map(|at| at..at + name.len())
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
        assert_eq!(flaws("live and begunn"), [Flaw::Variable("begunn".to_owned(), Some(9..15))]);
        assert_eq!(
            flaws("live2 or live22"),
            [("live2", 0..5), ("live22", 9..15)].map(|(name, at)| Flaw::Variable(name.to_owned(), Some(at)))
        );
        for broken in ["live and", "live | upper", "range(3)", "opens is odd", "deal_stage > 3 and deal_stage.x()"] {
            assert!(!flaws(broken).is_empty(), "{broken}");
        }
        assert!(!flaws(&"not ".repeat(2_000)).is_empty());
    }

    #[test]
    fn an_error_has_a_place() {
        let check = |condition: &str, wanted: &str| {
            let found = flaws(condition);
            let [Flaw::Expression(_, Some(place))] = found.as_slice() else { panic!("{condition}: {found:?}") };
            assert_eq!(condition.get(place.clone()), Some(wanted), "{condition}");
        };
        check("live and (begun", "begun");
        check("not live & begun", "&");
        check("live and opens is odd", "odd");
        check("live | upper", "upper");
    }
}
