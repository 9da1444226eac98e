//! Who is alive, who is the master, and what a replica does about it: a detector that can be wrong.

use super::message::{Record, Say, Store};
use super::replica::{Out, Replica};
use super::strategy::{Shape, Timing};
use crate::model::Kind;
use crate::protocol::{Disk, Input, Machine, ProcessId, TimerId};

/// Between two signs of life.
const BEAT_NS: u64 = 50_000_000;

/// Without a sign of life a replica is suspected.
pub(super) const SUSPECT_NS: u64 = 200_000_000;

/// After which an update without an answer is sent again.
const RESEND_NS: u64 = 100_000_000;

/// Where the view is on the disk.
const VIEW_SLOT: u64 = 0;

const TICK: TimerId = TimerId(0);

impl Replica {
    pub(super) fn master(&self) -> usize {
        (self.view % self.shared.replicas() as u64) as usize
    }

    pub(super) fn suspects(&self, other: usize, now_ns: u64) -> bool {
        other != self.own && now_ns.saturating_sub(self.heard_ns[other]) > SUSPECT_NS
    }

    /// The replicas behind the head, and those that are suspected left out: who follows this one.
    pub(super) fn next_in_chain(&self, now_ns: u64) -> Option<usize> {
        let n = self.shared.replicas();
        let place = (self.own + n - self.master()) % n;
        (place + 1..n).map(|place| (self.master() + place) % n).find(|other| !self.suspects(*other, now_ns))
    }

    /// The last of the chain.
    pub(super) fn tail(&self, now_ns: u64) -> usize {
        let n = self.shared.replicas();
        let last = (0..n).rev().map(|place| (self.master() + place) % n).find(|other| !self.suspects(*other, now_ns));
        last.unwrap_or(self.own)
    }

    fn tick(&mut self, now_ns: u64, out: &mut Out) {
        out.set_timer(TICK, BEAT_NS);
        self.others().for_each(|other| self.send(other, Say::Beat { view: self.view }, out));
        if !self.is_current {
            let is_master = self.shared.strategy.has_master() && self.master() == self.own;
            let waits_for_quorum = is_master && self.shared.strategy.timing == Timing::Quorum;
            if !waits_for_quorum && now_ns.saturating_sub(self.restarted_ns) > SUSPECT_NS {
                self.begin_alone(is_master, out);
            }
            // A master has nobody to join: it gathers what others hold.
            let ask = if is_master { Say::Collect { view: self.view } } else { Say::Join };
            self.others().for_each(|other| self.send(other, ask.clone(), out));
        }
        if self.shared.strategy.has_master() && self.suspects(self.master(), now_ns) {
            self.fail_over(now_ns, out);
        }
        for value in self.open.keys().copied().collect::<Vec<_>>() {
            self.resend(value, now_ns, out);
            // Who is suspected is no longer waited for.
            self.answer_if_enough(value, now_ns, out);
        }
    }

    /// Nobody has answered who knows more: as the master it begins a view of its own, without a master it goes on.
    fn begin_alone(&mut self, is_master: bool, out: &mut Out) {
        if is_master {
            self.adopt(self.view + self.shared.replicas() as u64, out);
            self.begin_view(out);
        } else if !self.shared.strategy.has_master() {
            self.is_current = true;
        }
    }

    fn resend(&mut self, value: u64, now_ns: u64, out: &mut Out) {
        let Some(open) = self.open.get_mut(&value).filter(|open| now_ns.saturating_sub(open.sent_ns) > RESEND_NS)
        else {
            return;
        };
        open.sent_ns = now_ns;
        let (write, waiting) = (open.write, open.waiting.first().copied());
        let missing: Vec<usize> = (0..self.shared.replicas()).filter(|other| !open.taken_by.contains(other)).collect();
        if self.shared.strategy.shape == Shape::Chain {
            self.pass_on(write, waiting, now_ns, out);
        } else {
            let alive = missing.into_iter().filter(|other| !self.suspects(*other, now_ns)).collect::<Vec<_>>();
            alive
                .iter()
                .for_each(|other| self.send(*other, Say::Update { view: self.view, write, waiting: None }, out));
        }
    }

    /// The next replica that is not suspected becomes the master; if it is this one, it begins.
    fn fail_over(&mut self, now_ns: u64, out: &mut Out) {
        let n = self.shared.replicas() as u64;
        let next = (self.view + 1..=self.view + n).find(|view| !self.suspects((view % n) as usize, now_ns));
        let Some(view) = next.filter(|view| (view % n) as usize == self.own) else { return };
        self.adopt(view, out);
        if self.shared.strategy.timing == Timing::Quorum {
            self.collected.insert(self.own);
            self.begin_if_collected(out);
            self.others().for_each(|other| self.send(other, Say::Collect { view }, out));
        } else {
            self.begin_view(out);
        }
    }

    /// Goes on to a later view, whose beginning is still to come.
    fn adopt(&mut self, view: u64, out: &mut Out) {
        self.view = view;
        self.shared.views[self.own].set(view);
        out.persist(VIEW_SLOT, Some(Record::View(view)));
        self.is_current = false;
        self.recent.clear();
        self.open.clear();
        self.collected.clear();
    }

    /// As the master: what it holds is what the view begins with.
    fn begin_view(&mut self, out: &mut Out) {
        self.is_current = true;
        let store = self.shared.stores[self.own].borrow().clone();
        self.others().for_each(|other| self.send(other, Say::Take { view: self.view, store: store.clone() }, out));
    }

    fn begin_if_collected(&mut self, out: &mut Out) {
        if !self.is_current && self.shared.has_quorum(Kind::Read, self.collected.iter().copied()) {
            self.slot += 1;
            out.persist(self.slot, Some(Record::Whole(self.shared.stores[self.own].borrow().clone())));
            self.begin_view(out);
        }
    }

    fn receive(&mut self, from: ProcessId, message: Say, now_ns: u64, out: &mut Out) {
        let sender = from.index();
        if let Some(heard_ns) = self.heard_ns.get_mut(sender) {
            *heard_ns = now_ns;
        }
        let view = match &message {
            Say::Update { view, .. }
            | Say::Ack { view, .. }
            | Say::Beat { view }
            | Say::Collect { view }
            | Say::Collected { view, .. }
            | Say::Take { view, .. } => *view,
            _ => self.view,
        };
        if self.shared.strategy.has_master() && view > self.view {
            self.adopt(view, out);
            self.others().filter(|other| *other == self.master()).for_each(|other| self.send(other, Say::Join, out));
        }
        if view < self.view {
            // Of a master that was replaced, or for one.
            return;
        }
        match message {
            Say::Ask(request) => self.ask(request, now_ns, out),
            Say::Update { write, waiting, .. } => self.update(sender, (write, waiting), now_ns, out),
            Say::Ack { value, .. } => self.acked(sender, value, now_ns, out),
            Say::Fetch { id, key } => {
                if self.is_current {
                    self.send(sender, Say::Fetched { id, last: self.last(key) }, out);
                }
            }
            Say::Fetched { id, last } => self.fetched(sender, (id, last), now_ns, out),
            Say::Beat { .. } | Say::Reply { .. } => {}
            Say::Join => {
                let may = !self.shared.strategy.has_master() || self.master() == self.own;
                if self.is_current && may {
                    let store = self.shared.stores[self.own].borrow().clone();
                    self.send(sender, Say::Take { view: self.view, store }, out);
                }
            }
            Say::Collect { view } => {
                let store = self.shared.stores[self.own].borrow().clone();
                self.send(sender, Say::Collected { view, store }, out);
            }
            Say::Collected { store, .. } => {
                if !self.is_current && self.master() == self.own && self.collected.insert(sender) {
                    self.shared.stores[self.own].borrow_mut().merge(&store);
                    if self.shared.strategy.timing == Timing::Quorum {
                        self.begin_if_collected(out);
                    }
                }
            }
            Say::Take { store, .. } => self.join(store, out),
        }
    }

    /// Takes what a view begins with, once.
    fn join(&mut self, store: Store, out: &mut Out) {
        if std::mem::replace(&mut self.is_current, true) {
            return;
        }
        if self.shared.strategy.has_master() {
            self.begin_with(store, out);
        } else {
            // Nobody's writes are dropped.
            self.shared.stores[self.own].borrow_mut().merge(&store);
            self.slot += 1;
            out.persist(self.slot, Some(Record::Whole(self.shared.stores[self.own].borrow().clone())));
        }
    }

    /// Finds what is on the disk, and asks what has happened meanwhile.
    fn restart(&mut self, disk: &Disk<Record>, now_ns: u64, out: &mut Out) {
        *self = Replica::new(std::rc::Rc::clone(&self.shared), ProcessId(self.own as u32));
        self.heard_ns.fill(now_ns);
        let mut store = Store::default();
        for (slot, record) in disk.iter() {
            match record {
                Record::View(view) => self.view = *view,
                Record::Write(write, result) => _ = store.apply(write, *result, self.shared.strategy.is_ordered()),
                Record::Whole(whole) => store = whole.clone(),
            }
            self.slot = self.slot.max(slot);
        }
        self.counter = store.data.values().map(|(stamp, _)| stamp.counter & u64::from(u32::MAX)).max().unwrap_or(0);
        *self.shared.stores[self.own].borrow_mut() = store;
        self.shared.views[self.own].set(self.view);
        self.is_current = false;
        self.restarted_ns = now_ns;
        let collects = self.shared.strategy.has_master() && self.shared.strategy.timing == Timing::Quorum;
        if collects && self.master() == self.own {
            // What a read quorum holds is enough to begin again, whoever has been the master meanwhile.
            self.adopt(self.view + self.shared.replicas() as u64, out);
            self.collected.insert(self.own);
            self.begin_if_collected(out);
        }
        self.tick(now_ns, out);
    }
}

impl Machine for Replica {
    type Message = Say;
    type Record = Record;

    fn step(&mut self, clock_ns: u64, input: Input<Say, Record>, out: &mut Out) {
        match input {
            Input::Start { .. } => {
                self.heard_ns.fill(clock_ns);
                self.tick(clock_ns, out);
            }
            Input::Message { from, message } => self.receive(from, message, clock_ns, out),
            Input::Timer { .. } => self.tick(clock_ns, out),
            Input::Restart { disk, .. } => self.restart(&disk, clock_ns, out),
            Input::Call { .. } => {}
        }
    }
}
