//! Payments: which pictures of one were seen, and what became of each. A stage is left by whoever is
//! first, and no picture counts twice.

use engine::{
    payment::{Credit, Looks, Payment, PaymentId, Proof, Stage},
    sheet::Tariff,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Plan, Store, clients,
    db::{Result, Row, Stmt, Value},
    from_json, parse, stmt, to_json,
};

/// For so long a picture that looks the same is taken for the same: screenshots of a bank's one screen
/// are alike, and there are more of them each year.
const LOOKS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

const COLUMNS: &str = "id, chat, ticket_id, picture, looks, transaction_id, came_at, stage, client";

/// One that counts, then one that waits, then the one decided on last.
const FIRST: &str = "ORDER BY status <> 'credited', status <> 'asked', id DESC";

/// What the column `stage` has.
#[derive(Serialize, Deserialize)]
struct Kept {
    offers: Vec<Tariff>,
    stage: Stage,
}

impl Store {
    /// A payment by its number. The client of a credit is called by the address that they have now.
    pub async fn payment(&self, id: PaymentId) -> Result<Option<Payment>> {
        let sql = format!("SELECT {COLUMNS} FROM payments WHERE id = $1");
        let rows = self.db.read(stmt!(sql, id.0)).await?;
        rows.first().map(read).transpose()
    }

    /// The number that a payment noted now gets. Whoever decides at the same time is given the same: the
    /// second to commit is told of a conflict, and then finds the first with [`Store::seen`]. So this is
    /// asked for before that, and no two pictures of one payment are decided on side by side.
    pub async fn next_payment(&self) -> Result<PaymentId> {
        self.next("payments").await.map(PaymentId)
    }

    /// An earlier payment that this picture may be of, whatever became of it: the same message; the same
    /// transaction; nearly the same looks in the last 400 days; one that counts in the same ticket.
    pub async fn seen(&self, proof: &Proof, now: Timestamp) -> Result<Option<Payment>> {
        let since = now.checked_sub(LOOKS_KEPT).unwrap_or(Timestamp::MIN);
        let one =
            |which: &str| format!("SELECT {COLUMNS} FROM payments WHERE {which} {FIRST} LIMIT 1");
        let alike = format!(
            "SELECT id, looks, transaction_id FROM payments
            WHERE looks IS NOT NULL AND came_at >= $1 {FIRST}"
        );
        let answers = self.db.read_all(vec![
            stmt!(one("picture = $1"), proof.picture.to_string()),
            stmt!(one("transaction_id = $1"), &proof.transaction),
            stmt!(alike, Value::Time(since)),
            stmt!(
                one("ticket_id = $1 AND status = 'credited'"),
                proof.ticket.0
            ),
        ]);
        let [picture, transaction, alike, beside] =
            <[_; 4]>::try_from(answers.await?).unwrap_or_default();
        if let Some(row) = picture.iter().chain(&transaction).next() {
            return read(row).map(Some);
        }
        for row in &alike {
            let looks = Looks(row.get::<i64>(1)?.cast_unsigned());
            let number: Option<String> = row.get(2)?;
            if proof.looks_like(looks, number.as_deref()) {
                return self.payment(PaymentId(row.get(0)?)).await;
            }
        }
        beside.first().map(read).transpose()
    }
}

fn read(row: &Row) -> Result<Payment> {
    let client: Option<String> = row.get(8)?;
    let Kept { offers, mut stage } = from_json(&row.get::<String>(7)?, "a payment's stage")?;
    if let (Stage::Credited(credit) | Stage::Undone { credit, .. }, Some(client)) =
        (&mut stage, client)
    {
        credit.client = clients::email(&client)?;
    }
    let looks: Option<i64> = row.get(4)?;
    Ok(Payment {
        id: PaymentId(row.get(0)?),
        chat: parse(&row.get::<String>(1)?)?,
        ticket: engine::ids::TicketId(row.get(2)?),
        picture: parse(&row.get::<String>(3)?)?,
        looks: looks.map(|looks| Looks(looks.cast_unsigned())),
        transaction: row.get(5)?,
        at: row.get(6)?,
        offers,
        stage,
    })
}

/// Plans that payments are as they are now: new, or moved on from the stage that comes before.
pub(crate) fn write<T>(plan: &mut Plan<T>, payments: &[Payment]) -> Result<()> {
    for payment in payments {
        plan.add(stmt(payment)?);
    }
    Ok(())
}

const KEPT: &str = "COALESCE(payments.client, excluded.client)";

fn stmt(payment: &Payment) -> Result<Stmt> {
    // Whose payment it is is settled when it is credited: later they may have another address.
    let (status, before, client) = match &payment.stage {
        Stage::Asked => ("asked", None, KEPT),
        Stage::Credited(_) => {
            let before = "'asked', 'dismissed', 'undone'";
            ("credited", Some(before), "excluded.client")
        }
        Stage::Dismissed { .. } => ("dismissed", Some("'asked'"), KEPT),
        Stage::Undone { .. } => ("undone", Some("'credited'"), KEPT),
    };
    let kept = Kept {
        offers: payment.offers.clone(),
        stage: payment.stage.clone(),
    };
    let looks = payment.looks.map(|Looks(looks)| looks.cast_signed());
    let mut columns = vec![
        ("id", payment.id.0.into()),
        ("chat", payment.chat.to_string().into()),
        ("ticket_id", payment.ticket.0.into()),
        ("picture", payment.picture.to_string().into()),
        ("looks", looks.into()),
        ("transaction_id", (&payment.transaction).into()),
        ("came_at", Value::Time(payment.at)),
    ];
    let moving = columns.len();
    columns.extend([("status", status.into()), ("stage", to_json(&kept)?.into())]);
    columns.extend(plain(&payment.stage));
    let (names, params): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    let places: Vec<_> = (1..=names.len()).map(|n| format!("${n}")).collect();
    // A number that another picture got meanwhile is a conflict, like a stage that was left.
    let conflict = match before {
        None => "DO NOTHING".to_owned(),
        Some(before) => {
            let set = names[moving..].iter().map(|name| match *name {
                "client" => format!("client = {client}"),
                name => format!("{name} = excluded.{name}"),
            });
            format!(
                "DO UPDATE SET {} WHERE payments.status IN ({before}) AND payments.picture = excluded.picture",
                set.collect::<Vec<_>>().join(", ")
            )
        }
    };
    let sql = format!(
        "INSERT INTO payments ({}) VALUES ({}) ON CONFLICT (id) {conflict}",
        names.join(", "),
        places.join(", ")
    );
    Ok(Stmt::new(sql, params).or_conflict())
}

/// What other programs read of a stage.
fn plain(stage: &Stage) -> Vec<(&'static str, Value)> {
    let (credit, undone) = match stage {
        Stage::Asked | Stage::Dismissed { .. } => return Vec::new(),
        Stage::Credited(credit) => (credit, None),
        Stage::Undone { credit, by, at } => (credit, Some((by, at))),
    };
    let Credit {
        client,
        tariff: Tariff { name, price, days },
        tariff_before: _,
        before,
        until,
        by,
        at,
    } = credit;
    vec![
        ("client", client.as_str().into()),
        ("tariff", name.into()),
        ("amount", price.amount.to_string().into()),
        ("currency", price.currency.code().into()),
        ("days", (*days).into()),
        (
            "paid_until_before",
            before.map(|day| day.to_string()).into(),
        ),
        ("paid_until", until.to_string().into()),
        ("credited_at", Value::Time(*at)),
        (
            "credited_by",
            by.as_ref().map(|by| by.id.to_string()).into(),
        ),
        (
            "undone_at",
            undone.map_or(Value::Null, |(_, at)| Value::Time(*at)),
        ),
        ("undone_by", undone.map(|(by, _)| by.id.to_string()).into()),
    ]
}
