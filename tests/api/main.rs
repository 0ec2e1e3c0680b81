//! The API from outside: the real router on a real socket, the same tests on SQLite + local disk and on
//! PostgreSQL + Garage. Run them with `scripts/with-engines.sh cargo test --features server`.

mod sessions;
mod support;
