use super::*;
use crate::money::Currency;

fn tariff(name: &str, amount: &str, currency: &str) -> Tariff {
    let (amount, currency) = (amount.parse().unwrap(), Currency::read(currency).unwrap());
    Tariff {
        name: name.to_owned(),
        price: Money { amount, currency },
        days: 30,
    }
}

fn judged(text: &str) -> String {
    let tariffs = [
        tariff("Базовый", "199", "CNY"),
        tariff("Полный", "1990.00", "RUB"),
        tariff("Пара", "199", "RUB"),
        tariff("Доллар", "10.99", "USD"),
    ];
    let names = |tariffs: Vec<Tariff>| {
        let names: Vec<_> = tariffs.into_iter().map(|t| t.name).collect();
        names.join(", ")
    };
    match judge(text, &tariffs) {
        Judgement::Paid(tariff) => tariff.name,
        Judgement::Several(tariffs) => format!("several: {}", names(tariffs)),
        Judgement::Doubtful(tariff) => format!("doubtful: {}", tariff.name),
        Judgement::NoTariff => "no tariff".to_owned(),
        Judgement::NoSum => "no sum".to_owned(),
        Judgement::NotPaid(why) => format!("{why:?}"),
    }
}

fn check(all: &[(&str, &str)]) {
    for (text, means) in all {
        assert_eq!(judged(text), *means, "{text}");
    }
}

#[test]
fn a_price_must_match_exactly_and_in_its_currency() {
    check(&[
        ("支付成功 ¥199.00", "Базовый"),
        ("Перевод 1 990 ₽ выполнен", "Полный"),
        ("199 ₽", "Пара"),
        ("1 990,00", "Полный"),
        ("RMB 199", "Базовый"),
        ("199,00", "several: Базовый, Пара"),
        ("-199.00\n支付金额 ¥199.00", "Базовый"),
        ("$199.00", "no tariff"),
        ("¥ 199.01", "no tariff"),
        ("10.99", "Доллар"),
        ("1 990 ₽ и 199 ₽", "several: Полный, Пара"),
        ("привет", "no sum"),
    ]);
}

#[test]
fn a_price_by_accident_is_no_payment() {
    check(&[
        ("Баланс 1 990 ₽", "no sum"),
        ("Перевод 500 ₽ выполнен\nБаланс: 1 990 ₽", "no tariff"),
        ("-500,00 ₽\nДоступно 1 990 ₽", "no tariff"),
        ("-500,00 ₽\nПолный 1 990 ₽", "doubtful: Полный"),
        ("Сумма 500,00 ₽\n1 990,00 ₽", "doubtful: Полный"),
        ("支付成功\n¥500.00\n¥199.00", "doubtful: Базовый"),
        ("5 000,00 ₽\n1 990,00 ₽", "doubtful: Полный"),
        ("500\n10.99 $", "Доллар"),
        ("-1 990 ₽\n-500 ₽\n-120 ₽", "doubtful: Полный"),
        ("原价 ¥199.00\n实付 ¥99.00", "no tariff"),
        ("Кешбэк 1 990 ₽\nСписано 19 900 ₽", "no tariff"),
    ]);
}

/// Screens as programs show them, from the clock to the last line.
#[test]
fn whole_screens_are_payments() {
    check(&[
        (
            "10:00\n账单详情\n关怀服务有限公司\n-199.00 元\n交易成功\n支付时间 2026-11-20 10:00:00\n付款方式 招商银行储蓄卡(4821)\n商品说明 订阅服务\n订单号 2026112022001418693109669810\n商户订单号 T200P693109669810\n账单分类 生活服务 ›\n查看往来记录 ›",
            "Базовый",
        ),
        (
            "10:00\n关怀服务\n¥-199.00\n当前状态 支付成功\n支付时间 2026年11月20日 10:00:00\n商品 扫二维码付款-给关怀服务\n商户全称 深圳市关怀服务有限公司\n支付方式 零钱\n交易单号 4200002360202611204694804018\n商户单号 11204694804018\n本服务由财付通提供",
            "Базовый",
        ),
        (
            "10:00\nПлатёж доставлен\n1 990,00 ₽\nЗабота Сервис, ООО\nДата и время операции\n20 ноября 2026 10:00:00 (МСК)\nСчёт списания\nПлатёжный счёт •• 4821\nКомиссия\n0 ₽\nФИО получателя\nМария Сергеевна К.\nНомер документа\n5744708807\nПоделиться Сохранить чек Повторить",
            "Полный",
        ),
        (
            "10:00\n20 ноября 2026 10:00:00\nЗабота\n−1 990,00 ₽\nВыполнено Переводы\nСчёт Black •• 4821\nКомиссия 0 ₽\nОстаток 12 345,67 ₽\nТелефон получателя +7 916 123-45-67\nНомер операции 125983746956\nСообщение подписка\nСправка по операции",
            "Полный",
        ),
        (
            "10:00\nTransaction details\nZabota Care\nNov 20, 2026 10:00\n-$10.99 USD\nCompleted\nPaid with\nVisa •••• 4821 $10.99 USD\nThis will appear as PAYPAL *ZABOTA\nTransaction ID\n5G311147UXSDBS10X\nDetails\nSent to Zabota Care $10.99 USD\nFee $0.00\nTotal $10.99 USD\nGet help with this",
            "Доллар",
        ),
    ]);
}

#[test]
fn what_stands_beside_a_payment_does_not_hinder_it() {
    check(&[
        (
            "¥-199.00\n交易成功\n付款方式 招商银行储蓄卡(4821)\n支付时间 2026-11-20 13:00:03",
            "Базовый",
        ),
        (
            "-1 990 ₽\nСпособ оплаты: Карта (4821)\nНомер платежа 118822",
            "Полный",
        ),
        (
            "Перевод выполнен\n1 990 ₽\nКомиссия\n0 ₽\nОстаток 25 000 ₽",
            "Полный",
        ),
        (
            "-199.00\n交易成功\n订单金额 ¥210.00\n优惠 -¥11.00\n余额 ¥5000.00",
            "several: Базовый, Пара",
        ),
        ("支付成功\n¥199.00\n订单金额 ¥210.00", "Базовый"),
        (
            "Сумма 1 990 ₽\nКомиссия 19,90 ₽\nИтого 2 009,90 ₽",
            "Полный",
        ),
        ("Списано 10,99 $\nПо курсу 92,10 это 1 012,18 ₽", "Доллар"),
        ("1 990 ₽\n50,00 ₽", "Полный"),
        ("К оплате 1 990 ₽\nОплачено", "Полный"),
        ("Перевод 1 990 ₽ без комиссии", "Полный"),
        (
            "Completed\n-$10.99\nPayPal balance $10.99\nRequest a refund",
            "Доллар",
        ),
        ("收款方 Забота\n支付成功 ¥199.00", "Базовый"),
        ("应付金额 ¥199.00\n实付 ¥199.00", "Базовый"),
        (
            "Срок зачисления мгновенно\nИсполнен\nСумма 1 990,00 ₽",
            "Полный",
        ),
        (
            "К оплате 1 990 ₽\nСписано 1 990 ₽\nДоступный остаток 3 010 ₽",
            "Полный",
        ),
        (
            "Чек по операции\nСтатус\nУспешно\nСумма\n1 990,00 ₽\nИтого\n1 990,00 ₽",
            "Полный",
        ),
        (
            "Order total: $10.99\nAmount paid: $10.99\nBalance: $0.00",
            "Доллар",
        ),
    ]);
}

#[test]
fn what_was_not_paid_is_not_credited() {
    for (why, texts) in [
        (
            "Failed",
            [
                "支付失败 ¥199.00",
                "Операция отклонена 1 990 ₽",
                "Платёж в обработке 1 990 ₽",
                "Недостаточно средств. Сумма 1 990 ₽",
                "Payment unsuccessful $10.99",
            ],
        ),
        (
            "Requested",
            [
                "К оплате 1 990 ₽",
                "Счёт на оплату № 5. Итого 1 990,00",
                "Pay now $10.99",
                "Оплатите 1 990 ₽",
                "确认付款 ¥199.00",
            ],
        ),
        (
            "CameIn",
            [
                "Входящий перевод 1 990 ₽",
                "Пополнение +1 990 ₽",
                "You received $10.99",
                "Возврат 1 990 ₽",
                "退款 ¥199.00",
            ],
        ),
    ] {
        for text in texts {
            assert_eq!(judged(text), why, "{text}");
        }
    }
    assert_eq!(judged("+1 990 ₽"), "no sum");
}
