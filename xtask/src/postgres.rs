//! A PostgreSQL of our own: made in a temporary folder, on a free port, gone when we are gone.
//!
//! What must stay true: nothing stays behind, however we end. So the server belongs to a keeper, a
//! small shell that waits on a pipe from us. When the pipe closes (we are done, interrupted or killed)
//! it stops the server and removes the folder.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{find, succeeds};

/// The oldest server that the store promises to work on.
const OLDEST: u32 = 15;
const READY_WITHIN: Duration = Duration::from_secs(30);

/// $1: the folder of PostgreSQL's programs, $2: our folder, the rest: the server's settings; the first
/// line it reads is the password. What a terminal's Ctrl-C sends does not reach it; the pipe's end does.
/// SIGQUIT is PostgreSQL's «at once», which fits: nothing is worth saving. A server that is just being
/// born has no number yet, so it is asked until it is gone.
const KEEPER: &str = r#"
trap '' HUP INT TERM
umask 077
programs=$1 folder=$2
shift 2
cd "$folder" || exit
read -r password
printf '%s' "$password" >password
{
    "$programs/initdb" --no-sync --encoding=UTF8 --locale=C.UTF-8 --auth=scram-sha-256 \
        --username=zabota --pwfile=password --pgdata=data &&
        "$programs/postgres" -D data "$@"
    touch gone
} >log 2>&1 &
read -r _
until [ -e gone ]; do
    read -r server <data/postmaster.pid && kill -QUIT "$server"
    sleep 0.1
done 2>/dev/null
cd / && rm -rf "$folder"
"#;

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// For measuring: as in earnest.
    Disk,
    /// For tests: a power cut may take everything.
    None,
}

/// A running server; dropping it removes it.
pub(crate) struct Postgres {
    url: String,
    keeper: Option<Child>,
}

impl Postgres {
    /// The server named by `ZABOTA_TEST_PG`, or one of our own.
    pub(crate) fn start(durability: Durability) -> Result<Self> {
        if let Some(url) = given() {
            return Ok(Self { url, keeper: None });
        }
        let programs = programs().with_context(|| {
            format!("PostgreSQL {OLDEST} or newer is missing: apt-get install postgresql")
        })?;
        // Between our finding a port free and the server's taking it somebody else may.
        Self::keep(&programs, durability).or_else(|_| Self::keep(&programs, durability))
    }

    fn keep(programs: &Path, durability: Durability) -> Result<Self> {
        let home = Home::make()?;
        let (port, password) = (free_port()?, password()?);
        let mut keeper = home
            .command("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .args([programs, &home.folder])
            .args(settings(port, &home.folder, durability))
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("cannot start PostgreSQL's keeper")?;
        if let Some(pipe) = &mut keeper.stdin {
            writeln!(pipe, "{password}")?;
        }
        let url = format!("postgres://zabota:{password}@127.0.0.1:{port}/postgres");
        let postgres = Self {
            url,
            keeper: Some(keeper),
        };
        await_server(programs, port, &home.folder)?;
        Ok(postgres)
    }

    /// A superuser's address of the database `postgres`; tests make databases of their own from it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

/// A server that somebody runs for us.
pub(crate) fn given() -> Option<String> {
    env::var("ZABOTA_TEST_PG")
        .ok()
        .filter(|url| !url.is_empty())
}

/// The folder with the newest server's programs, if it is new enough.
pub(crate) fn programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"));
    let elsewhere =
        find("initdb").and_then(|file| Some(fs::canonicalize(file).ok()?.parent()?.into()));
    debian
        .chain(elsewhere)
        .filter_map(|folder| Some((version_in(&folder)?, folder)))
        .filter(|(version, _)| *version >= OLDEST)
        .max()
        .map(|(_, folder)| folder)
}

fn version_in(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    version(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` → 15; `17beta1` → 17.
fn version(said: &str) -> Option<u32> {
    let number = said.split_once("(PostgreSQL) ")?.1;
    let digits = number
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(number.len());
    number[..digits].parse().ok()
}

pub(crate) fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output();
    user.is_ok_and(|user| user.stdout.trim_ascii() == b"0")
}

/// The temporary folder and whose it is: PostgreSQL does not run as root.
struct Home {
    folder: PathBuf,
    /// User and group to become; none where we may stay who we are.
    owner: Option<(u32, u32)>,
}

impl Home {
    fn make() -> Result<Self> {
        let owner = is_root().then(servant).transpose()?;
        let name = format!("zabota-pg-{}-{}", process::id(), &password()?[..8]);
        let folder = env::temp_dir().join(name);
        DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group))?;
        }
        Ok(Self { folder, owner })
    }

    /// The program as the folder's owner, who may not be allowed to read the checkout.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder);
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

/// Whom root becomes: the package's user, or nobody.
fn servant() -> Result<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| user_in(&users, name))
        .context("neither a user `postgres` nor `nobody` is here to run PostgreSQL as")
}

/// `postgres:x:101:104:…` → 101, 104.
fn user_in(users: &str, name: &str) -> Option<(u32, u32)> {
    users.lines().find_map(|line| {
        let mut fields = line
            .strip_prefix(name)?
            .strip_prefix(':')?
            .split(':')
            .skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}

fn settings(port: u16, folder: &Path, durability: Durability) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", folder.display()),
        // Many tests at once, each with a pool.
        "max_connections=300".to_owned(),
        "timezone=UTC".to_owned(),
    ];
    match durability {
        Durability::Disk => {}
        Durability::None => settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(str::to_owned),
        ),
    }
    settings
        .into_iter()
        .flat_map(|setting| ["-c".to_owned(), setting])
        .collect()
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// So that nobody else on this machine becomes the server's superuser: 32 hexadecimal digits.
fn password() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?
        .read_exact(&mut bytes)
        .context("cannot read /dev/urandom")?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

fn await_server(programs: &Path, port: u16, folder: &Path) -> Result<()> {
    let asked = Instant::now();
    let mut question = Command::new(programs.join("pg_isready"));
    question.args(["--quiet", "--host=127.0.0.1", &format!("--port={port}")]);
    while !succeeds(&mut question) {
        if folder.join("gone").exists() {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            bail!("PostgreSQL does not start:\n{}", log.trim());
        }
        ensure!(
            asked.elapsed() < READY_WITHIN,
            "PostgreSQL is not ready after {READY_WITHIN:?}"
        );
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_every_packager_are_read() {
        assert_eq!(
            version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(version("command not found"), None);
    }

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let users = "postgresql:x:7:8::/:/bin/sh\npostgres:x:101:104:admin:/var:/bin/bash\n";
        assert_eq!(user_in(users, "postgres"), Some((101, 104)));
        assert_eq!(user_in(users, "nobody"), None);
    }

    #[test]
    fn nothing_stays_behind() -> Result<()> {
        let programs = programs().context("no PostgreSQL here")?;
        let postgres = Postgres::keep(&programs, Durability::None)?;
        let ours = format!("zabota-pg-{}-", process::id());
        assert_eq!(leftovers(&ours), 1);
        drop(postgres);
        assert_eq!(leftovers(&ours), 0);
        Ok(())
    }

    fn leftovers(ours: &str) -> usize {
        fs::read_dir(env::temp_dir())
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(ours))
            .count()
    }
}
