//! Parents that go round in a circle: cut, so that the directory can be built.

use std::collections::HashMap;

use crate::Agency;

/// Which links may be cut in a round.
#[derive(Clone, Copy)]
enum Cut {
    /// Stated parents.
    Parents,
    /// Other codes: an agency may stand below another only because that one's other code looks like a body above it.
    OtherCodes,
}

/// Cuts every circle of parents, as the directory will see them, at agencies from place `fixed` on; those before are
/// the operator's. Returns how many links were cut.
///
/// Without stated parents and other codes an agency stands below shorter codes only, so two rounds are enough.
pub(super) fn cut(agencies: &mut [Agency], fixed: usize) -> usize {
    let mut count = 0;
    for what in [Cut::Parents, Cut::OtherCodes] {
        let places = on_circles(&above(agencies));
        if places.is_empty() {
            break;
        }
        for place in places {
            let Some(agency) = agencies.get_mut(place).filter(|_| place >= fixed) else { continue };
            count += match what {
                Cut::Parents => usize::from(agency.parent.take().is_some()),
                Cut::OtherCodes => std::mem::take(&mut agency.aliases).len(),
            };
        }
    }
    count
}

/// The place of each agency's parent: the stated one, else the nearest body by its code.
fn above(agencies: &[Agency]) -> Vec<Option<usize>> {
    let mut names: HashMap<&str, usize> = HashMap::with_capacity(agencies.len() * 2);
    // A code counts before another agency's other code of the same form.
    for (place, agency) in agencies.iter().enumerate() {
        names.insert(agency.code.canonical(), place);
    }
    for (place, agency) in agencies.iter().enumerate() {
        for alias in &agency.aliases {
            names.entry(alias.as_str()).or_insert(place);
            names.entry(alias.canonical()).or_insert(place);
        }
    }
    let parent = |(place, agency): (usize, &Agency)| match &agency.parent {
        Some(stated) => names.get(stated.canonical()).or_else(|| names.get(stated.as_str())).copied(),
        None => agency.code.ancestors().find_map(|code| names.get(code)).copied().filter(|above| *above != place),
    };
    agencies.iter().enumerate().map(parent).collect()
}

/// Places that lie on a circle.
fn on_circles(above: &[Option<usize>]) -> Vec<usize> {
    const UNSEEN: u32 = 0;
    // Each walk marks where it went with its own number; meeting its own mark closes a circle.
    let mut marks = vec![UNSEEN; above.len()];
    let mut found = Vec::new();
    for (walk, start) in (1_u32..).zip(0..above.len()) {
        let mut next = Some(start);
        while let Some(place) = next {
            match marks.get_mut(place) {
                Some(mark) if *mark == UNSEEN => *mark = walk,
                Some(mark) if *mark == walk => {
                    circle(above, place, &mut found);
                    break;
                }
                Some(_) | None => break,
            }
            next = above.get(place).copied().flatten();
        }
    }
    found
}

fn circle(above: &[Option<usize>], start: usize, found: &mut Vec<usize>) {
    let mut place = start;
    loop {
        found.push(place);
        match above.get(place).copied().flatten() {
            Some(next) if next != start => place = next,
            Some(_) | None => return,
        }
    }
}
