//! VK: a community, its customers, and what only VK can do to them.

use serde_json::{Value, json};

use super::{
    Desk, Stage,
    desk::Settings,
    phones::{Messenger, Phone},
};

/// The community.
pub(crate) const COMMUNITY: i64 = 501;
/// Its token: nobody may ever read it in a log.
pub(crate) const COMMUNITY_TOKEN: &str = "vk1.a.AAE-secret-secret";
/// Its administrator.
pub(crate) const BORIS: i64 = 4901;
/// A customer.
pub(crate) const ANNA: i64 = 4001;

impl Stage {
    /// Anna's phone, or another's, with the community.
    pub(crate) fn vk(&self, who: i64) -> Phone<'_> {
        self.phone(Messenger::Vk, COMMUNITY, who)
    }

    pub(super) async fn set_vk(&self) {
        self.community(COMMUNITY, COMMUNITY_TOKEN).await;
        self.vk_person(ANNA, "Анна").await;
        self.vk_person(BORIS, "Борис").await;
    }

    /// A community comes into being.
    pub(crate) async fn community(&self, id: i64, token: &str) {
        let name = format!("Лавка {id}");
        let community = json!({ "id": id, "name": name, "token": token, "admins": [BORIS] });
        self.hand("vk/communities", community).await;
    }

    pub(crate) async fn vk_person(&self, id: i64, name: &str) {
        let person = json!({ "id": id, "first_name": name });
        self.hand("vk/people", person).await;
    }

    /// What the desk is told of the community: it polls.
    pub(crate) fn vk_settings(&self) -> Settings<'_> {
        vec![
            ("VK_TOKEN", COMMUNITY_TOKEN.to_owned()),
            ("VK_GROUP_ID", COMMUNITY.to_string()),
            ("VK_API_URL", self.sandbox.url()),
        ]
    }

    /// A community's Callback API leads to a channel of the desk's from now on.
    pub(crate) async fn connect_community(
        &self,
        desk: &Desk,
        id: i64,
        channel: &str,
        secret: &str,
        confirmation: &str,
    ) {
        let url = format!("{}/webhooks/{channel}", desk.url());
        let callback = json!({ "url": url, "secret": secret, "confirmation": confirmation });
        self.hand("vk/communities", json!({ "id": id, "callback": callback }))
            .await;
    }

    /// Boris answers a customer in VK's own window.
    pub(crate) async fn boris_writes(&self, person: i64, mut message: Value) {
        message["from"] = json!(BORIS);
        message["person"] = json!(person);
        message["chat"] = json!(COMMUNITY);
        self.hand("vk/admin", message).await;
    }
}
