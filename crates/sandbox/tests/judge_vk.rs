//! A judge from outside: an unmodified vk-io 4.10 from npm must be able to work with the sandbox.

mod node;

#[tokio::test]
async fn vk_io_works_with_the_sandbox() {
    node::judge("judge_vk.js", "vk-io@4.10.1").await;
}
