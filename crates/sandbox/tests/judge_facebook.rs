//! A judge from outside: an unmodified messaging-api-messenger 1.1 from npm must be able to work with the sandbox.

mod node;

#[tokio::test]
async fn messaging_api_messenger_works_with_the_sandbox() {
    node::judge("judge_facebook.js", "messaging-api-messenger@1.1.0").await;
}
