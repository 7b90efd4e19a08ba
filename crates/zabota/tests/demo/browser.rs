//! A real Chromium, headless, spoken to as W3C WebDriver says: JSON over plain HTTP with chromedriver.
//!
//! What must stay true: nothing here sleeps for a fixed time and hopes. What is to be seen is looked for
//! until it is there, and what is not there in time fails with a picture of what was.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long something may take to appear: far more than it takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const BETWEEN_LOOKS: Duration = Duration::from_millis(25);
/// The key of an element's id (W3C WebDriver, 11 "Elements").
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// The newest visible element that fits a selector and contains the words, if there is one.
const NEWEST: &str = "const [selector, words] = arguments;
    return [...document.querySelectorAll(selector)].reverse().find((one) =>
      one.checkVisibility() && one.textContent.includes(words)) ?? null;";
/// Chromium as root, in a container, alone: no sandbox, no GPU, and no calls home.
const SWITCHES: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--hide-scrollbars",
];

pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    home: TempDir,
}

/// An element of the page.
pub(crate) struct Element(String);

impl Browser {
    /// None where there is no chromedriver.
    pub(crate) fn start() -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("HOME", home.path())
            .env("TZ", "Europe/Moscow")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut said = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = said
            .find_map(|line| {
                let line = line.unwrap();
                let port = line.split("successfully on port ").nth(1)?;
                port.trim_end_matches('.').parse().ok()
            })
            .expect("chromedriver says its port");
        let mut browser = Self {
            driver,
            port,
            session: String::new(),
            home,
        };
        browser.open();
        Some(browser)
    }

    fn open(&mut self) {
        let profile = self.home.path().join("profile").display().to_string();
        let mut switches = SWITCHES.map(str::to_owned).to_vec();
        switches.push(format!("--user-data-dir={profile}"));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": switches },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let opened = self.call("POST", "/session", Some(&wanted)).unwrap();
        self.session = format!("/session/{}", opened["sessionId"].as_str().unwrap());
        self.size(1600, 1000);
    }

    /// How large the page is, in its own pixels.
    pub(crate) fn size(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let command = "Emulation.setDeviceMetricsOverride";
        let page_of = json!({ "cmd": command, "params": size });
        self.tell("/goog/cdp/execute", &page_of);
    }

    pub(crate) fn go(&self, url: &str) {
        self.tell("/url", &json!({ "url": url }));
    }

    /// Runs JavaScript in the page.
    pub(crate) fn run(&self, script: &str, args: &Value) -> Value {
        self.tell("/execute/sync", &json!({ "script": script, "args": args }))
    }

    /// Waits for an element that fits a selector and contains the words; the newest of several.
    pub(crate) fn see(&self, selector: &str, words: &str) -> Element {
        let found = until(|| self.newest(selector, words));
        found.unwrap_or_else(|| self.give_up(&format!("no {selector} with «{words}»")))
    }

    /// Waits until there is none.
    pub(crate) fn see_no_more(&self, selector: &str, words: &str) {
        let gone = until(|| self.newest(selector, words).is_none().then_some(()));
        gone.unwrap_or_else(|| self.give_up(&format!("still {selector} with «{words}»")));
    }

    fn newest(&self, selector: &str, words: &str) -> Option<Element> {
        let found = self.run(NEWEST, &json!([selector, words]));
        found[ELEMENT].as_str().map(|id| Element(id.to_owned()))
    }

    /// Clicks it as a hand does. The page may be painting it anew just then: it is looked up again.
    pub(crate) fn click(&self, selector: &str, words: &str) {
        self.hand(selector, words, |id| {
            self.try_to(&format!("/element/{id}/click"), &json!({}))
        });
    }

    /// Clicks it with the right button.
    pub(crate) fn click_right(&self, selector: &str, words: &str) {
        self.press_button(selector, words, 2, 1);
    }

    /// Clicks it twice.
    pub(crate) fn click_twice(&self, selector: &str, words: &str) {
        self.press_button(selector, words, 0, 2);
    }

    /// Presses a button of the mouse in the middle of it.
    fn press_button(&self, selector: &str, words: &str, button: u8, times: usize) {
        self.hand(selector, words, |id| {
            let at = json!({ "type": "pointerMove", "origin": { ELEMENT: id }, "x": 0, "y": 0 });
            let press = ["pointerDown", "pointerUp"];
            let presses = press.repeat(times).into_iter();
            let mut deeds = vec![at];
            deeds.extend(presses.map(|deed| json!({ "type": deed, "button": button })));
            let mouse = json!({ "type": "pointer", "id": "mouse", "actions": deeds });
            self.try_to("/actions", &json!({ "actions": [mouse] }))
        });
    }

    /// Moves the mouse to where nothing is.
    pub(crate) fn rest(&self) {
        let away = json!({ "type": "pointerMove", "x": 800, "y": 5 });
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": [away] });
        self.tell("/actions", &json!({ "actions": [mouse] }));
    }

    /// Types into it; `\n` is Enter. Only letters of the Basic Multilingual Plane (chromedriver).
    pub(crate) fn write(&self, selector: &str, text: &str) {
        let keys = text.replace('\n', "\u{E007}");
        self.hand(selector, "", |id| {
            self.try_to(&format!("/element/{id}/value"), &json!({ "text": keys }))
        });
    }

    /// Types into it, in the place of what stood there.
    pub(crate) fn rewrite(&self, selector: &str, text: &str) {
        let select = "document.querySelector(arguments[0]).select()";
        self.run(select, &json!([selector]));
        self.write(selector, text);
    }

    fn hand(&self, selector: &str, words: &str, deed: impl Fn(&str) -> Result<Value, String>) {
        let done = until(|| deed(&self.newest(selector, words)?.0).ok());
        if done.is_none() {
            self.give_up(&format!("nothing could be done with {selector} «{words}»"));
        }
    }

    /// What the browser complained of: errors of scripts, and everything that could not be loaded.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.tell("/se/log", &json!({ "type": "browser" }));
        let lines = log.as_array().unwrap().iter();
        lines.map(|line| line["message"].to_string()).collect()
    }

    /// A picture of the page, a PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let picture = self.call("GET", &format!("{}/screenshot", self.session), None);
        from_base64(picture.unwrap().as_str().unwrap())
    }

    fn give_up(&self, why: &str) -> ! {
        let words = self.run("return document.body.innerText", &json!([]));
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-failed.png");
        std::fs::write(&kept, self.picture()).unwrap();
        panic!(
            "{why}; a picture of the page: {}; it reads:\n{}",
            kept.display(),
            words.as_str().unwrap_or_default(),
        );
    }

    fn tell(&self, path: &str, what: &Value) -> Value {
        self.try_to(path, what).unwrap()
    }

    fn try_to(&self, path: &str, what: &Value) -> Result<Value, String> {
        self.call("POST", &format!("{}{path}", self.session), Some(what))
    }

    /// One request to chromedriver: the value it answers, or its complaint.
    fn call(&self, method: &str, path: &str, what: Option<&Value>) -> Result<Value, String> {
        let body = what.map(ToString::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        let (mut answer, mut length) = (BufReader::new(stream), 0);
        let mut line = String::new();
        while answer.read_line(&mut line).unwrap() > 2 {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut bytes = vec![0; length];
        answer.read_exact(&mut bytes).unwrap();
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        match answer["value"].get("error") {
            Some(error) => Err(format!("{error}: {}", answer["value"]["message"])),
            None => Ok(answer["value"].clone()),
        }
    }
}

/// Looks until there is something to be seen; none if there never is.
pub(crate) fn until<T>(look: impl Fn() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(seen) = look() {
            return Some(seen);
        }
        sleep(BETWEEN_LOOKS);
    }
    None
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium ends with its session, or with its driver.
        let _closed = self.call("DELETE", &self.session, None);
        let _killed = self.driver.kill();
        let _ended = self.driver.wait();
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => Some(u32::from(letter - b'A')),
        b'a'..=b'z' => Some(u32::from(letter - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(letter - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits: Vec<u32> = text.bytes().filter_map(digit).collect();
    let triple = |four: &[u32]| {
        let bits = four.iter().fold(0, |bits, digit| (bits << 6) | digit) << (6 * (4 - four.len()));
        bits.to_be_bytes()[1..four.len()].to_vec()
    };
    digits.chunks(4).flat_map(triple).collect()
}
