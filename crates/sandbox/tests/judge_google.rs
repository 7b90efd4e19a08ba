//! A judge from outside: Google's own Python client must be able to read a sheet of the sandbox with its key file.

mod python;

#[tokio::test]
async fn googles_python_client_works_with_the_sandbox() {
    let clients = [
        "google-api-python-client==2.202.0",
        "google-auth==2.62.2",
        "google-auth-httplib2==0.4.4",
        "requests==2.32.5",
    ];
    python::judge("judge_google.py", &clients).await;
}
