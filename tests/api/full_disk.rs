//! Where nothing more fits, the answer says so, and nothing is half.

use attache::platform::db::Db;
use futures::future::join_all;
use serde_json::json;

use crate::support::{TestApp, on_both_engines};

on_both_engines![a_database_that_is_full_is_told];

/// From now on the database grows no more.
async fn fill(app: &TestApp) {
    match &app.platform.db {
        Db::Sqlite(pool) => {
            let all = join_all((0..pool.options().get_max_connections()).map(|_| pool.acquire())).await;
            for connection in all {
                let mut connection = connection.expect("a connection");
                sqlx::query("PRAGMA max_page_count = 1").execute(&mut *connection).await.expect("a limit can be set");
            }
        }
        Db::Postgres(_) => {
            let raise = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$";
            app.sql(raise, "").await;
            for table in ["sessions", "messages"] {
                app.sql(&format!("CREATE TRIGGER f BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()"), "").await;
            }
        }
    }
}

async fn a_database_that_is_full_is_told(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    fill(&app).await;
    let sent = owner.send(&channel, &"x".repeat(20_000), &[]).await.refused(503, "unavailable");
    assert!(sent["message"].as_str().unwrap().contains("disk is full"), "{sent}");
    assert!(owner.messages(&channel).await.is_empty());
    if !app.is_local_disk() {
        let log_in = json!({ "email": owner.email, "password": "correct horse battery" });
        app.anonymous().post("/api/auth/log-in", log_in).await.refused(503, "unavailable");
    }
}
