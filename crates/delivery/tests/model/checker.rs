//! An exhaustive search over a small world: every state that any order of happenings leads to, and the way there.
//!
//! Small on purpose: the checkers on the registry bring second versions of crates into the tree, and all that is needed
//! is breadth-first search, which finds the shortest counterexample.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Debug;
use std::hash::Hash;

/// A world with a choice of happenings at every moment.
pub(crate) trait Model {
    /// Everything that matters at one moment.
    type State: Clone + Eq + Hash + Debug;
    /// Something that may happen.
    type Happening: Copy + Debug;

    /// Where it begins.
    fn start(&self) -> Self::State;

    /// What may happen, with the state after it.
    fn next(&self, state: &Self::State) -> Vec<(Self::Happening, Self::State)>;
}

/// Where a state was first reached from, and by what.
type Origin<H> = Option<(usize, H)>;

/// All reachable states.
pub(crate) struct Explored<M: Model> {
    states: Vec<M::State>,
    origins: Vec<Origin<M::Happening>>,
    /// By state: what may happen and where it leads.
    edges: Vec<Vec<(M::Happening, usize)>>,
}

impl<M: Model> Explored<M> {
    /// Explores everything; panics above `states_max`, so that a bound that stops binding is noticed.
    pub(crate) fn all(model: &M, states_max: usize) -> Self {
        let start = model.start();
        let mut known = HashMap::from([(start.clone(), 0)]);
        let (mut states, mut origins, mut edges) = (vec![start], vec![None], Vec::new());
        while edges.len() < states.len() {
            let from = edges.len();
            let mut out = Vec::new();
            for (happening, state) in model.next(&states[from]) {
                let to = match known.entry(state) {
                    Entry::Occupied(found) => *found.get(),
                    Entry::Vacant(place) => {
                        states.push(place.key().clone());
                        origins.push(Some((from, happening)));
                        *place.insert(states.len() - 1)
                    }
                };
                out.push((happening, to));
            }
            edges.push(out);
            assert!(states.len() <= states_max, "more than {states_max} states");
        }
        Self { states, origins, edges }
    }

    pub(crate) fn len(&self) -> usize {
        self.states.len()
    }

    /// The shortest way to a state in which `holds` is false.
    pub(crate) fn violation(&self, holds: impl Fn(&M::State) -> bool) -> Option<Vec<String>> {
        let found = self.states.iter().position(|state| !holds(state));
        found.map(|at| self.way_to(at))
    }

    /// The shortest way to a state from which no `goal` can be reached by happenings that are `allowed`.
    pub(crate) fn dead_end(
        &self,
        goal: impl Fn(&M::State) -> bool,
        allowed: impl Fn(&M::Happening) -> bool,
    ) -> Option<Vec<String>> {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.states.len()];
        for (from, edges) in self.edges.iter().enumerate() {
            for (_, to) in edges.iter().filter(|(happening, _)| allowed(happening)) {
                back[*to].push(from);
            }
        }
        let mut reaches: Vec<bool> = self.states.iter().map(goal).collect();
        let mut open: Vec<usize> = (0..reaches.len()).filter(|at| reaches[*at]).collect();
        while let Some(at) = open.pop() {
            for from in &back[at] {
                if !std::mem::replace(&mut reaches[*from], true) {
                    open.push(*from);
                }
            }
        }
        reaches.iter().position(|reaches| !reaches).map(|at| self.way_to(at))
    }

    fn way_to(&self, mut at: usize) -> Vec<String> {
        let mut way = vec![format!("{:?}", self.states[at])];
        while let Some((from, happening)) = self.origins[at] {
            way.push(format!("{happening:?}"));
            at = from;
        }
        way.reverse();
        way
    }
}
