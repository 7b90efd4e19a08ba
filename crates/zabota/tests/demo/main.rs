//! The demo as a person meets it: the real program, and its page in a real browser, where the test
//! presses, types and reads as customers and operators do.

mod browser;

use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdout, Command, Stdio},
};

use browser::{Browser, until};
use serde_json::json;
use tempfile::TempDir;

const IVAN: Place = Place(r#"[data-testid=phone][data-person="2001"]"#);
const MARIA: Place = Place(r#"[data-testid=phone][data-person="2002"]"#);
/// Whoever «Новый клиент» brings.
const NEWCOMER: Place = Place("[data-testid=phone]:last-of-type");
const GROUP: Place = Place("[data-testid=operator-chat][data-type=supergroup]");
const OLGA: Place = Place(r#"[data-testid=operator-chat][data-chat="3001"]"#);

/// A phone or a window, by its selector.
#[derive(Clone, Copy)]
struct Place(&'static str);

/// The demo, open in a browser. None where there is no browser, which is an error only where nothing
/// may be skipped.
fn stage() -> Option<(Demo, Browser)> {
    let Some(browser) = Browser::start() else {
        let strict = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(
            !strict,
            "chromedriver is missing: the page must be tested here"
        );
        // Not by `eprintln!`: what a test that passes prints that way is not shown.
        let why = "SKIPPED: chromedriver is missing (apt-get install chromium chromium-driver)";
        writeln!(std::io::stderr(), "{why}").expect("stderr");
        return None;
    };
    let demo = Demo::start();
    browser.go(&demo.url);
    browser.run("window.sameAsAtFirst = true", &json!([]));
    Some((demo, browser))
}

#[test]
fn a_question_is_asked_taken_answered_and_closed() {
    let Some((demo, page)) = stage() else { return };
    page.presses(IVAN, "Начать");
    page.presses(IVAN, "Другой вопрос");
    page.writes(IVAN, "Про запасные части");
    page.reads(IVAN, "Записали");
    page.presses(IVAN, "Отправить сообщение сотруднику");
    page.reads(IVAN, "Пришлите сообщение с вопросом");
    page.writes(IVAN, "Где купить крышку?");
    page.reads(IVAN, "Обращение № 1 принято");

    page.reads(GROUP, "Где купить крышку?");
    page.presses(GROUP, "Взять в работу");
    page.see(
        &GROUP.holds("[data-testid=alert]"),
        "Я пока не могу вам писать",
    );
    page.click(&GROUP.holds("[data-testid=alert-ok]"), "");
    page.presses(OLGA, "Начать");
    page.reads(OLGA, "Вы оператор");
    page.presses(GROUP, "Взять в работу");
    page.reads(IVAN, "Оператор подключился");
    page.reads(GROUP, "В работе: Ольга Крылова");
    page.see_no_more(&GROUP.holds("[data-testid=key]"), "");

    page.writes(OLGA, "Сейчас посмотрю");
    page.reads(IVAN, "Сейчас посмотрю");
    page.sends(IVAN, "sample-photo");
    page.see(&OLGA.holds("[data-kind=photo][data-from='1001'] img"), "");
    page.changes(OLGA, "Сейчас посмотрю", "Крышка есть у нас");
    page.reads(IVAN, "Крышка есть у нас");
    page.see_no_more(&IVAN.holds("[data-testid=bubble]"), "Сейчас посмотрю");

    page.presses(OLGA, "Завершить диалог");
    page.reads(IVAN, "Оператор отключился");
    page.reads(GROUP, "Закрыто");
    all_went_well(demo, &page);
}

/// The moment that the README shows. `ZABOTA_PICTURE=file.png` keeps a picture of it.
#[test]
fn a_guarantee_case_with_photos_and_what_others_see_meanwhile() {
    let Some((demo, page)) = stage() else { return };
    page.click("[data-testid=hint-close]", "");
    page.presses(OLGA, "Начать");
    page.presses(MARIA, "Начать");
    page.presses(IVAN, "Начать");
    page.presses(IVAN, "Обращение по гарантии");
    page.writes(
        IVAN,
        "Ваза пришла с трещиной, от неё откололся край. Куплена на Ozon 12 ноября.",
    );
    page.reads(IVAN, "пришлите чек");
    page.sends(IVAN, "sample-album");
    page.reads(IVAN, "Можно прислать ещё");
    page.presses(IVAN, "Готово");
    page.reads(GROUP, "Ваза пришла с трещиной");
    page.see(&GROUP.holds("[data-kind=photo] img"), "");
    page.presses(GROUP, "Взять в работу");
    page.reads(GROUP, "В работе: Ольга Крылова");
    page.writes(
        OLGA,
        "Иван, здравствуйте! Вижу трещину, заменим вазу. Есть ли чек?",
    );
    page.reads(IVAN, "заменим вазу");
    page.sends(IVAN, "sample-receipt");
    page.see(&OLGA.holds("[data-kind=photo][data-from='1001'] img"), "");
    page.writes(IVAN, "Вот чек. Спасибо, что так быстро!");
    page.reads(OLGA, "так быстро");
    page.click("[data-testid=new-customer]", "");
    page.presses(NEWCOMER, "Начать");
    page.presses(NEWCOMER, "Другой вопрос");
    page.presses(NEWCOMER, "Отправить сообщение сотруднику");
    page.writes(NEWCOMER, "Подойдёт ли крышка «Пион» к вазе «Лилия»?");
    page.reads(GROUP, "Подойдёт ли крышка");
    page.reads(MARIA, "Чем помочь?");
    keep_a_picture(&page);
    all_went_well(demo, &page);
}

#[test]
fn a_fault_behind_the_scenes_is_seen_and_loses_nothing() {
    let Some((demo, page)) = stage() else { return };
    page.click("[data-testid=backstage-toggle]", "");
    page.click("[data-testid=backstage] label:has([value=error])", "");
    page.click("[data-testid=fault-add]", "");
    page.see("[data-testid=fault]", "");
    page.presses(MARIA, "Начать");
    page.see("[data-testid=calls] .fault-mark", "error");
    page.click("[data-testid=backstage] header button", "");
    page.see_no_more("body.with-backstage", "");
    page.reads(MARIA, "Чем помочь?");
    all_went_well(demo, &page);
}

#[test]
fn what_cannot_be_loaded_is_complained_of() {
    let Some((_demo, page)) = stage() else { return };
    page.run(
        "document.body.append(Object.assign(new Image(), { src: '/nothing' }))",
        &json!([]),
    );
    let complaint = until(|| page.complaints().pop()).unwrap();
    assert!(complaint.contains("404"), "{complaint}");
}

fn keep_a_picture(page: &Browser) {
    let Some(file) = std::env::var_os("ZABOTA_PICTURE") else {
        return;
    };
    page.run(
        "document.querySelector('.phones').scrollTo(0, 0)",
        &json!([]),
    );
    page.run("document.activeElement.blur()", &json!([]));
    page.rest();
    page.see_no_more("[data-testid=toast]", "");
    std::fs::write(file, page.picture()).unwrap();
}

/// The page was never loaded anew, the browser has nothing to complain of, and the desk ends in peace.
fn all_went_well(demo: Demo, page: &Browser) {
    assert_eq!(page.run("return window.sameAsAtFirst", &json!([])), true);
    assert_eq!(page.complaints(), Vec::<String>::new());
    demo.stop();
}

impl Place {
    fn holds(self, selector: &str) -> String {
        format!("{} {selector}", self.0)
    }
}

/// What a person does with the page.
trait Hands {
    fn presses(&self, place: Place, key: &str);
    fn writes(&self, place: Place, words: &str);
    fn reads(&self, place: Place, words: &str);
    fn sends(&self, place: Place, sample: &str);
    fn changes(&self, place: Place, from: &str, to: &str);
}

impl Hands for Browser {
    fn presses(&self, place: Place, key: &str) {
        self.click(
            &place.holds(":is([data-testid=key], [data-testid=start])"),
            key,
        );
    }

    fn writes(&self, place: Place, words: &str) {
        self.write(
            &place.holds("[data-testid=composer]"),
            &format!("{words}\n"),
        );
    }

    fn reads(&self, place: Place, words: &str) {
        self.see(&place.holds("[data-testid=bubble]"), words);
    }

    fn sends(&self, place: Place, sample: &str) {
        self.click(&place.holds("[data-testid=attach]"), "");
        self.click(&format!("[data-testid={sample}]"), "");
    }

    fn changes(&self, place: Place, from: &str, to: &str) {
        self.click_right(&place.holds("[data-testid=bubble]"), from);
        self.click("[data-testid=edit]", "");
        self.run(
            "document.querySelector(arguments[0]).select()",
            &json!([place.holds("[data-testid=composer]")]),
        );
        self.writes(place, to);
    }
}

/// `zabota demo` on a free port, in a folder of its own.
struct Demo {
    process: Child,
    url: String,
    /// What it still says goes here; without it the demo would have nobody to speak to, and end.
    _said: Lines<BufReader<ChildStdout>>,
    _folder: TempDir,
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_zabota"))
            .args(["demo", "--addr", "127.0.0.1:0"])
            .args(["--scenario", "care", "--dialog", "private"])
            .env("TMPDIR", folder.path())
            .env_remove("LOCALE")
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let url =
            said.find_map(|line| line.unwrap().trim().strip_prefix("http").map(str::to_owned));
        Self {
            process,
            url: format!("http{}", url.expect("the demo says where it is")),
            _said: said,
            _folder: folder,
        }
    }

    fn stop(mut self) {
        let pid = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(asked.success());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _killed = self.process.kill();
        let _ended = self.process.wait();
    }
}
