//! Two doors: the browser launches [`App`], the server runs [`attache::platform::server`].

#[cfg(feature = "server")]
fn main() -> std::process::ExitCode {
    attache::platform::server::main()
}

#[cfg(not(feature = "server"))]
fn main() {
    dioxus::launch(attache::app::App);
}
