//! Every phrase: what it is for, its name in the files of words, and what may stand in braces in it. In the
//! order of those files, which tell it by who reads it.

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
