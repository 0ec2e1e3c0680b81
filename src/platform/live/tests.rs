//! Tests of many tabs at once.

use proptest::prelude::*;
use uuid::Uuid;

use super::history::Entry;
use super::simulated_browser::{Activity, Browser, Event, id_of, stream_event, time_of};
use super::tab::{Action, Input, Resume, Tab};
use crate::platform::timestamp::Timestamp;

#[test]
fn ten_tabs_have_one_stream() {
    let mut browser = Browser::with_tabs(10);
    browser.publish();
    browser.publish();
    assert_eq!(browser.leaders(), [0]);
    for number in 0..10 {
        assert_eq!(browser.told(number), [Event::Said(0), Event::Said(1)], "{number}");
    }
}

#[test]
fn a_closed_leader_is_replaced_without_a_resync() {
    let mut browser = Browser::with_tabs(3);
    browser.publish();
    // Nobody listens when this is published.
    browser.pages[0].has_stream = false;
    browser.publish();
    browser.stop(0, Activity::Closed);
    browser.publish();
    assert_eq!(browser.leaders(), [1]);
    for number in 1..3 {
        assert_eq!(browser.told(number), [Event::Said(0), Event::Said(1), Event::Said(2)]);
    }
}

#[test]
fn a_late_tab_receives_the_events_since_it_was_rendered() {
    let mut browser = Browser::with_tabs(2);
    browser.publish();
    browser.stop(0, Activity::Frozen);
    let late = browser.open();
    browser.publish();
    assert_eq!(browser.told(late), []);
    browser.show(0);
    assert_eq!(browser.told(late), [Event::Said(1)]);
}

#[test]
fn a_tab_asks_again_if_the_leader_closes() {
    let mut browser = Browser::with_tabs(2);
    browser.stop(0, Activity::Frozen);
    let late = browser.open();
    browser.publish();
    browser.stop(0, Activity::Closed);
    assert_eq!(browser.told(late), [Event::Said(0)]);
    let actions = browser.pages[late].tab.handle(Input::Timeout).actions;
    assert!(!actions.contains(&Action::Steal), "{actions:?}");
}

#[test]
fn a_tab_with_an_older_page_than_the_leader_loads_everything_again() {
    let mut browser = Browser::default();
    browser.publish();
    let opened_at = Timestamp(time_of(0).0 - 30_000);
    browser.open();
    let mut old = Tab::<Event>::new("old".to_owned(), opened_at, 70_000);
    let Some(Action::Post(join)) = old.join().actions.pop() else { panic!("no request") };
    let Some(Action::Post(welcome)) = browser.pages[0].tab.handle(Input::Message(join)).actions.pop() else {
        panic!("no response")
    };
    assert_eq!(old.handle(Input::Message(welcome)).actions, [Action::Tell(Event::Resync)]);
}

#[test]
fn a_frozen_leader_is_replaced() {
    let mut browser = Browser::with_tabs(3);
    browser.stop(0, Activity::Frozen);
    browser.publish();
    browser.show(1);
    assert_eq!(browser.told(1), []);
    browser.time_out(1);
    assert_eq!(browser.told(1), [Event::Said(0)]);
    assert_eq!(browser.told(2), [Event::Said(0)]);
    browser.show(0);
    assert_eq!(browser.leaders(), [1]);
    browser.publish();
    for number in 0..3 {
        assert_eq!(browser.told(number), [Event::Said(0), Event::Said(1)], "{number}");
    }
}

#[test]
fn a_restored_tab_receives_what_it_missed() {
    let mut browser = Browser::with_tabs(2);
    browser.publish();
    browser.stop(1, Activity::Deaf);
    browser.publish();
    browser.publish();
    browser.show(1);
    assert_eq!(browser.told(1), [Event::Said(0), Event::Said(1), Event::Said(2)]);
}

#[test]
fn a_lost_message_is_noticed_with_the_next_one() {
    let mut browser = Browser::with_tabs(2);
    browser.stop(1, Activity::Deaf);
    browser.publish();
    browser.wake(1);
    browser.publish();
    assert!(browser.told(1).contains(&Event::Said(0)));
    browser.stop(1, Activity::Deaf);
    browser.publish();
    browser.wake(1);
    browser.handle(0, Input::StreamHeartbeat);
    browser.run();
    assert_eq!(browser.told(1).last(), Some(&Event::Said(2)));
}

#[test]
fn a_lost_stream_is_shown_in_all_tabs() {
    let mut browser = Browser::with_tabs(3);
    browser.cut();
    assert!(browser.pages.iter().all(|page| page.is_lost));
    // A new page sees it too.
    let late = browser.open();
    assert!(browser.pages[late].is_lost);
    browser.publish();
    browser.time_out(0);
    assert!(browser.pages.iter().all(|page| !page.is_lost));
    for number in 0..4 {
        assert_eq!(browser.told(number), [Event::Resync], "{number}");
    }
    // Only once: the position after the gap is known.
    browser.show(2);
    assert_eq!(browser.told(2), [Event::Resync]);
    browser.publish();
    let next = browser.open();
    assert_eq!(browser.told(next), []);
}

#[test]
fn a_message_of_another_version_causes_a_resync() {
    let mut browser = Browser::with_tabs(2);
    browser.handle(0, Input::UnknownMessage);
    browser.handle(1, Input::UnknownMessage);
    assert_eq!(browser.told(0), []);
    assert_eq!(browser.told(1), [Event::Resync]);
}

#[test]
fn a_tab_without_others_has_a_stream_of_its_own() {
    let mut tab = Tab::<Event>::new("alone".to_owned(), time_of(0), 70_000);
    let actions = tab.handle(Input::Elected).actions;
    assert!(actions.contains(&Action::Open(Resume::Since(time_of(0)))), "{actions:?}");
    assert_eq!(tab.handle(Input::StreamLost { is_closed: true }).timeout, Some(3000));
}

#[test]
fn ids_of_resyncs_name_the_last_id_of_the_server() {
    let mut tab = Tab::<Event>::new("alone".to_owned(), time_of(0), 70_000);
    tab.handle(Input::Elected);
    tab.handle(stream_event(3));
    let resync = Input::StreamEvent(Entry { id: id_of(3), event: Event::Resync });
    for _ in 0..2 {
        tab.handle(resync.clone());
    }
    tab.handle(Input::Deposed);
    let actions = tab.handle(Input::Elected).actions;
    assert!(actions.contains(&Action::Open(Resume::After(id_of(3)))), "{actions:?}");
    assert!(id_of(3).parse::<Uuid>().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    /// Tabs open, close, freeze and come back in any order, and streams break: every page receives each event, or loads
    /// everything again after it.
    #[test]
    fn no_tab_misses_an_event(steps in proptest::collection::vec((0..12_u8, 0..6_usize), 0..60)) {
        let mut browser = Browser::with_tabs(1);
        for (step, number) in steps {
            let number = number % browser.pages.len();
            match step {
                0 => {
                    browser.open();
                }
                1 => browser.stop(number, Activity::Closed),
                2 => browser.stop(number, Activity::Frozen),
                3 => browser.stop(number, Activity::Deaf),
                4 => browser.show(number),
                5 | 6 => browser.time_out(number),
                7 => browser.cut(),
                8 => browser.wake(number),
                _ => browser.publish(),
            }
        }
        // Everything comes back: a page that does not hear from its leader, and a lost stream, have a timeout.
        for round in 0..4 {
            for number in 0..browser.pages.len() {
                browser.show(number);
                if round > 0 && browser.leaders().is_empty() {
                    browser.time_out(number);
                }
            }
        }
        browser.publish();
        let open = browser.pages.iter().filter(|page| page.activity == Activity::Runs);
        prop_assert_eq!(browser.leaders().len(), open.clone().count().min(1));
        for page in open {
            prop_assert!(!page.is_lost);
            for event in page.opened_at.max(page.resynced_at)..browser.published {
                prop_assert!(page.told.contains(&Event::Said(event)), "{} is missing: {:?}", event, page.told);
            }
        }
    }
}
