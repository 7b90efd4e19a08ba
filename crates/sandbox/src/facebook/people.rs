//! Who is there: people and pages. Called by the control API.

use std::sync::Arc;

use serde::Deserialize;

use super::state::{Person, Privacy};
use super::{view, webhook};
use crate::files::FileId;
use crate::world::{Deed, Scene, World};

/// Ids given out begin here: page-scoped ids are long.
const FIRST_PERSON: i64 = 1_000_000_000_001_000;
const FIRST_PAGE: i64 = 100_000_000_001_000;

#[derive(Deserialize)]
pub(crate) struct NewPerson {
    id: Option<i64>,
    first_name: String,
    last_name: Option<String>,
    locale: Option<String>,
    /// A file's id.
    profile_pic: Option<String>,
    /// There is no profile to ask for.
    #[serde(default)]
    private: bool,
    /// There is one that the app may not see.
    #[serde(default)]
    hidden: bool,
}

/// A person comes, or changes their profile.
pub(crate) fn add_person(scene: &mut Scene, new: NewPerson) -> Deed {
    if new.first_name.trim().is_empty() {
        return Err("first_name is empty: give the person a name".to_owned());
    }
    let profile_pic = new
        .profile_pic
        .map(|file| known_file(scene, &file))
        .transpose()?;
    let state = &mut scene.facebook;
    let last = state.people.last_key_value();
    let id = new
        .id
        .unwrap_or_else(|| last.map_or(0, |(id, _)| *id).max(FIRST_PERSON) + 1);
    if id <= 0 || state.pages.contains_key(&id) {
        return Err(format!(
            "id {id}: a person's id is a positive number that no page has"
        ));
    }
    let person = Person {
        id,
        first_name: new.first_name,
        last_name: new.last_name,
        locale: new.locale.unwrap_or_else(|| "ru_RU".to_owned()),
        profile_pic,
        privacy: match (new.private, new.hidden) {
            (true, _) => Privacy::Private,
            (false, true) => Privacy::Hidden,
            (false, false) => Privacy::Open,
        },
    };
    let shown = view::person(&person);
    state.people.insert(id, person);
    scene.touch();
    Ok(shown)
}

/// A file that was uploaded before.
pub(crate) fn known_file(scene: &Scene, file: &str) -> Result<FileId, String> {
    FileId::parse(file)
        .filter(|id| scene.files.get(*id).is_some())
        .ok_or_else(|| format!("no file {file}: upload it with POST /sandbox/files first"))
}

#[derive(Deserialize)]
pub(crate) struct NewPage {
    id: Option<i64>,
    name: Option<String>,
    token: Option<String>,
    app_id: Option<i64>,
    app_secret: Option<String>,
    require_proof: Option<bool>,
    human_agent: Option<bool>,
    webhook: Option<NewWebhook>,
}

#[derive(Deserialize)]
struct NewWebhook {
    url: String,
    verify_token: String,
}

/// A page comes, or changes; what is not named stays as it was. A webhook is asked to verify itself at once.
pub(crate) async fn add_page(world: &Arc<World>, new: NewPage) -> Deed {
    let webhook = new.webhook;
    let facts = NewPage {
        webhook: None,
        ..new
    };
    let id = world.act(|scene| change_page(scene, facts, webhook.is_some()))?;
    if let Some(webhook) = webhook {
        webhook::set(world, id, webhook.url, &webhook.verify_token).await?;
    }
    Ok(world.act(|scene| page_of(scene, id).map(view::page).unwrap_or_default()))
}

fn change_page(scene: &mut Scene, new: NewPage, is_called: bool) -> Result<i64, String> {
    let state = &mut scene.facebook;
    let last = state.pages.last_key_value();
    let id = new
        .id
        .unwrap_or_else(|| last.map_or(0, |(id, _)| *id).max(FIRST_PAGE) + 1);
    if id <= 0 || state.people.contains_key(&id) {
        return Err(format!(
            "id {id}: a page's id is a positive number that no person has"
        ));
    }
    if let Some(token) = &new.token
        && state.page_of_token(token).is_some_and(|other| other != id)
    {
        return Err("this token belongs to another page".to_owned());
    }
    let secret = state
        .pages
        .get(&id)
        .and_then(|page| page.app_secret.as_ref());
    if is_called && new.app_secret.is_none() && secret.is_none() {
        return Err("a webhook needs app_secret: its requests are signed with it".to_owned());
    }
    let page = state.page(id);
    if let Some(name) = new.name {
        page.name = name;
    }
    if let Some(app) = new.app_id {
        page.app_id = app;
    }
    page.token = new.token.or(page.token.take());
    page.app_secret = new.app_secret.or(page.app_secret.take());
    page.require_proof = new.require_proof.unwrap_or(page.require_proof);
    page.human_agent = new.human_agent.unwrap_or(page.human_agent);
    scene.touch();
    Ok(id)
}

/// A page that is there.
pub(crate) fn page_of(scene: &Scene, id: i64) -> Result<&super::state::Page, String> {
    scene.facebook.pages.get(&id).ok_or_else(|| {
        format!("no page {id}: it comes into being with its first call, or with POST /sandbox/facebook/pages")
    })
}
