//! Long polling, and the change between polling and a webhook.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{json, value::RawValue};

use super::{
    Webhook,
    client::{Client, result_of},
    params::Params,
    read::{KINDS, id_of},
};
use crate::{Batch, Undelivered};

/// Most updates in one batch (Bot API, getUpdates).
const MOST: usize = 100;

/// How much later than promised an empty answer may come.
const GRACE: Duration = Duration::from_secs(15);

/// Asks for what came after `cursor`, and waits up to `seconds` for it.
pub(super) async fn next(
    client: &Client,
    cursor: Option<&str>,
    seconds: u32,
) -> Result<Batch, Undelivered> {
    let offset = cursor.and_then(|cursor| cursor.parse::<i64>().ok());
    let mut params = Params::default()
        .set("timeout", seconds)
        .set("limit", MOST)
        .set("allowed_updates", json!(KINDS));
    if let Some(offset) = offset {
        params = params.set("offset", offset);
    }
    let within = Duration::from_secs(seconds.into()) + GRACE;
    // Whatever ends a poll, nothing is confirmed by it: asking again gives the same updates.
    let again = |undelivered| match undelivered {
        Undelivered::Unknown(why) => Undelivered::Unreached(why),
        other => other,
    };
    let body = client.post("getUpdates", &params, within).await;
    let body = body.map_err(|failed| again(failed.into()))?;
    let result = result_of(&body).map_err(again)?;
    let updates: Vec<&RawValue> = serde_json::from_str(result.get())
        .map_err(|error| Undelivered::Unreached(format!("unreadable updates: {error}")))?;
    Ok(batch(&updates, offset, &body))
}

/// The updates as they came, and where to go on.
fn batch(updates: &[&RawValue], offset: Option<i64>, body: &Bytes) -> Batch {
    let updates: Vec<Bytes> = updates
        .iter()
        .map(|raw| body.slice_ref(raw.get().as_bytes()))
        .collect();
    let last = updates.iter().filter_map(|raw| id_of(raw)).max();
    // Ids ascend one by one: if none can be read, counting is the best guess, and better than the
    // same batch for ever.
    let counted = || {
        let many = i64::try_from(updates.len()).unwrap_or(0);
        offset.map(|offset| offset.saturating_add(many))
    };
    let cursor = last.map(|id| id.saturating_add(1)).or_else(counted);
    Batch {
        updates,
        cursor: cursor.map(|id| id.to_string()),
    }
}

/// Takes the webhook away, if there is one. What waits is kept.
pub(super) async fn use_polling(client: &Client) -> Result<(), Undelivered> {
    let params = Params::default().set("drop_pending_updates", false);
    Ok(client.tell("deleteWebhook", &params).await?)
}

/// Has updates brought to the webhook. What waits is brought there too.
pub(super) async fn use_webhook(client: &Client, webhook: &Webhook) -> Result<(), Undelivered> {
    let params = Params::default()
        .set("url", webhook.url.as_str())
        .set("secret_token", webhook.secret.reveal())
        .set("allowed_updates", json!(KINDS));
    Ok(client.tell("setWebhook", &params).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(updates: &str, offset: Option<i64>) -> Option<String> {
        let body = Bytes::from(updates.to_owned());
        let updates: Vec<&RawValue> = serde_json::from_slice(&body).unwrap();
        batch(&updates, offset, &body).cursor
    }

    #[test]
    fn the_cursor_goes_on_after_the_last_update() {
        assert_eq!(
            cursor(r#"[{"update_id":5},{"update_id":7}]"#, None).as_deref(),
            Some("8")
        );
        assert_eq!(cursor("[]", Some(3)).as_deref(), Some("3"));
        assert_eq!(cursor("[]", None), None);
    }

    #[test]
    fn an_update_without_an_id_is_kept_and_passed() {
        assert_eq!(
            cursor(r#"[{"update_id":5},{"nonsense":1}]"#, None).as_deref(),
            Some("6")
        );
        assert_eq!(
            cursor(r#"[{"nonsense":1}, 7]"#, Some(5)).as_deref(),
            Some("7")
        );
    }
}
