//! Tabs of one browser, without a browser: a lock, a channel, and a server that remembers its events. For tests.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::history::Entry;
use super::tab::{Action, Input, Message, Resume, Step, Tab};
use super::{MAX_CLOCK_SKEW, ServerSent};
use crate::platform::timestamp::Timestamp;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Said(usize),
    Resync,
}

impl ServerSent for Event {
    fn names() -> &'static [&'static str] {
        &[]
    }

    fn read(_: &str, _: &str) -> Option<Self> {
        None
    }

    fn resync() -> Self {
        Self::Resync
    }
}

/// How a tab does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    Runs,
    /// What happens is handled later.
    Frozen,
    /// As in the back/forward cache: messages are lost, and the stream is closed.
    Deaf,
    Closed,
}

/// A report of the browser. Locks are named by the number of their request, as in `driver`.
enum Report {
    Input(Input<Event>),
    Granted(usize),
    Ended(usize),
}

pub struct Page {
    pub tab: Tab<Event>,
    pub activity: Activity,
    reports: VecDeque<Report>,
    pub has_stream: bool,
    is_queued: bool,
    /// The lock of which the page knows.
    lock: Option<usize>,
    pub is_lost: bool,
    /// Number of events that the server had published when the page was rendered.
    pub opened_at: usize,
    pub told: Vec<Event>,
    /// Number of events that the server had published at the last resync.
    pub resynced_at: usize,
}

impl Page {
    fn report(&mut self, input: Input<Event>) {
        self.reports.push_back(Report::Input(input));
    }
}

#[derive(Default)]
pub struct Browser {
    pub pages: Vec<Page>,
    /// The page that has the lock, and the number of its request.
    holder: Option<(usize, usize)>,
    /// Number of requests for the lock that were granted.
    granted: usize,
    queue: VecDeque<usize>,
    /// Number of events that the server has published.
    pub published: usize,
}

/// An event a minute.
pub fn time_of(event: usize) -> Timestamp {
    Timestamp(1_700_000_000_000 + 60_000 * i64::try_from(event).unwrap())
}

pub fn id_of(event: usize) -> String {
    let milliseconds = u64::try_from(time_of(event).0).unwrap();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[7; 10]).into_uuid().to_string()
}

impl Browser {
    pub fn with_tabs(count: usize) -> Self {
        let mut browser = Self::default();
        for _ in 0..count {
            browser.open();
        }
        browser
    }

    pub fn open(&mut self) -> usize {
        let number = self.pages.len();
        // Half a minute after the last event.
        let now = Timestamp(time_of(self.published).0 - 30_000);
        let mut tab = Tab::new(number.to_string(), now, 70_000);
        let step = tab.join();
        self.pages.push(Page {
            tab,
            activity: Activity::Runs,
            reports: VecDeque::new(),
            has_stream: false,
            is_queued: false,
            lock: None,
            is_lost: false,
            opened_at: self.published,
            told: Vec::new(),
            resynced_at: 0,
        });
        self.act(number, step);
        self.run();
        number
    }

    /// Handles reports until there are none.
    pub fn run(&mut self) {
        let ready = |page: &Page| page.activity == Activity::Runs && !page.reports.is_empty();
        let mut steps = 0;
        while let Some(number) = self.pages.iter().position(ready) {
            steps += 1;
            // More would be tabs that post to each other without end.
            assert!(steps < 10_000);
            match self.pages[number].reports.pop_front().unwrap() {
                Report::Input(input) => self.handle(number, input),
                Report::Granted(lock) => {
                    self.pages[number].lock = Some(lock);
                    self.handle(number, Input::Elected);
                }
                Report::Ended(lock) if self.pages[number].lock == Some(lock) => {
                    self.pages[number].lock = None;
                    self.handle(number, Input::Deposed);
                }
                Report::Ended(_) => {}
            }
        }
    }

    pub fn handle(&mut self, number: usize, input: Input<Event>) {
        let step = self.pages[number].tab.handle(input);
        self.act(number, step);
    }

    fn act(&mut self, number: usize, step: Step<Event>) {
        for action in step.actions {
            match action {
                Action::Queue => self.queue(number),
                Action::Steal => {
                    if let Some((holder, lock)) = self.holder.take() {
                        self.pages[holder].reports.push_back(Report::Ended(lock));
                    }
                    self.grant_to(number);
                }
                Action::Release => {
                    let lock = self.pages[number].lock.take();
                    self.release(|holder| Some(holder) == lock.map(|lock| (number, lock)));
                }
                Action::Open(resume) => self.open_stream(number, &resume),
                Action::Close => self.pages[number].has_stream = false,
                Action::Post(message) => self.post(number, &message),
                Action::Tell(event) => {
                    if event == Event::Resync {
                        self.pages[number].resynced_at = self.published;
                    }
                    self.pages[number].told.push(event);
                }
                Action::Lose => self.pages[number].is_lost = true,
                Action::Find => self.pages[number].is_lost = false,
            }
        }
    }

    fn queue(&mut self, number: usize) {
        if !std::mem::replace(&mut self.pages[number].is_queued, true) {
            self.queue.push_back(number);
            self.grant();
        }
    }

    fn release(&mut self, is_released: impl Fn((usize, usize)) -> bool) {
        if self.holder.take_if(|holder| is_released(*holder)).is_some() {
            self.grant();
        }
    }

    fn grant(&mut self) {
        if self.holder.is_none()
            && let Some(next) = self.queue.pop_front()
        {
            self.pages[next].is_queued = false;
            self.grant_to(next);
        }
    }

    fn grant_to(&mut self, number: usize) {
        self.granted += 1;
        self.holder = Some((number, self.granted));
        self.pages[number].reports.push_back(Report::Granted(self.granted));
    }

    fn post(&mut self, sender: usize, message: &Message<Event>) {
        // As between tabs.
        let text = serde_json::to_string(message).unwrap();
        for (number, page) in self.pages.iter_mut().enumerate() {
            if number != sender && page.activity != Activity::Deaf {
                page.report(Input::Message(serde_json::from_str(&text).unwrap()));
            }
        }
    }

    fn open_stream(&mut self, number: usize, resume: &Resume) {
        let first = match resume {
            Resume::Now => self.published,
            Resume::After(id) => (0..self.published).position(|event| id_of(event) == *id).unwrap() + 1,
            Resume::Since(moment) => {
                let moment = moment.minus(MAX_CLOCK_SKEW);
                (0..self.published).position(|event| time_of(event) >= moment).unwrap_or(self.published)
            }
        };
        self.pages[number].has_stream = true;
        self.pages[number].report(Input::StreamOpen);
        for event in first..self.published {
            self.pages[number].report(stream_event(event));
        }
    }

    pub fn publish(&mut self) {
        let event = self.published;
        self.published += 1;
        for page in self.pages.iter_mut().filter(|page| page.has_stream) {
            page.report(stream_event(event));
        }
        self.run();
    }

    pub fn stop(&mut self, number: usize, activity: Activity) {
        let page = &mut self.pages[number];
        if page.activity == Activity::Closed || page.activity != Activity::Runs && activity != Activity::Closed {
            return;
        }
        page.activity = activity;
        if activity != Activity::Frozen && std::mem::take(&mut page.has_stream) {
            page.report(Input::StreamLost { is_closed: true });
        }
        if activity == Activity::Closed {
            self.queue.retain(|waiting| *waiting != number);
            self.release(|(holder, _)| holder == number);
        }
        self.run();
    }

    pub fn show(&mut self, number: usize) {
        self.pages[number].report(Input::Shown);
        self.wake(number);
    }

    /// Lets a page run again before it is shown.
    pub fn wake(&mut self, number: usize) {
        let page = &mut self.pages[number];
        if page.activity != Activity::Closed {
            page.activity = Activity::Runs;
            self.run();
        }
    }

    pub fn time_out(&mut self, number: usize) {
        if self.pages[number].activity == Activity::Runs {
            self.handle(number, Input::Timeout);
            self.run();
        }
    }

    /// Breaks the stream of the leader.
    pub fn cut(&mut self) {
        for page in self.pages.iter_mut().filter(|page| page.has_stream) {
            page.has_stream = false;
            page.report(Input::StreamLost { is_closed: true });
        }
        self.run();
    }

    /// The pages with a stream.
    pub fn leaders(&self) -> Vec<usize> {
        let has_stream = |(_, page): &(usize, &Page)| page.has_stream && page.activity != Activity::Closed;
        self.pages.iter().enumerate().filter(has_stream).map(|(number, _)| number).collect()
    }

    pub fn told(&self, number: usize) -> &[Event] {
        &self.pages[number].told
    }
}

pub fn stream_event(event: usize) -> Input<Event> {
    Input::StreamEvent(Entry { id: id_of(event), event: Event::Said(event) })
}
