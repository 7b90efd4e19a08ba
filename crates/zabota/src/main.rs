//! The command line: reads what was asked, starts logging, and hands over to a command.

use std::{
    io::{stderr, stdout},
    net::SocketAddr,
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use engine::phrases::Locale;
use zabota::{
    commands,
    config::{self, Config, Mistake, Settings},
    telemetry::{self, Format},
};

/// A customer-support desk that lives in messengers.
#[derive(Parser)]
#[command(name = "zabota", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves: takes updates, decides, delivers, until it is asked to stop (SIGTERM, Ctrl+C).
    Run,
    /// Shows the whole thing with emulated messengers, on a page in your browser.
    Demo(commands::demo::Show),
    /// Serves only the emulated messengers, for tests and for other people's bots.
    Sandbox {
        /// Where they listen.
        #[arg(long, default_value = "127.0.0.1:8081")]
        addr: SocketAddr,
    },
    /// Brings the database up to date; `run` does it too.
    Migrate,
    /// Reads the settings and the scenario and prints every mistake; exits 1 if there is any.
    Check,
    /// Prints a scenario that ships with the desk, to start your own from.
    Scenario {
        /// Its name.
        #[arg(default_value = "care")]
        name: String,
        /// Prints the desk's own words instead, as they may stand in zabota.toml.
        #[arg(long)]
        phrases: bool,
    },
    /// Asks the copy that runs on this machine whether it lives.
    #[command(hide = true)]
    Healthz,
}

fn main() -> ExitCode {
    let settings = config::settings();
    let cli = Cli::try_parse();
    let format = start_logging(settings.as_ref().ok(), usual_level(&cli));
    let cli = match cli {
        Ok(cli) => cli,
        Err(error) => return explain(format, &error),
    };
    match cli.command {
        Command::Run => {
            let read = settings.and_then(|settings| {
                both(Config::read(&settings), config::load_scenario(&settings))
            });
            match read {
                Ok((config, scenario)) => wait(format, commands::run::run(config, scenario)),
                Err(mistakes) => refuse(format, &mistakes),
            }
        }
        Command::Demo(show) => {
            let locale = settings
                .ok()
                .and_then(|settings| settings.get("LOCALE").map(str::to_owned));
            let locale = locale.unwrap_or_else(|| Locale::default().code().to_owned());
            wait(format, async move {
                commands::demo::run(show, &locale, &mut stdout()).await
            })
        }
        Command::Sandbox { addr } => wait(format, async move {
            commands::sandbox::run(addr, &mut stdout()).await
        }),
        Command::Migrate => match settings.and_then(|settings| config::load_database(&settings)) {
            Ok(database) => wait(format, async move {
                commands::migrate::run(&database, &mut stdout()).await
            }),
            Err(mistakes) => refuse(format, &mistakes),
        },
        Command::Check => {
            commands::check::run(settings.as_ref().map_err(Vec::as_slice), &mut stdout())
        }
        Command::Scenario { phrases: true, .. } => {
            let locale = settings
                .ok()
                .and_then(|settings| Locale::read(settings.get("LOCALE")?));
            commands::scenario::phrases(locale.unwrap_or_default(), &mut stdout())
        }
        Command::Scenario {
            name,
            phrases: false,
        } => commands::scenario::run(&name, &mut stdout(), &mut stderr()),
        Command::Healthz => match settings {
            Ok(settings) => commands::healthz::run(config::http_address(&settings), &mut stderr()),
            Err(mistakes) => refuse(format, &mistakes),
        },
    }
}

/// Whoever tries the demo wants its address, and what went wrong if anything did.
fn usual_level(cli: &Result<Cli, clap::Error>) -> &'static str {
    match cli {
        Ok(cli) if matches!(cli.command, Command::Demo(_)) => "warn",
        Ok(_) | Err(_) => "info",
    }
}

/// The log begins before anything can be wrong, so that it has one form from its first line.
fn start_logging(settings: Option<&Settings>, usual_level: &str) -> Format {
    // With an illegible .env the process environment is still there.
    let from_process = |name| std::env::var(name).ok();
    let setting = |name| match settings {
        Some(settings) => settings.get(name).map(str::to_owned),
        None => from_process(name),
    };
    let format = setting("LOG_FORMAT")
        .and_then(|name| Format::read(&name))
        .unwrap_or_default();
    let secrets = settings.map(Settings::secrets).unwrap_or_default();
    telemetry::start(
        format,
        setting("LOG").as_deref().unwrap_or(usual_level),
        &secrets,
    );
    format
}

/// Runs something that waits; what stops it is one line, and 1.
fn wait(format: Format, what: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    let done = zabota::runtime()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            let done = runtime.block_on(what);
            // A file being read or a name being looked up must not hold up the end.
            runtime.shutdown_timeout(Duration::from_millis(500));
            done
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            telemetry::complain(format, [format!("{error:#}").replace('\n', " ")]);
            ExitCode::FAILURE
        }
    }
}

/// Both, or everything that is wrong with either, each thing once.
fn both<A, B>(
    a: Result<A, Vec<Mistake>>,
    b: Result<B, Vec<Mistake>>,
) -> Result<(A, B), Vec<Mistake>> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(mut mistakes), Err(more)) => {
            let fresh: Vec<Mistake> = more
                .into_iter()
                .filter(|mistake| !mistakes.contains(mistake))
                .collect();
            mistakes.extend(fresh);
            Err(mistakes)
        }
        (Err(mistakes), Ok(_)) | (Ok(_), Err(mistakes)) => Err(mistakes),
    }
}

/// The settings are wrong: a line each, and 2.
fn refuse(format: Format, mistakes: &[Mistake]) -> ExitCode {
    telemetry::complain(format, mistakes.iter().map(ToString::to_string));
    ExitCode::from(2)
}

/// Help goes to whoever asked for it; a wrong command line is a complaint, and 2.
fn explain(format: Format, error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        telemetry::complain(format, [error.render().to_string().trim_end().to_owned()]);
        return ExitCode::from(2);
    }
    // Whoever closed the pipe has read enough.
    let _ = error.print();
    ExitCode::SUCCESS
}
