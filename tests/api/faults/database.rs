//! The database: each writing or locking statement of each request, with each fault. Clients are told at once that they
//! can retry; acknowledged requests are done completely, and a retry has the same result.

use std::time::Duration;

use futures::future::join_all;

use super::acts::{Act, Again, SHARED_ROUTES, World, counts, routes};
use crate::support::{Answer, Fault, Statements, TestApp, on_both_engines};

on_both_engines![requests_that_find_no_connection_do_nothing];

/// Faults of each statement.
const FAULTS: [Fault; 3] = [Fault::Cut, Fault::Lost, Fault::Raised("")];
/// PostgreSQL's errors, in rotation: a serialization failure, a deadlock, a read-only server, a full disk.
const RAISED: [&str; 4] = ["40001", "40P01", "25006", "53100"];

/// Requests with several transactions, of which the first ones may be done when a later one fails.
const IN_STEPS: [&str; 3] = ["POST /api/auth/sign-up", "POST /api/invites/accept", "POST /api/auth/password-reset"];

/// Returns how many more rows each table has than before.
fn difference(before: &[(&'static str, i64)], now: &[(&'static str, i64)]) -> Vec<(&'static str, i64)> {
    let differences = before.iter().zip(now).map(|((table, before), (_, now))| (*table, now - before));
    differences.filter(|(_, difference)| *difference != 0).collect()
}

/// Returns whether a response says that the request can be retried.
fn says_try_again(answer: &Answer) -> bool {
    let seconds = answer.header("retry-after").parse::<u32>();
    answer.status == 503 && answer.json()["data"]["kind"] == "unavailable" && seconds.is_ok_and(|seconds| seconds > 0)
}

/// Repeats a request that may be done. Returns what is wrong with the response or with the data.
async fn repeat(app: &TestApp, act: &Act, again: Again, was_done: bool) -> Option<String> {
    let before = act.rows(app).await;
    let mut answer = act.send().await;
    if answer.status == 409 && answer.json()["data"]["retryAfter"].is_u64() {
        // The lease of the first attempt must expire.
        app.advance(Duration::from_mins(3));
        answer = act.send().await;
    }
    let changed = act.rows(app).await != before;
    let (is_right, must_change) = match again {
        _ if !was_done => (answer.status < 300, true),
        Again::Same => (answer.status < 300, false),
        Again::Twice => (answer.status < 300, true),
        Again::Refused(status) => (answer.status == status, false),
    };
    (!is_right || must_change != changed)
        .then(|| format!("sent again: {}, changed: {changed}: {}", answer.status, answer.text()))
}

/// What a request does to the tables without a fault.
struct Whole {
    once: Vec<(&'static str, i64)>,
    /// Including its repetition.
    again: Vec<(&'static str, i64)>,
}

/// All requests with all faults.
struct Trial<'a> {
    world: World<'a>,
    statements: Statements,
    /// What was wrong.
    wrong: Vec<String>,
    /// Number of statements that met a fault.
    met: usize,
}

impl Trial<'_> {
    async fn undisturbed(&mut self, route: &'static str, again: Again) -> Whole {
        let (app, act) = (self.world.app, self.world.prepare(route).await);
        let (before, rows) = (counts(app).await, act.rows(app).await);
        let answer = act.send().await;
        let once = difference(&before, &counts(app).await);
        if answer.status >= 300 || act.rows(app).await == rows {
            self.wrong.push(format!("{route}: {}: {}", answer.status, answer.text()));
        }
        self.wrong.extend(repeat(app, &act, again, true).await.map(|wrong| format!("{route}: {wrong}")));
        Whole { once, again: difference(&before, &counts(app).await) }
    }

    /// Sends the request with a fault at one of its statements. Returns `false` if it has fewer.
    async fn meets(
        &mut self,
        (route, again): (&'static str, Again),
        whole: &Whole,
        fault: Fault,
        statement: usize,
    ) -> bool {
        let app = self.world.app;
        let fault = if let Fault::Raised(_) = fault { Fault::Raised(RAISED[self.met % RAISED.len()]) } else { fault };
        let act = self.world.prepare(route).await;
        let (before, rows) = (counts(app).await, act.rows(app).await);
        self.statements.plan(fault, statement);
        let answer = act.send().await;
        let Some(statement) = self.statements.end() else { return false };
        self.met += 1;
        let mut note = |what: String| self.wrong.push(format!("{route}: {fault:?} at {statement}: {what}"));
        let is_done = act.rows(app).await != rows;
        let is_acknowledged = answer.status < 300;
        let is_told = if is_acknowledged { is_done } else { says_try_again(&answer) };
        if !is_told {
            note(format!("{}, done: {is_done}, {:?}: {}", answer.status, answer.headers, answer.text()));
        }
        if is_done && !is_acknowledged && !matches!(fault, Fault::Lost) && !IN_STEPS.contains(&route) {
            note("it is done, and only a part of it failed".to_owned());
        }
        let there = difference(&before, &counts(app).await);
        if is_done && there != whole.once {
            note(format!("{there:?} and not {:?} are there", whole.once));
        }
        if is_acknowledged {
            return true;
        }
        if let Some(what) = repeat(app, &act, again, is_done).await {
            note(what);
        }
        let expected = if is_done { &whole.again } else { &whole.once };
        let there = difference(&before, &counts(app).await);
        if there != *expected {
            note(format!("{there:?} and not {expected:?} are there in the end"));
        }
        true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_the_database_halves_or_loses_a_request() {
    let (app, statements) = TestApp::start_behind_statements().await;
    let mut trial = Trial { world: World::new(&app).await, statements, wrong: Vec::new(), met: 0 };
    for (route, again) in routes() {
        let whole = trial.undisturbed(route, again).await;
        for fault in FAULTS {
            let mut statement = 0;
            while trial.meets((route, again), &whole, fault, statement).await {
                statement += 1;
            }
        }
    }
    // Each statement of the others meets one fault: requests above have met the rest.
    for (route, again) in SHARED_ROUTES.iter().copied() {
        let whole = trial.undisturbed(route, again).await;
        let mut statement = 0;
        while trial.meets((route, again), &whole, FAULTS[trial.met % FAULTS.len()], statement).await {
            statement += 1;
        }
    }
    let Trial { wrong, met, .. } = trial;
    assert!(wrong.is_empty(), "{} of {met}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(met > 5 * routes().count(), "only {met} statements met a fault");
}

async fn requests_that_find_no_connection_do_nothing(app: TestApp) {
    let world = World::new(&app).await;
    let mut acts = Vec::new();
    for (route, _) in routes().chain(SHARED_ROUTES.iter().copied()) {
        acts.push((route, world.prepare(route).await));
    }
    let mut rows = Vec::new();
    for (_, act) in &acts {
        rows.push(act.rows(&app).await);
    }
    let before = counts(&app).await;
    // All connections.
    let mut held = Vec::new();
    while let Ok(Ok(transaction)) = tokio::time::timeout(Duration::from_secs(1), app.platform.db.begin()).await {
        held.push(transaction);
    }
    let answers = join_all(acts.iter().map(|(_, act)| act.send())).await;
    drop(held);
    for (((route, act), rows), answer) in acts.iter().zip(rows).zip(answers) {
        assert!(says_try_again(&answer), "{route}: {} {}", answer.status, answer.text());
        assert_eq!(act.rows(&app).await, rows, "{route}");
    }
    assert_eq!(difference(&before, &counts(&app).await), []);
}
