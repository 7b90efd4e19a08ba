//! One attempt: a picture is fetched and read, or the sheet is.

use std::time::Duration;

use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use channels::{Files, Undelivered};
use engine::{
    content::Said,
    effect::Effect,
    event::{Event, Timer},
    ids::{ChatRef, TicketId},
    payment::{Looks, Reading, Unread},
    sheet::{self, Sheet},
};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use secrecy::SecretString;
use services::{
    ocr::{self, Attempt, OcrSpace, Reader, Tesseract},
    picture,
    sheet::{Csv, Google, KeyFile, NotRead, Source},
};
use tracing::warn;

use crate::{
    config::{Config, Ocr, Secret, SheetAt},
    desk::Desk,
    files::Sources,
};

/// Who reads; nobody where the owner has not said.
pub(crate) struct Tools {
    pictures: Option<Box<dyn Reader>>,
    sheet: Option<Source>,
}

/// What is to be read.
#[derive(Clone)]
pub(super) enum Task {
    /// A picture of a payment.
    Picture {
        /// The customer's chat.
        chat: ChatRef,
        /// The ticket that it belongs to.
        ticket: TicketId,
        /// The message with the picture.
        said: Box<Said>,
    },
    /// The owner's sheet.
    Sheet {
        /// Who waits for it.
        asked: Option<ChatRef>,
    },
}

/// The kinds of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Picture,
    Sheet,
}

/// What an attempt came to.
pub(super) enum Came {
    /// An answer, good or bad.
    Answer(Event),
    /// None yet.
    Later {
        /// What the one who was asked wants.
        pause: Option<Duration>,
        /// Why, in words without secrets.
        why: String,
        /// The answer if it is given up.
        otherwise: Event,
    },
}

impl Tools {
    /// Makes ready; nothing is asked yet.
    pub(crate) fn of(config: &Config) -> Result<Self> {
        let pictures: Option<Box<dyn Reader>> = match &config.ocr {
            Ocr::Off => None,
            Ocr::Tesseract => Some(Box::new(Tesseract::default())),
            Ocr::Space { url, key } => {
                let space = OcrSpace::new(url, secret(key), &Attempt::USUAL);
                Some(Box::new(space.context("OCR=ocr_space")?))
            }
        };
        let sheet = match &config.sheet {
            None => None,
            Some(sheet) => Some(source(&sheet.at).context("the sheet")?),
        };
        Ok(Self { pictures, sheet })
    }
}

fn secret(text: &Secret) -> SecretString {
    SecretString::from(text.expose())
}

fn source(at: &SheetAt) -> Result<Source> {
    Ok(match at {
        SheetAt::Google { id, key, api_url } => {
            let key = KeyFile::read(key.expose().as_bytes())?;
            Source::Google(Google::new(id, key, api_url.parse()?)?)
        }
        SheetAt::Csv { clients, tariffs } => Source::Csv(Csv::new(
            clients.expose().parse()?,
            tariffs.expose().parse()?,
        )?),
    })
}

impl Task {
    /// None if it is nothing to be read.
    pub(super) fn of(effect: Effect) -> Option<Self> {
        match effect {
            Effect::Recognise { chat, ticket, said } => Some(Self::Picture {
                chat,
                ticket,
                said: Box::new(said),
            }),
            Effect::ReadSheet { asked } => Some(Self::Sheet { asked }),
            Effect::Say(_)
            | Effect::Relay(_)
            | Effect::Revise(_)
            | Effect::Card(_)
            | Effect::StripKeys { .. }
            | Effect::Answer(_)
            | Effect::Keep { .. }
            | Effect::Again { .. }
            | Effect::Remind { .. }
            | Effect::Bulk { .. }
            | Effect::Mark { .. }
            | Effect::Board { .. } => None,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Picture { .. } => Kind::Picture,
            Self::Sheet { .. } => Kind::Sheet,
        }
    }

    /// Where the answer waits its turn.
    pub(super) fn lane(&self) -> String {
        match self {
            Self::Picture { chat, .. } => chat.to_string(),
            Self::Sheet { .. } => Timer::Sheet.key(),
        }
    }

    /// The answer if there is none.
    pub(super) fn unanswered(&self, why: &str) -> Event {
        match self {
            Self::Picture { chat, ticket, said } => Event::Read(Reading {
                chat: chat.clone(),
                ticket: *ticket,
                picture: said.at.clone(),
                text: Err(Unread::Failed(why.to_owned())),
                looks: None,
            }),
            Self::Sheet { asked } => Event::Sheet {
                asked: asked.clone(),
                // Nobody has said no: the log has what it was.
                sheet: Err(sheet::Unread::Refused),
            },
        }
    }
}

/// Reads, once.
pub(super) async fn attempt(desk: &Desk, tools: &Tools, task: &Task) -> Came {
    match task {
        Task::Picture { chat, ticket, said } => {
            let (text, looks) = match fetched(desk, said).await {
                Ok(bytes) => recognised(tools, bytes).await,
                Err(failed) => (Err(failed), None),
            };
            let answer = |text| {
                Event::Read(Reading {
                    chat: chat.clone(),
                    ticket: *ticket,
                    picture: said.at.clone(),
                    text,
                    looks,
                })
            };
            match text {
                Ok(text) => Came::Answer(answer(Ok(text))),
                Err(Failed::Never(why)) => Came::Answer(answer(Err(why))),
                Err(Failed::Later(pause, why)) => Came::Later {
                    pause,
                    otherwise: answer(Err(Unread::Failed(why.clone()))),
                    why,
                },
            }
        }
        Task::Sheet { asked } => {
            let answer = |sheet| Event::Sheet {
                asked: asked.clone(),
                sheet,
            };
            match read_sheet(tools, desk.clock.now()).await {
                Ok(sheet) => Came::Answer(answer(Ok(sheet))),
                Err(NotRead { why, detail }) if why.passes() && asked.is_none() => Came::Later {
                    pause: None,
                    why: detail,
                    otherwise: answer(Err(why)),
                },
                // It is no use; and whoever waits for it can ask again.
                Err(NotRead { why, detail }) => {
                    warn!(why = detail, "the sheet is not read");
                    Came::Answer(answer(Err(why)))
                }
            }
        }
    }
}

/// Why there is no text.
enum Failed {
    /// Not yet: after a pause, if one is wanted. In words without secrets.
    Later(Option<Duration>, String),
    /// Never.
    Never(Unread),
}

async fn fetched(desk: &Desk, said: &Said) -> Result<Bytes, Failed> {
    let files = Sources::new(desk);
    let read = async {
        let mut file = files.open(said).await?.bytes;
        let mut bytes = BytesMut::new();
        while let Some(chunk) = file.try_next().await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > picture::LARGEST {
                return Ok(None);
            }
        }
        Ok(Some(bytes.freeze()))
    };
    let read: Result<_, Undelivered> = read.await;
    match read {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Failed::Never(Unread::NoPicture)),
        // What the messenger that holds it said, if it was its fault.
        Err(failed) => Err(match files.trouble().unwrap_or(failed) {
            Undelivered::Wait(pause) => {
                let why = "the messenger that holds the picture asks to wait".to_owned();
                Failed::Later(Some(pause), why)
            }
            Undelivered::Unreached(why) | Undelivered::Unknown(why) | Undelivered::Locked(why) => {
                Failed::Later(None, why)
            }
            Undelivered::Moved(_) => Failed::Later(None, "the chat has moved".to_owned()),
            Undelivered::Gone(why)
            | Undelivered::Moot(why)
            | Undelivered::Refused { reason: why } => Failed::Never(Unread::Failed(why)),
        }),
    }
}

/// The text of a picture, and what it looks like.
async fn recognised(tools: &Tools, bytes: Bytes) -> (Result<String, Failed>, Option<Looks>) {
    let Some(reader) = &tools.pictures else {
        return (Err(Failed::Never(Unread::Off)), None);
    };
    // Pictures are unpacked where it holds up nobody.
    let looks = {
        let bytes = bytes.clone();
        tokio::task::spawn_blocking(move || picture::looks(&bytes)).await
    };
    let Ok(Some(looks)) = looks else {
        return (Err(Failed::Never(Unread::NoPicture)), None);
    };
    let text = reader.read(bytes).await.map_err(|unread| match unread {
        ocr::Unread::Wait(pause) => Failed::Later(Some(pause), unread.to_string()),
        ocr::Unread::Away(why) => Failed::Later(None, why),
        // Until the owner has mended it, the operators read.
        ocr::Unread::Locked(why) => {
            warn!(why, "pictures of payments cannot be read: see OCR");
            Failed::Never(Unread::Failed(why))
        }
        ocr::Unread::Never(why) => Failed::Never(why),
    });
    (text, Some(looks))
}

async fn read_sheet(tools: &Tools, now: Timestamp) -> Result<Sheet, NotRead> {
    let off = || NotRead {
        why: sheet::Unread::Off,
        detail: "no sheet is set".to_owned(),
    };
    tools.sheet.as_ref().ok_or_else(off)?.read(now).await
}
