//! The tables: ours, and the three that other programs read, which the predecessor may have made.
//!
//! Ours are in `schema/`. For the public ones, this says which columns there have to be; what
//! is missing is added, and what more there is, is found out and remembered as the [`Shape`].

use serde::{Deserialize, Serialize};

use crate::db::{Stmt, Value};

/// Our own tables: version 1, and what each later version adds. Migrations only add.
pub(crate) const OWN: &[&str] = &[
    include_str!("schema/own.sql"),
    include_str!("schema/clients.sql"),
    include_str!("schema/business.sql"),
];

/// Names that a version takes: a table of that name in an earlier one is not ours.
pub(crate) const TAKEN: &[(i64, &[&str])] = &[
    (2, &["clients"]),
    (
        3,
        &[
            "tariffs",
            "payments",
            "audit",
            "sheet",
            "reminders",
            "broadcasts",
            "recipients",
        ],
    ),
];

/// A column of a public table: its name, its type, and whether a new table makes it `NOT NULL`.
pub(crate) struct PublicColumn(pub &'static str, pub &'static str, pub bool);

/// A table that other programs read.
pub(crate) struct PublicTable {
    pub name: &'static str,
    pub columns: &'static [PublicColumn],
    /// What a new one has besides.
    pub rules: &'static str,
    pub indexes: &'static [&'static str],
}

use PublicColumn as C;

/// Customers: one row is one conversation.
pub(crate) const USERS: PublicTable = PublicTable {
    name: "users",
    columns: &[
        C("id", "{id}", false),
        C("tg_id", "BIGINT", false),
        C("username", "TEXT", false),
        C("name", "TEXT", false),
        C("phone", "TEXT", false),
        C("created_at", "{time}", false),
        C("channel", "TEXT", false),
        C("chat", "TEXT", false),
        C("person", "TEXT", false),
        C("language", "TEXT", false),
        C("blocked", "BOOLEAN", false),
        C("session", "TEXT", false),
        C("version", "BIGINT", false),
        C("heard_at", "{time}", false),
        C("client_id", "BIGINT", false),
    ],
    rules: "",
    indexes: &[
        "CREATE INDEX IF NOT EXISTS zabota_users_tg_id ON users (tg_id)",
        "CREATE UNIQUE INDEX IF NOT EXISTS zabota_users_chat ON users (chat)",
        "CREATE INDEX IF NOT EXISTS zabota_users_person ON users (person)",
        "CREATE INDEX IF NOT EXISTS zabota_users_client ON users (client_id)",
    ],
};

/// Tickets. One is open exactly if it has a `stage`.
pub(crate) const TICKETS: PublicTable = PublicTable {
    name: "tickets",
    columns: &[
        C("id", "{id}", false),
        C("user_id", "BIGINT", false),
        C("status", "TEXT", true),
        C("operator_tg_id", "BIGINT", false),
        C("created_at", "{time}", true),
        C("closed_at", "{time}", false),
        C("subject", "TEXT", false),
        C("channel", "TEXT", false),
        C("chat", "TEXT", false),
        C("operator", "TEXT", false),
        C("operator_name", "TEXT", false),
        C("assigned_at", "{time}", false),
        C("closed_by", "TEXT", false),
        C("rating", "BIGINT", false),
        C("stage", "TEXT", false),
        C("card", "TEXT", false),
    ],
    rules: ", FOREIGN KEY (user_id) REFERENCES users (id)",
    indexes: &[
        "CREATE INDEX IF NOT EXISTS zabota_tickets_open ON tickets (chat) WHERE stage IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS zabota_tickets_queue ON tickets (id) WHERE stage IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS zabota_tickets_operator ON tickets (operator)
         WHERE stage IS NOT NULL",
    ],
};

/// Everything that either side wrote, as it reads now.
pub(crate) const MESSAGES: PublicTable = PublicTable {
    name: "ticket_messages",
    columns: &[
        C("id", "{id}", false),
        C("ticket_id", "BIGINT", true),
        C("sender_type", "TEXT", true),
        C("content_type", "TEXT", true),
        C("message_text", "TEXT", false),
        C("caption", "TEXT", false),
        C("created_at", "{time}", true),
        C("origin", "TEXT", false),
        C("file_id", "TEXT", false),
        C("file_name", "TEXT", false),
        C("file_size", "BIGINT", false),
        C("mime_type", "TEXT", false),
        C("media_path", "TEXT", false),
        C("content", "TEXT", false),
        C("edited_at", "{time}", false),
    ],
    rules: ", FOREIGN KEY (ticket_id) REFERENCES tickets (id)",
    indexes: &[
        "CREATE UNIQUE INDEX IF NOT EXISTS zabota_messages_origin ON ticket_messages (origin)",
        "CREATE INDEX IF NOT EXISTS zabota_messages_ticket ON ticket_messages (ticket_id)",
        "CREATE INDEX IF NOT EXISTS zabota_messages_age ON ticket_messages (created_at)",
    ],
};

/// What `users.client_id` is, where `$n` is the client's address.
pub(crate) fn client_id(n: usize) -> String {
    format!("(SELECT c.id FROM clients c WHERE c.email = ${n})")
}

/// Writes the types that the databases call differently.
pub(crate) fn typed(sql: &str, pg: bool) -> String {
    let (id, bytes, time) = if pg {
        (
            "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
            "BYTEA",
            "TIMESTAMPTZ",
        )
    } else {
        ("INTEGER PRIMARY KEY AUTOINCREMENT", "BLOB", "TIMESTAMP")
    };
    sql.replace("{id}", id)
        .replace("{bytes}", bytes)
        .replace("{time}", time)
}

/// What the public tables look like in this database, as far as writing to them goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shape {
    /// The column of `tickets` that says whose it is, and the column of `users` it holds.
    pub user_link: Option<(String, String)>,
    /// Another column of `users` that holds the same as `tg_id`.
    pub person: Option<String>,
    /// How `tickets.status` is spelled: waiting, assigned, closed.
    pub status: [String; 3],
    /// How `ticket_messages.sender_type` is spelled: user, operator.
    pub sender: [String; 2],
    /// Columns that must not be empty: what to write where there is nothing to say.
    pub fillers: Vec<Filler>,
    /// Ticket numbers up to here are taken, also if their rows are gone.
    pub floor: i64,
    /// Columns of `users` in which the messenger's number of a person stands only once.
    #[serde(default)]
    pub numbers: Vec<Number>,
}

/// A column of `users` in which the messenger's number of a person stands only once. Not everybody has
/// such a number, and with two bots of a messenger one person has two rows: the second is without it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Number {
    pub column: String,
    /// It is never empty: instead of nothing it holds a number below zero, which no person has.
    pub must: bool,
    /// It is a text.
    pub text: bool,
}

/// A column that must not be empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Filler {
    pub table: String,
    pub column: String,
    pub with: Filling,
}

/// What stands in for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Filling {
    Empty,
    Zero,
    /// The moment of writing.
    Now,
    /// The next free number of the column.
    Next,
    /// What identifies the ticket's customer: `users.id`.
    User,
}

impl Shape {
    /// A database that we made.
    pub(crate) fn ours() -> Self {
        Self {
            user_link: Some(("user_id".to_owned(), "id".to_owned())),
            person: None,
            status: ["WAITING", "ASSIGNED", "CLOSED"].map(str::to_owned),
            sender: ["user", "operator"].map(str::to_owned),
            fillers: Vec::new(),
            floor: 0,
            numbers: Vec::new(),
        }
    }

    /// The value, or what must stand in for it.
    pub(crate) fn fit(&self, table: &str, column: &str, value: Value, now: &Value) -> Value {
        if value != Value::Null {
            return value;
        }
        match self.filling(table, column) {
            Some(Filling::Empty) => Value::Text(String::new()),
            Some(Filling::Zero) => Value::Int(0),
            Some(Filling::Now) => now.clone(),
            Some(Filling::Next | Filling::User) | None => Value::Null,
        }
    }

    fn filling(&self, table: &str, column: &str) -> Option<Filling> {
        let is = |filler: &&Filler| filler.table == table && filler.column == column;
        self.fillers.iter().find(is).map(|filler| filler.with)
    }

    /// How a new row gets the value `$n` of a column.
    fn place(&self, table: &str, column: &str, n: usize) -> String {
        if table != USERS.name {
            return format!("${n}");
        }
        if column == "client_id" {
            return client_id(n);
        }
        let Some(number) = self.numbers.iter().find(|number| number.column == column) else {
            return format!("${n}");
        };
        let place = format!(
            "CASE WHEN EXISTS (SELECT 1 FROM users k WHERE k.\"{column}\" = ${n})
             THEN NULL ELSE ${n} END"
        );
        if !number.must {
            return place;
        }
        let kind = if number.text { "TEXT" } else { "BIGINT" };
        format!(
            "COALESCE({place}, CAST((SELECT COALESCE(MIN(CAST(k.\"{column}\" AS BIGINT)), 0) - 1
             FROM users k WHERE CAST(k.\"{column}\" AS TEXT) LIKE '-%') AS {kind}))"
        )
    }

    /// An `INSERT` of these columns and of whatever else this database insists on. `chat` is the
    /// customer's; `end` follows, such as what to do `ON CONFLICT`.
    pub(crate) fn insert(
        &self,
        table: &str,
        columns: Vec<(&str, Value)>,
        chat: &str,
        now: &Value,
        end: &str,
    ) -> Stmt {
        let given = columns
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect::<Vec<_>>();
        let mut names = given.clone();
        let mut exprs: Vec<String> = (1..)
            .zip(&given)
            .map(|(n, column)| self.place(table, column, n))
            .collect();
        let mut params: Vec<Value> = columns
            .into_iter()
            .map(|(name, value)| self.fit(table, name, value, now))
            .collect();
        let mut add = |name: &str, expr: &str, value: Option<Value>| {
            names.push(name.to_owned());
            params.extend(value);
            // A place left open is the value that came with it.
            exprs.push(expr.replace("$?", &format!("${}", params.len())));
        };
        let user = |column: &str| format!("(SELECT u.{column} FROM users u WHERE u.chat = $?)");
        if let (Some((column, target)), "tickets") = (&self.user_link, table) {
            add(column, &user(target), Some(Value::from(chat)));
        }
        for filler in self.fillers.iter().filter(|f| f.table == table) {
            let linked = self
                .user_link
                .as_ref()
                .is_some_and(|(column, _)| column == &filler.column);
            if given.contains(&filler.column) || (linked && table == "tickets") {
                continue;
            }
            let column = &filler.column;
            match filler.with {
                Filling::Empty => add(column, "$?", Some(Value::from(""))),
                Filling::Zero => add(column, "$?", Some(Value::Int(0))),
                Filling::Now => add(column, "$?", Some(now.clone())),
                Filling::User => add(column, &user("id"), Some(Value::from(chat))),
                Filling::Next => {
                    let next = format!("(SELECT COALESCE(MAX({column}), 0) + 1 FROM {table})");
                    add(column, &next, None);
                }
            }
        }
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let (names, exprs) = (names.join(", "), exprs.join(", "));
        Stmt::new(
            format!("INSERT INTO {table} ({names}) VALUES ({exprs}) {end}"),
            params,
        )
    }
}
