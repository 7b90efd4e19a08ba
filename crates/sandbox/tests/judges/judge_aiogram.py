"""An unmodified aiogram 3.31 talks to the sandbox: echoes, albums, keys, files, edits.

Usage: judge_aiogram.py BASE_URL
It plays the person through /sandbox and checks what the person sees. Prints "judged" when all is well.
"""

import asyncio
import json
import sys
import urllib.request

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter
from aiogram.filters import CommandStart
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)

BASE = sys.argv[1]
BOT_ID, IVAN = 77, 7
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\2\0\0\0\0\0\0\0"

dispatcher = Dispatcher()
albums: dict[str, list[Message]] = {}


def hand(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE}/sandbox/{path}", data=data, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def upload(name, content):
    request = urllib.request.Request(f"{BASE}/sandbox/files?name={name}", data=content)
    with urllib.request.urlopen(request) as response:
        return json.load(response)["file"]


def messages():
    return hand("state")["chats"][0]["messages"]


def ours():
    return [message for message in messages() if message["from_bot"]]


async def until(what, check):
    for _ in range(500):
        found = await asyncio.to_thread(check)
        if found:
            return found
        await asyncio.sleep(0.02)
    raise SystemExit(f"it never happened: {what}")


@dispatcher.message(CommandStart())
async def start(message: Message):
    keys = [[InlineKeyboardButton(text="Да", callback_data="yes")]]
    await message.answer("<b>Начнём?</b>", parse_mode="HTML", reply_markup=InlineKeyboardMarkup(inline_keyboard=keys))


@dispatcher.callback_query(F.data == "yes")
async def pressed(query: CallbackQuery):
    await query.answer("Принято", show_alert=True)
    await query.message.edit_text("Начали")


@dispatcher.message(F.media_group_id)
async def album(message: Message):
    parts = albums.setdefault(message.media_group_id, [])
    parts.append(message)
    if len(parts) == 2:
        await message.answer_media_group(
            [InputMediaPhoto(media=part.photo[-1].file_id, caption=part.caption) for part in parts]
        )


@dispatcher.message(F.photo)
async def photo(message: Message, bot: Bot):
    content = await bot.download(message.photo[-1])
    assert content.read() == PNG
    await message.answer_photo(BufferedInputFile(PNG, "back.png"), caption="и вам")


@dispatcher.edited_message(F.text)
async def edited(message: Message, bot: Bot):
    await message.answer(f"исправлено: {message.text}")


@dispatcher.message(F.text == "копия")
async def copied(message: Message, bot: Bot):
    await bot.copy_message(message.chat.id, message.chat.id, message.message_id)


@dispatcher.message(F.text)
async def echo(message: Message):
    await message.answer(message.text, entities=message.entities, reply_parameters=ReplyParameters(message_id=message.message_id))


async def errors(bot):
    for chat, expected in [(404, TelegramBadRequest), (8, TelegramForbiddenError)]:
        try:
            await bot.send_message(chat, "?")
        except expected:
            continue
        raise SystemExit(f"chat {chat}: expected {expected}")
    hand("faults", {"method": "sendMessage", "kind": "too_many", "retry_after": 3})
    try:
        await bot.send_message(IVAN, "?")
    except TelegramRetryAfter as error:
        assert error.retry_after == 3
    else:
        raise SystemExit("expected 429")


async def story(bot):
    say = lambda **what: hand("messages", {"from": IVAN, "chat": BOT_ID, **what})
    say(text="/start")
    card = (await until("a card", ours))[0]
    assert card["entities"] == [{"type": "bold", "offset": 0, "length": 7}], card
    press = hand("press", {"from": IVAN, "chat": BOT_ID, "message_id": card["message_id"], "data": "yes"})
    await until("an answer", lambda: hand(f"callbacks/{press['callback_id']}").get("text") == "Принято")
    await until("an edit", lambda: ours()[0]["text"] == "Начали" and not ours()[0]["keyboard"])
    first = say(text="привет 😀", entities=[{"type": "italic", "offset": 7, "length": 2}])["message_id"]
    reply = (await until("an echo", lambda: ours()[1:]))[0]
    assert reply["reply_to"]["message_id"] == first and reply["entities"][0]["type"] == "italic", reply
    hand(f"messages/{BOT_ID}/{first}", {"from": IVAN, "text": "привет!"}, method="PATCH")
    await until("an edited echo", lambda: ours()[-1]["text"] == "исправлено: привет!")
    file = await asyncio.to_thread(upload, "a.png", PNG)
    say(photo=file)
    await until("a photo", lambda: ours()[-1]["kind"] == "photo" and ours()[-1]["text"] == "и вам")
    items = [{"kind": "photo", "file": file, "caption": "раз"}, {"kind": "photo", "file": file}]
    hand("albums", {"from": IVAN, "chat": BOT_ID, "items": items})
    await until("an album", lambda: [m["album"] is not None for m in ours()[-2:]] == [True, True])
    say(text="копия")
    await until("a copy", lambda: ours()[-1]["text"] == "копия")
    await errors(bot)
    violations = hand("violations")["violations"]
    assert not violations, violations


async def main():
    hand("people", {"id": IVAN, "first_name": "Иван"})
    hand("people", {"id": 8, "first_name": "Ольга"})
    session = AiohttpSession(api=TelegramAPIServer.from_base(BASE))
    bot = Bot(f"{BOT_ID}:judge", session=session)
    await bot.get_me()
    polling = asyncio.create_task(
        dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False, polling_timeout=1)
    )
    await story(bot)
    await dispatcher.stop_polling()
    await polling
    await bot.session.close()
    print("judged")


asyncio.run(main())
