//! What was shown and not accepted leaves no trace: not in the store's records, not in the portal, not in a later run.

use std::fs;

use super::project::{Done, PASSES, Project};

const TERMINE: [&str; 3] = ["migrate-appointments", "--input", "samples/termine.csv"];

/// Runs `refused`, and then everything that could send what it had planned.
fn leaves_no_trace(project: &Project, refused: impl FnOnce() -> Done) -> Done {
    let (records, standing) = (project.records(), project.standing());
    let (writing, done) = project.writes_of(refused);
    assert_eq!(writing, 0, "{}", done.all());
    let unchanged = |what: &str| {
        assert_eq!(project.standing(), standing, "{what}");
        assert!(project.records() == records, "{what}: the records of the store are as before");
    };
    unchanged("at once");
    for (command, _) in PASSES {
        let (writing, drained) = project.writes_of(|| project.run(&[command, "--drain-only", "--yes"]));
        assert!([0, 3].contains(&drained.exit), "{}", drained.all());
        assert_eq!(writing, 0, "{command} --drain-only sends nothing of it: {}", drained.all());
    }
    unchanged("after draining");
    done
}

fn with<'a>(args: &[&'a str]) -> Vec<&'a str> {
    TERMINE.into_iter().chain(args.iter().copied()).collect()
}

/// Patients are in the portal, appointments are not.
fn begun() -> Project {
    let project = Project::new();
    project.pass(0).exits(3);
    project
}

/// The line that the tool offers, as an operator types it.
fn offered(done: &Done) -> Vec<String> {
    let line = done.stderr.lines().find_map(|line| line.strip_prefix("→ ")).unwrap_or_else(|| panic!("{}", done.all()));
    let words = line.split_whitespace().skip_while(|word| *word != "ivohub").skip(1);
    words.map(str::to_owned).collect()
}

fn typed(project: &Project, line: &[String]) -> Done {
    project.run(&line.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_dry_run_writes_nothing_and_keeps_nothing() {
    let project = begun();
    let done = leaves_no_trace(&project, || project.run(&with(&["--dry-run"])));
    let done = done.exits(3).says(&[
        "nothing was written",
        "create",
        "unaccounted 0",
        "unknown Terminart \"Prophylaxe\"   first at samples/termine.csv:540 (A:",
    ]);
    // The line it offers carries the plan out.
    let line = offered(&done);
    assert_eq!(line, TERMINE);
    let (writing, _) = project.writes_of(|| project.run(&with(&["--yes"])).exits(3));
    assert!(writing > 0);
}

#[test]
fn a_dry_run_as_the_very_first_command_leaves_a_state_without_records() {
    let project = Project::new();
    let (writing, _) =
        project.writes_of(|| project.run(&["migrate-patients", "-n", "--input", "samples/patienten.csv"]).exits(3));
    assert_eq!(writing, 0);
    assert!(project.records().is_empty());
    let status = project.status();
    assert!(status["portal"].is_null(), "the portal is pinned by the first write, not by looking: {status}");
}

#[test]
fn without_a_terminal_a_writing_pass_needs_yes() {
    let project = begun();
    let done = leaves_no_trace(&project, || project.run(&TERMINE));
    done.exits(2).says(&["no terminal", "--yes", "--approve", "--dry-run"]);
}

#[test]
fn no_input_is_the_same_as_no_terminal() {
    let project = begun();
    let done = leaves_no_trace(&project, || terminal(&project, "--no-input", "y\n"));
    done.exits(2).says(&["no terminal", "--yes"]);
}

/// Runs the appointments on a terminal, with `keys` typed at the question.
fn terminal(project: &Project, more: &str, keys: &str) -> Done {
    let question = if more.contains("--max") { "Type the number of changes" } else { "[y/N]" };
    let words = [&TERMINE.join(" "), more];
    project.answered(project.on_a_terminal(&words), question, keys)
}

#[test]
fn a_no_on_the_terminal_writes_nothing() {
    let project = begun();
    let done = leaves_no_trace(&project, || terminal(&project, "", "n\n"));
    done.exits(3).says(&["Apply ", " changes to portal 48100000 (sandbox)?", "nothing was written"]);
}

#[test]
fn a_question_is_never_asked_without_the_totals() {
    let project = begun();
    let done = leaves_no_trace(&project, || terminal(&project, "--quiet", "n\n"));
    done.exits(3).says(&["create   update   close", "Apply "]);
}

#[test]
fn a_yes_on_the_terminal_writes() {
    let project = begun();
    let (writing, done) = project.writes_of(|| terminal(&project, "", "y\n"));
    done.exits(3);
    assert!(writing > 0);
}

#[test]
fn on_the_terminal_the_guard_wants_the_number_typed() {
    let project = begun();
    let done = leaves_no_trace(&project, || terminal(&project, "--max-creates 5", "yes\n"));
    let done = done.exits(8).says(&["guard: creates ", " of 5 allowed", "Type the number of changes"]);
    let (_, rest) = done.stdout.split_once("Type the number of changes (").expect("the question");
    let number: String = rest.chars().take_while(|char| *char != ')').filter(char::is_ascii_digit).collect();
    let (writing, done) = project.writes_of(|| terminal(&project, "--max-creates 5", &format!("{number}\n")));
    done.exits(3);
    assert!(writing > 0);
}

#[test]
fn the_guard_stops_a_plan_and_names_the_flag_that_approves_it() {
    let project = begun();
    let done = leaves_no_trace(&project, || project.run(&with(&["--yes", "--max-creates", "5"])));
    let done = done.exits(8).says(&[" of 5 allowed (--max-creates)", "nothing was written"]);
    let line = offered(&done);
    let at = line.iter().position(|word| word == "--approve").expect("the approving flag");
    assert_eq!(line[at + 1].len(), 16, "a digest: {line:?}");
    assert!(line.windows(2).any(|words| words == ["--max-creates", "5"]), "what was given is kept: {line:?}");
    let (writing, done) = project.writes_of(|| typed(&project, &line));
    done.exits(3).says(&["unaccounted 0"]);
    assert!(writing > 0, "an approved plan is carried out over the guard");
}

#[test]
fn a_dry_run_over_the_guard_offers_the_line_that_approves_it() {
    let project = begun();
    let done = leaves_no_trace(&project, || project.run(&with(&["--dry-run", "--max-creates", "5"])));
    let line = offered(&done.exits(3).says(&["as planned: nothing was written", " of 5 allowed (--max-creates)"]));
    assert_eq!(line.iter().rev().nth(1).map(String::as_str), Some("--approve"), "{line:?}");
    let (writing, done) = project.writes_of(|| typed(&project, &line));
    done.exits(3).says(&["unaccounted 0"]);
    assert!(writing > 0);
}

#[test]
fn a_requeue_can_be_looked_at_first() {
    let project = begun();
    project.run(&with(&["--yes"])).exits(3);
    let done = leaves_no_trace(&project, || project.run(&["migrate-appointments", "--requeue", "--dry-run"]));
    done.exits(3).says(&["as planned: nothing was written", "from queue"]);
}

#[test]
fn a_digest_does_not_fit_another_plan() {
    let project = begun();
    let refused = project.run(&with(&["--yes", "--max-creates", "5"])).exits(8);
    let line = offered(&refused);
    let bytes = fs::read(project.path("samples/termine.csv")).expect("read");
    let text = encoding_rs::WINDOWS_1252.decode(&bytes).0.replacen(";15:00;16:00;", ";15:00;16:15;", 1);
    project.put("samples/termine.csv", encoding_rs::WINDOWS_1252.encode(&text).0);
    let done = leaves_no_trace(&project, || typed(&project, &line));
    let done = done.exits(8).says(&["not the one that was approved", "nothing was written"]);
    assert_ne!(offered(&done).last(), line.last(), "the new plan has a digest of its own");
}

#[test]
fn limits_of_updates_and_closes_stop_a_plan_too() {
    let project = begun();
    project.run(&with(&["--yes"])).exits(3);
    let bytes = fs::read(project.path("samples/termine.csv")).expect("read");
    let text = encoding_rs::WINDOWS_1252.decode(&bytes).0.replace("geplant", "abgesagt");
    project.put("samples/termine.csv", encoding_rs::WINDOWS_1252.encode(&text).0);
    let done = leaves_no_trace(&project, || project.run(&with(&["--yes", "--max-closes", "0"])));
    done.exits(8).says(&["closes ", " of 0 allowed (--max-closes)"]);
    let done = leaves_no_trace(&project, || project.run(&with(&["--yes", "--max-updates", "0"])));
    done.exits(8).says(&["(--max-updates)"]);
}
