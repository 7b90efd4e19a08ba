//! Who reads pictures and where the sheet is: what an owner may write, and what is wrong with it.

use super::*;

/// A key that opens nothing but sandboxes.
pub(super) fn google_key() -> Source {
    let text = serde_json::json!({
        "type": "service_account",
        "client_email": "desk@example.iam.gserviceaccount.com",
        "private_key": include_str!("../../../../sandbox/src/google/test-key.pem"),
        "token_uri": "https://oauth2.googleapis.com/token",
    });
    Source {
        name: "google-key.json".to_owned(),
        text: text.to_string(),
    }
}

fn with_key(more: &[(&str, &str)], key: Option<Source>) -> Result<Config, Vec<Mistake>> {
    let settings = Settings::of(GOOD.iter().chain(more).copied());
    Config::read(&settings.with_google_key(Ok(key)))
}

#[test]
fn each_wrong_value_is_one_line() {
    check(
        &[
            ("OCR", "yes"),
            ("OCR_SPACE_URL", "api.ocr.space"),
            (
                "SHEET_CSV_URL",
                "https://docs.google.com/spreadsheets/d/SECRET/edit#gid=0",
            ),
            ("SHEET_SYNC_MINUTES", "0"),
            ("SHEETS_API_URL", "sheets"),
            ("REMINDER_TIME", "24:00"),
            ("REMINDER_DAYS", "3,-1"),
        ],
        &expect![[r#"
            OCR_SPACE_URL does not begin with https:// or http://, for example OCR_SPACE_URL=https://api.ocr.space/parse/image
            OCR is `yes`, neither ocr_space, tesseract nor off, for example OCR=tesseract
            SHEET_SYNC_MINUTES is `0`, which is no number of minutes (1 to 10080), for example SHEET_SYNC_MINUTES=15
            SHEETS_API_URL does not begin with https:// or http://, for example SHEETS_API_URL=https://sheets.googleapis.com
            SHEET_CSV_URL is the address of a page: File → Share → Publish to web, one tab, as CSV, gives out the right one, for example SHEET_CSV_URL=https://docs.google.com/spreadsheets/d/e/2PACX-…/pub?gid=0&single=true&output=csv
            SHEET_TARIFFS_CSV_URL is missing: both tabs are published, the clients' and the tariffs', for example SHEET_TARIFFS_CSV_URL=https://docs.google.com/spreadsheets/d/e/2PACX-…/pub?gid=0&single=true&output=csv
            REMINDER_TIME is `24:00`, which is no time of day (00:00 to 23:59), for example REMINDER_TIME=13:00
            REMINDER_DAYS has `-1`, which is no number of days (0 to 365), for example REMINDER_DAYS=3,1,0
        "#]],
    );
    check(
        &[
            ("SHEET_ID", "моя таблица"),
            ("REMINDER_DAYS", "3, 1, 3"),
            ("REMINDER_TIME", "13.00"),
        ],
        &expect![[r#"
            SHEET_ID is `моя таблица`, which is no sheet's id: in its address it stands between /d/ and /edit, for example SHEET_ID=1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms
            GOOGLE_CREDENTIALS is missing: the sheet is read with a service account: put its key file here, for example GOOGLE_CREDENTIALS=google-key.json
            REMINDER_TIME is `13.00`, which is no time of day (00:00 to 23:59), for example REMINDER_TIME=13:00
            REMINDER_DAYS has 3 twice, for example REMINDER_DAYS=3,1,0
        "#]],
    );
}

#[test]
fn who_reads_needs_a_key() {
    check(
        &[("OCR", "ocr_space")],
        &expect![[r#"
            OCR_SPACE_KEY is missing: OCR.space reads nothing without it; it gives one out at https://ocr.space/ocrapi, for example OCR_SPACE_KEY=K81234567890123
        "#]],
    );
    let key = [("OCR", "ocr_space"), ("OCR_SPACE_KEY", "K8SECRET")];
    let config = with(&key).unwrap();
    let url = "https://api.ocr.space/parse/image".to_owned();
    let space = Ocr::Space {
        url,
        key: Secret::new("K8SECRET"),
    };
    assert_eq!(config.ocr, space);
    assert!(!format!("{config:?}").contains("SECRET"));
    assert_eq!(with(&[("OCR", "tesseract")]).unwrap().ocr, Ocr::Tesseract);
}

#[test]
fn a_google_sheet_needs_the_key_of_a_service_account() {
    let sheet = [
        ("SHEET_ID", "1BxiMVs0XRA5"),
        ("GOOGLE_CREDENTIALS", "key.json"),
    ];
    check(
        &sheet[..1],
        &expect![[r#"
            GOOGLE_CREDENTIALS is missing: the sheet is read with a service account: put its key file here, for example GOOGLE_CREDENTIALS=google-key.json
        "#]],
    );
    check(
        &sheet,
        &expect![[r#"
            GOOGLE_CREDENTIALS names `key.json`, and there is no such file, for example GOOGLE_CREDENTIALS=google-key.json
        "#]],
    );
    for text in ["", "{}", "{\"type\": \"authorized_user\"}"] {
        let file = Source {
            name: "key.json".to_owned(),
            text: text.to_owned(),
        };
        let mistakes = with_key(&sheet, Some(file)).unwrap_err();
        assert_eq!(
            lines(&mistakes),
            "GOOGLE_CREDENTIALS names `key.json`: the file is no key of a service account (JSON from Google Cloud: IAM, service accounts, keys), for example GOOGLE_CREDENTIALS=google-key.json\n"
        );
    }
    let config = with_key(&sheet, Some(google_key())).unwrap();
    assert!(!format!("{config:?}").contains("PRIVATE KEY"));
}

#[test]
fn the_address_of_a_google_sheet_names_it_too() {
    let address = "https://docs.google.com/spreadsheets/d/1Bxi-MVs0_XRA5/edit?gid=0#gid=0";
    let settings = [
        ("SHEET_ID", address),
        ("GOOGLE_CREDENTIALS", "key.json"),
        ("SHEETS_API_URL", "http://127.0.0.1:8081/"),
        ("SHEET_SYNC_MINUTES", "1"),
    ];
    let sheet = with_key(&settings, Some(google_key()))
        .unwrap()
        .sheet
        .unwrap();
    assert_eq!(sheet.every.as_mins(), 1);
    let SheetAt::Google { id, api_url, .. } = sheet.at else {
        panic!("{sheet:?}")
    };
    assert_eq!(
        (id.as_str(), api_url.as_str()),
        ("1Bxi-MVs0_XRA5", "http://127.0.0.1:8081")
    );
}

#[test]
fn both_tabs_are_published() {
    let [clients, tariffs] = [
        "https://a/pub?gid=0&output=csv",
        "https://a/pub?gid=1&output=csv",
    ];
    check(
        &[("SHEET_CSV_URL", clients)],
        &expect![[r#"
            SHEET_TARIFFS_CSV_URL is missing: both tabs are published, the clients' and the tariffs', for example SHEET_TARIFFS_CSV_URL=https://docs.google.com/spreadsheets/d/e/2PACX-…/pub?gid=0&single=true&output=csv
        "#]],
    );
    let both = [
        ("SHEET_CSV_URL", clients),
        ("SHEET_TARIFFS_CSV_URL", tariffs),
    ];
    let sheet = with(&both).unwrap().sheet.unwrap();
    assert_eq!(sheet.every.as_mins(), 15);
    let [clients, tariffs] = [clients, tariffs].map(Secret::new);
    assert_eq!(sheet.at, SheetAt::Csv { clients, tariffs });
}

#[test]
fn what_means_nothing_is_said() {
    let config = with(&[
        ("OCR_SPACE_KEY", "K8SECRET"),
        ("GOOGLE_CREDENTIALS", "absent.json"),
        ("SHEET_SYNC_MINUTES", "5"),
    ]);
    assert_eq!(
        config.unwrap().warnings,
        [
            "OCR_SPACE_KEY: means nothing as long as OCR is not ocr_space",
            "GOOGLE_CREDENTIALS: means nothing as long as SHEET_ID is not set",
            "SHEET_SYNC_MINUTES: means nothing as long as there is no sheet",
        ]
    );
}

#[test]
fn reminders_go_out_when_the_owner_says() {
    let config = with(&[("REMINDER_TIME", "9:05"), ("REMINDER_DAYS", "0, 7,")]).unwrap();
    assert_eq!(config.reminders.time.to_string(), "09:05:00");
    assert_eq!(config.reminders.days, [0, 7]);
}

#[test]
fn keys_and_addresses_of_sheets_are_known_to_the_guard_of_the_log() {
    let settings = Settings::of([
        ("OCR_SPACE_KEY", "K81"),
        ("SHEET_CSV_URL", "https://a/secret"),
    ]);
    assert_eq!(
        settings.secrets(),
        ["K81", "https://a/secret", "//a/secret"]
    );
}
