//! The language that stories are written in, one thing a line, `10:03` before it if time passes:
//!
//! - `ivan: some words` · `ivan sends photo some words` · `ivan sends album photo video`
//! - `ivan answers «old words»: new words` · `ivan edits «old words»: new words`
//! - `ivan presses «key»` · `olga takes #1` · `olga closes #1` · `olga forges take:1`
//! - `olga joins` · `olga leaves` · `ivan blocks` · `ivan unblocks` · `ivan is new` (the bot may not write to them)
//! - `nina is hired` (into the group, and the bot has not heard) · `olga is silent` (blocked the bot, and it has not heard) · `olga in group: words`

use engine::{
    content::{Body, Content, Media, MediaKind},
    event::{Event, Place, Wrote},
    ids::{MessageRef, TicketId},
    keys::Act,
};
use expect_test::Expect;
use jiff::SignedDuration;

use super::{World, at, chat, person};

/// Plays a script; people see what is expected.
pub(crate) fn check(script: &str, expected: &Expect) {
    let mut world = World::new();
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        world.line(line);
    }
    world.wait_until(world.now + SignedDuration::from_secs(60));
    expected.assert_eq(&world.transcript);
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
        self.does(name, what.trim());
    }

    fn does(&mut self, name: &str, what: &str) {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        match verb {
            ":" => {
                self.write(name, Content::text(rest));
            }
            "sends" => self.sends(name, rest),
            "answers" => {
                let (old, new) = quoted(rest);
                let reply_to = Some(self.find(name, old));
                self.write(
                    name,
                    Content {
                        reply_to,
                        ..Content::text(new)
                    },
                );
            }
            "edits" => {
                let (old, new) = quoted(rest);
                let at = self.find(name, old);
                self.texts.insert(at.clone(), new.to_owned());
                let content = Content::text(new);
                let who = person(name);
                self.happen(&Event::Edited(Wrote {
                    who,
                    place: Place::Private,
                    at,
                    content,
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
            "is" => {
                self.silent.insert(chat(name));
                if rest == "new" {
                    self.conversations.remove(&chat(name));
                }
            }
            "in" => {
                let at = self.next_message(&self.policy.group.clone());
                let content = Content::text(rest);
                let event = Wrote {
                    who: person(name),
                    place: Place::Desk,
                    at,
                    content,
                };
                self.happen(&Event::Wrote(event));
            }
            _ => panic!("a story cannot say `{verb}`"),
        }
    }

    fn sends(&mut self, name: &str, rest: &str) {
        let (kind, words) = rest.split_once(' ').unwrap_or((rest, ""));
        if kind == "album" {
            for kind in words.split(' ') {
                let album = Some(format!("album-{}", self.now.as_second()));
                self.write(
                    name,
                    Content {
                        album,
                        ..media(kind, "")
                    },
                );
            }
        } else {
            self.write(name, media(kind, words));
        }
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

    /// The newest message in somebody's private chat that reads like this.
    fn find(&self, name: &str, text: &str) -> MessageRef {
        let mut found: Vec<&MessageRef> = self
            .texts
            .iter()
            .filter(|(at, words)| at.chat == chat(name) && words.as_str() == text)
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
            .filter_map(|(at, keys)| Some((at, keys.iter().find(|key| key.label == label)?)))
            .collect();
        places.sort_by_key(|(at, _)| at.id.parse::<u32>().unwrap());
        let (at, key) = places
            .pop()
            .unwrap_or_else(|| panic!("{name} sees no key «{label}»"));
        (at.clone(), key.data.clone())
    }
}

fn quoted(rest: &str) -> (&str, &str) {
    let (old, new) = rest.split_once(':').unwrap();
    (old.trim_matches(['«', '»']), new.trim())
}

fn number(rest: &str) -> TicketId {
    TicketId(rest.trim_start_matches('#').parse().unwrap())
}
