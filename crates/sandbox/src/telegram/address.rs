//! The token in a path, and what stands behind it.

/// `/bot<id>:<secret>/<method>` taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) bot: i64,
    pub(crate) secret: String,
    /// Method, or the path of a file.
    pub(crate) rest: String,
}

impl Address {
    /// `path` without the leading `/bot`; `None` when it holds no token.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let (token, rest) = path.split_once('/')?;
        let token = token.replace("%3A", ":").replace("%3a", ":");
        let (bot, secret) = token.split_once(':')?;
        let bot = bot.parse().ok().filter(|bot| *bot > 0)?;
        Some(Self {
            bot,
            secret: secret.to_owned(),
            rest: rest.to_owned(),
        })
    }
}
