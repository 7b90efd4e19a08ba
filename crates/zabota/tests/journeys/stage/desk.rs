//! The desk as a process of its own: started, killed, asked to stop, read from.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{GROUP, Stage, TOKEN, free_port};

/// Environment variables.
pub(crate) type Settings<'a> = Vec<(&'a str, String)>;

/// A running `zabota run`. Killed when dropped; on a failure its log is shown.
pub(crate) struct Desk {
    child: Child,
    port: u16,
    /// What it was told besides what every desk is told.
    settings: Vec<(String, String)>,
    log: PathBuf,
    http: reqwest::Client,
}

impl Stage {
    /// Starts the desk and waits until it is ready.
    pub(crate) async fn open(&self) -> Desk {
        self.open_with(&[]).await
    }

    /// The same with more settings, or others.
    pub(crate) async fn open_with(&self, settings: &[(&str, &str)]) -> Desk {
        let desk = self.begin(free_port(), settings);
        self.ready(&desk).await;
        desk
    }

    /// Waits until a desk says that it is ready.
    pub(crate) async fn ready(&self, desk: &Desk) {
        let ready = async || (desk.page("/readyz").await.0 == 200).then_some(());
        self.until("a desk that is ready", ready).await;
    }

    /// Kills the desk and starts another at once in its place, as if the dead one's leases had run out.
    pub(crate) async fn restart(&self, desk: Desk) -> Desk {
        let (port, settings) = (desk.port, desk.settings.clone());
        desk.kill();
        self.script("UPDATE leases SET until = 0; UPDATE copies SET seen_at = 0")
            .await;
        self.begin_again(port, &settings).await
    }

    /// Asks the desk to stop, waits until it has, and starts another in its place.
    pub(crate) async fn stop_and_start(&self, desk: Desk) -> Desk {
        let (port, settings) = (desk.port, desk.settings.clone());
        desk.stop().await;
        self.begin_again(port, &settings).await
    }

    async fn begin_again(&self, port: u16, settings: &[(String, String)]) -> Desk {
        let settings: Vec<_> = settings
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let desk = self.begin(port, &settings);
        self.ready(&desk).await;
        desk
    }

    /// Starts the desk, on a port, and does not wait.
    pub(crate) fn begin(&self, port: u16, settings: &[(&str, &str)]) -> Desk {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let log = self.home().join(format!("desk-{number}.log"));
        let file = File::create(&log).expect("a log");
        let other = file.try_clone().expect("the same log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_zabota"));
        command
            .arg("run")
            .current_dir(self.home())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("BOT_TOKEN", TOKEN)
            .env("OPERATORS_CHAT_ID", GROUP.to_string())
            .env("TELEGRAM_API_URL", self.sandbox.url())
            .env("DATABASE_URL", &self.database)
            .env("MEDIA_ROOT", self.media())
            .env("HTTP_ADDR", format!("127.0.0.1:{port}"))
            .env("LIMITS", "off")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(other);
        Desk {
            child: command.spawn().expect("the desk starts"),
            port,
            settings: settings
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            log,
            http: self.http.clone(),
        }
    }
}

impl Desk {
    /// The address of its pages.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// One of its pages: status and text; 0 if nobody answers.
    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        match self.http.get(self.url() + path).send().await {
            Ok(answer) => (
                answer.status().as_u16(),
                answer.text().await.unwrap_or_default(),
            ),
            Err(_) => (0, String::new()),
        }
    }

    /// A figure of `/metrics`; 0 if it is not there.
    pub(crate) async fn figure(&self, name: &str) -> f64 {
        let (_, page) = self.page("/metrics").await;
        let mut lines = page.lines().filter_map(|line| line.strip_prefix(name));
        let value = lines.find_map(|rest| rest.trim().parse().ok());
        value.unwrap_or_default()
    }

    /// Everything it has said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log")
    }

    /// SIGKILL: no time for anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a process to kill");
        self.child.wait().expect("its end");
    }

    /// SIGTERM; how it ended, how long that took, and what it had said.
    pub(crate) async fn stop(mut self) -> (ExitStatus, Duration, String) {
        let began = Instant::now();
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.expect("kill").success());
        let status = self.ended(Duration::from_secs(20)).await;
        (status, began.elapsed(), self.log())
    }

    /// Waits for the process to end by itself.
    pub(crate) async fn ended(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < deadline, "the desk does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _status = self.child.wait();
        if thread::panicking() {
            eprintln!("== the desk's log\n{}", self.log());
        }
    }
}
