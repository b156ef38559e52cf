//! From checked agencies to a directory: indexes, and what only the whole can be checked for.

use std::collections::HashMap;

use types::{AgencyCode, Generation};

use crate::draft::Entry;
use crate::fold::words;
use crate::load::AGENCIES_MAX;
use crate::lookup::{Index, Name};
use crate::problem::{Place, ProblemKind, Problems};
use crate::suggest::Nearby;
use crate::{Agency, Directory, LoadError};

mod cycles;

/// Builds the directory, or reports everything that `problems` and the whole have wrong.
pub(crate) fn build(mut entries: Vec<Entry>, mut problems: Problems) -> Result<Directory, LoadError> {
    if entries.len() > AGENCIES_MAX {
        problems.add(&Place::default(), ProblemKind::TooManyAgencies { max: AGENCIES_MAX });
        return problems.into_result(Directory::default());
    }
    // Stable, so that of two agencies with one code the later in the file is the one reported.
    entries.sort_by(|a, b| a.agency.code.cmp(&b.agency.code));
    let mut places = Vec::with_capacity(entries.len());
    let mut directory = Directory { agencies: Vec::with_capacity(entries.len()), ..Directory::default() };
    for Entry { agency, place } in entries {
        match directory.agencies.last().zip(places.last()) {
            Some((other, at)) if other.code == agency.code => {
                let (other, at) = (other.code.clone(), Place::clone(at));
                problems.add(&place, ProblemKind::DuplicateCode { code: agency.code, other, place: at });
            }
            _ => {
                directory.agencies.push(agency);
                places.push(place);
            }
        }
    }
    index_names(&mut directory);
    check_names(&directory, &places, &mut problems);
    link_parents(&mut directory, &places, &mut problems);
    let successors = link_successors(&directory, &places, &mut problems);
    report_cycles(&directory, &successors, &places, &mut problems);
    directory.folded = directory.agencies.iter().map(searchable).collect();
    problems.into_result(directory)
}

/// Every (position, agency), the position as the indexes hold it.
fn numbered(agencies: &[Agency]) -> impl Iterator<Item = (Index, &Agency)> {
    (0..).zip(agencies)
}

fn index_names(directory: &mut Directory) {
    let mut texts = Vec::with_capacity(directory.agencies.len() * 2);
    let mut forms = Vec::new();
    for (agency, listed) in numbered(&directory.agencies) {
        texts.push(Name { agency, slot: 0 });
        for (slot, alias) in (1..).zip(&listed.aliases) {
            texts.push(Name { agency, slot });
            let is_converted = alias.generation() != Generation::Opaque;
            if is_converted && alias.canonical() != listed.code.canonical() {
                forms.push(Name { agency, slot });
            }
        }
    }
    texts.sort_by(|a, b| directory.text(*a).cmp(directory.text(*b)));
    forms.sort_by(|a, b| directory.form(*a).cmp(directory.form(*b)));
    for (position, name) in (0..).zip(&texts) {
        let text = directory.text(*name);
        let (length, nearby) = (text.len(), Nearby::new(position, text));
        if directory.by_length.len() <= length {
            directory.by_length.resize(length + 1, Vec::new());
        }
        if let Some(bucket) = directory.by_length.get_mut(length) {
            bucket.push(nearby);
        }
    }
    directory.texts = texts;
    directory.alias_forms = forms;
}

/// One text may name one agency only.
fn check_names(directory: &Directory, places: &[Place], problems: &mut Problems) {
    let pairs = directory.texts.iter().zip(directory.texts.iter().skip(1));
    for (one, two) in pairs.filter(|(one, two)| one.agency != two.agency) {
        let text = directory.text(*two);
        if directory.text(*one) != text {
            continue;
        }
        let (first, second) = (one.agency.min(two.agency), one.agency.max(two.agency));
        if let (Some(other), Some(agency)) = (directory.at(first), directory.at(second)) {
            let (code, other) = (agency.code.clone(), other.code.clone());
            let clash = ProblemKind::AliasClash { text: text.to_owned(), code, other, place: place(places, first) };
            problems.add(&place(places, second), clash);
        }
    }
}

fn link_parents(directory: &mut Directory, places: &[Place], problems: &mut Problems) {
    let mut parents = Vec::with_capacity(directory.agencies.len());
    for (index, agency) in numbered(&directory.agencies) {
        let parent = match &agency.parent {
            Some(listed) => {
                let found = directory.position_of(listed);
                if found.is_none() && !problems.is_left_out(listed) {
                    let (code, parent) = (agency.code.clone(), listed.clone());
                    problems.add(&place(places, index), ProblemKind::UnknownParent { code, parent });
                }
                found
            }
            None => agency.code.ancestors().find_map(|above| directory.position(above, Some(above))),
        };
        // A level-1 body's alias may look like a code below it; that alone puts nobody above himself.
        parents.push(parent.filter(|parent| *parent != index || agency.parent.is_some()));
    }
    let codes: Vec<Option<AgencyCode>> =
        parents.iter().map(|parent| parent.and_then(|at| directory.at(at)).map(|agency| agency.code.clone())).collect();
    for (agency, code) in directory.agencies.iter_mut().zip(codes) {
        agency.parent = code;
    }
    let mut children: Vec<(Index, Index)> =
        (0..).zip(&parents).filter_map(|(child, parent)| parent.map(|parent| (parent, child))).collect();
    children.sort_unstable();
    directory.parents = parents;
    directory.children = children;
}

/// The positions of the successors of each agency that has some.
fn link_successors(directory: &Directory, places: &[Place], problems: &mut Problems) -> HashMap<Index, Vec<Index>> {
    let mut successors: HashMap<Index, Vec<Index>> = HashMap::new();
    for (index, agency) in numbered(&directory.agencies) {
        for listed in agency.succession.iter().flat_map(|succession| &succession.successors) {
            match directory.position_of(listed) {
                Some(successor) => successors.entry(index).or_default().push(successor),
                None if problems.is_left_out(listed) => {}
                None => {
                    let (code, successor) = (agency.code.clone(), listed.clone());
                    problems.add(&place(places, index), ProblemKind::UnknownSuccessor { code, successor });
                }
            }
        }
    }
    successors
}

fn report_cycles(
    directory: &Directory,
    successors: &HashMap<Index, Vec<Index>>,
    places: &[Place],
    problems: &mut Problems,
) {
    let text = |circle: &[Index]| {
        let closed = circle.iter().chain(circle.first());
        let codes: Vec<&str> = closed.filter_map(|at| directory.at(*at)).map(|agency| agency.code.as_str()).collect();
        codes.join(" → ")
    };
    let first = |circle: &[Index]| place(places, circle.first().copied().unwrap_or_default());
    let above = |index| directory.parent_index(index).into_iter().collect();
    for circle in cycles::find(directory.agencies.len(), above) {
        problems.add(&first(&circle), ProblemKind::ParentCycle { circle: text(&circle) });
    }
    let after = |index| successors.get(&index).cloned().unwrap_or_default();
    for circle in cycles::find(directory.agencies.len(), after) {
        problems.add(&first(&circle), ProblemKind::SuccessionCycle { circle: text(&circle) });
    }
}

fn place(places: &[Place], index: Index) -> Place {
    usize::try_from(index).ok().and_then(|index| places.get(index)).cloned().unwrap_or_default()
}

/// What a search looks at, a space before each word: folded words of the official name, a line break, folded words
/// of the short name, the codes.
fn searchable(agency: &Agency) -> Box<str> {
    let mut text = String::with_capacity(128);
    let mut push = |word: &str| {
        text.push(' ');
        text.push_str(word);
    };
    words(&agency.name).for_each(|word| push(&word));
    push("\n");
    agency.short_name.iter().flat_map(|name| words(name)).for_each(|word| push(&word));
    push(&agency.code.as_str().to_ascii_lowercase());
    if agency.code.canonical() != agency.code.as_str() {
        push(&agency.code.canonical().to_ascii_lowercase());
    }
    agency.aliases.iter().for_each(|alias| push(&alias.as_str().to_ascii_lowercase()));
    text.into()
}

#[cfg(test)]
mod tests;
