//! Notes that speak about people: the team's own, and nothing that leaves the programme unasked.
//! People are known by the words of their names; too many notes are better than one too few, since a
//! person decides.

use super::desk::Desk;
use crate::dto::retro::{NoteView, RetroDocument};
use std::collections::BTreeSet;

/// Words of people's names, folded.
#[derive(Debug)]
pub(crate) struct NameWords(BTreeSet<String>);

impl NameWords {
    /// Of everybody whom the programme knows or knew, and whom the document names.
    pub(crate) fn of(desk: &Desk, document: &RetroDocument) -> Self {
        let here = desk.office.names.people.values().map(|person| person.name().to_owned());
        let owners = document.actions.iter().chain(&document.open_actions);
        let named = document.present.iter().chain(&document.leader).cloned();
        let named = named
            .chain(owners.filter_map(|action| action.owner.clone()))
            .chain(document.kudos.iter().map(|kudos| kudos.to.clone()))
            .map(|person| person.name);
        Self(here.chain(named).flat_map(|name| words(&name).collect::<Vec<_>>()).collect())
    }

    /// Whether a whole word of a text is a word of somebody's name.
    pub(crate) fn speak(&self, text: &str) -> bool {
        words(text).any(|word| self.0.contains(&word))
    }

    /// Ids of the notes that speak about people.
    pub(crate) fn notes(&self, document: &RetroDocument) -> Vec<String> {
        let notes = document.notes.iter().filter(|note| self.speak(&note.text));
        notes.map(|note| note.id.clone()).collect()
    }

    /// The document without such notes, which it counts, and without what repeats them: names of
    /// groups are made from notes, and earlier notes stand beside later ones.
    pub(crate) fn left_out(&self, mut document: RetroDocument) -> RetroDocument {
        let before = document.notes.len();
        document.notes.retain(|note| !self.speak(&note.text));
        let fewer = u32::try_from(before - document.notes.len()).unwrap_or(u32::MAX);
        document.notes_left_out = document.notes_left_out.saturating_add(fewer);
        for NoteView { before, .. } in &mut document.notes {
            before.retain(|told| !self.speak(told));
        }
        for group in &mut document.groups {
            if self.speak(&group.name) {
                "About people".clone_into(&mut group.name);
            }
        }
        document
    }
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.map(str::to_lowercase).filter(|word| word.chars().count() > 1)
}
