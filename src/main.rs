//! The entry points: the browser launches [`App`], the server runs [`attache::server`].

#[cfg(feature = "server")]
fn main() -> std::process::ExitCode {
    attache::server::main()
}

#[cfg(not(feature = "server"))]
fn main() {
    attache::pages::when_ready(launch);
}

#[cfg(not(feature = "server"))]
fn launch() {
    use attache::app::App;
    attache::ui::back_button::listen();
    // A release omits Dioxus' logger; panics are still written to the console.
    if cfg!(debug_assertions) {
        dioxus::launch(App);
    } else {
        dioxus::web::launch::launch(App, Vec::new(), Vec::new());
    }
}
