//! A judge from outside: an unmodified aiogram 3.31 from PyPI must be able to work with the sandbox.

mod python;

#[tokio::test]
async fn aiogram_works_with_the_sandbox() {
    python::judge("judge_aiogram.py", &["aiogram==3.31.0"]).await;
}
