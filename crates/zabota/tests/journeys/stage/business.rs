//! The business: its owner, her sheet in the sandbox's Google, and pictures of payments.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Desk, PATIENCE, Phone, Stage, desk::Settings};

/// The hour at which journeys of a business are made.
const NOON: i8 = 12;
/// The owner. She is no operator.
pub(crate) const VERA: i64 = 3901;
/// Her sheet.
const SHEET: &str = "sheet-of-vera";
/// How the words begin that say what came of the sheet.
pub(crate) const CAME: [&str; 2] = ["Таблица прочитана", "Таблица не прочитана"];
/// Whoever reads pictures wants to know who asks: nobody may ever read it in a log.
const OCR_KEY: &str = "KAAE-secret-of-ocr";

impl Stage {
    /// A desk of a business on all messengers, with these rows in the clients' tab (the first names the
    /// columns). Vera has opened her chat with the bot; the sheet has been read.
    pub(crate) async fn open_business(&self, clients: Value, more: &[(&str, &str)]) -> Desk {
        self.found_business(clients).await;
        let settings = self.business(more).await;
        let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let desk = self.open_everywhere(&settings).await;
        self.synced().await;
        desk
    }

    /// The same with the sheet as two published files.
    pub(crate) async fn open_published(&self, clients: Value) -> Desk {
        self.found_business(clients).await;
        let tabs = self.look(&format!("google/sheets/{SHEET}")).await["tabs"].clone();
        let url = |nth: usize| {
            let path = tabs[nth]["csv"].as_str().expect("a published tab");
            format!("{}{path}", self.sandbox.url())
        };
        let google = ["SHEET_ID", "GOOGLE_CREDENTIALS", "SHEETS_API_URL"];
        let mut settings = self.business(&[]).await;
        settings.retain(|(name, _)| !google.contains(name));
        settings.push(("SHEET_CSV_URL", url(0)));
        settings.push(("SHEET_TARIFFS_CSV_URL", url(1)));
        let settings: Vec<_> = settings.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let desk = self.open_everywhere(&settings).await;
        self.synced().await;
        desk
    }

    /// Whether the sheet is shared and published.
    pub(crate) async fn shows_sheet(&self, shown: bool) {
        let change = json!({ "shared": shown, "published": shown });
        self.change(&format!("google/sheets/{SHEET}"), &change)
            .await;
    }

    /// Vera and her sheet come into being.
    pub(crate) async fn found_business(&self, clients: Value) {
        self.person(VERA, "Вера").await;
        self.says(VERA, "/start").await;
        self.sheet(clients).await;
    }

    /// Waits until tariffs are known.
    pub(crate) async fn synced(&self) {
        let known = async || (self.number("SELECT COUNT(*) FROM tariffs").await > 0).then_some(());
        self.until("the sheet, read", known).await;
    }

    /// What such a desk is told.
    pub(crate) async fn business(&self, more: &[(&str, &str)]) -> Settings<'static> {
        let key = self.home().join("google-key.json");
        let text = self.look("google/key").await.to_string();
        std::fs::write(&key, text).expect("a key file");
        let mut settings = vec![
            ("SCENARIO", "subscription".to_owned()),
            ("OWNER_IDS", VERA.to_string()),
            ("TIMEZONE", self.zone(NOON).await),
            ("OCR", "ocr_space".to_owned()),
            (
                "OCR_SPACE_URL",
                format!("{}/parse/image", self.sandbox.url()),
            ),
            ("OCR_SPACE_KEY", OCR_KEY.to_owned()),
            ("SHEET_ID", SHEET.to_owned()),
            ("GOOGLE_CREDENTIALS", key.display().to_string()),
            ("SHEETS_API_URL", self.sandbox.url()),
        ];
        for (name, value) in more {
            let known = [
                "REMINDER_TIME",
                "REMINDER_DAYS",
                "TIMEZONE",
                "OWNER_IDS",
                "DATABASE_URL",
                "LIMITS",
            ];
            let name = known.into_iter().find(|known| known == name);
            settings.push((name.expect("a setting of a business"), (*value).to_owned()));
        }
        settings
    }

    /// The sheet is so from now on.
    pub(crate) async fn sheet(&self, clients: Value) {
        let tariffs = json!([
            ["тариф", "цена", "валюта", "дней"],
            ["Базовый", 199, "CNY", 30],
            ["Полный", {"value": 1990, "shown": "1 990,00 ₽"}, "RUB", 365],
        ]);
        let tabs = json!({ "tabs": [
            { "title": "Клиенты", "rows": clients },
            { "title": "Тарифы", "rows": tariffs },
        ] });
        self.put(&format!("google/sheets/{SHEET}"), &tabs).await;
    }

    /// A cell of the clients' tab changes.
    pub(crate) async fn cell(&self, cell: &str, value: &str) {
        let change = json!({ "cell": cell, "value": value });
        self.change(&format!("google/sheets/{SHEET}"), &change)
            .await;
    }

    /// Vera has the sheet read, and reads what came of it.
    pub(crate) async fn sync(&self) -> String {
        let before = self.told_to(VERA, &CAME).await.len();
        self.says(VERA, "/синхронизация").await;
        self.came_of_sheet(before).await
    }

    /// What Vera reads next about the sheet, after so much.
    pub(crate) async fn came_of_sheet(&self, before: usize) -> String {
        let look = async || self.told_to(VERA, &CAME).await.into_iter().nth(before);
        self.until("what came of the sheet", look).await
    }

    /// Texts in a chat that have one of these words, oldest first.
    pub(crate) async fn told_to(&self, chat: i64, words: &[&str]) -> Vec<String> {
        let heard = self.heard(chat).await;
        let texts = heard.iter().filter_map(|message| message["text"].as_str());
        texts
            .filter(|text| words.iter().any(|words| text.contains(words)))
            .map(str::to_owned)
            .collect()
    }

    /// What whoever reads pictures reads, whatever it is shown.
    pub(crate) async fn reader_sees(&self, text: &str) {
        self.hand("ocr/reads", json!({ "text": text })).await;
    }

    /// The same of this picture only; it may be shown more than once.
    pub(crate) async fn reader_sees_on(&self, picture: &[u8], text: &str) {
        let hash = Sha256::digest(picture);
        let hash = hash.iter().fold(String::new(), |mut hex, byte| {
            let _written = write!(hex, "{byte:02x}");
            hex
        });
        let told = json!({ "text": text, "match": hash });
        self.hand("ocr/reads", told).await;
    }

    /// A customer of a business in a dialog.
    pub(crate) async fn asks_support(&self, who: i64) {
        let phone = self.telegram(who);
        phone.joins(&format!("c{who}@mail.ru")).await;
        phone.presses("Связаться с поддержкой").await;
        phone.sees("Напишите, что случилось").await;
    }

    /// The day so many days from now, where the business is.
    pub(crate) async fn day(&self, from_now: i32) -> jiff::civil::Date {
        self.day_in(&self.zone(NOON).await, from_now).await
    }

    /// The same in another zone.
    pub(crate) async fn day_in(&self, zone: &str, from_now: i32) -> jiff::civil::Date {
        let zone = jiff::tz::TimeZone::get(zone).expect("a zone");
        let today = self.now().await.to_zoned(zone).date();
        today.saturating_add(jiff::Span::new().days(from_now))
    }

    /// A zone in which it is that hour now: whatever the time is where the test runs, no midnight passes.
    pub(crate) async fn zone(&self, hour: i8) -> String {
        let now = self.now().await.to_zoned(jiff::tz::TimeZone::UTC).hour();
        let east = [hour - now, hour - now + 24, hour - now - 24];
        let east = east.into_iter().find(|east| (-12..=14).contains(east));
        // What is east of Greenwich has a minus there.
        match east.expect("a zone") {
            0 => "UTC".to_owned(),
            east if east > 0 => format!("Etc/GMT-{east}"),
            west => format!("Etc/GMT+{}", -west),
        }
    }

    async fn now(&self) -> jiff::Timestamp {
        let now = self.look("state").await["now"].as_i64().expect("a time");
        jiff::Timestamp::from_second(now).expect("a time")
    }

    /// Waits until a client is paid for until that day.
    pub(crate) async fn paid_until(&self, email: &str, day: jiff::civil::Date) {
        let query = format!("SELECT paid_until FROM clients WHERE email = '{email}'");
        let wanted = [day.to_string()];
        let look = async || (self.column(&query).await == wanted).then_some(());
        if self.within(PATIENCE, look).await.is_none() {
            let known = self.column(&query).await;
            let everything = self.everything().await;
            panic!("{email} is paid for until {known:?}, not {wanted:?}\n{everything}");
        }
    }
}

impl Phone<'_> {
    /// Says who they are, from the beginning to the menu.
    pub(crate) async fn joins(&self, email: &str) {
        self.begins().await;
        self.sees("адрес вашей электронной почты").await;
        self.says(email).await;
        self.sees("Чем помочь?").await;
    }

    /// «Оплата» and a picture.
    pub(crate) async fn pays(&self, picture: Vec<u8>) {
        self.presses("Оплата").await;
        self.sees("Пришлите, пожалуйста, скриншот оплаты").await;
        self.shows(picture).await;
    }

    /// A picture.
    pub(crate) async fn shows(&self, picture: Vec<u8>) {
        let photo = self.stage.file("payment.png", "image/png", picture).await;
        self.writes(json!({ "photo": photo })).await;
    }
}

/// A picture of 72 by 64 dots, as a PNG; each number makes it one that looks like no other.
pub(crate) fn picture(number: u64) -> Vec<u8> {
    png((72, 64), |x, y| brightness(number, y / 8 * 9 + x / 8))
}

/// A picture whose file is larger than whoever reads takes.
pub(crate) fn big_picture(number: u64) -> Vec<u8> {
    png((1200, 1000), |x, y| brightness(number, y * 1200 + x))
}

fn png((width, height): (u32, u32), dot: impl Fn(u64, u64) -> u8) -> Vec<u8> {
    let mut dots = Vec::new();
    for y in 0..u64::from(height) {
        dots.push(0);
        dots.extend((0..u64::from(width)).map(|x| dot(x, y)));
    }
    // Zlib in blocks that are not compressed.
    let mut packed = vec![0x78, 1];
    let blocks = dots.chunks(0xffff);
    let last = blocks.len() - 1;
    for (nth, block) in blocks.enumerate() {
        packed.push(u8::from(nth == last));
        let length = u16::try_from(block.len()).expect("a block");
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(block);
    }
    packed.extend(adler(&dots).to_be_bytes());
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = [size, b"\x08\0\0\0\0".to_vec()].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [(b"IHDR", head), (b"IDAT", packed), (b"IEND", Vec::new())] {
        png.extend(u32::try_from(data.len()).expect("small").to_be_bytes());
        let named = [name.as_slice(), &data].concat();
        png.extend(&named);
        png.extend(crc(&named).to_be_bytes());
    }
    png
}

fn brightness(number: u64, square: u64) -> u8 {
    let mixed = (number * 1000 + square).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed.to_be_bytes()[0]
}

fn adler(bytes: &[u8]) -> u32 {
    let add = |(a, b): (u32, u32), byte: &u8| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    };
    let (a, b) = bytes.iter().fold((1, 0), add);
    b << 16 | a
}

fn crc(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc));
    !bytes.iter().fold(u32::MAX, byte)
}
