//! Tickets as a whole: which are open, for the pinned list, and how closed ones were rated.

use engine::{
    board::Open,
    ids::{ChannelId, TicketId},
    ticket::{Closed, Conversation, Rated, Stage},
};
use store::Store;

use crate::world::{at, deciding, on, opened, person, story, table, ticket};

/// Somebody opens a ticket and is taken by an operator, if there is one; `left` if that one is gone.
async fn opens(store: &Store, channel: &ChannelId, operator: Option<&str>, left: bool) {
    let number = store.next_ticket().await.unwrap();
    let mut conversation = Conversation::new(on(channel, &number.to_string()));
    let mut open = ticket(number);
    open.opened_at = at(number.0);
    if let (Some(operator), Stage::Waiting(waiting)) = (operator, open.stage.clone()) {
        let mut assigned = waiting.assign(&person(operator), at(100 + number.0)).0;
        assigned.abandoned = left;
        open.stage = Stage::Assigned(assigned);
    }
    conversation.ticket = Some(open);
    let mut commit = deciding(store, "7", &number.to_string()).await;
    commit.conversations.push((conversation, 0));
    store.commit(commit, at(number.0)).await.unwrap();
}

/// The operator is done with ticket 1, the only one of customer 7.
async fn close(store: &Store, mut conversation: Conversation) {
    conversation.ticket = None;
    let mut commit = deciding(store, "100", "close").await;
    commit.closed = Some(Closed {
        ticket: TicketId(1),
        by: person("100").id,
        at: at(5),
    });
    commit.conversations.push((conversation, 1));
    store.commit(commit, at(5)).await.unwrap();
}

async fn rate(store: &Store, key: &str, stars: u8) -> Vec<String> {
    let mut commit = deciding(store, "7", key).await;
    let ticket = TicketId(1);
    commit.rated = Some(Rated { ticket, stars });
    store.commit(commit, at(6)).await.unwrap();
    table(store, "SELECT status, rating FROM tickets").await
}

#[test]
fn open_tickets_are_told_oldest_first_with_whose_they_are() {
    story(async |store| {
        assert_eq!(store.open_tickets(9).await.unwrap(), (vec![], 0));
        let (telegram, vk) = (ChannelId::new("telegram"), ChannelId::new("vk"));
        opens(&store, &telegram, None, false).await;
        opens(&store, &vk, Some("100"), false).await;
        opens(&store, &vk, Some("100"), true).await;
        let open = |number: i64, channel: &ChannelId, operator: Option<&str>, since| Open {
            ticket: TicketId(number),
            customer: format!("Person {number}"),
            channel: channel.clone(),
            operator: operator.map(str::to_owned),
            since: at(since),
        };
        let all = vec![
            open(1, &telegram, None, 1),
            open(2, &vk, Some("Person 100"), 102),
            // Nobody has what an operator left behind.
            open(3, &vk, None, 103),
        ];
        assert_eq!(store.open_tickets(9).await.unwrap(), (all.clone(), 3));
        let two = (all[..2].to_vec(), 3);
        assert_eq!(store.open_tickets(2).await.unwrap(), two);
        assert_eq!(store.open_count().await.unwrap(), 3);
    });
}

#[test]
fn a_closed_ticket_is_not_open() {
    story(async |store| {
        let conversation = opened(&store).await;
        assert_eq!(store.open_count().await.unwrap(), 1);
        close(&store, conversation).await;
        assert_eq!(store.open_count().await.unwrap(), 0);
        assert_eq!(store.open_tickets(9).await.unwrap(), (vec![], 0));
    });
}

#[test]
fn a_closed_ticket_is_rated_once() {
    story(async |store| {
        let conversation = opened(&store).await;
        assert_eq!(rate(&store, "too early", 1).await, ["WAITING|"]);
        close(&store, conversation).await;
        assert_eq!(rate(&store, "first", 4).await, ["CLOSED|4"]);
        assert_eq!(rate(&store, "second", 2).await, ["CLOSED|4"]);
    });
}

#[test]
fn a_ticket_can_be_closed_and_rated_in_one_decision() {
    story(async |store| {
        let mut conversation = opened(&store).await;
        conversation.ticket = None;
        let mut commit = deciding(&store, "7", "rate").await;
        commit.closed = Some(Closed {
            ticket: TicketId(1),
            by: person("7").id,
            at: at(5),
        });
        let (ticket, stars) = (TicketId(1), 5);
        commit.rated = Some(Rated { ticket, stars });
        commit.conversations.push((conversation, 1));
        store.commit(commit, at(5)).await.unwrap();
        let rated = table(&store, "SELECT status, rating FROM tickets").await;
        assert_eq!(rated, ["CLOSED|5"]);
    });
}

#[test]
fn somebody_without_a_name_has_none_in_the_list_too() {
    story(async |store| {
        let mut nameless = on(&ChannelId::new("vk"), "5");
        nameless.name = String::new();
        let mut conversation = Conversation::new(nameless);
        conversation.ticket = Some(ticket(TicketId(1)));
        let mut commit = deciding(&store, "7", "open").await;
        commit.conversations.push((conversation.clone(), 0));
        store.commit(commit, at(1)).await.unwrap();
        let found = store.of_ticket(TicketId(1)).await.unwrap();
        assert_eq!(found, Some((conversation, 1)));
        assert_eq!(store.open_tickets(1).await.unwrap().0[0].customer, "");
    });
}
