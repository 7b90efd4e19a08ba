//! Connections: how they are made, and the one that only listens.

use std::{future, time::Duration};

use deadpool_postgres::{Manager, ManagerConfig, RecyclingMethod};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    super::error::{Error, Result},
    PATIENCE, Pg,
};

/// What every connection begins with. A row held longer than this is a conflict, not a wait; a copy that
/// froze in the middle of a transaction holds nobody up.
const SETTINGS: &str =
    "-c lock_timeout=10s -c idle_in_transaction_session_timeout=5s -c TimeZone=UTC";

/// How to reach a server.
#[derive(Clone)]
pub(super) struct Link {
    pub config: Config,
    /// With `sslmode=require`; the certificate must be one that this machine trusts.
    tls: Option<MakeRustlsConnect>,
}

impl Link {
    pub(super) fn new(url: &str) -> Result<Self> {
        let refuse = |error: tokio_postgres::Error| match Error::from_pg("", error) {
            Error::Broken { source, .. } => Error::Refused(source.to_string()),
            other => other,
        };
        let mut config: Config = url.parse().map_err(refuse)?;
        // `prefer`, the default, would refuse the self-signed certificates that servers are installed
        // with: encryption is for those who ask for it.
        let tls = if config.get_ssl_mode() == SslMode::Require {
            let trusted = MakeRustlsConnect::with_native_certs();
            let why = "sslmode=require needs the system's certificates (ca-certificates)";
            Some(trusted.map_err(|_| Error::Refused(why.to_owned()))?.0)
        } else {
            None
        };
        // A peer that vanished without a word is noticed within half a minute.
        config
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(Duration::from_secs(20));
        config
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(PATIENCE);
        config.keepalives_retries(3);
        let options = config
            .get_options()
            .map_or(String::new(), |given| format!(" {given}"));
        config.options(format!("{SETTINGS}{options}"));
        if config.get_application_name().is_none() {
            config.application_name("zabota");
        }
        Ok(Self { config, tls })
    }

    pub(super) fn manager(&self) -> Manager {
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        match &self.tls {
            Some(tls) => Manager::from_config(self.config.clone(), tls.clone(), recycling),
            None => Manager::from_config(self.config.clone(), NoTls, recycling),
        }
    }
}

impl Pg {
    /// Hears `NOTIFY channel` on a connection of its own, until that breaks.
    pub async fn listen(&self, channel: &str) -> Result<Listener> {
        let failed = |error| Error::from_pg("LISTEN", error);
        let (heard, calls) = mpsc::unbounded_channel();
        let Link { config, tls } = &*self.link;
        let client = if let Some(tls) = tls {
            let (client, connection) = config.connect(tls.clone()).await.map_err(failed)?;
            tokio::spawn(hear(connection, heard));
            client
        } else {
            let (client, connection) = config.connect(NoTls).await.map_err(failed)?;
            tokio::spawn(hear(connection, heard));
            client
        };
        client
            .batch_execute(&format!("LISTEN \"{channel}\""))
            .await
            .map_err(failed)?;
        Ok(Listener {
            _client: client,
            calls,
        })
    }
}

async fn hear<S, T>(mut connection: Connection<S, T>, heard: mpsc::UnboundedSender<String>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = future::poll_fn(|cx| connection.poll_message(cx)).await {
        if let AsyncMessage::Notification(note) = message
            && heard.send(note.payload().to_owned()).is_err()
        {
            break;
        }
    }
}

/// Hears what other copies call out.
#[derive(Debug)]
pub struct Listener {
    /// Held, not used: without it the connection closes.
    _client: Client,
    calls: mpsc::UnboundedReceiver<String>,
}

impl Listener {
    /// The next call's text; `None` when the connection broke: listen anew.
    pub async fn heard(&mut self) -> Option<String> {
        self.calls.recv().await
    }
}
