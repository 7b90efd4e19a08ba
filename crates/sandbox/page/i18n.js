// The page's own words, Russian first. What people and the bot say comes from the state and is not translated.

const WORDS = {
  tagline: ["Служба заботы, которая живёт в мессенджерах", "A support desk that lives in messengers"],
  customers: ["Клиенты", "Customers"],
  operators: ["Операторы", "Operators"],
  newCustomer: ["Новый клиент", "New customer"],
  backstage: ["За кулисами", "Backstage"],
  offline: ["Нет связи", "No connection"],
  language: ["Язык страницы", "Page language"],
  start: ["Начать", "Start"],
  restart: ["Разблокировать бота", "Unblock the bot"],
  blockBot: ["Заблокировать бота", "Block the bot"],
  unblockBot: ["Разблокировать бота", "Unblock the bot"],
  blockedHint: ["Вы заблокировали бота: написать вам он не сможет", "You blocked the bot: it cannot write to you"],
  startHint: ["Бот пока не может вам написать. Нажмите «Начать»", "The bot cannot write to you yet. Press “Start”"],
  aboutBot: ["Что умеет этот бот?", "What can this bot do?"],
  noBot: ["Бот ещё не подключился", "No bot is connected yet"],
  noBotHint: ["Он появится здесь после первого обращения к мессенджеру", "It appears here after its first call to the messenger"],
  bot: ["бот", "bot"],
  typing: ["печатает", "typing"],
  members: ["участников", "members"],
  groupOne: ["участник", "member"],
  groupFew: ["участника", "members"],
  chatWithBot: ["Чат с ботом", "Chat with the bot"],
  message: ["Сообщение", "Message"],
  send: ["Отправить", "Send"],
  attach: ["Прикрепить или прислать…", "Attach or send…"],
  fromDisk: ["С этого компьютера", "From this computer"],
  readyMade: ["Прислать готовое", "Send something ready-made"],
  pickMedia: ["Фото или видео", "Photo or video"],
  pickFile: ["Файл", "File"],
  sampleReceipt: ["Фото чека", "Photo of a receipt"],
  sampleVase: ["Фото разбитой вазы", "Photo of a broken vase"],
  sampleAlbum: ["Альбом из трёх фото", "Album of three photos"],
  sampleVoice: ["Голосовое сообщение", "Voice message"],
  sampleNote: ["Видеосообщение (кружок)", "Round video message"],
  sampleVideo: ["Видео", "Video"],
  sampleDocument: ["Документ", "Document"],
  sampleSticker: ["Стикер", "Sticker"],
  sampleLocation: ["Геопозиция", "Location"],
  sampleContact: ["Мой контакт", "My contact"],
  recording: ["Записываю…", "Recording…"],
  cannotRecord: ["Этот браузер не умеет записывать видео", "This browser cannot record video"],
  dropHere: ["Отпустите, чтобы прикрепить", "Drop to attach"],
  caption: ["Подпись…", "Caption…"],
  asFile: ["Отправить файлом", "Send as a file"],
  remove: ["Убрать", "Remove"],
  cancel: ["Отменить", "Cancel"],
  replyTo: ["Ответ", "Reply to"],
  editing: ["Изменение сообщения", "Editing the message"],
  reply: ["Ответить", "Reply"],
  edit: ["Изменить", "Edit"],
  remove_: ["Удалить", "Delete"],
  react: ["Реакция", "Reaction"],
  actions: ["Действия с сообщением", "Message actions"],
  menu: ["Меню", "Menu"],
  edited: ["изменено", "edited"],
  pinned: ["Закреплённое сообщение", "Pinned message"],
  forwarded: ["Переслано от", "Forwarded from"],
  deletedOriginal: ["Сообщение", "Message"],
  toBottom: ["К последним сообщениям", "To the latest messages"],
  speaker: ["Говорит", "Speaking"],
  noSpeaker: ["В этой группе некому говорить", "Nobody here can speak"],
  noOperators: ["Операторов пока нет", "No operators yet"],
  noOperatorsHint: ["Они появятся, когда будет создана группа", "They appear once a group is created"],
  noCustomers: ["Пока тихо", "Quiet so far"],
  noCustomersHint: ["Создайте клиента: у него появится свой телефон", "Create a customer: they get a phone of their own"],
  emptyChat: ["Здесь пока пусто", "Nothing here yet"],
  photo: ["Фото", "Photo"],
  video: ["Видео", "Video"],
  animation: ["Анимация", "Animation"],
  audio: ["Аудио", "Audio"],
  document: ["Файл", "File"],
  voice: ["Голосовое сообщение", "Voice message"],
  sticker: ["Стикер", "Sticker"],
  video_note: ["Видеосообщение", "Video message"],
  location: ["Геопозиция", "Location"],
  venue: ["Место", "Place"],
  contact: ["Контакт", "Contact"],
  poll: ["Опрос", "Poll"],
  dice: ["Кубик", "Dice"],
  service: ["Служебное сообщение", "Service message"],
  unknownKind: ["Сообщение вида", "Message of the kind"],
  openMap: ["Открыть на карте", "Open the map"],
  votes: ["голосов", "votes"],
  play: ["Воспроизвести", "Play"],
  pause: ["Пауза", "Pause"],
  download: ["Скачать", "Download"],
  open: ["Открыть", "Open"],
  close: ["Закрыть", "Close"],
  ok: ["Понятно", "OK"],
  showSpoiler: ["Показать скрытое", "Reveal"],
  cannotPress: ["Такая кнопка в песочнице не работает", "This kind of key does nothing in the sandbox"],
  copied: ["Скопировано", "Copied"],
  copy: ["Скопировать", "Copy"],
  noAnswer: ["Бот не ответил на нажатие", "The bot did not answer the press"],
  openLink: ["Открыть ссылку", "Open the link"],
  shareContact: ["отправит ваш номер", "sends your number"],
  gone: ["Не загрузилось", "Did not load"],
  today: ["Сегодня", "Today"],
  yesterday: ["Вчера", "Yesterday"],
  unread: ["непрочитанных", "unread"],
  failed: ["Не получилось", "That did not work"],
  tryTitle: ["С чего начать", "What to try"],
  try1: ["Нажмите «Начать» на телефоне клиента", "Press “Start” on the customer’s phone"],
  try2: ["Опишите вопрос и приложите фото: скрепка → «Прислать готовое»", "Describe the problem and attach a photo: paper clip → “ready-made”"],
  try3: ["Справа нажмите «Начать» в чате оператора, затем в группе «Взять в работу»", "On the right press “Start” in the operator’s chat, then take the ticket in the group"],
  try4: ["Отвечайте как оператор, а за кулисами устройте сбой: ничего не потеряется", "Answer as the operator, then cause a fault backstage: nothing gets lost"],
  gotIt: ["Понятно, скрыть", "Got it, hide"],
  faultsTitle: ["Устроить сбой", "Cause a fault"],
  faultsHint: ["Мессенджер поведёт себя так при следующих обращениях бота. Забота должна ничего не потерять.", "The messenger behaves like this on the bot’s next calls. Nothing may get lost."],
  faultKind: ["Что случится", "What happens"],
  fault_too_many: ["429: слишком часто", "429: too many requests"],
  fault_error: ["500: внутренняя ошибка", "500: internal error"],
  fault_html: ["502: страница шлюза", "502: a gateway’s page"],
  fault_drop_before: ["Обрыв до приёма", "Dropped before accepting"],
  fault_drop_after: ["Обрыв после приёма", "Dropped after accepting"],
  fault_slow: ["Медленный ответ", "Slow answer"],
  faultMethod: ["Метод", "Method"],
  anyMethod: ["любой", "any"],
  faultTimes: ["Сколько раз", "How many times"],
  untilOff: ["0: пока не выключите", "0: until switched off"],
  faultSeconds: ["Секунд", "Seconds"],
  faultAdd: ["Включить сбой", "Switch on"],
  faultsActive: ["Включённые сбои", "Active faults"],
  faultsNone: ["Сбоев нет, всё работает", "No faults, all is well"],
  faultOff: ["Выключить", "Switch off"],
  faultsOff: ["Выключить все", "Switch all off"],
  times: ["раз", "times"],
  forever: ["без конца", "endless"],
  limits: ["Соблюдать лимиты мессенджера", "Enforce the messenger’s limits"],
  callsTitle: ["Журнал вызовов", "Call log"],
  callsNone: ["Бот ещё ни о чём не просил", "The bot has not asked for anything yet"],
  hidePolling: ["Без getUpdates", "Hide getUpdates"],
  violations: ["Нарушения правил API", "Violations of the API’s rules"],
  param: ["запрос", "request"],
  answer: ["ответ", "answer"],
  kb: ["КБ", "KB"],
  mb: ["МБ", "MB"],
  bytes: ["Б", "B"],
};

const LANGUAGES = ["ru", "en"];
let language = remembered("zabota.language") === "en" ? "en" : "ru";

/** The current language, `ru` or `en`. */
export const lang = () => language;

/** Changes the language and remembers it. */
export function setLang(next) {
  language = LANGUAGES.includes(next) ? next : "ru";
  remember("zabota.language", language);
  document.documentElement.lang = language;
}

/** A phrase of the page in the current language. */
export const t = (key) => WORDS[key]?.[LANGUAGES.indexOf(language)] ?? key;

/** "5 участников", with the Russian plural. */
export function membersCount(count) {
  const form = new Intl.PluralRules(language).select(count);
  const key = { one: "groupOne", few: "groupFew" }[form] ?? "members";
  return `${count} ${t(key)}`;
}

export const clock = (seconds) =>
  Number.isFinite(seconds) ? new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" }) : "";

/** A heading between days: today, yesterday, or the date. */
export function dayName(seconds, now) {
  const day = new Date(seconds * 1000);
  const today = new Date(now * 1000);
  const apart = Math.round((midnight(today) - midnight(day)) / 86400000);
  if (apart === 0) return t("today");
  if (apart === 1) return t("yesterday");
  const year = day.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return day.toLocaleDateString(language, { day: "numeric", month: "long", year });
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} ${t("bytes")}`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} ${t("kb")}`;
  return `${(bytes / 1048576).toLocaleString(language, { maximumFractionDigits: 1 })} ${t("mb")}`;
}

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// Storage may be forbidden (private windows); then nothing is remembered, and nothing breaks.
export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}
