//! Events and effects as they are stored. They outlive deployments: what an older version has
//! written must be read by a newer one, so a change here needs a default or a migration.

use engine::{
    client::Email,
    content::{Body, Contact, Content, Location, Mark, Media, MediaKind, Rich, Said, Style},
    effect::{Answer, Card, Effect, Key, Purpose, Relay, Revise, Say, Tone},
    event::{Elsewhere, Event, Fate, Person, Place, Pressed, Receipt, Timer, Wrote},
    ids::{ChannelId, ChatRef, DeliveryId, PersonRef, TicketId},
    money::Money,
    payment::{self, By, Credit, Looks, Picture, Reading},
    reminder::{Noted, Outcome, Reminder},
    sheet::{Cells, Complaint, Field, LastReading, Loss, Question, Sheet, Tariff, Unread, Wrong},
    ticket::{Assigned, Offer, Session, Stage, Waiting},
};
use expect_test::{Expect, expect};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

/// Each is written as it is expected, and read back as it was.
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    all: &[T],
    expected: &Expect,
) {
    let mut written = String::new();
    for value in all {
        let json = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
        written.push_str(&json);
        written.push('\n');
    }
    expected.assert_eq(&written);
}

fn telegram() -> ChannelId {
    ChannelId::new("telegram")
}

fn chat() -> ChatRef {
    ChatRef::new(&telegram(), "7")
}

fn person() -> Person {
    Person {
        id: PersonRef::new(&telegram(), "7"),
        chat: chat(),
        name: "Иван".to_owned(),
        username: Some("ivan".to_owned()),
        language: Some("ru".to_owned()),
    }
}

fn content() -> Content {
    let range = 0..6;
    Content {
        body: Body::Media(Media {
            kind: MediaKind::Photo,
            file: "AgAD".to_owned(),
            name: Some("чек.jpg".to_owned()),
            mime: Some("image/jpeg".to_owned()),
            size: Some(12),
            emoji: None,
            width: Some(3),
            height: Some(4),
            seconds: None,
            preview: None,
        }),
        text: Rich {
            text: "чек".to_owned(),
            marks: vec![Mark {
                range,
                style: Style::Bold,
            }],
        },
        album: Some("9".to_owned()),
        reply_to: Some(chat().message("1")),
        forwarded_from: Some("Анна".to_owned()),
    }
}

fn reminder() -> Reminder {
    Reminder {
        client: "ivan@mail.ru".parse().unwrap(),
        paid_until: "2026-11-23".parse().unwrap(),
        days: 3,
    }
}

fn said() -> Said {
    Said {
        at: chat().message("2"),
        content: Content::text("где заказ?"),
    }
}

fn wrote(content: Content) -> Wrote {
    Wrote {
        who: person(),
        place: Place::Private,
        at: chat().message("2"),
        content,
        also: Vec::new(),
        partial: false,
    }
}

#[test]
fn events() {
    let with = |body| {
        Event::Wrote(wrote(Content {
            body,
            ..Content::default()
        }))
    };
    check(
        &[
            Event::Wrote(wrote(content())),
            Event::Edited(wrote(Content::text("иначе"))),
            with(Body::Location(Location {
                latitude: "55.75".to_owned(),
                longitude: "37.61".to_owned(),
                title: None,
                address: None,
            })),
            with(Body::Contact(Contact {
                phone: "+79161234567".to_owned(),
                first_name: "Иван".to_owned(),
                last_name: None,
                own: true,
            })),
            with(Body::Other {
                kind: "poll".to_owned(),
                about: "Кто за?".to_owned(),
            }),
            Event::Wrote(Wrote {
                also: vec![said()],
                partial: true,
                ..wrote(Content::text("две вещи"))
            }),
            Event::Elsewhere(Elsewhere {
                customer: person(),
                by: Some("Вера".to_owned()),
                said: vec![said()],
            }),
            Event::Due(Timer::Board),
            Event::Pressed(Pressed {
                who: person(),
                place: Place::Desk,
                at: chat().message("3"),
                press: "77".to_owned(),
                data: "take:1".to_owned(),
            }),
            Event::Reach {
                who: person(),
                allowed: false,
            },
            Event::Member {
                who: person(),
                inside: true,
            },
            Event::Due(Timer::AlbumWhole {
                chat: chat(),
                who: person().id,
                album: "9".to_owned(),
            }),
            Event::Receipt(Receipt {
                delivery: DeliveryId(5),
                to: chat(),
                purpose: Purpose::Notice,
                fate: Fate::Refused {
                    reason: "too long".to_owned(),
                },
                effect: None,
            }),
            Event::Reminded(Noted {
                reminder: reminder(),
                to: Some(chat()),
                outcome: Outcome::Refused {
                    reason: "too long".to_owned(),
                },
            }),
            Event::Abandoned {
                ticket: TicketId(1),
                operator: person().id,
            },
            Event::Adopted {
                ticket: TicketId(1),
            },
        ],
        &expect![[r#"
            {"wrote":{"who":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"place":"private","at":"telegram/7/2","content":{"body":{"media":{"kind":"photo","file":"AgAD","name":"чек.jpg","mime":"image/jpeg","size":12,"width":3,"height":4}},"text":{"text":"чек","marks":[{"range":{"start":0,"end":6},"style":"bold"}]},"album":"9","reply_to":"telegram/7/1","forwarded_from":"Анна"}}}
            {"edited":{"who":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"place":"private","at":"telegram/7/2","content":{"body":"text","text":{"text":"иначе"}}}}
            {"wrote":{"who":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"place":"private","at":"telegram/7/2","content":{"body":{"location":{"latitude":"55.75","longitude":"37.61"}}}}}
            {"wrote":{"who":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"place":"private","at":"telegram/7/2","content":{"body":{"contact":{"phone":"+79161234567","first_name":"Иван","own":true}}}}}
            {"wrote":{"who":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"place":"private","at":"telegram/7/2","content":{"body":{"other":{"kind":"poll","about":"Кто за?"}}}}}
            {"wrote":{"who":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"place":"private","at":"telegram/7/2","content":{"body":"text","text":{"text":"две вещи"}},"also":[{"at":"telegram/7/2","content":{"body":"text","text":{"text":"где заказ?"}}}],"partial":true}}
            {"elsewhere":{"customer":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"by":"Вера","said":[{"at":"telegram/7/2","content":{"body":"text","text":{"text":"где заказ?"}}}]}}
            {"due":"board"}
            {"pressed":{"who":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"place":"desk","at":"telegram/7/3","press":"77","data":"take:1"}}
            {"reach":{"who":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"allowed":false}}
            {"member":{"who":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"inside":true}}
            {"due":{"album_whole":{"chat":"telegram/7","who":"telegram/7","album":"9"}}}
            {"receipt":{"delivery":5,"to":"telegram/7","purpose":"notice","fate":{"refused":{"reason":"too long"}}}}
            {"reminded":{"reminder":{"client":"ivan@mail.ru","paid_until":"2026-11-23","days":3},"to":"telegram/7","outcome":{"refused":{"reason":"too long"}}}}
            {"abandoned":{"ticket":1,"operator":"telegram/7"}}
            {"adopted":{"ticket":1}}
        "#]],
    );
}

#[test]
fn fates_and_purposes() {
    check(
        &[
            Fate::Delivered,
            Fate::PerhapsTwice,
            Fate::Unknown,
            Fate::Gone,
        ],
        &expect![[r#"
            "delivered"
            "perhaps_twice"
            "unknown"
            "gone"
        "#]],
    );
    let (ticket, said, operator) = (TicketId(1), chat().message("2"), person().id);
    check(
        &[
            Purpose::Nothing,
            Purpose::Report,
            Purpose::Reply {
                ticket,
                operator: operator.clone(),
                chat: chat(),
                said: said.clone(),
                marked: true,
            },
            Purpose::Question { ticket, said },
            Purpose::Offer { ticket, operator },
        ],
        &expect![[r#"
            "nothing"
            "report"
            {"reply":{"ticket":1,"operator":"telegram/7","chat":"telegram/7","said":"telegram/7/2","marked":true}}
            {"question":{"ticket":1,"said":"telegram/7/2"}}
            {"offer":{"ticket":1,"operator":"telegram/7"}}
        "#]],
    );
}

#[test]
fn effects() {
    let purpose = || Purpose::Question {
        ticket: TicketId(1),
        said: chat().message("2"),
    };
    let key = |tone| Key {
        label: "Готово".to_owned(),
        data: "c:1:0".to_owned(),
        tone,
    };
    check(
        &[
            Effect::Say(Say {
                to: chat(),
                name: "menu".to_owned(),
                text: Rich::plain("Здравствуйте!"),
                keys: vec![
                    vec![key(Tone::Plain)],
                    vec![key(Tone::Primary), key(Tone::Danger)],
                ],
                reply_to: Some(chat().message("1")),
                purpose: Purpose::Notice,
                anchor: Some(chat().message("ticket-1")),
                rewrites: true,
                outdates: true,
                replaces: Some("more".to_owned()),
            }),
            Effect::Relay(Relay {
                to: chat(),
                said: vec![said()],
                header: Some(Rich::plain("№ 1")),
                under: Some(chat().message("ticket-1")),
                purpose: purpose(),
            }),
            Effect::Revise(Revise {
                to: chat(),
                said: said(),
                header: None,
                new_file: true,
                purpose: purpose(),
            }),
            Effect::Card(Card {
                to: chat(),
                ticket: TicketId(1),
                text: Rich::plain("№ 1"),
                keys: Vec::new(),
                new: true,
            }),
            Effect::StripKeys {
                chat: chat(),
                under: vec![chat().message("3")],
            },
            Effect::Answer(Answer {
                to: chat(),
                press: "77".to_owned(),
                text: Some("готово".to_owned()),
                alert: false,
                pressed_at: Timestamp::UNIX_EPOCH,
            }),
            Effect::Keep {
                of: chat().message("2"),
                content: content(),
            },
            Effect::Again {
                delivery: DeliveryId(5),
            },
            Effect::Mark {
                message: chat().message("2"),
            },
            Effect::Board { to: chat() },
        ],
        &expect![[r#"
            {"say":{"to":"telegram/7","name":"menu","text":{"text":"Здравствуйте!"},"keys":[[{"label":"Готово","data":"c:1:0","tone":"plain"}],[{"label":"Готово","data":"c:1:0","tone":"primary"},{"label":"Готово","data":"c:1:0","tone":"danger"}]],"reply_to":"telegram/7/1","purpose":"notice","anchor":"telegram/7/ticket-1","rewrites":true,"outdates":true,"replaces":"more"}}
            {"relay":{"to":"telegram/7","said":[{"at":"telegram/7/2","content":{"body":"text","text":{"text":"где заказ?"}}}],"header":{"text":"№ 1"},"under":"telegram/7/ticket-1","purpose":{"question":{"ticket":1,"said":"telegram/7/2"}}}}
            {"revise":{"to":"telegram/7","said":{"at":"telegram/7/2","content":{"body":"text","text":{"text":"где заказ?"}}},"new_file":true,"purpose":{"question":{"ticket":1,"said":"telegram/7/2"}}}}
            {"card":{"to":"telegram/7","ticket":1,"text":{"text":"№ 1"},"keys":[],"new":true}}
            {"strip_keys":{"chat":"telegram/7","under":["telegram/7/3"]}}
            {"answer":{"to":"telegram/7","press":"77","text":"готово","alert":false,"pressed_at":"1970-01-01T00:00:00Z"}}
            {"keep":{"of":"telegram/7/2","content":{"body":{"media":{"kind":"photo","file":"AgAD","name":"чек.jpg","mime":"image/jpeg","size":12,"width":3,"height":4}},"text":{"text":"чек","marks":[{"range":{"start":0,"end":6},"style":"bold"}]},"album":"9","reply_to":"telegram/7/1","forwarded_from":"Анна"}}}
            {"again":{"delivery":5}}
            {"mark":{"message":"telegram/7/2"}}
            {"board":{"to":"telegram/7"}}
        "#]],
    );
}

#[test]
fn outcomes_of_reminders() {
    check(
        &[
            Outcome::UnderWay,
            Outcome::Sent,
            Outcome::WindowClosed,
            Outcome::NoChat,
            Outcome::Blocked,
            Outcome::Moved,
            Outcome::Late,
            Outcome::Unknown,
        ],
        &expect![[r#"
            "under_way"
            "sent"
            "window_closed"
            "no_chat"
            "blocked"
            "moved"
            "late"
            "unknown"
        "#]],
    );
}

#[test]
fn states() {
    check(
        &[
            Stage::Waiting(Waiting {
                added: vec![said()],
                offer: Some(Offer {
                    operator: person(),
                    since: Timestamp::UNIX_EPOCH,
                    press: "77".to_owned(),
                    pressed_in: chat(),
                }),
            }),
            Stage::Assigned(Assigned {
                operator: person().id,
                operator_name: "Ольга".to_owned(),
                chat: chat(),
                since: Timestamp::UNIX_EPOCH,
                abandoned: false,
            }),
        ],
        &expect![[r#"
            {"waiting":{"added":[{"at":"telegram/7/2","content":{"body":"text","text":{"text":"где заказ?"}}}],"offer":{"operator":{"id":"telegram/7","chat":"telegram/7","name":"Иван","username":"ivan","language":"ru"},"since":"1970-01-01T00:00:00Z","press":"77","pressed_in":"telegram/7"}}}
            {"assigned":{"operator":"telegram/7","operator_name":"Ольга","chat":"telegram/7","since":"1970-01-01T00:00:00Z","abandoned":false}}
        "#]],
    );
    check(
        &[Session {
            step: Some("other".to_owned()),
            subject: Some("Другой вопрос".to_owned()),
            draft: vec![said()],
            keyboard: 3,
            album: None,
            rates: Some(TicketId(1)),
            paying: true,
        }],
        &expect![[r#"
            {"step":"other","subject":"Другой вопрос","draft":[{"at":"telegram/7/2","content":{"body":"text","text":{"text":"где заказ?"}}}],"keyboard":3,"album":null,"rates":1,"paying":true}
        "#]],
    );
}

#[test]
fn what_is_known_of_the_sheet() {
    let sheet = Sheet {
        clients: vec![vec!["почта".to_owned()]],
        tariffs: Vec::new(),
    };
    let with = "bot@example.org".to_owned();
    let read = |sheet| Event::Sheet {
        asked: Some(chat()),
        sheet,
    };
    check(
        &[
            read(Ok(sheet)),
            read(Err(Unread::NotShared { with })),
            read(Err(Unread::NotCsv { tariffs: true })),
            read(Err(Unread::CutOff)),
        ],
        &expect![[r#"
            {"sheet":{"asked":"telegram/7","sheet":{"Ok":{"clients":[["почта"]],"tariffs":[]}}}}
            {"sheet":{"asked":"telegram/7","sheet":{"Err":{"not_shared":{"with":"bot@example.org"}}}}}
            {"sheet":{"asked":"telegram/7","sheet":{"Err":{"not_csv":{"tariffs":true}}}}}
            {"sheet":{"asked":"telegram/7","sheet":{"Err":"cut_off"}}}
        "#]],
    );
    let ivan = || Email::read("ivan@mail.ru").unwrap();
    let complaint = Complaint {
        cell: "D7".to_owned(),
        tariffs: false,
        row: "ivan@mail.ru".to_owned(),
        text: "завтра".to_owned(),
        wrong: Wrong::Date,
    };
    let cells = Cells::from([(Field::PaidUntil, "2026-11-20".to_owned())]);
    let loss = Loss {
        rows: [ivan()].into(),
        emptied: [(Field::Tariff, [ivan()].into())].into(),
        ..Loss::default()
    };
    let question = Question {
        number: 1,
        loss,
        accepted: true,
    };
    check(
        &[LastReading {
            cells: [(ivan(), cells.clone())].into(),
            gone: [(ivan(), cells)].into(),
            columns: [Field::PaidUntil].into(),
            told: [complaint].into(),
            trouble: Some("нет".to_owned()),
            question: Some(question),
            questions: 1,
        }],
        &expect![[r#"
            {"cells":{"ivan@mail.ru":{"paid_until":"2026-11-20"}},"gone":{"ivan@mail.ru":{"paid_until":"2026-11-20"}},"columns":["paid_until"],"told":[{"cell":"D7","tariffs":false,"row":"ivan@mail.ru","text":"завтра","wrong":"date"}],"trouble":"нет","question":{"number":1,"loss":{"columns":[],"rows":["ivan@mail.ru"],"tariffs":[],"emptied":{"tariff":["ivan@mail.ru"]}},"accepted":true},"questions":1}
        "#]],
    );
}

#[test]
fn what_an_older_version_wrote_without_the_newer_fields_is_read() {
    let older = r#"{"to":"telegram/7","name":"menu","text":{"text":"Здравствуйте!"}}"#;
    let say: Say = serde_json::from_str(older).unwrap();
    assert_eq!(
        (say.keys.len(), say.outdates, say.purpose),
        (0, false, Purpose::Nothing)
    );
    assert_eq!(
        serde_json::from_str::<Session>("{}").unwrap(),
        Session::default()
    );
}

#[test]
fn payments() {
    check(
        &[Effect::Recognise {
            chat: chat(),
            ticket: TicketId(1),
            said: vec![said()],
        }],
        &expect![[r#"
            {"recognise":{"chat":"telegram/7","ticket":1,"said":[{"at":"telegram/7/2","content":{"body":"text","text":{"text":"где заказ?"}}}]}}
        "#]],
    );
    let at = chat().message("2");
    let text = Ok("¥199.00".to_owned());
    let unread = Err(payment::Unread::NoPicture);
    let of = |text, looks| Picture {
        at: at.clone(),
        text,
        looks,
    };
    check(
        &[Event::Read(Reading {
            chat: chat(),
            ticket: TicketId(1),
            pictures: vec![of(text, Some(Looks(7))), of(unread, None)],
        })],
        &expect![[r#"
            {"read":{"chat":"telegram/7","ticket":1,"pictures":[{"at":"telegram/7/2","text":{"Ok":"¥199.00"},"looks":7},{"at":"telegram/7/2","text":{"Err":"no_picture"}}]}}
        "#]],
    );
    let by = || By {
        id: person().id,
        name: "Ольга".to_owned(),
    };
    let price = Money {
        amount: "199.00".parse().unwrap(),
        currency: "CNY".parse().unwrap(),
    };
    let credit = Credit {
        client: "ivan@mail.ru".parse().unwrap(),
        tariff: Tariff {
            name: "Месяц".to_owned(),
            price,
            days: 30,
        },
        tariff_before: None,
        before: None,
        until: "2026-12-20".parse().unwrap(),
        by: Some(by()),
        at: Timestamp::UNIX_EPOCH,
    };
    check(
        &[
            payment::Stage::Asked,
            payment::Stage::Dismissed { by: by() },
            payment::Stage::Undone {
                credit,
                by: by(),
                at: Timestamp::UNIX_EPOCH,
            },
        ],
        &expect![[r#"
            "asked"
            {"dismissed":{"by":{"id":"telegram/7","name":"Ольга"}}}
            {"undone":{"credit":{"client":"ivan@mail.ru","tariff":{"name":"Месяц","price":{"amount":"199.00","currency":"CNY"},"days":30},"tariff_before":null,"before":null,"until":"2026-12-20","by":{"id":"telegram/7","name":"Ольга"},"at":"1970-01-01T00:00:00Z"},"by":{"id":"telegram/7","name":"Ольга"},"at":"1970-01-01T00:00:00Z"}}
        "#]],
    );
}
