//! Connects a [`Tab`] to the browser: the stream, the lock, and the channel to the other tabs.

use dioxus::prelude::spawn;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use futures_util::future::{Either, select};

use super::history::Entry;
use super::tab::{Action, Input, Message, Resume, STREAM_TIMEOUT, Step, Tab};
use super::{HEARTBEAT, Live, OpenedPage, ServerSent, tell};
use crate::platform::browser::{self, LockMode, StreamSignal};

/// Maximum time by which the silence timeouts of two tabs differ, in milliseconds.
const MAX_TIMEOUT_DIFFERENCE: u32 = 15_000;

/// A report of the browser.
enum Signal<E> {
    Input(Input<E>),
    /// Locks are named by the number of their request.
    Granted(u32, browser::Lock),
    Refused(u32),
    Ended(u32),
}

/// Receives events for the components of this tab, until the app is unmounted.
pub fn connect<E: ServerSent>(live: Live<E>) {
    let (sender, signals) = unbounded();
    spawn(Driver::new(live, sender).run(signals));
}

struct Driver<E: ServerSent> {
    live: Live<E>,
    tab: Tab<E>,
    signals: UnboundedSender<Signal<E>>,
    /// The query of the page's session and member.
    identity: String,
    /// The name of lock and channel. Tabs of another session or member have another one, so events stay among those that
    /// may receive them.
    name: String,
    channel: Option<browser::TabChannel>,
    stream: Option<browser::EventStream>,
    lock: Option<(u32, browser::Lock)>,
    /// The request that waits for the lock.
    queued: Option<u32>,
    /// Number of requests so far.
    requests: u32,
    _shown: browser::ShownListener,
}

impl<E: ServerSent> Driver<E> {
    fn new(live: Live<E>, signals: UnboundedSender<Signal<E>>) -> Self {
        let OpenedPage { at, session, member } = live.connection.page;
        let silence_timeout = STREAM_TIMEOUT + browser::random(MAX_TIMEOUT_DIFFERENCE).cast_signed();
        let shown = signals.clone();
        Self {
            tab: Tab::new(browser::random(u32::MAX).to_string(), at, silence_timeout),
            identity: format!("session={session}&member={member}"),
            name: format!("attache-live/{session}/{member}"),
            channel: None,
            stream: None,
            lock: None,
            queued: None,
            requests: 0,
            _shown: browser::ShownListener::open(move || send(&shown, Input::Shown)),
            live,
            signals,
        }
    }

    async fn run(mut self, mut signals: UnboundedReceiver<Signal<E>>) {
        let mut step = self.begin();
        let mut timeout = Box::pin(browser::sleep(STREAM_TIMEOUT));
        loop {
            step.actions.into_iter().for_each(|action| self.act(action));
            if let Some(milliseconds) = step.timeout {
                timeout = Box::pin(browser::sleep(milliseconds));
            }
            step = match select(signals.next(), &mut timeout).await {
                Either::Left((Some(signal), _)) => self.receive(signal),
                Either::Left((None, _)) => return,
                Either::Right(_) => self.tab.handle(Input::Timeout),
            };
        }
    }

    /// Joins the other tabs. Without locks or channels, as on plain http, the tab has a stream of its own.
    fn begin(&mut self) -> Step<E> {
        let signals = self.signals.clone();
        self.channel = browser::TabChannel::open(&self.name, move |text| {
            let message = serde_json::from_slice(text.as_bytes());
            send(&signals, message.map_or(Input::UnknownMessage, Input::Message));
        });
        if self.channel.is_some() && self.queue() {
            return self.tab.join();
        }
        self.channel = None;
        self.tab.handle(Input::Elected)
    }

    fn receive(&mut self, signal: Signal<E>) -> Step<E> {
        let input = match signal {
            Signal::Input(input) => Some(input),
            Signal::Granted(number, lock) => {
                if self.queued == Some(number) {
                    self.queued = None;
                }
                self.lock = Some((number, lock));
                Some(Input::Elected)
            }
            // Repeated with the next request for missed events.
            Signal::Refused(number) if self.queued == Some(number) => {
                self.queued = None;
                None
            }
            // This browser's locks don't work: the tab has a stream of its own.
            Signal::Refused(_) => Some(Input::Elected),
            Signal::Ended(number) => self.lock.take_if(|(current, _)| *current == number).map(|_| Input::Deposed),
        };
        input.map_or(Step { actions: Vec::new(), timeout: None }, |input| self.tab.handle(input))
    }

    fn act(&mut self, action: Action<E>) {
        match action {
            Action::Queue => {
                self.queue();
            }
            Action::Steal => {
                self.request_lock(LockMode::Steal);
            }
            Action::Release => {
                self.lock = None;
                self.live.connection.set_leads(false);
            }
            Action::Open(resume) => {
                self.live.connection.set_leads(true);
                self.open(&resume);
            }
            Action::Close => self.stream = None,
            Action::Post(message) => self.post(&message),
            Action::Tell(event) => tell(&self.live, &event),
            Action::Lose => self.live.connection.lose(),
            Action::Find => self.live.connection.find(),
        }
    }

    fn post(&self, message: &Message<E>) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(message)) {
            channel.post(&text);
        }
    }

    /// Waits for the lock, once. Returns whether the browser has locks.
    fn queue(&mut self) -> bool {
        if self.queued.is_none() && self.request_lock(LockMode::Queue) {
            self.queued = Some(self.requests);
        }
        self.queued.is_some()
    }

    /// Requests the lock. Returns whether the browser has locks.
    fn request_lock(&mut self, mode: LockMode) -> bool {
        let Some(request) = browser::request_lock(&self.name, mode) else { return false };
        self.requests += 1;
        let (number, signals) = (self.requests, self.signals.clone());
        spawn(async move {
            let Some((lock, end)) = request.await else {
                let _ = signals.unbounded_send(Signal::Refused(number));
                return;
            };
            let _ = signals.unbounded_send(Signal::Granted(number, lock));
            end.wait().await;
            let _ = signals.unbounded_send(Signal::Ended(number));
        });
        true
    }

    fn open(&mut self, resume: &Resume) {
        let from = match resume {
            Resume::Now => String::new(),
            Resume::After(id) => format!("after={id}&"),
            Resume::Since(moment) => format!("since={}&", moment.to_rfc3339()),
        };
        let address = format!("/api/events?{from}{}", self.identity);
        let names = E::names().iter().copied().chain([HEARTBEAT]);
        let signals = self.signals.clone();
        self.stream = browser::EventStream::open(&address, names, move |signal| send(&signals, read(signal)));
        if self.stream.is_none() {
            send(&self.signals, Input::StreamLost { is_closed: true });
        }
    }
}

fn send<E>(signals: &UnboundedSender<Signal<E>>, input: Input<E>) {
    let _ = signals.unbounded_send(Signal::Input(input));
}

fn read<E: ServerSent>(signal: StreamSignal) -> Input<E> {
    match signal {
        StreamSignal::Open => Input::StreamOpen,
        StreamSignal::Lost { is_closed } => Input::StreamLost { is_closed },
        StreamSignal::Event { name: HEARTBEAT, .. } => Input::StreamHeartbeat,
        StreamSignal::Event { name, id, data } => {
            // An event of another version of the server can have any meaning.
            Input::StreamEvent(Entry { id, event: E::read(name, &data).unwrap_or_else(E::resync) })
        }
    }
}
