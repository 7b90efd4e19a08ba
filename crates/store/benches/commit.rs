//! What a message costs on the way through the store, on both databases with the disk waited for.
//!
//! `cargo bench -p store`. One message is: taken into the inbox, decided about (the conversation moves on by
//! its version, the history keeps it, two rows of the outbox), both rows started, both settled: four
//! transactions, if it were alone. How many messages share a flush is the executor's work.

use std::time::{Duration, Instant};

use engine::{
    content::{Content, Said},
    effect::{Effect, Purpose, Relay},
    event::{Event, Person, Place, Wrote},
    ids::{ChannelId, ChatRef, PersonRef, TicketId},
    ticket::{Conversation, Kept, Side, Stage, Ticket, Waiting},
};
use jiff::Timestamp;
use store::{
    By, Commit, CopyId, Intake, NewUpdate, Outcome, Settlement, Store,
    testing::{Disk, Server, TempDb},
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

#[tokio::main]
async fn main() {
    let lite = TempDb::lite();
    measure("SQLite", lite.url()).await;
    match Server::start(Disk::Durable) {
        Some(server) => measure("PostgreSQL", server.url()).await,
        None => println!("PostgreSQL: no server binaries found"),
    }
}

async fn measure(name: &str, url: &str) {
    let store = Store::open(url, CopyId::new("bench"))
        .await
        .expect("a database");
    store.migrate(NOW).await.expect("tables");
    println!(
        "{name:12} {:>9} {:>12} {:>10} {:>12} {:>16}",
        "at once", "messages/s", "median", "slowest 1%", "commits/message"
    );
    for (producers, each) in [(1, 400), (16, 150), (64, 80), (256, 30)] {
        // Once to warm up.
        run(&store, producers, each / 10).await;
        let (began, before) = (Instant::now(), store.db().commits());
        let mut times = run(&store, producers, each).await;
        let messages = u32::try_from(times.len()).expect("some thousands");
        let per_second = f64::from(messages) / began.elapsed().as_secs_f64();
        let commits = u32::try_from(store.db().commits() - before).expect("some thousands");
        let commits = f64::from(commits) / f64::from(messages);
        times.sort_unstable();
        let (median, slow) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        println!(
            "{name:12} {producers:>9} {per_second:>12.0} {median:>10.1?} {slow:>12.1?} {commits:>16.2}"
        );
    }
}

/// Runs conversations side by side; how long each message took until it was committed to be sent.
async fn run(store: &Store, producers: usize, each: usize) -> Vec<Duration> {
    let mut tasks = Vec::new();
    for _ in 0..producers {
        let number = store.next_ticket().await.expect("a number");
        tasks.push(tokio::spawn(conversation(store.clone(), number, each)));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("a conversation"));
    }
    times
}

async fn conversation(store: Store, ticket: TicketId, messages: usize) -> Vec<Duration> {
    let channel = ChannelId::new("telegram");
    let chat = ChatRef::new(&channel, ticket.to_string());
    let id = PersonRef::new(&channel, ticket.to_string());
    let who = Person {
        id,
        chat,
        name: "Иван".to_owned(),
        username: None,
        language: None,
    };
    let mut customer = Conversation::new(who);
    let (subject, stage) = ("Возврат".to_owned(), Stage::Waiting(Waiting::default()));
    customer.ticket = Some(Ticket {
        id: ticket,
        subject,
        opened_at: NOW,
        card: Vec::new(),
        stage,
    });
    let mut times = Vec::new();
    for version in 0..messages {
        let began = Instant::now();
        let at = customer.who.chat.message(version.to_string());
        let said = Said {
            at,
            content: Content::text("Здравствуйте! ".repeat(20)),
        };
        let taken = take_in(&store, &customer.who, &said).await;
        let by = By::Inbox(taken);
        let mut commit = decision(by, &customer, &said);
        commit
            .conversations
            .push((customer.clone(), i64::try_from(version).expect("a few")));
        let rows = store.commit(commit, NOW).await.expect("a commit").outbox;
        times.push(began.elapsed());

        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        store
            .settle(Vec::new(), ids.clone(), NOW)
            .await
            .expect("started");
        let delivered = ids.into_iter().map(|id| {
            let mut done = Settlement::new(
                id,
                Outcome::Delivered {
                    perhaps_twice: false,
                },
            );
            done.links
                .push((said.at.clone(), said.at.chat.message(format!("twin-{id}"))));
            done
        });
        store
            .settle(delivered.collect(), Vec::new(), NOW)
            .await
            .expect("settled");
    }
    times
}

async fn take_in(store: &Store, who: &Person, said: &Said) -> store::InboxId {
    let Said { at, content } = said.clone();
    let wrote = Wrote {
        who: who.clone(),
        place: Place::Private,
        at,
        content,
        also: Vec::new(),
        partial: false,
    };
    let update = NewUpdate {
        key: said.at.to_string(),
        lane: who.chat.to_string(),
        raw: vec![b'x'; 600],
        heard: Ok(Event::Wrote(wrote)),
    };
    let channel = who.chat.channel.clone();
    let intake = Intake {
        channel,
        updates: vec![update],
        cursor: None,
    };
    store.take_in(intake, NOW).await.expect("an inbox row")[0].id
}

fn decision(by: By, of: &Conversation, said: &Said) -> Commit {
    let ticket = of.ticket.as_ref().map_or(TicketId(0), |ticket| ticket.id);
    let relay = |to: &str| {
        Effect::Relay(Relay {
            to: ChatRef::new(&of.who.chat.channel, to),
            said: vec![said.clone()],
            header: None,
            under: None,
            purpose: Purpose::Nothing,
        })
    };
    let mut commit = Commit::new(by);
    commit.history = vec![Kept {
        ticket,
        by: Side::Customer,
        said: said.clone(),
    }];
    commit.effects = vec![relay("100"), relay("-100")];
    commit
}
