//! The binary from outside: what it prints where, and its exit codes.

use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder to run in, and nothing in the environment that the test did not put there.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn with_env_file(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), text).unwrap();
        Self { folder }
    }

    fn zabota(&self, args: &[&str], env: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_zabota"))
            .args(args)
            .env_clear()
            .envs(env.iter().copied())
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

const GOOD: &str = "BOT_TOKEN=123456:ABC-DEF # from BotFather\nOPERATORS_CHAT_ID=-1001234567890\n";

#[test]
fn check_says_that_all_is_well() {
    let output = Machine::with_env_file(GOOD).zabota(&["check"], &[]);
    assert_eq!(
        out(&output),
        "telegram: Telegram, опрос (long polling)\nВсё в порядке\n"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn check_shows_every_channel_and_how_its_updates_come() {
    let machine = Machine::with_env_file(GOOD);
    let file = "[[channel]]\nid = \"vk-shop\"\nkind = \"vk\"\ntoken_env = \"SHOP\"\ngroup_id = 7\n\
        secret = \"word\"\nconfirmation = \"1a2b3c4d\"\n";
    std::fs::write(machine.folder.path().join("zabota.toml"), file).unwrap();
    let env = [
        ("SHOP", "vk1.a.SECRET"),
        ("PUBLIC_URL", "https://desk.example.com"),
        ("LOCALE", "en"),
    ];
    let output = machine.zabota(&["check"], &env);
    assert_eq!(
        out(&output),
        "telegram: Telegram, long polling\n\
         vk-shop: VK, webhook https://desk.example.com/webhooks/vk-shop\n\
         All is well\n"
    );
}

#[test]
fn check_says_how_to_install_what_reads_pictures() {
    let nowhere = [("OCR", "tesseract"), ("PATH", "/nowhere")];
    let output = Machine::with_env_file(GOOD).zabota(&["check"], &nowhere);
    assert_eq!(
        out(&output),
        "OCR: tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-rus \
         tesseract-ocr-eng tesseract-ocr-chi-sim\n"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn check_prints_every_mistake_and_exits_1() {
    let machine = Machine::with_env_file("OPERATORS_CHAT_ID=12\nLOCALE=de\n");
    let output = machine.zabota(
        &["check"],
        &[("LOCALE", "fr"), ("ZABOTA_CONFIG", "absent.toml")],
    );
    assert_eq!(output.status.code(), Some(1));
    let starts = [
        "BOT_TOKEN is missing",
        ".env, line 1: OPERATORS_CHAT_ID",
        "LOCALE is `fr`",
        "ZABOTA_CONFIG names `absent.toml`",
    ];
    assert_eq!(
        out(&output).lines().count(),
        starts.len(),
        "{}",
        out(&output)
    );
    for (line, start) in out(&output).lines().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn an_illegible_env_file_is_named_with_its_line_and_not_shown() {
    let output = Machine::with_env_file("LOCALE=ru\n123456:SECRET\n").zabota(&["check"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out(&output).starts_with(".env, line 2: "),
        "{}",
        out(&output)
    );
    assert!(!out(&output).contains("SECRET"));
}

#[test]
fn a_wrong_command_line_is_2_and_in_json_if_the_log_is() {
    let machine = Machine::with_env_file("LOG_FORMAT=json\n");
    let output = machine.zabota(&["chekc"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!err(&output).is_empty());
    for line in err(&output).lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "ERROR");
    }
}

#[test]
fn help_goes_to_whoever_asked() {
    let output = Machine::with_env_file("").zabota(&["--help"], &[]);
    assert_eq!((output.status.code(), err(&output)), (Some(0), ""));
    assert!(out(&output).contains("check"));
}

#[test]
fn the_built_in_scenario_is_printed() {
    let output = Machine::with_env_file("").zabota(&["scenario"], &[]);
    assert!(out(&output).contains("Обращение по гарантии"));
}
