//! One node: its disk, and while it is up its store, its tasks and its links.

pub(crate) mod core;
pub(crate) mod inbox;
pub(crate) mod intake;
pub(crate) mod links;
pub(crate) mod tracking;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};

use queue::simulation::Stepper;
use queue::{Space, Store, StoreError, StoreOptions, Wakeup};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use types::NeighbourId;

use crate::Sabotage;
use crate::disk::{Disk, Flushes};
use crate::node::core::{Core, Effect};
use crate::node::links::Link;
use crate::region::{Place, Region};

/// Work that waits for a batch.
type Task = Pin<Box<dyn Future<Output = ()>>>;

/// What outlives a crash.
pub(crate) struct Node {
    pub(crate) disk: Disk,
    pub(crate) up: Option<Running>,
    /// Counts starts: what was planned for an earlier run concerns no later one.
    pub(crate) run: u64,
    /// Whether the file system is full to the reserve.
    pub(crate) is_full: Arc<AtomicBool>,
    /// How far its clock is ahead, in milliseconds.
    pub(crate) ahead: i64,
    /// Whether the power goes at its next write.
    pub(crate) dies_writing: bool,
}

/// What a crash ends.
pub(crate) struct Running {
    pub(crate) core: Rc<Core>,
    stepper: Stepper,
    tasks: Vec<Task>,
    wakeups: Receiver<Wakeup>,
    pub(crate) links: BTreeMap<NeighbourId, Link>,
    /// Whether a write is planned.
    pub(crate) is_writing: bool,
}

/// What became known after tasks ran.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) effects: Vec<Effect>,
    pub(crate) wakeups: Vec<Wakeup>,
    /// Hints were lost: everything has to be looked at.
    pub(crate) has_lost_hints: bool,
}

impl Node {
    pub(crate) fn new(sabotage: Option<Sabotage>) -> Self {
        let flushes = match sabotage {
            Some(Sabotage::DiskForgetsFlushes) => Flushes::Forgotten,
            _ => Flushes::Kept,
        };
        Self { disk: Disk::new(flushes), up: None, run: 0, is_full: Arc::default(), ahead: 0, dies_writing: false }
    }

    /// Starts it on its disk.
    pub(crate) fn start(
        &mut self,
        region: &Region,
        place: Place,
        time: &Rc<Cell<u64>>,
        ids: &Rc<Cell<u64>>,
        sabotage: Option<Sabotage>,
    ) -> Result<(), StoreError> {
        let Some(site) = region.sites.get(place) else { return Ok(()) };
        let is_full = Arc::clone(&self.is_full);
        let space = move |_: &std::path::Path| {
            Ok(Space { free: if is_full.load(Ordering::Relaxed) { 1 } else { 50 }, total: 100 })
        };
        let options = StoreOptions { space: Arc::new(space), ..StoreOptions::new(site.id.as_str()) };
        let (store, stepper) = Store::stepped(options, Box::new(self.disk.clone()))?;
        let wakeups = store.wakeups();
        let links = site.topology.neighbours.iter().zip(&site.neighbours);
        let links = links.map(|(neighbour, to)| (neighbour.id.clone(), Link::new(*to))).collect();
        let core = Core {
            id: site.id.clone(),
            store,
            topology: Rc::clone(&site.topology),
            directory: Rc::clone(&region.directory),
            sabotage,
            time: Rc::clone(time),
            ahead: self.ahead,
            ids: Rc::clone(ids),
            effects: RefCell::default(),
            is_reporting: Cell::new(false),
            reports_wait: Cell::new(false),
        };
        self.run += 1;
        self.up = Some(Running { core: Rc::new(core), stepper, tasks: Vec::new(), wakeups, links, is_writing: false });
        Ok(())
    }

    /// The power goes. A batch that was being written may or may not have reached the disk; nobody was answered.
    pub(crate) fn crash(&mut self, reached_the_disk: bool) {
        if let Some(mut running) = self.up.take()
            && reached_the_disk
        {
            running.stepper.step();
        }
        self.disk.cut();
        self.dies_writing = false;
    }
}

impl Running {
    pub(crate) fn begin(&mut self, task: impl Future<Output = ()> + 'static) {
        let mut task: Task = Box::pin(task);
        if task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            self.tasks.push(task);
        }
    }

    pub(crate) fn has_work(&self) -> bool {
        self.stepper.has_work()
    }

    pub(crate) const fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Writes one batch and lets everyone who waited go on.
    pub(crate) fn write(&mut self) -> usize {
        let written = self.stepper.step();
        let mut context = Context::from_waker(Waker::noop());
        self.tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        written
    }

    pub(crate) fn news(&mut self) -> News {
        let mut news = News { effects: self.core.effects.take(), ..News::default() };
        loop {
            match self.wakeups.try_recv() {
                Ok(wakeup) if !news.wakeups.contains(&wakeup) => news.wakeups.push(wakeup),
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => news.has_lost_hints = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return news,
            }
        }
    }
}
