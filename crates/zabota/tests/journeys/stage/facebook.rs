//! Facebook Messenger: a page, its customers, and what only Messenger can do to them.

use serde_json::{Value, json};

use super::{
    Desk, Stage,
    desk::Settings,
    phones::{Messenger, Phone},
};

/// The page.
pub(crate) const PAGE: i64 = 601;
/// Its token and its app's secret: nobody may ever read them in a log.
pub(crate) const PAGE_TOKEN: &str = "EAAE-secret-secret";
pub(crate) const APP_SECRET: &str = "AAE-secret-of-the-app";
/// What Facebook shows when it asks for the webhook.
pub(crate) const VERIFY_TOKEN: &str = "AAE-secret-verify";
/// A customer.
pub(crate) const TIMUR: i64 = 5001;

impl Stage {
    /// Timur's phone, or another's, with the page.
    pub(crate) fn facebook(&self, who: i64) -> Phone<'_> {
        self.phone(Messenger::Facebook, PAGE, who)
    }

    pub(super) async fn set_facebook(&self) {
        let page = json!({
            "id": PAGE, "name": "Лавка", "token": PAGE_TOKEN, "app_secret": APP_SECRET,
            "require_proof": true, "human_agent": true,
        });
        self.hand("facebook/pages", page).await;
        self.facebook_person(TIMUR, "Тимур").await;
    }

    pub(crate) async fn facebook_person(&self, id: i64, name: &str) {
        let person = json!({ "id": id, "first_name": name });
        self.hand("facebook/people", person).await;
    }

    /// What the desk is told of the page.
    pub(crate) fn facebook_settings(&self) -> Settings<'_> {
        vec![
            ("FB_PAGE_ID", PAGE.to_string()),
            ("FB_PAGE_TOKEN", PAGE_TOKEN.to_owned()),
            ("FB_APP_SECRET", APP_SECRET.to_owned()),
            ("FB_VERIFY_TOKEN", VERIFY_TOKEN.to_owned()),
            ("FB_API_URL", self.sandbox.url()),
        ]
    }

    /// A page's webhook leads to a channel of the desk's from now on. The handshake is at once: the desk
    /// must be alive.
    pub(crate) async fn connect_page(&self, desk: &Desk, id: i64, channel: &str) {
        let alive = async || (desk.page("/healthz").await.0 == 200).then_some(());
        self.until("a desk that is alive", alive).await;
        let url = format!("{}/webhooks/{channel}", desk.url());
        let webhook = json!({ "url": url, "verify_token": VERIFY_TOKEN });
        self.hand("facebook/pages", json!({ "id": id, "webhook": webhook }))
            .await;
    }

    /// Somebody answers a customer in the page's inbox.
    pub(crate) async fn inbox_writes(&self, person: i64, mut message: Value) {
        message["person"] = json!(person);
        message["chat"] = json!(PAGE);
        self.hand("facebook/admin", message).await;
    }
}
