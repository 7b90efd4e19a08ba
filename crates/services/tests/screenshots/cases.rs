//! The screenshots: which there are, and what each truly says.

use engine::{money::Currency, money::Money, sheet::Tariff};

/// A screenshot.
pub(crate) struct Case {
    /// Whose: the name of a page in `looks/`.
    pub(crate) look: &'static str,
    /// `light`, `dark`, or `photo`: of another screen, askew and dull.
    pub(crate) theme: &'static str,
    /// Its longer side in pixels.
    pub(crate) side: u32,
    /// The quality of its JPEG.
    pub(crate) quality: u8,
    /// The sum as the page shows it.
    pub(crate) shown: &'static str,
    /// The tariff that it pays; none if the sum is wrong or the payment failed.
    pub(crate) pays: Option<&'static str>,
    /// What the page says of its state.
    pub(crate) state: &'static str,
    /// Which one of all, from 0: its numbers and its day depend on it.
    pub(crate) nth: usize,
}

impl Case {
    /// The name of its file, without the extension.
    pub(crate) fn name(&self) -> String {
        let Self {
            look,
            theme,
            side,
            quality,
            nth,
            ..
        } = self;
        format!("{nth:02}-{look}-{theme}-{side}-q{quality}")
    }
}

/// A look: its name, the sums it shows and what they pay, and its words for a payment that went through
/// and one that did not.
struct Look {
    name: &'static str,
    sums: [(&'static str, Option<&'static str>); 9],
    paid: &'static str,
    failed: &'static str,
}

const LOOKS: [Look; 5] = [
    Look {
        name: "alipay",
        sums: [
            ("-199.00", Some("Месяц")),
            ("-1,990.00", Some("Год")),
            ("-1,199.00", None),
            ("-199.00", Some("Месяц")),
            ("-199.00", Some("Месяц")),
            ("-1990.00", Some("Год")),
            ("-198.00", None),
            ("-1,990.00", Some("Год")),
            ("-199.00", Some("Месяц")),
        ],
        paid: "交易成功",
        failed: "交易关闭",
    },
    Look {
        name: "wechat",
        sums: [
            ("¥199.00", Some("Месяц")),
            ("-199.00", Some("Месяц")),
            ("¥1199.00", None),
            ("¥1990.00", Some("Год")),
            ("-1990.00", Some("Год")),
            ("¥199.00", Some("Месяц")),
            ("¥99.00", None),
            ("-199.00", Some("Месяц")),
            ("¥199.00", Some("Месяц")),
        ],
        paid: "支付成功",
        failed: "支付失败",
    },
    Look {
        name: "sber",
        sums: [
            ("2 490 ₽", Some("Месяц в рублях")),
            ("24 900,00 ₽", Some("Год в рублях")),
            ("12 490 ₽", None),
            ("2 490,00 ₽", Some("Месяц в рублях")),
            ("2 490 ₽", Some("Месяц в рублях")),
            ("24 900 ₽", Some("Год в рублях")),
            ("490 ₽", None),
            ("24 900,00 ₽", Some("Год в рублях")),
            ("2 490 ₽", Some("Месяц в рублях")),
        ],
        paid: "Перевод доставлен",
        failed: "Операция отклонена",
    },
    Look {
        name: "tbank",
        sums: [
            ("−2 490 ₽", Some("Месяц в рублях")),
            ("−24 900 ₽", Some("Год в рублях")),
            ("−22 490 ₽", None),
            ("−2 490,00 ₽", Some("Месяц в рублях")),
            ("−24 900,00 ₽", Some("Год в рублях")),
            ("−2 490 ₽", Some("Месяц в рублях")),
            ("−2 400 ₽", None),
            ("−2 490 ₽", Some("Месяц в рублях")),
            ("−2 490 ₽", Some("Месяц в рублях")),
        ],
        paid: "Успешно",
        failed: "Отклонено",
    },
    Look {
        name: "paypal",
        sums: [
            ("$28.99", Some("Месяц в долларах")),
            ("−$289.00 USD", Some("Год в долларах")),
            ("$128.99", None),
            ("−$28.99", Some("Месяц в долларах")),
            ("$289.00", Some("Год в долларах")),
            ("$28.99 USD", Some("Месяц в долларах")),
            ("$28.90", None),
            ("−$28.99", Some("Месяц в долларах")),
            ("$28.99", Some("Месяц в долларах")),
        ],
        paid: "Completed",
        failed: "Declined",
    },
];

/// Longer side and quality, as messengers make them.
const SENT: [(u32, u8); 4] = [(1280, 70), (1280, 40), (640, 70), (640, 40)];

/// All of them: of each look every theme, size and quality, a payment that failed, and a photo of a
/// screen.
pub(crate) fn all() -> Vec<Case> {
    let mut all = Vec::new();
    for look in &LOOKS {
        let sent = ["light", "dark"]
            .into_iter()
            .flat_map(|theme| SENT.map(|sent| (theme, sent)));
        for ((theme, sent), sum) in sent.zip(look.sums) {
            all.push(case(look, theme, sent, sum, look.paid));
        }
        let (shown, pays) = look.sums[8];
        all.push(case(look, "light", SENT[0], (shown, None), look.failed));
        all.push(case(look, "photo", (1280, 60), (shown, pays), look.paid));
    }
    for (nth, case) in all.iter_mut().enumerate() {
        case.nth = nth;
    }
    all
}

/// The places of those that are read at each run: of each look one that pays, the dark, small and rough one,
/// and one that must not be credited; two photos of screens.
const FEW: [usize; 12] = [7, 8, 12, 17, 22, 27, 29, 36, 37, 47, 48, 49];

/// A dozen of them.
pub(crate) fn few() -> Vec<Case> {
    let all = all().into_iter();
    all.filter(|case| FEW.contains(&case.nth)).collect()
}

fn case(
    look: &Look,
    theme: &'static str,
    (side, quality): (u32, u8),
    (shown, pays): (&'static str, Option<&'static str>),
    state: &'static str,
) -> Case {
    Case {
        look: look.name,
        theme,
        side,
        quality,
        shown,
        pays,
        state,
        nth: 0,
    }
}

/// Tariffs whose prices are each other's misreadings: a digit more or less, a neighbour's sum.
pub(crate) fn tariffs() -> Vec<Tariff> {
    let all = [
        ("Месяц", "199", "CNY"),
        ("Год", "1990", "CNY"),
        ("Другой", "990", "CNY"),
        ("Месяц в рублях", "2490", "RUB"),
        ("Год в рублях", "24900", "RUB"),
        ("Другой в рублях", "900", "RUB"),
        ("Месяц в долларах", "28.99", "USD"),
        ("Год в долларах", "289", "USD"),
        ("Другой в долларах", "8.99", "USD"),
    ];
    let tariff = |(name, amount, currency): (&str, &str, &str)| {
        let price = Money {
            amount: amount.parse().expect("a number"),
            currency: Currency::read(currency).expect("a currency"),
        };
        Tariff {
            name: name.to_owned(),
            price,
            days: 30,
        }
    };
    all.map(tariff).into()
}
