//! Files that people send. Webhooks bring their addresses: only Facebook's own hosts are asked, at each
//! step of the way, so that nobody makes the desk open an address of theirs.

use engine::content::Media;
use reqwest::Url;

use super::{
    client::{Client, Opened},
    link,
};
use crate::{Download, Undelivered, http};

/// Where Facebook keeps what people send.
const HOSTS: [&str; 3] = ["fbcdn.net", "fbsbx.com", "facebook.com"];

/// Most steps from one of its hosts to another.
const MOST_STEPS: usize = 5;

/// Opens a file by the address that a webhook brought.
pub(super) async fn fetch(client: &Client, media: &Media) -> Result<Download, Undelivered> {
    let name = link::file_name(&media.file);
    let mut url = Url::parse(&media.file).map_err(|_| refused("the file has no address"))?;
    for _ in 0..=MOST_STEPS {
        if !client.is_own(&url) && !http::is_at(&url, &HOSTS) {
            return Err(refused("the file is not on a host of Facebook's"));
        }
        match client.open(url).await? {
            Opened::File(response) => return Ok(http::download(response, media.size, name)),
            Opened::Elsewhere(next) => url = next,
        }
    }
    Err(refused("the file is sent from host to host"))
}

fn refused(reason: &str) -> Undelivered {
    Undelivered::Refused {
        reason: reason.to_owned(),
    }
}
