//! Circles in a graph of agencies.

use crate::lookup::Index;

/// Circles reported: a broken file has one or two, and each is a line to read.
const CIRCLES_MAX: usize = 50;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    OnPath,
    Done,
}

/// Circles among `count` agencies; each agency's arrows are visited once, without recursion.
pub(super) fn find(count: usize, next: impl Fn(Index) -> Vec<Index>) -> Vec<Vec<Index>> {
    let mut marks = vec![Mark::New; count];
    let mut circles: Vec<Vec<Index>> = Vec::new();
    for (start, _) in (0..).zip(0..count) {
        let mut path: Vec<(Index, Vec<Index>)> = Vec::new();
        if enter(&mut marks, start) == Some(Mark::New) {
            path.push((start, next(start)));
        }
        while let Some((_, arrows)) = path.last_mut() {
            let Some(to) = arrows.pop() else {
                if let Some((done, _)) = path.pop() {
                    set(&mut marks, done, Mark::Done);
                }
                continue;
            };
            match enter(&mut marks, to) {
                Some(Mark::New) => path.push((to, next(to))),
                Some(Mark::OnPath) if circles.len() < CIRCLES_MAX => {
                    circles.push(path.iter().map(|(at, _)| *at).skip_while(|at| *at != to).collect());
                }
                _ => {}
            }
        }
    }
    circles
}

/// The mark that `at` had; a new one is now on the path.
fn enter(marks: &mut [Mark], at: Index) -> Option<Mark> {
    let mark = usize::try_from(at).ok().and_then(|at| marks.get_mut(at))?;
    let before = *mark;
    if before == Mark::New {
        *mark = Mark::OnPath;
    }
    Some(before)
}

fn set(marks: &mut [Mark], at: Index, to: Mark) {
    if let Some(mark) = usize::try_from(at).ok().and_then(|at| marks.get_mut(at)) {
        *mark = to;
    }
}
