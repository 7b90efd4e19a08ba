//! Payments: which pictures of one were seen, and what became of each. A stage is only ever left once,
//! and no picture counts twice.

use engine::{
    payment::{Credit, Looks, Payment, PaymentId, Proof, Stage},
    sheet::Tariff,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Plan, Store, clients,
    db::{Result, Row, Stmt, Value},
    from_json, parse, stmt, to_json,
};

/// For so long a picture that looks the same is taken for the same: screenshots of a bank's one screen
/// are alike, and there are more of them each year.
const LOOKS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

const COLUMNS: &str = "id, chat, ticket_id, picture, looks, transaction_id, came_at, stage, client";

/// One that counts before one that waits, an earlier before a later.
const FIRST: &str = "ORDER BY status <> 'credited', id LIMIT 1";

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

    /// An earlier payment that this picture may be of: the same message, whatever became of it; the same
    /// transaction; or nearly the same looks in the last 400 days. What was undone counts for the first
    /// only: it may be sent anew.
    pub async fn seen(&self, proof: &Proof, now: Timestamp) -> Result<Option<Payment>> {
        let since = now.checked_sub(LOOKS_KEPT).unwrap_or(Timestamp::MIN);
        let picture = format!("SELECT {COLUMNS} FROM payments WHERE picture = $1 {FIRST}");
        let transaction = format!(
            "SELECT {COLUMNS} FROM payments WHERE transaction_id = $1 AND status <> 'undone' {FIRST}"
        );
        let alike = "SELECT id, looks FROM payments WHERE looks IS NOT NULL AND status <> 'undone'
            AND came_at >= $1 ORDER BY status <> 'credited', id";
        let mut stmts = vec![stmt!(picture, proof.picture.to_string())];
        stmts.extend(proof.transaction.as_ref().map(|it| stmt!(transaction, it)));
        stmts.extend(proof.looks.map(|_| stmt!(alike, Value::Time(since))));
        let mut answers = self.db.read_all(stmts).await?;
        let alike = proof.looks.and_then(|_| answers.pop()).unwrap_or_default();
        if let Some(row) = answers.iter().flatten().next() {
            return read(row).map(Some);
        }
        for row in &alike {
            let looks = Looks(row.get::<i64>(1)?.cast_unsigned());
            if proof.looks.is_some_and(|these| these.resembles(looks)) {
                return self.payment(PaymentId(row.get(0)?)).await;
            }
        }
        Ok(None)
    }
}

fn read(row: &Row) -> Result<Payment> {
    let client: Option<String> = row.get(8)?;
    let mut stage = from_json(&row.get::<String>(7)?, "a payment's stage")?;
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

fn stmt(payment: &Payment) -> Result<Stmt> {
    let (status, before) = match &payment.stage {
        Stage::Asked { .. } => ("asked", None),
        Stage::Credited(_) => ("credited", Some("asked")),
        Stage::Dismissed { .. } => ("dismissed", Some("asked")),
        Stage::Undone { .. } => ("undone", Some("credited")),
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
    columns.extend([
        ("status", status.into()),
        ("stage", to_json(&payment.stage)?.into()),
    ]);
    columns.extend(plain(&payment.stage));
    let (names, params): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    let places: Vec<_> = (1..=names.len()).map(|n| format!("${n}")).collect();
    // A number that another picture got meanwhile is a conflict, like a stage that was left. Whose
    // payment it is stays: they may have another address by now.
    let conflict = match before {
        None => "DO NOTHING".to_owned(),
        Some(before) => {
            let set = names[moving..].iter().map(|name| match *name {
                "client" => "client = COALESCE(payments.client, excluded.client)".to_owned(),
                name => format!("{name} = excluded.{name}"),
            });
            format!(
                "DO UPDATE SET {} WHERE payments.status = '{before}' AND payments.picture = excluded.picture",
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
        Stage::Asked { .. } | Stage::Dismissed { .. } => return Vec::new(),
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
        ("credited_by", by.as_ref().map(ToString::to_string).into()),
        (
            "undone_at",
            undone.map_or(Value::Null, |(_, at)| Value::Time(*at)),
        ),
        ("undone_by", undone.map(|(by, _)| by.to_string()).into()),
    ]
}
