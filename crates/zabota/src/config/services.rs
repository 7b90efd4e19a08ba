//! What the desk asks of others besides messengers: who reads pictures of payments, and where the
//! owner's sheet of clients is.

use ::services::sheet::KeyFile;
use channels::checks;
use jiff::SignedDuration;
use reqwest::Url;

use super::{
    Mistake, Secret,
    reader::{Reader, Wrong, wrong},
    values,
};

/// Who reads pictures of payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ocr {
    /// Nobody: the operators do.
    Off,
    /// OCR.space, over HTTP.
    Space {
        /// Where it is asked.
        url: String,
        /// Who asks.
        key: Secret,
    },
    /// The program `tesseract` on this machine.
    Tesseract,
}

/// The owner's sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Where it is.
    pub at: SheetAt,
    /// How often it is read.
    pub every: SignedDuration,
}

/// Where the owner's sheet is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetAt {
    /// A Google sheet that a service account may read.
    Google {
        /// The sheet.
        id: String,
        /// The service account's key file: what it says.
        key: Secret,
        /// Where it is asked for.
        api_url: String,
    },
    /// Tabs that were published as CSV, each at its address.
    Csv {
        /// The clients.
        clients: Secret,
        /// The tariffs.
        tariffs: Secret,
    },
}

const SPACE: [&str; 2] = ["OCR_SPACE_URL", "OCR_SPACE_KEY"];
const GOOGLE: [&str; 2] = ["GOOGLE_CREDENTIALS", "SHEETS_API_URL"];
const CSV: [&str; 2] = ["SHEET_CSV_URL", "SHEET_TARIFFS_CSV_URL"];

enum Kind {
    Off,
    Space,
    Tesseract,
}

/// None if it is wrong: that is remembered.
pub(super) fn ocr(reader: &mut Reader<'_>) -> Option<Ocr> {
    let url = reader.checked(
        "OCR_SPACE_URL",
        web_address("https://api.ocr.space/parse/image"),
    );
    let kind = match reader.text("OCR") {
        Some(_) => reader.checked("OCR", kind)?,
        None => Kind::Off,
    };
    if !matches!(kind, Kind::Space) {
        reader.idle(&SPACE, "OCR is not ocr_space");
    }
    match kind {
        Kind::Off => Some(Ocr::Off),
        Kind::Tesseract => Some(Ocr::Tesseract),
        Kind::Space => {
            let todo = "OCR.space reads nothing without it; it gives one out at https://ocr.space/ocrapi, for example OCR_SPACE_KEY=K81234567890123";
            let key = reader.required("OCR_SPACE_KEY", space_key, todo)?;
            let url = url.unwrap_or_else(|| "https://api.ocr.space/parse/image".to_owned());
            Some(Ocr::Space { url, key })
        }
    }
}

/// None if there is none, or if it is wrong: that is remembered.
pub(super) fn sheet(reader: &mut Reader<'_>) -> Option<Sheet> {
    let every = reader.checked("SHEET_SYNC_MINUTES", values::sync_minutes);
    let api_url = reader.checked(
        "SHEETS_API_URL",
        web_address("https://sheets.googleapis.com"),
    );
    let is_google = reader.text("SHEET_ID").is_some();
    let is_published = CSV.iter().any(|name| reader.text(name).is_some());
    let at = if is_google {
        reader.idle(&CSV, "SHEET_ID is set");
        google(reader, api_url)
    } else {
        reader.idle(&GOOGLE, "SHEET_ID is not set");
        if !is_published {
            reader.idle(&["SHEET_SYNC_MINUTES"], "there is no sheet");
            return None;
        }
        published(reader)
    };
    Some(Sheet {
        at: at?,
        every: every.unwrap_or(SignedDuration::from_mins(15)),
    })
}

fn google(reader: &mut Reader<'_>, api_url: Option<String>) -> Option<SheetAt> {
    let id = reader.checked("SHEET_ID", sheet_id);
    let todo = "the sheet is read with a service account: put its key file here, for example GOOGLE_CREDENTIALS=google-key.json";
    let named = reader.required("GOOGLE_CREDENTIALS", values::any, todo)?;
    match key(reader, &named) {
        Ok(key) => Some(SheetAt::Google {
            id: id?,
            key,
            api_url: api_url.unwrap_or_else(|| "https://sheets.googleapis.com".to_owned()),
        }),
        Err(mistake) => {
            reader.mistaken(mistake);
            None
        }
    }
}

fn key(reader: &Reader<'_>, named: &str) -> Result<Secret, Mistake> {
    let settings = reader.settings();
    let wrong = |what: &str| {
        let what = format!("names `{named}`{what}");
        settings.mistake(
            "GOOGLE_CREDENTIALS",
            &what,
            "GOOGLE_CREDENTIALS=google-key.json",
        )
    };
    let file = settings.google_key().map_err(Clone::clone)?;
    let file = file.ok_or_else(|| wrong(", and there is no such file"))?;
    match KeyFile::read(file.text.as_bytes()) {
        Ok(_) => Ok(Secret::new(file.text.as_str())),
        Err(bad) => Err(wrong(&format!(": {bad}"))),
    }
}

fn published(reader: &mut Reader<'_>) -> Option<SheetAt> {
    let [clients, tariffs] = CSV.map(|name| {
        let example =
            "https://docs.google.com/spreadsheets/d/e/2PACX-…/pub?gid=0&single=true&output=csv";
        let todo = format!(
            "both tabs are published, the clients' and the tariffs', for example {name}={example}"
        );
        reader.required(name, csv_address, &todo)
    });
    Some(SheetAt::Csv {
        clients: clients?,
        tariffs: tariffs?,
    })
}

fn kind(text: &str) -> Result<Kind, Wrong> {
    match text {
        "off" => Ok(Kind::Off),
        "ocr_space" => Ok(Kind::Space),
        "tesseract" => Ok(Kind::Tesseract),
        _ => wrong(
            format!("is `{text}`, neither ocr_space, tesseract nor off"),
            "tesseract",
        ),
    }
}

fn space_key(text: &str) -> Result<Secret, Wrong> {
    match checks::secret(text) {
        Ok(key) => Ok(Secret::new(key)),
        Err(bad) => wrong(bad.0, "K81234567890123"),
    }
}

fn web_address(example: &'static str) -> impl Fn(&str) -> Result<String, Wrong> {
    move |text| match checks::http_url(text) {
        Ok(address) if Url::parse(&address).is_ok() => Ok(address),
        Ok(_) => wrong("is no address", example),
        Err(bad) => wrong(bad.0, example),
    }
}

/// A sheet's id; the address of the sheet in a browser has it too.
fn sheet_id(text: &str) -> Result<String, Wrong> {
    let id = match text.split_once("/spreadsheets/d/") {
        Some((_, behind)) => behind.split(['/', '?', '#']).next().unwrap_or_default(),
        None => text,
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !id.is_empty() && id.chars().all(fits) {
        return Ok(id.to_owned());
    }
    wrong(
        format!(
            "is `{text}`, which is no sheet's id: in its address it stands between /d/ and /edit"
        ),
        "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
    )
}

/// Never repeated: whoever knows it can read the sheet.
fn csv_address(text: &str) -> Result<Secret, Wrong> {
    const EXAMPLE: &str =
        "https://docs.google.com/spreadsheets/d/e/2PACX-…/pub?gid=0&single=true&output=csv";
    let (page, _) = text.split_once(['?', '#']).unwrap_or((text, ""));
    if page.ends_with("/edit") || page.ends_with("/pubhtml") {
        let what = "is the address of a page: File → Share → Publish to web, one tab, as CSV, gives out the right one";
        return wrong(what, EXAMPLE);
    }
    match checks::http_url(page) {
        Ok(_) if Url::parse(text).is_ok() => Ok(Secret::new(text)),
        Ok(_) => wrong("is no address", EXAMPLE),
        Err(bad) => wrong(bad.0, EXAMPLE),
    }
}
