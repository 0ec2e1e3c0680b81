//! Statements on either engine. The features use the macros below `run`.

/// Runs one statement on either engine: `run!(on, sql, query, fetch, bindings…)`. The statement is on the heap: a function
/// with ten of them would be moved around as some ten kilobytes.
macro_rules! run {
    ($on:expr, $sql:expr, $query:expr, $method:ident $(, $arg:expr)*) => {{
        let place = concat!(module_path!(), ":", line!());
        match $crate::platform::db::timed(place, $sql, ($on).lease($crate::platform::db::Access::of($sql))).await {
            (Ok(mut lease), _stopwatch) => {
                let outcome = match lease.connection() {
                    $crate::platform::db::Connection::Sqlite(connection) => {
                        Box::pin($query$(.bind($arg))*.$method(connection)).await
                    }
                    $crate::platform::db::Connection::Postgres(connection) => {
                        let limit = $crate::platform::db::silence_limit();
                        match tokio::time::timeout(limit, Box::pin($query$(.bind($arg))*.$method(connection))).await {
                            Ok(answer) => answer,
                            Err(_) => Err($crate::platform::db::silent()),
                        }
                    }
                };
                lease.done(outcome.as_ref().err());
                outcome
            }
            (Err(error), _) => Err(error),
        }
    }};
}

/// Returns all rows of a query, as `$row`. With `as viewer`, the first six parameters are those of the visibility rule.
macro_rules! fetch_all {
    ($on:expr, $row:ty, $sql:expr, as $viewer:expr $(, $arg:expr)* $(,)?) => {{
        let viewer = $viewer;
        $crate::platform::db::run!(
            $on, $sql, sqlx::query_as::<_, $row>($sql), fetch_all,
            viewer.organization, viewer.member, viewer.all_contacts, viewer.assigned_contacts, viewer.public_channels,
            viewer.only_channel $(, $arg)*
        )
    }};
    ($on:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::platform::db::run!($on, $sql, sqlx::query_as::<_, $row>($sql), fetch_all $(, $arg)*)
    };
}

/// Returns all rows that belong to one of `$ids`, which must not be empty: `$before` ends where the list begins, such
/// as `… WHERE id`.
macro_rules! fetch_all_of {
    ($on:expr, $row:ty, $before:expr, $ids:expr, $after:expr $(,)?) => {
        $crate::platform::db::run!(
            $on,
            $before,
            $crate::platform::db::in_list($before, $ids, $after).build_query_as::<$row>(),
            fetch_all
        )
    };
}

/// Returns the first row of a query, if there is one.
macro_rules! fetch_optional {
    ($on:expr, $row:ty, $sql:expr, as $viewer:expr $(, $arg:expr)* $(,)?) => {{
        let viewer = $viewer;
        $crate::platform::db::run!(
            $on, $sql, sqlx::query_as::<_, $row>($sql), fetch_optional,
            viewer.organization, viewer.member, viewer.all_contacts, viewer.assigned_contacts, viewer.public_channels,
            viewer.only_channel $(, $arg)*
        )
    }};
    ($on:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::platform::db::run!($on, $sql, sqlx::query_as::<_, $row>($sql), fetch_optional $(, $arg)*)
    };
}

/// Returns the only value of a query that always returns one row of one column.
macro_rules! fetch_value {
    ($on:expr, $value:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::platform::db::run!($on, $sql, sqlx::query_scalar::<_, $value>($sql), fetch_one $(, $arg)*)
    };
}

/// Runs a statement. Returns the number of changed rows.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $arg:expr)* $(,)?) => {{
        let place = concat!(module_path!(), ":", line!());
        match $crate::platform::db::timed(place, $sql, ($on).lease($crate::platform::db::Access::Write)).await {
            (Ok(mut lease), _stopwatch) => {
                let outcome = match lease.connection() {
                    $crate::platform::db::Connection::Sqlite(connection) => {
                        let answer = Box::pin(sqlx::query($sql)$(.bind($arg))*.execute(connection));
                        answer.await.map(|done| done.rows_affected())
                    }
                    $crate::platform::db::Connection::Postgres(connection) => {
                        let answer = Box::pin(sqlx::query($sql)$(.bind($arg))*.execute(connection));
                        match tokio::time::timeout($crate::platform::db::silence_limit(), answer).await {
                            Ok(done) => done.map(|done| done.rows_affected()),
                            Err(_) => Err($crate::platform::db::silent()),
                        }
                    }
                };
                lease.done(outcome.as_ref().err());
                outcome
            }
            (Err(error), _) => Err(error),
        }
    }};
}

/// Inserts a row of `$left` and each of `$rights`, unless it exists, in one statement: `$before` ends where the values
/// begin.
macro_rules! insert_pairs {
    ($on:expr, $before:expr, $left:expr, $rights:expr) => {{
        let place = concat!(module_path!(), ":", line!());
        match $crate::platform::db::timed(place, $before, ($on).lease($crate::platform::db::Access::Write)).await {
            (Ok(_), _) if $rights.is_empty() => Ok(()),
            (Ok(mut lease), _stopwatch) => match lease.connection() {
                $crate::platform::db::Connection::Sqlite(connection) => {
                    let mut query = $crate::platform::db::pairs($before, $left, $rights);
                    query.build().persistent(false).execute(connection).await.map(|_| ())
                }
                $crate::platform::db::Connection::Postgres(connection) => {
                    let mut query = $crate::platform::db::pairs($before, $left, $rights);
                    query.build().persistent(false).execute(connection).await.map(|_| ())
                }
            },
            (Err(error), _) => Err(error),
        }
    }};
}

pub(crate) use {execute, fetch_all, fetch_all_of, fetch_optional, fetch_value, insert_pairs, run};
