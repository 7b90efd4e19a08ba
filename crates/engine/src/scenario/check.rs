//! What must be true of a scenario before anybody is led by it.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::{
    Choice, Does, Scenario, Step, Texts,
    file::{Collect, File, FileStep, Mistake, line_at},
};

/// Longest text of a step, in characters: the tightest of the messengers that a desk may use sets
/// it (Facebook Messenger, 2000), so that a scenario works on each.
const LONGEST_TEXT: usize = 2000;
/// Longest label, in characters: what can be read on a phone's key (VK cuts at 40).
const LONGEST_LABEL: usize = 40;
/// Most keys under a step: what VK shows under a message (10).
const MOST_CHOICES: usize = 10;
/// Longest name of a step.
const LONGEST_NAME: usize = 40;

struct Checker<'a> {
    text: &'a str,
    names: BTreeSet<String>,
    mistakes: Vec<Mistake>,
}

pub(super) fn check(text: &str, file: File) -> Result<Scenario, Vec<Mistake>> {
    let names = file
        .steps
        .keys()
        .map(|name| name.get_ref().clone())
        .collect();
    let mut checker = Checker {
        text,
        names,
        mistakes: Vec::new(),
    };
    checker.target(&file.start, "start");
    for (target, of) in [(&file.identify, "identify"), (&file.closing, "closing")] {
        if let Some(target) = target {
            checker.target(target, of);
        }
    }
    let special = [&file.identify, &file.closing].map(|target| {
        let target = target.as_ref()?;
        Some((target.get_ref().clone(), line_at(text, target.span().start)))
    });
    let lines: BTreeMap<String, usize> = file
        .steps
        .keys()
        .map(|name| (name.get_ref().clone(), line_at(text, name.span().start)))
        .collect();
    let steps: BTreeMap<String, Step> = file
        .steps
        .into_iter()
        .map(|(name, step)| {
            let name = name.into_inner();
            let step = checker.step(&name, lines[&name], step);
            (name, step)
        })
        .collect();
    let scenario = Scenario {
        name: file.name,
        start: file.start.into_inner(),
        identify: file.identify.map(Spanned::into_inner),
        closing: file.closing.map(Spanned::into_inner),
        dialog: file.dialog,
        steps,
    };
    if checker.mistakes.is_empty() {
        let [identify, closing] = special;
        checker.special(&scenario, identify, closing);
        checker.paths(&scenario, &lines);
    }
    if checker.mistakes.is_empty() {
        Ok(scenario)
    } else {
        checker.mistakes.sort_by_key(|mistake| mistake.line);
        Err(checker.mistakes)
    }
}

impl Checker<'_> {
    fn wrong(&mut self, line: usize, what: impl Into<String>, hint: impl Into<String>) {
        self.mistakes.push(Mistake {
            line: Some(line),
            what: what.into(),
            hint: hint.into(),
        });
    }

    fn target(&mut self, target: &Spanned<String>, of: &str) {
        if !self.names.contains(target.get_ref()) {
            let known = self.names.iter().cloned().collect::<Vec<_>>().join(", ");
            let line = line_at(self.text, target.span().start);
            let what = format!("`{of}` leads to `{}`, which is no step", target.get_ref());
            self.wrong(line, what, format!("the steps are: {known}"));
        }
    }

    fn words(&mut self, line: usize, words: &Texts, of: &str, longest: usize) {
        for text in words.all() {
            let length = text.chars().count();
            if text.trim().is_empty() {
                self.wrong(
                    line,
                    format!("`{of}` is empty"),
                    "write what the customer reads",
                );
            } else if length > longest {
                let what = format!("`{of}` has {length} characters, {longest} fit");
                self.wrong(line, what, "say it shorter, or in two steps");
            }
        }
    }

    fn step(&mut self, name: &str, line: usize, step: FileStep) -> Step {
        if name.chars().count() > LONGEST_NAME {
            self.wrong(
                line,
                format!("`{name}` is a long name"),
                "40 characters are enough",
            );
        }
        self.words(line, &step.say, "say", LONGEST_TEXT);
        for (words, of) in [(&step.more, "more"), (&step.subject, "subject")] {
            if let Some(words) = words {
                self.words(
                    line,
                    words,
                    of,
                    if of == "subject" { 100 } else { LONGEST_TEXT },
                );
            }
        }
        if step.choices.len() > MOST_CHOICES {
            let what = format!("{} keys are too many", step.choices.len());
            self.wrong(
                line,
                what,
                format!("{MOST_CHOICES} fit; make two steps of it"),
            );
        }
        if let Some(go) = &step.go {
            self.target(go, "go");
        }
        let does = self.does(name, line, &step);
        if step.payment && !step.ticket {
            let hint = "write `ticket = true` beside it: a payment belongs to a ticket";
            self.wrong(
                line,
                format!("`{name}` awaits a payment without a ticket"),
                hint,
            );
        }
        let choices = step
            .choices
            .into_iter()
            .map(|choice| self.choice(choice))
            .collect();
        Step {
            say: step.say,
            more: step.more,
            subject: step.subject,
            payment: step.payment,
            does,
            choices,
        }
    }

    fn choice(&mut self, choice: super::file::FileChoice) -> Choice {
        self.target(&choice.go, &choice.ru);
        let line = line_at(self.text, choice.go.span().start);
        let label = Texts {
            ru: choice.ru,
            en: choice.en,
        };
        self.words(line, &label, "a key", LONGEST_LABEL);
        Choice {
            label,
            go: choice.go.into_inner(),
        }
    }

    fn does(&mut self, name: &str, line: usize, step: &FileStep) -> Does {
        let go = step.go.as_ref().map(|go| go.get_ref().clone());
        if step.more.is_some() && step.collect != Some(Collect::Many) {
            let hint = "it is said after each message where `collect = \"many\"`";
            self.wrong(line, format!("`more` is never said at `{name}`"), hint);
        }
        match (step.ticket, step.collect, go) {
            (true, None, None) => Does::OpenTicket,
            (true, ..) => {
                let hint = "take messages in a step before it; the dialog begins after it";
                self.wrong(line, format!("`{name}` opens a ticket and does more"), hint);
                Does::OpenTicket
            }
            (false, Some(Collect::One), Some(go)) => Does::TakeOne { go },
            (false, Some(Collect::One), None) => {
                let hint = "add `go = \"…\"`, the step after the message";
                self.wrong(
                    line,
                    format!("`{name}` takes a message and leads nowhere"),
                    hint,
                );
                Does::Choose
            }
            (false, Some(Collect::Email), Some(go)) => Does::TakeEmail { go },
            (false, Some(Collect::Rating), Some(go)) => Does::TakeRating { go },
            (false, Some(Collect::Email | Collect::Rating), None) => {
                let hint = "add `go = \"…\"`, the step after the answer";
                self.wrong(
                    line,
                    format!("`{name}` takes an answer and leads nowhere"),
                    hint,
                );
                Does::Choose
            }
            (false, Some(Collect::Many), None) if !step.choices.is_empty() => Does::TakeMany,
            (false, Some(Collect::Many), _) => {
                let hint = "give it `choices` to end it with, and no `go`";
                self.wrong(line, format!("`{name}` takes messages without end"), hint);
                Does::TakeMany
            }
            (false, None, Some(go)) if step.choices.is_empty() => Does::Pass { go },
            (false, None, Some(_)) => {
                let hint = "either the keys lead on, or `go` does";
                self.wrong(line, format!("`{name}` has keys and `go`"), hint);
                Does::Choose
            }
            (false, None, None) => {
                if step.choices.is_empty() {
                    let hint = "add `choices`, `go`, or `ticket = true`";
                    self.wrong(line, format!("`{name}` is a dead end"), hint);
                }
                Does::Choose
            }
        }
    }

    /// The steps that customers come to by themselves do what they are for.
    fn special(
        &mut self,
        scenario: &Scenario,
        identify: Option<(String, usize)>,
        closing: Option<(String, usize)>,
    ) {
        if let Some((name, line)) = identify
            && !matches!(scenario.steps[&name].does, Does::TakeEmail { .. })
        {
            let hint = "write `collect = \"email\"` and `go = \"…\"` there";
            self.wrong(line, format!("`{name}` takes no e-mail"), hint);
        }
        if let Some((name, line)) = &closing
            && matches!(scenario.steps[name].does, Does::OpenTicket)
        {
            let hint = "let it thank, or ask for a rating: `collect = \"rating\"`";
            self.wrong(
                *line,
                format!("`{name}` opens a ticket as soon as one is closed"),
                hint,
            );
        }
        let closing = closing.map(|(name, _)| name);
        for (name, step) in &scenario.steps {
            let rates = matches!(step.does, Does::TakeRating { .. });
            if rates && closing.as_ref() != Some(name) {
                let hint = "write `closing = \"…\"` with its name at the top: only there is a ticket to rate";
                self.wrong(
                    1,
                    format!("`{name}` asks for a rating, but of nothing"),
                    hint,
                );
            }
        }
    }

    /// Everything can be reached, a ticket too; nobody is sent in circles.
    fn paths(&mut self, scenario: &Scenario, lines: &BTreeMap<String, usize>) {
        let mut reached = BTreeSet::new();
        let special = [&scenario.identify, &scenario.closing];
        let special = special.into_iter().flatten().map(String::as_str);
        let mut ahead: Vec<&str> = special.collect();
        ahead.push(scenario.start.as_str());
        while let Some(name) = ahead.pop() {
            if reached.insert(name) {
                ahead.extend(ways(&scenario.steps[name]));
            }
        }
        for (name, line) in lines {
            if !reached.contains(name.as_str()) {
                let hint = "let a key or a `go` lead to it, or take it out";
                self.wrong(*line, format!("nothing leads to `{name}`"), hint);
            }
            if circles(scenario, name) {
                let hint = "let somebody choose or write on the way";
                self.wrong(*line, format!("`{name}` goes round in a circle"), hint);
            }
        }
        let opens = |name: &str| scenario.steps[name].does == Does::OpenTicket;
        if !reached.iter().any(|name| opens(name)) {
            let hint = "somewhere there must be a step with `ticket = true`";
            self.wrong(1, "no way leads to a ticket", hint);
        }
        for choice in &scenario.menu().choices {
            if choice.go == scenario.start {
                let line = lines[&scenario.start];
                self.wrong(
                    line,
                    "a key of the menu leads to the menu",
                    "let it lead on",
                );
            }
        }
    }
}

fn ways(step: &Step) -> impl Iterator<Item = &str> {
    let go = match &step.does {
        Does::TakeOne { go }
        | Does::TakeEmail { go }
        | Does::TakeRating { go }
        | Does::Pass { go } => Some(go.as_str()),
        Does::Choose | Does::TakeMany | Does::OpenTicket => None,
    };
    step.choices
        .iter()
        .map(|choice| choice.go.as_str())
        .chain(go)
}

fn circles(scenario: &Scenario, from: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = from;
    while let Does::Pass { go } = &scenario.steps[at].does {
        if !seen.insert(at) {
            return true;
        }
        at = go;
    }
    false
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::{BUILT_IN, built_in};
    use super::*;

    fn mistakes(text: &str, expected: &Expect) {
        let told = match Scenario::read(text) {
            Ok(_) => "fine".to_owned(),
            Err(mistakes) => mistakes
                .iter()
                .map(|m| format!("{}: {} ({})", m.line.unwrap_or(0), m.what, m.hint))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        expected.assert_eq(&told);
    }

    #[test]
    fn the_built_in_scenarios_are_in_order() {
        for name in BUILT_IN {
            let read = Scenario::read(built_in(name).unwrap());
            assert_eq!(read.map(|scenario| scenario.name), Ok(name.to_owned()));
        }
    }

    const HEAD: &str = "name = \"x\"\nstart = \"menu\"\ndialog = \"private\"\n";

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let text = format!(
            "{HEAD}[steps.menu]\nsay.ru = \"a\"\nchoices = [{{ ru = \"b\", go = \"nowhere\" }}]\n\
             [steps.end]\nsay.ru = \" \"\n\
             [steps.one]\nsay.ru = \"a\"\ncollect = \"one\"\n"
        );
        mistakes(
            &text,
            &expect![[r#"
                6: `b` leads to `nowhere`, which is no step (the steps are: end, menu, one)
                7: `say` is empty (write what the customer reads)
                7: `end` is a dead end (add `choices`, `go`, or `ticket = true`)
                9: `one` takes a message and leads nowhere (add `go = "…"`, the step after the message)"#]],
        );
    }

    #[test]
    fn what_nobody_can_reach_and_circles_are_told() {
        let text = format!(
            "{HEAD}[steps.menu]\nsay.ru = \"a\"\nchoices = [{{ ru = \"b\", go = \"t\" }}]\n\
             [steps.t]\nsay.ru = \"a\"\nticket = true\n\
             [steps.island]\nsay.ru = \"a\"\ngo = \"island\"\n"
        );
        mistakes(
            &text,
            &expect![[r#"
                10: nothing leads to `island` (let a key or a `go` lead to it, or take it out)
                10: `island` goes round in a circle (let somebody choose or write on the way)"#]],
        );
    }

    #[test]
    fn a_word_that_is_no_toml_is_told_with_its_line() {
        mistakes(
            &format!("{HEAD}[steps.menu]\nsey.ru = \"a\"\n"),
            &expect![
                "5: unknown field `sey`, expected one of `say`, `more`, `subject`, `collect`, `ticket`, `payment`, `go`, `choices` (compare with a scenario that works: `zabota scenario care` prints one)"
            ],
        );
        mistakes(
            "name = ",
            &expect![
                "1: string values must be quoted, expected literal string (compare with a scenario that works: `zabota scenario care` prints one)"
            ],
        );
    }
}
