//! Temporary databases for tests: a SQLite file, and a database on a real PostgreSQL server.
//!
//! The server is the one at `ZABOTA_TEST_PG` (an administrator's `postgres://` address), or else one
//! that the first test to need it starts in a temporary folder for its whole process. It ends with the
//! process, however that ends: its guard reads a pipe that only we hold open. Without server binaries
//! the PostgreSQL half of a test is skipped, and says so; with `ZABOTA_REQUIRE_PG=1` it fails instead.

use std::{
    env,
    io::{BufRead, BufReader, Write as _},
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio_postgres::NoTls;

/// Runs a test on a fresh SQLite database and on a fresh PostgreSQL database, one after the other.
pub fn on_both(test: impl AsyncFn(TempDb)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        test(TempDb::lite()).await;
        if let Some(db) = TempDb::pg().await {
            test(db).await;
        }
    });
}

/// A database that lives as long as this value.
#[derive(Debug)]
pub struct TempDb {
    url: String,
    keep: Keep,
}

#[derive(Debug)]
enum Keep {
    Folder(TempDir),
    Database { admin: String, name: String },
}

impl TempDb {
    /// A SQLite file in a folder of its own.
    pub fn lite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self {
            url,
            keep: Keep::Folder(folder),
        }
    }

    /// A database on the tests' PostgreSQL server; `None` where there is none (it is said aloud).
    pub async fn pg() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let admin = server()?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        admin_sql(
            admin,
            &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await;
        admin_sql(admin, &format!("CREATE DATABASE {name}")).await;
        let url = database_url(admin, &name);
        Some(Self {
            url,
            keep: Keep::Database {
                admin: admin.to_owned(),
                name,
            },
        })
    }

    /// The address, as in `DATABASE_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is PostgreSQL.
    pub fn is_pg(&self) -> bool {
        matches!(self.keep, Keep::Database { .. })
    }
}

impl Drop for TempDb {
    fn drop(&mut self) {
        match &self.keep {
            Keep::Folder(folder) => tracing::trace!(folder = %folder.path().display(), "removed"),
            Keep::Database { admin, name } => {
                let (admin, sql) = (admin.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
                // Dropping may happen inside a runtime, which cannot be blocked on.
                let _ = thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build();
                    runtime
                        .expect("a runtime")
                        .block_on(admin_sql(&admin, &sql));
                })
                .join();
            }
        }
    }
}

/// `postgres://user@host:port/postgres?…` with another database's name.
fn database_url(admin: &str, name: &str) -> String {
    let (base, options) = admin
        .split_once('?')
        .map_or((admin, ""), |(base, o)| (base, o));
    let (scheme, rest) = base.split_once("://").expect("an address with ://");
    let host = rest.split('/').next().unwrap_or(rest);
    let options = if options.is_empty() {
        String::new()
    } else {
        format!("?{options}")
    };
    format!("{scheme}://{host}/{name}{options}")
}

async fn admin_sql(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("the test server");
    let driver = tokio::spawn(connection);
    client.batch_execute(sql).await.expect(sql);
    drop(client);
    let _ = driver.await;
}

/// The server's address, decided once a process.
fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<(String, Option<Server>)>> = OnceLock::new();
    let found = SERVER.get_or_init(|| match env::var("ZABOTA_TEST_PG") {
        Ok(url) if !url.is_empty() => Some((url, None)),
        _ => Server::start(Disk::Careless).map(|server| (server.url().to_owned(), Some(server))),
    });
    if found.is_none() {
        let why = "no PostgreSQL server binaries (initdb, postgres) were found";
        let required = env::var("ZABOTA_REQUIRE_PG").is_ok_and(|v| v == "1");
        assert!(!required, "{why}, and ZABOTA_REQUIRE_PG=1 asks for them");
        // Not `eprintln!`, which the test runner keeps to itself.
        let _ = writeln!(
            std::io::stderr(),
            "\nSKIPPED: the PostgreSQL half of a test: {why}; apt-get install postgresql\n"
        );
    }
    found.as_ref().map(|(url, _)| url.as_str())
}

/// Whether a server waits for its disk.
#[derive(Clone, Copy, Debug)]
pub enum Disk {
    /// It does, as in earnest: for measuring.
    Durable,
    /// It does not: for tests.
    Careless,
}

/// A PostgreSQL server of our own in a temporary folder; it ends with this value.
#[derive(Debug)]
pub struct Server {
    url: String,
    guard: Mutex<Guard>,
}

#[derive(Debug)]
struct Guard {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// Serves until the pipe to us closes; obeys `stop` and `start` meanwhile.
const GUARD: &str = r#"
bin=$1; port=$2; fsync=$3
folder=$(mktemp -d "${TMPDIR:-/tmp}/zabota-pg-XXXXXX") || exit 1
"$bin/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --no-locale --no-sync >"$folder/log" 2>&1 || {
  cat "$folder/log" >&2; rm -rf "$folder"; exit 1; }
start() {
  "$bin/postgres" -D "$folder/data" -k "$folder" -p "$port" -c listen_addresses=127.0.0.1 \
    -c fsync="$fsync" -c synchronous_commit="$fsync" -c full_page_writes="$fsync" \
    -c max_connections=200 -c shared_buffers=64MB >>"$folder/log" 2>&1 </dev/null &
  pid=$!
}
stop() { kill -INT "$pid" 2>/dev/null; wait "$pid"; }
start
echo ready
while read -r order; do
  case $order in stop) stop ;; start) start ;; esac
  echo "$order"
done
stop
rm -rf "$folder"
"#;

impl Server {
    /// Starts one; `None` when no server binaries are found.
    ///
    /// # Panics
    /// When binaries are there but do not start.
    pub fn start(disk: Disk) -> Option<Self> {
        let bin = binaries()?;
        let port = free_port();
        let fsync = match disk {
            Disk::Durable => "on",
            Disk::Careless => "off",
        };
        let mut command = Command::new("sh");
        as_ordinary_user(&mut command);
        let mut child = command
            .args(["-c", GUARD, "sh"])
            .arg(bin)
            .args([&port.to_string(), fsync])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // An interrupted test run must not interrupt the guard's tidying up.
            .process_group(0)
            .spawn()
            .expect("a shell for the PostgreSQL server");
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("a piped stdout"));
        let mut guard = Guard {
            child,
            orders,
            answers,
        };
        assert_eq!(guard.answer(), "ready", "initdb failed, see above");
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let server = Self {
            url,
            guard: Mutex::new(guard),
        };
        server.wait_ready();
        Some(server)
    }

    /// An administrator's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server; connections break.
    pub fn stop(&self) {
        self.order("stop");
    }

    /// Starts it again after [`Server::stop`].
    pub fn resume(&self) {
        self.order("start");
        self.wait_ready();
    }

    fn order(&self, order: &str) {
        let mut guard = self.guard.lock().expect("the server's guard");
        let orders = guard.orders.as_mut().expect("open until dropped");
        writeln!(orders, "{order}").expect("the server's guard listens");
        assert_eq!(guard.answer(), order);
    }

    fn wait_ready(&self) {
        let url = self.url.clone();
        let waiting = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let deadline = Instant::now() + Duration::from_secs(30);
                while let Err(error) = tokio_postgres::connect(&url, NoTls).await {
                    assert!(
                        Instant::now() < deadline,
                        "the PostgreSQL server is not ready: {error}"
                    );
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            });
        });
        waiting.join().expect("the PostgreSQL server");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(guard) = self.guard.get_mut() {
            guard.orders = None;
            let _ = guard.child.wait();
        }
    }
}

impl Guard {
    fn answer(&mut self) -> String {
        let mut line = String::new();
        let _ = self.answers.read_line(&mut line);
        line.trim().to_owned()
    }
}

/// A port for a server that is about to start. Below those that the system gives to outgoing connections
/// (from 32768 on Linux), so that none of them takes it meanwhile; other processes begin elsewhere.
///
/// # Panics
/// When thousands of ports are taken.
pub fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(7919);
    let candidates = std::iter::repeat_with(|| TAKEN.fetch_add(1, Ordering::Relaxed)).take(5000);
    let ports =
        candidates.map(|taken| 12_000 + first.wrapping_add(taken.wrapping_mul(31)) % 18_000);
    ports
        .filter_map(|port| u16::try_from(port).ok())
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

/// Where `initdb` and `postgres` are: Debian's folders (newest first), `PATH`, `pg_config`.
fn binaries() -> Option<PathBuf> {
    let version = |path: &PathBuf| {
        let name = path.parent().and_then(Path::file_name)?.to_str()?;
        name.parse::<u32>().ok()
    };
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut places: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    places.sort_by_key(|path| std::cmp::Reverse(version(path)));
    places.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output() {
        places.push(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()));
    }
    places
        .into_iter()
        .find(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
}

/// PostgreSQL refuses to run as root: then it runs as its own user, or as nobody.
fn as_ordinary_user(command: &mut Command) {
    let root = std::fs::metadata("/proc/self")
        .is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    if !root {
        return;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let mut fields = users
            .lines()
            .find(|line| line.starts_with(name))?
            .split(':')
            .skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let (user, group) = ids("postgres:")
        .or_else(|| ids("nobody:"))
        .unwrap_or((65534, 65534));
    command.uid(user).gid(group);
}
