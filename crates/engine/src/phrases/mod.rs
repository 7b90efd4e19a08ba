//! The desk's own words, in each language a file: `phrases/ru.toml`, `phrases/en.toml`. The rules
//! name a [`Phrase`]; what it reads is data, and an owner may put other words in its place.

use std::{collections::BTreeMap, fmt};

use crate::content::{Body, Content};

/// A language that the desk speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// Russian.
    #[default]
    Ru,
    /// English.
    En,
}

impl Locale {
    /// Reads `ru` or `en`.
    pub fn read(code: &str) -> Option<Self> {
        match code {
            "ru" => Some(Self::Ru),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Its two letters.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::Ru => include_str!("ru.toml"),
            Self::En => include_str!("en.toml"),
        }
    }
}

macro_rules! phrases {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal [$($arg:literal)*]; )*) => {
        /// Something that the desk says, or writes on a key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Phrase { $( $(#[$doc])* $variant, )* }

        impl Phrase {
            /// Every phrase.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// Its name in the files of words.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// What may stand in braces in it.
            pub fn args(self) -> &'static [&'static str] {
                match self { $( Self::$variant => &[$($arg),*], )* }
            }
        }
    };
}

phrases! {
    /// A customer asks where a waiting ticket stands.
    TicketWaiting = "ticket_waiting" ["ticket"];
    /// A customer asks where a ticket stands that an operator has.
    TicketAssigned = "ticket_assigned" ["ticket"];
    /// The first addition to a waiting ticket has arrived.
    Added = "added" ["ticket"];
    /// An operator has the ticket now.
    OperatorJoined = "operator_joined" [];
    /// The ticket is closed.
    OperatorLeft = "operator_left" [];
    /// Key: to the menu.
    Home = "home" [];
    /// Toast: this key is outdated.
    StaleKey = "stale_key" [];
    /// A customer changed a message of a closed ticket.
    EditTooLate = "edit_too_late" ["ticket"];

    /// Key: take the ticket.
    Take = "take" [];
    /// Key: close the dialog.
    Close = "close" [];
    /// Key: send once more.
    Again = "again" [];
    /// Key: make this dialog the current one.
    Switch = "switch" ["ticket" "customer"];
    /// Key: see what customers see.
    Visit = "visit" [];
    /// Card: its first line.
    CardTitle = "card_title" ["ticket" "subject"];
    /// Card: where and who.
    CardCustomer = "card_customer" ["channel" "customer"];
    /// Card: their phone number.
    CardPhone = "card_phone" ["phone"];
    /// Card: things that follow it.
    CardAttachments = "card_attachments" ["count"];
    /// Card: its words are too long for it.
    CardLong = "card_long" [];
    /// Card: nobody has it.
    CardWaiting = "card_waiting" ["since"];
    /// Card: an operator has it.
    CardAssigned = "card_assigned" ["operator" "since"];
    /// Card: its operator is gone.
    CardAbandoned = "card_abandoned" ["operator"];
    /// Card: it is over.
    CardClosed = "card_closed" ["operator" "at"];
    /// The line above what a customer wrote.
    Header = "header" ["ticket" "customer"];
    /// The line above what may be there already.
    Repeated = "repeated" [];
    /// An operator's instruction for a ticket.
    Intro = "intro" ["ticket" "customer" "subject"];
    /// Toast: the ticket is yours.
    Taken = "taken" ["ticket"];
    /// Toast: it is yours already.
    TakenByYou = "taken_by_you" ["ticket"];
    /// Toast: somebody has it.
    TakenBy = "taken_by" ["ticket" "operator"];
    /// Toast: somebody is taking it right now.
    BeingTaken = "being_taken" ["ticket" "operator"];
    /// Toast: it is over.
    AlreadyClosed = "already_closed" ["ticket"];
    /// Toast: there is no such ticket.
    NoSuchTicket = "no_such_ticket" ["ticket"];
    /// Toast: one's own ticket.
    OwnTicket = "own_ticket" [];
    /// Toast: the dialog is another operator's.
    NotYours = "not_yours" ["ticket"];
    /// Alert: the bot may not write to this operator yet.
    PressStartFirst = "press_start_first" [];
    /// Which dialog is the current one.
    CurrentIs = "current_is" ["ticket" "customer"];
    /// The dialogs that are open, before their keys.
    Dialogs = "dialogs" ["count"];
    /// A dialog is over.
    DialogClosed = "dialog_closed" ["ticket" "customer"];
    /// An operator has no open dialog.
    NoDialogs = "no_dialogs" [];
    /// An operator says /start.
    OperatorHello = "operator_hello" [];
    /// Somebody who was an operator is not in the group any more.
    NoLongerOperator = "no_longer_operator" [];
    /// An operator's words did not go: the dialog is over.
    DialogOver = "dialog_over" ["ticket"];
    /// A customer blocked the bot.
    CustomerBlocked = "customer_blocked" ["ticket" "customer"];
    /// An operator's words: the customer is out of reach.
    ReplyGone = "reply_gone" ["ticket"];
    /// An operator's words: the messenger refused them.
    ReplyRefused = "reply_refused" ["ticket" "reason"];
    /// An operator's words: nobody knows.
    ReplyUnknown = "reply_unknown" ["ticket"];
    /// An operator's words may have arrived twice.
    ReplyTwice = "reply_twice" ["ticket"];
    /// A customer's words could not be shown to their operator.
    QuestionFailed = "question_failed" ["ticket" "reason"];
    /// Group: the operator of a ticket is gone.
    Abandoned = "abandoned" ["ticket" "operator"];
    /// A reason: nobody knows whether it arrived.
    ReasonUnknown = "reason_unknown" [];
    /// A reason: out of reach.
    ReasonGone = "reason_gone" [];
    /// What came is of a kind that cannot be shown.
    Unshowable = "unshowable" ["kind"];
    /// A changed message that could only be sent anew.
    Corrected = "corrected" [];
    /// The line above something forwarded.
    Forwarded = "forwarded" ["from"];
    /// What a poll is called.
    KindPoll = "kind_poll" [];
    /// What a die is called.
    KindDice = "kind_dice" [];
    /// What a story is called.
    KindStory = "kind_story" [];
    /// What a game is called.
    KindGame = "kind_game" [];
    /// What a giveaway is called.
    KindGiveaway = "kind_giveaway" [];
    /// What an invoice is called.
    KindInvoice = "kind_invoice" [];
    /// What a picture or film that must be paid for is called.
    KindPaidMedia = "kind_paid_media" [];
    /// What a list of things to do is called.
    KindChecklist = "kind_checklist" [];
    /// What a photo is called.
    KindPhoto = "kind_photo" [];
    /// What a file is called.
    KindDocument = "kind_document" [];
    /// What a voice message is called.
    KindVoice = "kind_voice" [];
    /// What a sticker is called.
    KindSticker = "kind_sticker" [];
    /// What a video message is called.
    KindVideoNote = "kind_video_note" [];
    /// What a animation is called.
    KindAnimation = "kind_animation" [];
    /// What a place on the map is called.
    KindLocation = "kind_location" [];
    /// What a contact card is called.
    KindContact = "kind_contact" [];
    /// A size in millions of bytes.
    Megabytes = "megabytes" ["count"];
    /// What a video is called.
    KindVideo = "kind_video" [];
    /// What a track is called.
    KindAudio = "kind_audio" [];
    /// What a link is called.
    KindLink = "kind_link" [];
    /// What a wall post is called.
    KindWall = "kind_wall" [];
    /// What a post is called.
    KindPost = "kind_post" [];
    /// What a reel is called.
    KindReel = "kind_reel" [];
    /// What an item is called.
    KindMarket = "kind_market" [];
    /// What a gift is called.
    KindGift = "kind_gift" [];
    /// What an article is called.
    KindArticle = "kind_article" [];
    /// What a podcast is called.
    KindPodcast = "kind_podcast" [];
    /// What a call is called.
    KindCall = "kind_call" [];
    /// What a message with keys is called.
    KindTemplate = "kind_template" [];
    /// What anything else is called.
    KindUnknown = "kind_unknown" [];
    /// What to call a customer whose messenger does not tell their name.
    Nameless = "nameless" [];
    /// Pinned list: its title.
    BoardTitle = "board_title" ["count"];
    /// Pinned list: nothing is open.
    BoardNone = "board_none" [];
    /// Pinned list: a ticket that waits.
    BoardWaiting = "board_waiting" ["ticket" "customer" "channel" "for"];
    /// Pinned list: a ticket that somebody has.
    BoardAssigned = "board_assigned" ["ticket" "customer" "channel" "operator" "for"];
    /// Pinned list: so many more do not fit.
    BoardMore = "board_more" ["count"];
    /// A time in seconds.
    Seconds = "seconds" ["count"];
    /// A time in minutes.
    Minutes = "minutes" ["count"];
    /// A time in hours.
    Hours = "hours" ["count"];
    /// A time in days.
    Days = "days" ["count"];
    /// The line above what a customer wrote, in the operators' group.
    HeaderGroup = "header_group" ["ticket" "customer" "channel"];
    /// The same of a client with a tariff.
    HeaderTariff = "header_tariff" ["ticket" "customer" "channel" "tariff"];
    /// The line above what a colleague wrote to a customer in the messenger's own window.
    HeaderElsewhere = "header_elsewhere" ["customer" "channel" "by"];
    /// What to call a colleague whom the messenger does not name.
    Colleague = "colleague" [];
    /// Toast: the ticket is the operator's now; dialogs live in the group.
    TakenInGroup = "taken_in_group" ["ticket"];
    /// Toast: the ticket is the operator's already; dialogs live in the group.
    TakenByYouInGroup = "taken_by_you_in_group" ["ticket"];
    /// An operator closed a dialog in the group.
    ClosedInGroup = "closed_in_group" ["ticket" "customer" "operator"];
    /// An operator wrote /bye in the group, and it is not clear about which dialog.
    CloseWhich = "close_which" [];
    /// An operator writes privately, and dialogs live in the group.
    TalkInGroup = "talk_in_group" [];
    /// Greeting for an operator where dialogs live in the group.
    OperatorHelloGroup = "operator_hello_group" [];
    /// Below either greeting, for an owner.
    OwnerHello = "owner_hello" [];
    /// Card: until when the messenger lets the customer be answered.
    CardUntil = "card_until" ["until"];
    /// Card: the client's e-mail.
    CardClient = "card_client" ["email"];
    /// Card: the client's e-mail and tariff.
    CardClientTariff = "card_client_tariff" ["email" "tariff"];
    /// The customer's e-mail lacks an @.
    EmailNoAt = "email_no_at" [];
    /// There are several in one message.
    EmailSeveral = "email_several" [];
    /// There is a space in the customer's e-mail.
    EmailSpace = "email_space" [];
    /// There is no mail server behind the @.
    EmailNoHost = "email_no_host" [];
    /// It has characters that no e-mail has.
    EmailMalformed = "email_malformed" [];
    /// It is longer than any e-mail.
    EmailTooLong = "email_too_long" [];
    /// The customer's e-mail is noted, and no record has it.
    EmailNew = "email_new" ["email"];
    /// The customer's e-mail is that of a client.
    EmailKnown = "email_known" ["email"];
    /// The customer's e-mail is that of a client with a tariff.
    EmailKnownTariff = "email_known_tariff" ["email" "tariff"];
    /// The customer's payment is credited.
    PaymentThanks = "payment_thanks" ["price" "tariff" "until"];
    /// The customer's picture is looked at by a person.
    PaymentChecked = "payment_checked" [];
    /// The customer's payment counts no longer.
    PaymentTakenBack = "payment_taken_back" ["price"];
    /// Operators: a payment was credited.
    PaymentCredited = "payment_credited" ["ticket" "customer" "price" "tariff" "until" "before" "note"];
    /// What was read on the picture.
    PaymentRead = "payment_read" ["read"];
    /// What was read: the number of the transaction.
    ReadNumber = "read_number" ["number"];
    /// The picture shows a day of long ago.
    PaymentOld = "payment_old" ["date"];
    /// Which operator decided.
    DecidedBy = "decided_by" ["operator"];
    /// Operators: a payment is theirs to decide.
    PaymentAsked = "payment_asked" ["ticket" "customer" "reason"];
    /// Operators: a payment was dismissed.
    PaymentDismissed = "payment_dismissed" ["ticket" "customer" "operator"];
    /// Operators: a payment was taken back.
    PaymentUndone = "payment_undone" ["ticket" "customer" "price" "tariff" "before" "after" "operator"];
    /// Toast: the payment is decided already.
    PaymentDecided = "payment_decided" ["became"];
    /// What became of a payment: the operators have not decided.
    PaymentWaits = "payment_waits" [];
    /// What became of a payment: it counts.
    PaymentCounts = "payment_counts" ["tariff" "price" "by"];
    /// Who credited a payment: the reading.
    ByReading = "by_reading" [];
    /// What became of a payment: it does not count.
    PaymentRefused = "payment_refused" ["operator"];
    /// What became of a payment: it counts no longer.
    PaymentRevoked = "payment_revoked" ["tariff" "price" "operator"];
    /// Key: it counts as this tariff.
    CreditAs = "credit_as" ["tariff" "price"];
    /// Key: it does not count.
    DismissPayment = "dismiss_payment" [];
    /// Key: it counts no longer.
    UndoPayment = "undo_payment" [];
    /// Why: the same picture was there before.
    ReasonSeen = "reason_seen" ["ticket" "customer" "at" "became"];
    /// Why: the same transaction was there before.
    ReasonSeenNumber = "reason_seen_number" ["ticket" "customer" "at" "became"];
    /// Why: a payment in this dialog counts already.
    ReasonSeenDialog = "reason_seen_dialog" ["at" "became"];
    /// Why: nobody knows whose record it is.
    ReasonNoClient = "reason_no_client" [];
    /// Why: several tariffs have this price.
    ReasonSeveral = "reason_several" ["tariffs"];
    /// Why: this tariff's price is there, and another sum that may be what was paid.
    ReasonDoubtful = "reason_doubtful" ["tariff" "price"];
    /// Why: no tariff has any of the prices.
    ReasonNoTariff = "reason_no_tariff" [];
    /// Why: no sum in what was read.
    ReasonNoSum = "reason_no_sum" ["text"];
    /// Why: nothing could be read.
    ReasonNoText = "reason_no_text" [];
    /// Why: the picture says that it did not go through.
    ReasonNotPaid = "reason_not_paid" [];
    /// Why: the picture asks for a payment.
    ReasonRequested = "reason_requested" [];
    /// Why: the money on the picture came in.
    ReasonCameIn = "reason_came_in" [];
    /// Why: reading is switched off.
    ReasonOff = "reason_off" [];
    /// Why: it is no picture that can be read.
    ReasonNoPicture = "reason_no_picture" [];
    /// Why: it is a PDF.
    ReasonPdf = "reason_pdf" [];
    /// Why: it is too big.
    ReasonTooBig = "reason_too_big" [];
    /// Why: the messenger does not give it out.
    ReasonNoFile = "reason_no_file" [];
    /// Why: whoever reads did not answer.
    ReasonAway = "reason_away" [];
    /// Why: whoever reads refuses the key.
    ReasonRefused = "reason_refused" [];
    /// Why: whoever reads was asked too often.
    ReasonLimit = "reason_limit" [];
    /// Why: the program that reads is not installed.
    ReasonMissing = "reason_missing" [];
    /// Why: reading failed.
    ReasonFailed = "reason_failed" [];
    /// Pinned list: title of the reminded.
    BoardReminded = "board_reminded" [];
    /// Pinned list: reminded on the last day.
    BoardRemindedToday = "board_reminded_today" ["client" "days"];
    /// Pinned list: reminded some days before.
    BoardRemindedDays = "board_reminded_days" ["client" "days"];
    /// Pinned list: title of those who were to be reminded, and were not.
    BoardNotReminded = "board_not_reminded" [];
    /// Pinned list: the messenger lets nobody write first.
    BoardNotRemindedWindow = "board_not_reminded_window" ["client" "reason"];
    /// Pinned list: no chat to write to.
    BoardNotRemindedChat = "board_not_reminded_chat" ["client" "reason"];
    /// Pinned list: they have blocked the bot.
    BoardNotRemindedBlocked = "board_not_reminded_blocked" ["client" "reason"];
    /// Pinned list: it could not leave that day.
    BoardNotRemindedLate = "board_not_reminded_late" ["client" "reason"];
    /// Pinned list: the messenger refused it.
    BoardNotRemindedRefused = "board_not_reminded_refused" ["client" "reason"];
    /// Pinned list: nobody knows whether it arrived.
    BoardNotRemindedUnknown = "board_not_reminded_unknown" ["client" "reason"];
    /// Above what an owner was to read, in the group.
    OwnerAway = "owner_away" [];
    /// This task is over, or another one.
    TaskOver = "task_over" [];
    /// A key is expected, not words.
    TaskPress = "task_press" [];
    /// A key of a task was pressed once more.
    TaskDone = "task_done" [];
    /// A task was cancelled.
    TaskCancelled = "task_cancelled" [];
    /// Key.
    Cancel = "cancel" [];
    /// Key.
    Next = "next" [];
    /// Key.
    Send = "send" [];
    /// Key.
    Save = "save" [];
    /// Key.
    Merge = "merge" [];
    /// Key: all clients.
    Everybody = "everybody" [];
    /// Broadcast: choose tariffs.
    BroadcastWhom = "broadcast_whom" [];
    /// Broadcast: nobody is chosen.
    BroadcastNobody = "broadcast_nobody" [];
    /// Broadcast: nobody who is chosen can be written to.
    BroadcastEmpty = "broadcast_empty" [];
    /// Broadcast: the message is awaited.
    BroadcastWhat = "broadcast_what" ["count"];
    /// Broadcast: preview.
    BroadcastPreview = "broadcast_preview" ["count" "channels"];
    /// Broadcast: a channel of the preview, some of whose clients the messenger lets nobody write to.
    BroadcastClosed = "broadcast_closed" ["channel" "count" "closed"];
    /// Broadcast: another one is going out.
    BroadcastAnother = "broadcast_another" [];
    /// Broadcast: it begins.
    BroadcastBegun = "broadcast_begun" [];
    /// Broadcast: progress.
    BroadcastRunning = "broadcast_running" ["bar" "done" "all"];
    /// Broadcast: paused.
    BroadcastPaused = "broadcast_paused" ["bar" "done" "all"];
    /// Broadcast: it is being stopped.
    BroadcastStopping = "broadcast_stopping" ["bar" "done" "all"];
    /// Broadcast: a line of the progress.
    BroadcastLeft = "broadcast_left" ["time"];
    /// Broadcast: a line of the progress.
    BroadcastTroubles = "broadcast_troubles" ["count"];
    /// Broadcast: report.
    BroadcastReport = "broadcast_report" ["sent"];
    /// Broadcast: report of one that was stopped.
    BroadcastStopped = "broadcast_stopped" ["sent"];
    /// Broadcast: a line of the report.
    ReportBlocked = "report_blocked" ["count"];
    /// Broadcast: a line of the report.
    ReportFailed = "report_failed" ["count"];
    /// Broadcast: a line of the report.
    ReportClosed = "report_closed" ["count"];
    /// Broadcast: a line of the report.
    ReportUnknown = "report_unknown" ["count"];
    /// Broadcast: a line of the report.
    ReportWaiting = "report_waiting" ["count"];
    /// Broadcast: the last line of the report, if a file follows.
    ReportFile = "report_file" [];
    /// Broadcast: why nobody tried a recipient.
    ReasonNotInUse = "reason_not_in_use" [];
    /// Broadcast: name of the report file.
    BroadcastFile = "broadcast_file" ["number"];
    /// Key.
    PauseBroadcast = "pause_broadcast" [];
    /// Key.
    ContinueBroadcast = "continue_broadcast" [];
    /// Key.
    StopBroadcast = "stop_broadcast" [];
    /// Record: the address is awaited.
    RecordWhose = "record_whose" [];
    /// Record: none.
    RecordNone = "record_none" ["email"];
    /// Record: shown.
    Record = "record" ["email" "name" "tariff" "until"];
    /// Key: field.
    FieldEmail = "field_email" [];
    /// Key: field.
    FieldName = "field_name" [];
    /// Key: field.
    FieldTariff = "field_tariff" [];
    /// Key: field.
    FieldUntil = "field_until" [];
    /// An empty field.
    FieldEmpty = "field_empty" [];
    /// Key: leave it empty.
    FieldClear = "field_clear" [];
    /// Record: new address.
    AskEmail = "ask_email" ["email"];
    /// Record: new name.
    AskName = "ask_name" ["email"];
    /// Record: new tariff.
    AskTariff = "ask_tariff" ["email"];
    /// Record: new date.
    AskUntil = "ask_until" ["email"];
    /// Record: no name.
    BadName = "bad_name" [];
    /// Record: no tariff.
    BadTariff = "bad_tariff" [];
    /// Record: no date.
    BadDate = "bad_date" [];
    /// Record: nothing changes.
    SameValue = "same_value" [];
    /// Record: old and new.
    RecordConfirm = "record_confirm" ["email" "field" "old" "new"];
    /// Record: the address is taken.
    RecordMerge = "record_merge" ["email" "new" "name" "tariff" "until"];
    /// Record: a value of the merged record, and whose it is.
    MergedValue = "merged_value" ["value" "email"];
    /// Record: saved.
    RecordSaved = "record_saved" ["email" "field" "old" "new"];
    /// Record: two are one.
    RecordMerged = "record_merged" ["email" "new"];
    /// Record: it is not there any more.
    RecordGone = "record_gone" ["email"];
    /// Record: it has changed since it was shown.
    LookAgain = "look_again" [];
    /// Toast: undone already.
    AlreadyUndone = "already_undone" [];
    /// Record: it has changed since, and cannot be undone.
    ChangedMeanwhile = "changed_meanwhile" ["email"];
    /// Record: undone.
    Undone = "undone" ["email"];
    /// Record: one is two again.
    Parted = "parted" ["email" "new"];
    /// There is no sheet.
    NoSheet = "no_sheet" [];
    /// The sheet is being read.
    SheetReading = "sheet_reading" [];
    /// The sheet was read, and this has changed.
    SheetDone = "sheet_done" ["count" "lines"];
    /// The sheet was read, and says nothing new.
    SheetSame = "sheet_same" [];
    /// How many questions to the sheet are open.
    SheetOpen = "sheet_open" ["count"];
    /// Key: all open questions.
    SheetShow = "sheet_show" [];
    /// No question is open.
    SheetNothingOpen = "sheet_nothing_open" [];
    /// Line: a new record.
    SheetNew = "sheet_new" ["email"];
    /// Line: a changed field.
    SheetChanged = "sheet_changed" ["email" "field" "old" "new"];
    /// Line: a changed tariff.
    SheetTariff = "sheet_tariff" ["tariff" "old" "new"];
    /// What a tariff costs.
    SheetPrice = "sheet_price" ["price" "days"];
    /// The sheet changed nothing.
    SheetRefused = "sheet_refused" ["why"];
    /// It is tried again by itself.
    SheetAgain = "sheet_again" ["minutes"];
    /// The sheet's server is away.
    SheetAway = "sheet_away" [];
    /// It was asked too often.
    SheetBusy = "sheet_busy" [];
    /// The answer broke off.
    SheetCutOff = "sheet_cut_off" [];
    /// The sheet is too large.
    SheetTooLarge = "sheet_too_large" [];
    /// The sheet is not shared with the account.
    SheetNotShared = "sheet_not_shared" ["with"];
    /// Google's project lacks the API.
    SheetApiOff = "sheet_api_off" [];
    /// Google knows no such sheet.
    SheetUnknown = "sheet_unknown" [];
    /// Google refuses the key.
    SheetBadKey = "sheet_bad_key" [];
    /// Google refuses the time.
    SheetWrongClock = "sheet_wrong_clock" [];
    /// One tab only.
    SheetOneTab = "sheet_one_tab" [];
    /// A page in place of a file.
    SheetNotCsv = "sheet_not_csv" ["tab"];
    /// A file is closed.
    SheetClosed = "sheet_closed" ["tab"];
    /// No such file.
    SheetNoFile = "sheet_no_file" ["tab"];
    /// A file's address leads elsewhere.
    SheetElsewhere = "sheet_elsewhere" ["tab"];
    /// The server refuses.
    SheetRefusedOther = "sheet_refused_other" [];
    /// A tab is empty.
    SheetEmpty = "sheet_empty" ["tab"];
    /// A column is missing.
    SheetNoColumn = "sheet_no_column" ["tab" "column"];
    /// Two columns have one name.
    SheetColumnTwice = "sheet_column_twice" ["tab" "column" "one" "other"];
    /// A formula is broken.
    SheetHalfRead = "sheet_half_read" ["tab" "cell" "text"];
    /// Much is gone.
    SheetLost = "sheet_lost" ["lines"];
    /// Key: it was meant.
    SheetMeant = "sheet_meant" [];
    /// Line: a column is gone.
    LostColumn = "lost_column" ["column"];
    /// Line: rows are gone.
    LostRows = "lost_rows" ["gone" "of" "names"];
    /// Line: tariffs are gone.
    LostTariffs = "lost_tariffs" ["gone" "of" "names"];
    /// Line: cells are empty now.
    LostCells = "lost_cells" ["column" "gone" "names"];
    /// Complaints about the sheet.
    SheetComplaints = "sheet_complaints" ["lines"];
    /// Name of a tab.
    TabClients = "tab_clients" [];
    /// Name of a tab.
    TabTariffs = "tab_tariffs" [];
    /// Name of a column.
    ColumnPrice = "column_price" [];
    /// Name of a column.
    ColumnCurrency = "column_currency" [];
    /// Name of a column.
    ColumnDays = "column_days" [];
    /// Sheet: no address.
    WrongEmail = "wrong_email" [];
    /// Sheet: address twice.
    WrongTwice = "wrong_twice" ["cell"];
    /// Sheet: no date.
    WrongDate = "wrong_date" [];
    /// Sheet: no tariff.
    WrongTariff = "wrong_tariff" [];
    /// Sheet: a tariff without a name.
    WrongNameless = "wrong_nameless" [];
    /// Sheet: tariff twice.
    WrongTariffTwice = "wrong_tariff_twice" ["cell"];
    /// Sheet: no price.
    WrongPrice = "wrong_price" [];
    /// Sheet: no currency.
    WrongCurrency = "wrong_currency" [];
    /// Sheet: no days.
    WrongDays = "wrong_days" [];
    /// Sheet: a formula's error.
    WrongFormula = "wrong_formula" [];
    /// Sheet: a name that is too long.
    WrongLong = "wrong_long" [];
    /// Sheet: both changed.
    WrongBoth = "wrong_both" ["ours"];
    /// Sheet: a cell was emptied.
    WrongEmptied = "wrong_emptied" ["ours"];
    /// Sheet: a record that was gone is back.
    WrongAnew = "wrong_anew" [];
    /// Sheet: no such column.
    WrongNoColumn = "wrong_no_column" ["column"];
    /// Reminder on the day.
    RemindToday = "remind_today" ["date" "days"];
    /// Reminder a day before.
    RemindTomorrow = "remind_tomorrow" ["date" "days"];
    /// Reminder some days before.
    RemindDays = "remind_days" ["date" "days"];
    /// Key under a reminder: opens payment.
    Pay = "pay" [];
    /// A dialog is open already, and the picture of the payment may be sent there.
    PayHere = "pay_here" ["ticket"];
    /// A customer rated a closed ticket.
    Rating = "rating" ["ticket" "customer" "stars" "rating"];
}

/// The words of every phrase in one language.
#[derive(Clone, Debug)]
pub struct Phrases {
    locale: Locale,
    words: BTreeMap<&'static str, String>,
}

/// Something wrong with an owner's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadWords {
    /// The phrase's name, as the owner wrote it.
    pub name: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for BadWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.what)
    }
}

impl Phrases {
    /// The built-in words.
    ///
    /// # Panics
    /// Never: a test reads both files.
    pub fn built_in(locale: Locale) -> Self {
        let mut file: BTreeMap<String, String> =
            toml::from_str(locale.source()).expect("a file of words that a test has read");
        let words = Phrase::ALL
            .iter()
            .map(|phrase| {
                let words = file
                    .remove(phrase.name())
                    .expect("words that a test has found");
                (phrase.name(), words)
            })
            .collect();
        Self { locale, words }
    }

    /// The same with an owner's words in place of some.
    pub fn with(mut self, own: &BTreeMap<String, String>) -> Result<Self, Vec<BadWords>> {
        let mut bad = Vec::new();
        for (name, words) in own {
            let Some(phrase) = Phrase::ALL.iter().find(|phrase| phrase.name() == name) else {
                let what = "there is no such phrase; `zabota scenario --phrases` lists them";
                bad.push(BadWords {
                    name: name.clone(),
                    what: what.to_owned(),
                });
                continue;
            };
            match unknown_arg(*phrase, words) {
                Some(arg) => bad.push(BadWords {
                    name: name.clone(),
                    what: format!(
                        "{{{arg}}} means nothing here; known: {}",
                        known_args(*phrase)
                    ),
                }),
                None if words.trim().is_empty() => {
                    bad.push(BadWords {
                        name: name.clone(),
                        what: "is empty".to_owned(),
                    });
                }
                None => {
                    self.words.insert(phrase.name(), words.clone());
                }
            }
        }
        if bad.is_empty() { Ok(self) } else { Err(bad) }
    }

    /// The language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// A line that says what came, for something that cannot be shown: its kind and what it is about,
    /// or the file's name and size.
    pub fn instead_of(&self, content: &Content) -> String {
        let mut about = vec![self.of(kind(content.kind())).to_owned()];
        match &content.body {
            Body::Other { about: words, .. } if !words.is_empty() => about.push(words.clone()),
            Body::Media(media) => {
                about.extend(media.name.clone());
                about.extend(media.size.map(|bytes| self.megabytes(bytes)));
            }
            Body::Other { .. } | Body::Text | Body::Location(_) | Body::Contact(_) => {}
        }
        let kind = match about.as_slice() {
            [kind, rest @ ..] if !rest.is_empty() => format!("{kind}: {}", rest.join(", ")),
            _ => about.concat(),
        };
        self.words(Phrase::Unshowable, &[("kind", &kind)])
    }

    /// A size as people read it, with one digit behind the point.
    fn megabytes(&self, bytes: u64) -> String {
        let tenths = bytes.div_ceil(100_000);
        let point = match self.locale {
            Locale::Ru => ',',
            Locale::En => '.',
        };
        let count = format!("{}{point}{}", tenths / 10, tenths % 10);
        self.words(Phrase::Megabytes, &[("count", &count)])
    }

    /// What a phrase without braces reads.
    pub(crate) fn of(&self, phrase: Phrase) -> &str {
        &self.words[phrase.name()]
    }

    /// What a phrase reads, with values in place of its braces.
    pub fn words(&self, phrase: Phrase, args: &[(&str, &str)]) -> String {
        fill(&self.words[phrase.name()], args)
    }
}

/// What a kind of message is called.
fn kind(name: &str) -> Phrase {
    match name {
        "photo" => Phrase::KindPhoto,
        "video" | "video_playlist" => Phrase::KindVideo,
        "document" => Phrase::KindDocument,
        "voice" => Phrase::KindVoice,
        "audio" => Phrase::KindAudio,
        "sticker" => Phrase::KindSticker,
        "video_note" => Phrase::KindVideoNote,
        "animation" => Phrase::KindAnimation,
        "location" => Phrase::KindLocation,
        "contact" => Phrase::KindContact,
        "poll" => Phrase::KindPoll,
        "dice" => Phrase::KindDice,
        "story" => Phrase::KindStory,
        "game" => Phrase::KindGame,
        "giveaway" | "giveaway_winners" => Phrase::KindGiveaway,
        "invoice" => Phrase::KindInvoice,
        "paid_media" => Phrase::KindPaidMedia,
        "checklist" => Phrase::KindChecklist,
        "link" => Phrase::KindLink,
        "wall" | "wall_reply" => Phrase::KindWall,
        "post" => Phrase::KindPost,
        "reel" => Phrase::KindReel,
        "market" => Phrase::KindMarket,
        "gift" => Phrase::KindGift,
        "article" => Phrase::KindArticle,
        "podcast" => Phrase::KindPodcast,
        "call" => Phrase::KindCall,
        "template" => Phrase::KindTemplate,
        _ => Phrase::KindUnknown,
    }
}

/// Puts values in place of `{names}`; in one pass, so that a value is never read as a template.
pub fn fill(template: &str, args: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after
            .split_once('}')
            .and_then(|(name, tail)| Some((args.iter().find(|(key, _)| *key == name)?.1, tail)));
        if let Some((value, tail)) = value {
            filled.push_str(value);
            rest = tail;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

fn unknown_arg(phrase: Phrase, words: &str) -> Option<&str> {
    words
        .split('{')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0))
        .find(|arg| !phrase.args().contains(arg))
}

fn known_args(phrase: Phrase) -> String {
    match phrase.args() {
        [] => "none".to_owned(),
        args => args
            .iter()
            .map(|arg| format!("{{{arg}}}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Media, MediaKind};

    #[test]
    fn both_languages_have_words_for_every_phrase_and_no_others() {
        for locale in [Locale::Ru, Locale::En] {
            let file: BTreeMap<String, String> = toml::from_str(locale.source()).unwrap();
            for phrase in Phrase::ALL {
                let words = file
                    .get(phrase.name())
                    .unwrap_or_else(|| panic!("{}.toml lacks {}", locale.code(), phrase.name()));
                assert_eq!(unknown_arg(*phrase, words), None, "{}", phrase.name());
            }
            assert_eq!(file.len(), Phrase::ALL.len(), "{}.toml", locale.code());
        }
    }

    #[test]
    fn toasts_fit_into_a_toast() {
        use Phrase::{
            AlreadyClosed, BeingTaken, NoSuchTicket, NotYours, OwnTicket, PressStartFirst,
            StaleKey, Taken, TakenBy, TakenByYou, TaskDone,
        };
        let long = "Ж".repeat(40);
        for locale in [Locale::Ru, Locale::En] {
            let phrases = Phrases::built_in(locale);
            for phrase in [
                AlreadyClosed,
                BeingTaken,
                NoSuchTicket,
                NotYours,
                OwnTicket,
                PressStartFirst,
                StaleKey,
                Taken,
                TakenBy,
                TakenByYou,
                TaskDone,
            ] {
                let words = phrases.words(phrase, &[("ticket", "1234567"), ("operator", &long)]);
                assert!(words.chars().count() <= 200, "{words}");
            }
        }
    }

    #[test]
    fn what_cannot_be_shown_is_named() {
        let told = |locale, body| {
            let content = Content {
                body,
                ..Content::default()
            };
            Phrases::built_in(locale).instead_of(&content)
        };
        let file = || {
            Body::Media(Media {
                name: Some("отчёт.psd".to_owned()),
                size: Some(62_345_678),
                ..Media::new(MediaKind::Document, "id")
            })
        };
        let poll = || Body::Other {
            kind: "poll".to_owned(),
            about: "Кто за?".to_owned(),
        };
        assert!(told(Locale::Ru, file()).contains("файл: отчёт.psd, 62,4 МБ"));
        assert!(told(Locale::En, file()).contains("file: отчёт.psd, 62.4 MB"));
        assert!(told(Locale::Ru, poll()).contains("опрос: Кто за?"));
    }

    #[test]
    fn a_value_is_never_read_as_a_template() {
        assert_eq!(fill("{a} {b}", &[("a", "{b}"), ("b", "1")]), "{b} 1");
        assert_eq!(fill("{", &[]), "{");
    }

    #[test]
    fn an_owner_may_put_other_words_in_place_but_no_nonsense() {
        let own = |name: &str, words: &str| BTreeMap::from([(name.to_owned(), words.to_owned())]);
        let phrases = Phrases::built_in(Locale::Ru);
        let other = phrases.clone().with(&own("home", "Назад")).unwrap();
        assert_eq!(other.words(Phrase::Home, &[]), "Назад");
        assert!(phrases.clone().with(&own("hom", "Назад")).is_err());
        assert!(phrases.clone().with(&own("home", "{ticket}")).is_err());
        assert!(phrases.with(&own("home", " ")).is_err());
    }
}
