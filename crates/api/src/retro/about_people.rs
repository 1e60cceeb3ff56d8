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
        Self::of_names(here.chain(named))
    }

    fn of_names(names: impl Iterator<Item = String>) -> Self {
        Self(names.flat_map(|name| words(&name).collect::<Vec<_>>()).collect())
    }

    /// Whether a word of somebody's name stands in a text: as a whole word, also with the `s` of a
    /// genitive, or anywhere where its script writes no spaces.
    pub(crate) fn speak(&self, text: &str) -> bool {
        let is_name = |word: &str| self.0.contains(word);
        let spoken =
            words(text).any(|word| is_name(&word) || word.strip_suffix('s').is_some_and(is_name));
        let text = text.to_lowercase();
        spoken || self.0.iter().any(|name| is_unspaced(name) && text.contains(name))
    }

    /// Ids of the notes that speak about people.
    pub(crate) fn notes(&self, document: &RetroDocument) -> Vec<String> {
        let notes = document.notes.iter().filter(|note| self.speak(&note.text));
        notes.map(|note| note.id.clone()).collect()
    }

    /// The document without such notes, which it counts, and without what repeats them: names of
    /// groups are made from notes, insights are drawn from them, and earlier notes stand beside later
    /// ones.
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
        for insight in &mut document.insights {
            if self.speak(&insight.statement) {
                "About people".clone_into(&mut insight.statement);
            }
        }
        document
    }
}

/// Scripts of East Asia, from the radicals on, put no spaces between words.
fn is_unspaced(name: &str) -> bool {
    name.chars().any(|c| c >= '\u{2e80}')
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.map(str::to_lowercase).filter(|word| word.chars().count() > 1)
}

#[cfg(test)]
mod tests {
    use super::NameWords;

    #[test]
    fn a_name_is_heard_however_it_is_written() {
        let names = ["Ben Okoye", "王小明", "Max"].map(str::to_owned);
        let names = NameWords::of_names(names.into_iter());
        let check = |text: &str, expect: bool| assert_eq!(names.speak(text), expect, "{text}");
        check("ben was fast", true);
        check("OKOYE helped", true);
        check("Bens Idee war gut", true);
        check("Ben's idea", true);
        check("昨天王小明說了", true);
        check("the benefits of tests", false);
        check("the pipeline was fast", false);
        check("maximum", false);
        check("昨天說了", false);
    }
}
