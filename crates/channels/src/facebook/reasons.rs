//! Why Facebook will not take a message, in words for the operator who wrote it: where Facebook's own
//! words say less than they should.

use engine::phrases::Locale;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The bot's own words, more than 24 hours after the person's last ones.
    OnlyPeople,
    /// A person's words then, and `human_agent` is off.
    DayIsOver,
    /// A person's words then, and Facebook does not grant the page `HUMAN_AGENT`.
    NotGranted,
    /// A person's words, more than seven days after.
    WeekIsOver,
    /// Another app, mostly the page's own inbox, holds the conversation.
    AnotherApp,
    /// The page itself may not write for a while.
    Restricted,
    /// The app may write to its testers only.
    NotReviewed,
}

impl Reason {
    /// It in words that go on after a colon.
    pub(super) fn words(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::OnlyPeople, Locale::Ru) => {
                "прошло больше 24 часов с последнего сообщения клиента, теперь Facebook пропускает только ответ оператора."
            }
            (Self::OnlyPeople, Locale::En) => {
                "more than 24 hours have passed since the customer last wrote, and Facebook now takes only an operator's answer."
            }
            (Self::DayIsOver, Locale::Ru) => {
                "прошло больше 24 часов с последнего сообщения клиента. Ответить можно, когда клиент напишет снова."
            }
            (Self::DayIsOver, Locale::En) => {
                "more than 24 hours have passed since the customer last wrote. They can be answered once they write again."
            }
            (Self::NotGranted, Locale::Ru) => {
                "прошло больше 24 часов с последнего сообщения клиента, а разрешения Human Agent (ответы до семи дней) у страницы нет. Ответить можно, когда клиент напишет снова."
            }
            (Self::NotGranted, Locale::En) => {
                "more than 24 hours have passed since the customer last wrote, and the page lacks the Human Agent permission (answers for seven days). They can be answered once they write again."
            }
            (Self::WeekIsOver, Locale::Ru) => {
                "прошло больше семи дней с последнего сообщения клиента. Ответить можно, когда клиент напишет снова."
            }
            (Self::WeekIsOver, Locale::En) => {
                "more than seven days have passed since the customer last wrote. They can be answered once they write again."
            }
            (Self::AnotherApp, Locale::Ru) => {
                "эту переписку сейчас ведёт другое приложение, чаще всего ящик самой страницы. Ответьте там или передайте переписку боту."
            }
            (Self::AnotherApp, Locale::En) => {
                "another app holds this conversation now, mostly the page's own inbox. Answer there, or hand the conversation over to the bot."
            }
            (Self::Restricted, Locale::Ru) => {
                "Facebook временно запретил странице писать. Подробности в Meta Business Suite, раздел «Качество страницы»."
            }
            (Self::Restricted, Locale::En) => {
                "Facebook has restricted the page from writing for a while. Meta Business Suite says more, under Page quality."
            }
            (Self::NotReviewed, Locale::Ru) => {
                "приложение ещё не проверено Facebook и может писать только своим тестировщикам (нужно разрешение pages_messaging)."
            }
            (Self::NotReviewed, Locale::En) => {
                "Facebook has not reviewed the app yet, and it may write to its testers only (it needs pages_messaging)."
            }
        }
    }
}
