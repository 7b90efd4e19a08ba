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
    payment::{Looks, Picture, Reading, Unread},
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
    /// Pictures of a payment, sent at once.
    Pictures {
        /// The customer's chat.
        chat: ChatRef,
        /// The ticket that they belong to.
        ticket: TicketId,
        /// The messages with the pictures.
        said: Vec<Said>,
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

    /// Says aloud what whoever reads pictures lacks: until it is there, operators get pictures unread.
    pub(super) async fn complain(&self) {
        let Some(reader) = &self.pictures else { return };
        if let Some(lacks) = reader.lacks().await {
            warn!("OCR: pictures of payments cannot be read well, or not at all: {lacks}");
        }
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
            Effect::Recognise { chat, ticket, said } => Some(Self::Pictures { chat, ticket, said }),
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
            Self::Pictures { .. } => Kind::Picture,
            Self::Sheet { .. } => Kind::Sheet,
        }
    }

    /// Where the answer waits its turn.
    pub(super) fn lane(&self) -> String {
        match self {
            Self::Pictures { chat, .. } => chat.to_string(),
            Self::Sheet { .. } => Timer::Sheet.key(),
        }
    }

    /// The answer if there is none.
    pub(super) fn unanswered(&self) -> Event {
        match self {
            Self::Pictures { chat, ticket, said } => Event::Read(Reading {
                chat: chat.clone(),
                ticket: *ticket,
                pictures: said
                    .iter()
                    .map(|said| unread(said, None, Unread::Failed))
                    .collect(),
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
        Task::Pictures { chat, ticket, said } => {
            let answer = |pictures| {
                Event::Read(Reading {
                    chat: chat.clone(),
                    ticket: *ticket,
                    pictures,
                })
            };
            let (pictures, later) = pictures(desk, tools, said).await;
            match later {
                None => Came::Answer(answer(pictures)),
                Some((pause, why)) => Came::Later {
                    pause: Some(pause),
                    why,
                    otherwise: answer(pictures),
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

/// Why a picture has no text.
struct Failed {
    /// For people.
    why: Unread,
    /// What it looks like, if it is a picture: the operators may credit it, and it must be known again.
    looks: Option<Looks>,
    /// For the log, without secrets.
    words: String,
    /// If it is worth another try: after which pause at least.
    later: Option<Duration>,
}

impl Failed {
    fn never(why: Unread, words: impl Into<String>) -> Self {
        Self {
            why,
            looks: None,
            words: words.into(),
            later: None,
        }
    }

    fn later(why: Unread, words: impl Into<String>, pause: Duration) -> Self {
        Self {
            later: Some(pause),
            ..Self::never(why, words)
        }
    }
}

/// A pause, and what for, in words without secrets.
type Later = (Duration, String);

/// All pictures of a message or an album, one after the other, as they stand now; and, if one of them is
/// worth another try, when and why. Then the others are read again, too: they are judged together.
async fn pictures(desk: &Desk, tools: &Tools, said: &[Said]) -> (Vec<Picture>, Option<Later>) {
    let mut pictures = Vec::new();
    let mut later: Option<Later> = None;
    for said in said {
        let failed = match picture(desk, tools, said).await {
            Ok(picture) => {
                pictures.push(picture);
                continue;
            }
            Err(failed) => failed,
        };
        if let Some(pause) = failed.later {
            later = later.max(Some((pause, failed.words)));
        } else {
            warn!(picture = %said.at, why = failed.words, "a picture of a payment is not read");
        }
        pictures.push(unread(said, failed.looks, failed.why));
    }
    (pictures, later)
}

fn unread(said: &Said, looks: Option<Looks>, why: Unread) -> Picture {
    Picture {
        at: said.at.clone(),
        text: Err(why),
        looks,
    }
}

/// The text of a picture, and what it looks like.
async fn picture(desk: &Desk, tools: &Tools, said: &Said) -> Result<Picture, Failed> {
    let Some(reader) = &tools.pictures else {
        return Err(Failed::never(Unread::Off, "OCR is off"));
    };
    let bytes = fetched(desk, said).await?;
    // Pictures are unpacked where it holds up nobody.
    let looks = {
        let bytes = bytes.clone();
        tokio::task::spawn_blocking(move || picture::looks(&bytes)).await
    };
    let Ok(Some(looks)) = looks else {
        return Err(Failed::never(Unread::NoPicture, "no picture"));
    };
    let text = reader.read(bytes).await.map_err(|unread| {
        let words = unread.to_string();
        let failed = match unread {
            ocr::Unread::Wait(pause) => Failed::later(Unread::Limit, words, pause),
            ocr::Unread::Away(_) => Failed::later(Unread::Away, words, Duration::ZERO),
            // Until the owner has mended it, the operators read.
            ocr::Unread::Locked(_) => Failed::never(Unread::Refused, words),
            ocr::Unread::Missing(_) => Failed::never(Unread::Missing, words),
            ocr::Unread::Never(why, _) => Failed::never(why, words),
        };
        Failed {
            looks: Some(looks),
            ..failed
        }
    })?;
    Ok(Picture {
        at: said.at.clone(),
        text: Ok(text),
        looks: Some(looks),
    })
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
        Ok(None) => Err(Failed::never(Unread::TooBig, "more than 20 MB")),
        // What the messenger that holds it said, if it was its fault.
        Err(failed) => Err(match files.trouble().unwrap_or(failed) {
            Undelivered::Wait(pause) => {
                let words = "the messenger that holds the picture asks to wait";
                Failed::later(Unread::NoFile, words, pause)
            }
            Undelivered::Unreached(why) | Undelivered::Unknown(why) | Undelivered::Locked(why) => {
                Failed::later(Unread::NoFile, why, Duration::ZERO)
            }
            Undelivered::Moved(_) => {
                Failed::later(Unread::NoFile, "the chat has moved", Duration::ZERO)
            }
            Undelivered::Gone(why)
            | Undelivered::Moot(why)
            | Undelivered::Refused { reason: why } => Failed::never(Unread::NoFile, why),
        }),
    }
}

async fn read_sheet(tools: &Tools, now: Timestamp) -> Result<Sheet, NotRead> {
    let off = || NotRead {
        why: sheet::Unread::Off,
        detail: "no sheet is set".to_owned(),
    };
    tools.sheet.as_ref().ok_or_else(off)?.read(now).await
}
