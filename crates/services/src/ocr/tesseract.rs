//! Tesseract, a program of its own: if it crashes or hangs, that is all that happens.
//!
//! It reads each picture more than once and differently, and only what two readings agree on counts
//! (`agree.rs`): what it misreads it misreads silently.

use std::{ffi::OsString, io, process::Stdio, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use engine::payment;
use image::{DynamicImage, GrayImage};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
    sync::{OnceCell, Semaphore},
    time,
};

use super::{Reader, Unread, agree, aside};
use crate::{http::words, picture};

/// How long one reading may take.
const WITHIN: Duration = Duration::from_secs(30);

/// How many run at once: each takes a processor.
const AT_ONCE: usize = 2;

/// Most text of a picture, in bytes.
const MOST_TEXT: usize = 64 << 10;

/// Languages without which it reads nothing useful.
const NEEDED: [&str; 2] = ["rus", "eng"];

/// For the words on Chinese pictures, such as that a payment failed.
const CHINESE: &str = "chi_sim";

/// One reading.
#[derive(Clone, Copy)]
struct Pass {
    /// The longer side of the picture.
    side: u32,
    /// How black is told from white (`thresholding_method`): 0 by the whole picture, 1 by each part of
    /// it, which finds white letters on a coloured head.
    thresholds: &'static str,
    /// Whether Chinese is read, where it is installed.
    chinese: bool,
}

/// They differ, so that what is lost in one is not lost in the other two; the figures are those that
/// read best (`docs/recognition.md`).
const PASSES: [Pass; 3] = [
    Pass {
        side: 2560,
        thresholds: "1",
        chinese: false,
    },
    Pass {
        side: 1280,
        thresholds: "0",
        chinese: true,
    },
    Pass {
        side: 1920,
        thresholds: "1",
        chinese: false,
    },
];

/// Sparse text, in no order (`--psm`): screenshots have no paragraphs.
const LAYOUT: &str = "11";

/// The program `tesseract`.
#[derive(Debug)]
pub struct Tesseract {
    program: OsString,
    chinese: OnceCell<bool>,
    turns: Semaphore,
}

/// What is not installed, as a line that says how to install it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The program.
    #[error(
        "tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-rus tesseract-ocr-eng tesseract-ocr-chi-sim"
    )]
    Program,
    /// Languages, by tesseract's names.
    #[error("tesseract has no {}: apt-get install {}", .0.join(", "), packages(.0))]
    Languages(Vec<&'static str>),
    /// It is there and does not run. In its words.
    #[error("tesseract does not run: {0}")]
    Broken(String),
}

fn packages(languages: &[&str]) -> String {
    let package = |language: &&str| format!("tesseract-ocr-{}", language.replace('_', "-"));
    languages.iter().map(package).collect::<Vec<_>>().join(" ")
}

impl Default for Tesseract {
    fn default() -> Self {
        Self::at("tesseract")
    }
}

impl Tesseract {
    /// The program by its name or path.
    pub fn at(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            chinese: OnceCell::new(),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// Whether the program and all three languages are there: Russian and English, which it does not
    /// read without, and Chinese.
    pub async fn check(&self) -> Result<(), Missing> {
        let here = self.languages().await?;
        let wanted = NEEDED.into_iter().chain([CHINESE]);
        match wanted
            .filter(|language| !here.contains(language))
            .collect::<Vec<_>>()
        {
            missing if missing.is_empty() => Ok(()),
            missing => Err(Missing::Languages(missing)),
        }
    }

    /// Those of its languages that are of use here.
    async fn languages(&self) -> Result<Vec<&'static str>, Missing> {
        let mut list = Command::new(&self.program);
        list.arg("--list-langs")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let listed = time::timeout(WITHIN, list.output()).await;
        let listed = listed.map_err(|_| Missing::Broken("no answer in time".to_owned()))?;
        let listed = listed.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Missing::Program,
            _ => Missing::Broken(error.to_string()),
        })?;
        if !listed.status.success() {
            return Err(Missing::Broken(words(&String::from_utf8_lossy(
                &listed.stderr,
            ))));
        }
        let text = String::from_utf8_lossy(&listed.stdout).into_owned();
        let of_use = NEEDED.into_iter().chain([CHINESE]);
        Ok(of_use
            .filter(|language| text.lines().any(|line| line.trim() == *language))
            .collect())
    }

    /// Whether Chinese is installed, asked once; an error if it cannot read at all.
    async fn reads_chinese(&self) -> Result<bool, Unread> {
        let asked = self.chinese.get_or_try_init(|| async {
            let here = self.languages().await?;
            let missing = NEEDED
                .into_iter()
                .filter(|language| !here.contains(language));
            match missing.collect::<Vec<_>>() {
                missing if missing.is_empty() => Ok(here.contains(&CHINESE)),
                missing => Err(Missing::Languages(missing)),
            }
        });
        let asked: Result<_, Missing> = asked.await;
        asked
            .copied()
            .map_err(|missing| Unread::Missing(missing.to_string()))
    }

    async fn pass(&self, picture: &Arc<DynamicImage>, pass: Pass) -> Result<String, Unread> {
        let chinese = self.reads_chinese().await? && pass.chinese;
        let languages = if chinese { "chi_sim+eng" } else { "rus+eng" };
        let picture = Arc::clone(picture);
        let page = aside(move || Ok(pgm(&picture::page(&picture, pass.side)))).await?;
        let turn = self.turns.acquire().await;
        let read = time::timeout(WITHIN, self.run(&page, pass.thresholds, languages)).await;
        drop(turn);
        read.unwrap_or_else(|_| Err(Unread::Away("tesseract: not done in time".to_owned())))
    }

    async fn run(&self, page: &[u8], thresholds: &str, languages: &str) -> Result<String, Unread> {
        let away = |error: io::Error| Unread::Away(format!("tesseract: {error}"));
        let mut tesseract = Command::new(&self.program)
            .args([
                "stdin", "stdout", "--dpi", "300", "-l", languages, "--psm", LAYOUT,
            ])
            .args(["-c", &format!("thresholding_method={thresholds}")])
            // More threads are slower, whatever the number of processors.
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(away)?;
        let (stdin, stdout, stderr) = (
            tesseract.stdin.take(),
            tesseract.stdout.take(),
            tesseract.stderr.take(),
        );
        let write = async move {
            if let Some(mut stdin) = stdin {
                // If it stopped listening, how it ended says more.
                let _ = stdin.write_all(page).await;
            }
        };
        let ((), text, said) = tokio::join!(write, capped(stdout), capped(stderr));
        let (text, said) = (text.map_err(away)?, said.map_err(away)?);
        if text.len() > MOST_TEXT {
            return failed("there is more text than on any screenshot");
        }
        let ended = tesseract.wait().await.map_err(away)?;
        match ended.code() {
            Some(0) => Ok(String::from_utf8_lossy(&text).into_owned()),
            Some(_) => failed(&words(&String::from_utf8_lossy(&said))),
            // Killed, as by a machine without memory.
            None => Err(Unread::Away(format!("tesseract: {ended}"))),
        }
    }
}

#[async_trait]
impl Reader for Tesseract {
    async fn read(&self, picture: Bytes) -> Result<String, Unread> {
        let decode = move || picture::decode(&picture).map_err(|_| Unread::no_picture());
        let decoded = aside(decode).await?;
        let decoded = Arc::new(decoded);
        let [first, second, third] = PASSES.map(|pass| self.pass(&decoded, pass));
        let (first, second, third) = tokio::try_join!(first, second, third)?;
        Ok(agree::agreed(&[first, second, third]))
    }

    async fn lacks(&self) -> Option<String> {
        self.check().await.err().map(|missing| missing.to_string())
    }
}

fn failed<T>(why: &str) -> Result<T, Unread> {
    Err(Unread::Never(payment::Unread::Failed, why.to_owned()))
}

/// A little more than the most, so that what is too long can be told.
async fn capped(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    if let Some(stream) = stream {
        stream
            .take(MOST_TEXT as u64 + 1)
            .read_to_end(&mut read)
            .await?;
    }
    Ok(read)
}

/// A picture in the plainest format that there is.
fn pgm(page: &GrayImage) -> Vec<u8> {
    let mut bytes = format!("P5\n{} {}\n255\n", page.width(), page.height()).into_bytes();
    bytes.extend_from_slice(page.as_raw());
    bytes
}
