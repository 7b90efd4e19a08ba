//! The language that stories are written in, one thing a line, `10:03` before it if time passes:
//!
//! - `ivan: some words` · `ivan sends photo some words` · `ivan sends album photo video`
//! - `ivan answers «old words»: new words` · `ivan edits «old words»: new words`
//! - `ivan presses «key»` · `olga takes #1` · `olga closes #1` · `olga forges take:1`
//! - `olga joins` · `olga leaves` · `ivan blocks` · `ivan unblocks` · `ivan is new` (the bot may not write to them)
//! - `ivan sends photos 3 some words`: several things in one message
//! - `olga in group: words` · `olga in group answers «old words»: new words` · `olga in group sends …` · `olga in group edits …`
//! - `nina is hired` (into the group, and the bot has not heard) · `olga is silent` (blocked the bot, and it has not heard)
//! - `ivan is away`, `ivan is back`: nothing of a broadcast leaves for him meanwhile
//! - `colleague tells ivan: words`: in the messenger's own window
//! - `reader reads: words` (the oldest picture that waits; of an album `words + words`; `!away` if it cannot)
//! - `ivan sends pdf`
//! - `boss replies: words`: to the newest prompt

use engine::{
    content::{Body, Content, Media, MediaKind, Said},
    event::{Elsewhere, Event, Place, Wrote},
    ids::{MessageRef, TicketId},
    keys::Act,
    scenario::DialogPlace,
};
use expect_test::Expect;
use jiff::SignedDuration;

use super::{World, at, chat, person};

/// Plays a script at the care desk, whose dialogs are private; people see what is expected.
pub(crate) fn check(script: &str, expected: &Expect) {
    check_at("care", DialogPlace::Private, script, expected);
}

/// The same at any desk.
pub(crate) fn check_at(scenario: &str, dialog: DialogPlace, script: &str, expected: &Expect) {
    let mut world = World::new(scenario, dialog);
    play(&mut world, script);
    world.wait_until(world.now + SignedDuration::from_secs(60));
    expected.assert_eq(&world.transcript);
}

/// Plays a script, line by line.
pub(crate) fn play(world: &mut World, script: &str) {
    let lines = script.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty()) {
        world.line(line);
    }
}

/// A message with a file.
pub(crate) fn media(kind: &str, caption: &str) -> Content {
    let kind = MediaKind::ALL
        .into_iter()
        .find(|known| known.as_str() == kind);
    let kind = kind.unwrap_or_else(|| panic!("no such kind"));
    let media = Media {
        kind,
        file: format!("file-{}", kind.as_str()),
        name: None,
        mime: None,
        size: None,
        emoji: None,
        width: None,
        height: None,
        seconds: None,
        preview: None,
    };
    Content {
        body: Body::Media(media),
        ..Content::text(caption)
    }
}

impl World {
    pub(crate) fn line(&mut self, line: &str) {
        let (time, rest) = line.split_once(' ').unwrap();
        let rest = match time.split_once(':') {
            Some((hour, minute)) if hour.parse::<i8>().is_ok() => {
                let until = at(hour.parse().unwrap(), minute.parse().unwrap());
                self.wait_until(until);
                rest
            }
            _ => line,
        };
        self.tell(line);
        let end = rest.find([' ', ':']).unwrap();
        let (name, what) = rest.split_at(end);
        match what.trim().strip_prefix("in group") {
            Some(what) => self.writes(Place::Desk, name, what.trim()),
            None => self.does(name, what.trim()),
        }
    }

    /// What can be done in a private chat and in the group alike.
    fn writes(&mut self, place: Place, name: &str, what: &str) {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        match verb {
            ":" => {
                self.write_in(place, name, Content::text(rest));
            }
            "sends" => self.sends(place, name, rest),
            "answers" => {
                let (old, new) = quoted(rest);
                let reply_to = Some(self.find(place, name, old));
                let content = match new.strip_prefix("sends ") {
                    Some(album) => return self.sends_album(place, name, album, reply_to),
                    None => Content::text(new),
                };
                self.write_in(
                    place,
                    name,
                    Content {
                        reply_to,
                        ..content
                    },
                );
            }
            "edits" => {
                let (old, new) = quoted(rest);
                let at = self.find(place, name, old);
                self.texts.insert(at.clone(), new.to_owned());
                let content = Content::text(new);
                self.happen(&Event::Edited(Wrote {
                    who: person(name),
                    place,
                    at,
                    content,
                    also: Vec::new(),
                    partial: false,
                }));
            }
            _ => panic!("a story cannot say `{verb}`"),
        }
    }

    fn does(&mut self, name: &str, what: &str) {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        match verb {
            ":" | "sends" | "answers" | "edits" => self.writes(Place::Private, name, what),
            "reads:" => self.reads(rest),
            "replies:" | "replies" => {
                let prompts = self.twins.iter().filter(|((prompt, to), _)| {
                    prompt.id.starts_with("task-") && *to == chat(name)
                });
                let newest = prompts.max_by_key(|(_, at)| at.id.parse::<u32>().unwrap());
                let reply_to = newest.map(|(_, at)| at.clone());
                match rest.strip_prefix("sends album ") {
                    Some(kinds) => self.sends_album(Place::Private, name, kinds, reply_to),
                    None => {
                        self.write(
                            name,
                            Content {
                                reply_to,
                                ..Content::text(rest)
                            },
                        );
                    }
                }
            }
            "tells" => {
                let (customer, words) = rest.split_once(": ").unwrap();
                let at = self.next_message(&chat(customer));
                self.texts.insert(at.clone(), words.to_owned());
                let content = Content::text(words);
                self.happen(&Event::Elsewhere(Elsewhere {
                    customer: person(customer),
                    by: None,
                    said: vec![Said { at, content }],
                }));
            }
            "presses" => {
                let label = rest.trim_matches(['«', '»']);
                let (at, data) = self.key(name, label);
                self.press(name, at, data);
            }
            "takes" => {
                let group = self.policy.group.clone();
                self.press(
                    name,
                    group.message("0"),
                    Act::Take(number(rest)).to_string(),
                );
            }
            "closes" => {
                let at = chat(name).message("0");
                self.press(name, at, Act::Close(number(rest)).to_string());
            }
            "forges" => self.press(name, chat(name).message("0"), rest.to_owned()),
            "joins" | "leaves" => self.moves(name, verb == "joins"),
            "blocks" | "unblocks" => self.reaches(name, verb == "unblocks"),
            "is" if rest == "hired" => {
                self.members.insert(person(name).id);
            }
            "is" if rest == "away" => {
                self.away.insert(chat(name));
            }
            "is" if rest == "back" => {
                self.away.remove(&chat(name));
            }
            "is" => {
                self.silent.insert(chat(name));
                if rest == "new" {
                    self.conversations.remove(&chat(name));
                }
            }
            _ => panic!("a story cannot say `{verb}`"),
        }
    }

    fn sends(&mut self, place: Place, name: &str, rest: &str) {
        let (kind, words) = rest.split_once(' ').unwrap_or((rest, ""));
        match kind {
            "album" => self.sends_album(place, name, words, None),
            "photos" => self.sends_photos(name, words),
            "pdf" => {
                let mut paper = media("document", words);
                if let Body::Media(file) = &mut paper.body {
                    file.mime = Some("application/pdf".to_owned());
                }
                self.write_in(place, name, paper);
            }
            kind => {
                self.write_in(place, name, media(kind, words));
            }
        }
    }

    /// Only the first part is a reply, if any is.
    fn sends_album(&mut self, place: Place, name: &str, kinds: &str, to: Option<MessageRef>) {
        let mut reply_to = to;
        for kind in kinds.split(' ') {
            let album = Some(format!("album-{}", self.now.as_second()));
            let content = Content {
                album,
                reply_to: reply_to.take(),
                ..media(kind, "")
            };
            self.write_in(place, name, content);
        }
    }

    /// Several pictures in one message.
    fn sends_photos(&mut self, name: &str, rest: &str) {
        let (count, words) = rest.split_once(' ').unwrap_or((rest, ""));
        let who = person(name);
        let at = self.next_message(&who.chat);
        self.texts.insert(at.clone(), words.to_owned());
        let also = (2..=count.parse().unwrap()).map(|nth: u32| Said {
            at: at.chat.message(format!("{}#{nth}", at.id)),
            content: media("photo", ""),
        });
        self.happen(&Event::Wrote(Wrote {
            who,
            place: Place::Private,
            content: media("photo", words),
            also: also.collect(),
            partial: false,
            at,
        }));
    }

    fn moves(&mut self, name: &str, inside: bool) {
        let who = person(name);
        if inside {
            self.members.insert(who.id.clone());
        } else {
            self.members.remove(&who.id);
        }
        self.happen(&Event::Member { who, inside });
    }

    fn reaches(&mut self, name: &str, allowed: bool) {
        if allowed {
            self.silent.remove(&chat(name));
        } else {
            self.silent.insert(chat(name));
        }
        self.happen(&Event::Reach {
            who: person(name),
            allowed,
        });
    }

    /// The newest message in a chat that somebody sees that reads like this.
    fn find(&self, place: Place, name: &str, text: &str) -> MessageRef {
        let chat = match place {
            Place::Private => chat(name),
            Place::Desk => self.policy.group.clone(),
        };
        let mut found: Vec<&MessageRef> = self
            .texts
            .iter()
            .filter(|(at, words)| at.chat == chat && words.as_str() == text)
            .map(|(at, _)| at)
            .collect();
        found.sort_by_key(|at| at.id.parse::<u32>().unwrap());
        found
            .pop()
            .unwrap_or_else(|| panic!("{name} sees no «{text}»"))
            .clone()
    }

    /// A key that stands where somebody can press it, in their own chat or in the group.
    fn key(&self, name: &str, label: &str) -> (MessageRef, String) {
        let mut places: Vec<_> = self
            .keyboards
            .iter()
            .filter(|(at, _)| at.chat == chat(name) || at.chat == self.policy.group)
            .filter_map(|(at, keys)| {
                Some((at, keys.iter().find(|key| plain(&key.label) == label)?))
            })
            .collect();
        places.sort_by_key(|(at, _)| at.id.parse::<u32>().unwrap());
        let (at, key) = places
            .pop()
            .unwrap_or_else(|| panic!("{name} sees no key «{label}»"));
        (at.clone(), key.data.clone())
    }
}

/// With usual spaces, as stories are typed.
fn plain(label: &str) -> String {
    label.replace(['\u{a0}', '\u{202f}'], " ")
}

fn quoted(rest: &str) -> (&str, &str) {
    let (old, new) = rest.split_once(':').unwrap();
    (old.trim_matches(['«', '»']), new.trim())
}

fn number(rest: &str) -> TicketId {
    TicketId(rest.trim_start_matches('#').parse().unwrap())
}
