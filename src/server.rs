//! The server: start, routes, stop.

use std::process::ExitCode;
use std::sync::LazyLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post, put};
use clap::{CommandFactory, FromArgMatches};
use dioxus::prelude::{DioxusRouterExt, Routable, ServeConfig};
use dioxus::router::SegmentType;
use dioxus::server::FullstackState;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;

use crate::admin::audit_log::csv::export_audit_entries;
use crate::admin::{accounts_command, backup, metrics, moving, verify};
use crate::app::Route;
use crate::channels::event_stream::stream_events;
use crate::conversations::contact_data::export::export_contact;
use crate::conversations::file_requests::public::{
    complete_request_upload, fail_request_upload, post_request, presign_request_parts, presign_request_upload,
    remove_request_upload, request_logo, request_upload, retry_request_upload, send_request, show_request,
    uploaded_request_parts,
};
use crate::files::attachments::serve::{serve_attachment, serve_page, serve_remote_preview, serve_thumbnail};
use crate::files::library::zip::{zip_channel, zip_message, zip_selection};
use crate::files::pictures::serve::serve_picture;
use crate::files::sharing::public::{enter_password, share_file, share_logo, share_page, share_thumbnail, share_zip};
use crate::files::uploads::receive::receive_upload;
use crate::jobs::JOBS;
use crate::people::contacts::import::export::export_contacts;
use crate::people::contacts::import::upload::preview_contacts;
use crate::platform::allocator;
use crate::platform::config::{Cli, Command, Config, changed_settings};
use crate::platform::db::ServerLock;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::http::{Routes, with_common_layers, with_small_bodies, with_streamed_bodies};
use crate::platform::private_folder::keep_private;
use crate::platform::routes::server::payloads::BadQuery;
use crate::platform::sandbox::{program, worker};
use crate::platform::serve::serve;
use crate::platform::storage::signed_url::UPLOAD_PATH;
use crate::platform::telemetry::request::observe;
use crate::platform::telemetry::{logs, recorder};
use crate::platform::{Platform, jobs, moves, readiness};

/// Runs the command of the command line.
pub fn main() -> ExitCode {
    keep_private();
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match &cli.command {
        Some(Command::MediaWorker) => return worker::serve(crate::files::media::handle),
        Some(Command::ConfinedProgram(confined)) => return program::become_program(confined),
        _ => allocator::configure(),
    }
    let config = match cli.settings.check() {
        Ok(config) => config,
        Err(error) => {
            eprintln!("attache: {error}");
            return ExitCode::from(2);
        }
    };
    logs::start(config.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("attache: failed to start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let command = cli.command.unwrap_or(Command::Serve);
    if matches!(command, Command::Doctor) {
        let works = runtime.block_on(crate::admin::doctor::run(&config));
        return if works { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    match runtime.block_on(run_beside(&config, &command)) {
        Ok(None) => {}
        Ok(Some(true)) => return ExitCode::SUCCESS,
        Ok(Some(false)) => return ExitCode::FAILURE,
        Err(error) => {
            eprintln!("attache: {error:#}");
            return ExitCode::FAILURE;
        }
    }
    match runtime.block_on(run(config, command, &changed_settings(&matches))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("attache: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command whose result is an exit status, or that must not open the installation first. Returns `None` for any
/// other command.
async fn run_beside(config: &Config, command: &Command) -> anyhow::Result<Option<bool>> {
    Ok(Some(match command {
        Command::Backup { target, check: true } => backup::run_check(config, target.as_deref()).await?,
        Command::Restore { source, name } => {
            backup::run_restore(config, source, name.as_deref()).await?;
            true
        }
        Command::Move(settings) => {
            moving::run_command(config, settings).await?;
            true
        }
        Command::Verify { sizes, repair } => {
            let platform = Platform::open(config.clone()).await?;
            let is_sound = verify::run(&platform, !sizes, *repair).await?;
            platform.db.close().await;
            is_sound
        }
        _ => return Ok(None),
    }))
}

async fn run(config: Config, command: Command, settings: &str) -> anyhow::Result<()> {
    allow_open_files();
    let (address, grace) = (config.address, config.shutdown_timeout);
    let mut server_lock = None;
    if matches!(command, Command::Serve | Command::Demo) {
        let (version, database, storage) = (env!("CARGO_PKG_VERSION"), config.database.kind(), config.storage.kind());
        tracing::info!(version, database, storage, settings, "starting");
        server_lock = Some(ServerLock::acquire(&config.database, config.shutdown_timeout).await?);
    }
    let platform = Platform::open(config).await?;
    match &command {
        Command::Demo => crate::admin::demo::fill(&platform).await?,
        Command::Quota { organization, size } => {
            return crate::admin::quota_command::run(&platform, organization.as_deref().zip(size.as_deref())).await;
        }
        Command::Accounts => return accounts_command::list(&platform).await,
        Command::DisableAccount { email } => return accounts_command::disable(&platform, email).await,
        Command::EnableAccount { email } => return accounts_command::enable(&platform, email).await,
        Command::ResetPassword { email } => {
            return crate::people::organizations::password_resets::run(&platform, email).await;
        }
        Command::Backup { target, .. } => return backup::run(&platform, target.as_deref()).await,
        Command::InviteOrganization => return crate::people::organizations::sign_up::run(&platform).await,
        _ => {}
    }
    jobs::start(&platform, JOBS).await?;
    metrics::describe();
    tokio::spawn(recorder::upkeep(platform.clone()));
    tokio::spawn(moves::watch(platform.clone()));
    serve_metrics(&platform).await?;
    let router = router(&platform, pages());
    let listener = TcpListener::bind(address).await.map_err(|error| {
        anyhow::anyhow!("Cannot listen on {address} ({error}). Set IP and PORT to an unused address.")
    })?;
    crate::people::organizations::sign_up::announce(&platform);
    tokio::spawn(warn_of_storage(platform.clone()));
    tracing::info!("Attaché is at http://{}", listener.local_addr()?);
    let stop = platform.clone();
    let serving = serve(listener, router, platform.config.connections, async move { stop.stopping().await }, grace);
    let serving = tokio::spawn(serving);
    tokio::select! {
        () = wait_for_signal() => {}
        () = platform.stopping() => {}
    }
    let (requests, event_streams) = (running(&platform), platform.event_streams.total());
    tracing::info!(requests, event_streams, "stopping");
    platform.stop();
    // A remaining connection is closed, which leaves no write incomplete.
    let _ = serving.await;
    let (requests_cut, jobs_cut) = (running(&platform), platform.jobs_running.load(Ordering::Relaxed));
    if requests_cut + jobs_cut > 0 {
        tracing::warn!(requests_cut, jobs_cut, "stopped before all was done");
    } else {
        tracing::info!(requests_cut, jobs_cut, "stopped");
    }
    platform.db.close().await;
    drop(server_lock);
    Ok(())
}

/// Logs why uploads will fail although the server starts, and what to do.
async fn warn_of_storage(platform: Platform) {
    let problems = [platform.config.blocked_store(), platform.storage.write_problem().await];
    for problem in problems.into_iter().flatten() {
        tracing::error!("uploads will fail: {problem}");
    }
}

fn running(platform: &Platform) -> usize {
    platform.requests_running.load(Ordering::Relaxed)
}

/// Serves the metrics on an address of their own, where one is set.
async fn serve_metrics(platform: &Platform) -> anyhow::Result<()> {
    let Some(address) = platform.config.metrics.address else { return Ok(()) };
    let listener = TcpListener::bind(address).await.map_err(|error| {
        anyhow::anyhow!("Cannot listen on {address} ({error}). Set METRICS_ADDR to an unused address.")
    })?;
    let open = get(|platform: Platform| metrics::open(platform, JOBS));
    let router = Router::new().route("/metrics", open).layer(axum::Extension(platform.clone()));
    let router = observe(router, platform, |_| "/{*page}");
    let (stop, limits) = (platform.clone(), platform.config.connections);
    tracing::info!("metrics are at http://{}/metrics", listener.local_addr()?);
    tokio::spawn(serve(listener, router, limits, async move { stop.stopping().await }, Duration::ZERO));
    Ok(())
}

/// Raises the limit of open files: each open page needs a connection, and shells and systemd allow only 1,024 open
/// files by default.
fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::debug!(%error, "the limit on open files could not be raised");
    }
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Returns the pages with their assets, rendered here and hydrated in the browser.
fn pages() -> Router {
    Router::new()
        .serve_static_assets()
        .fallback(get(FullstackState::render_handler))
        .with_state(FullstackState::new(ServeConfig::new(), crate::app::App))
}

/// Returns all routes. Tests pass an empty `pages` and get the real rest.
pub fn router(platform: &Platform, pages: Router) -> Router {
    let server_functions = Router::new().register_server_functions().with_state(FullstackState::headless());
    let server_functions = server_functions.layer(from_fn(authenticate_before_query));
    let api = Router::new()
        .route("/api/messages/attachments/{id}", get(serve_attachment))
        .route("/api/messages/attachments/{id}/thumbnail", get(serve_thumbnail))
        .route("/api/messages/attachments/{id}/pages/{number}", get(serve_page))
        .route("/api/messages/remote-previews/{id}", get(serve_remote_preview))
        .route("/api/messages/{id}/zip", get(zip_message))
        .route("/api/channels/{id}/zip", get(zip_channel))
        .route("/api/files/zip", post(zip_selection))
        .route("/api/pictures/{id}", get(serve_picture))
        .route("/api/audit-entries.csv", get(export_audit_entries))
        .route("/s/{token}", get(share_page).post(enter_password))
        .route("/s/{token}/zip", get(share_zip))
        .route("/s/{token}/logo", get(share_logo))
        .route("/s/{token}/{file}", get(share_file))
        .route("/s/{token}/{file}/thumbnail", get(share_thumbnail))
        .route("/r/{token}", get(show_request))
        .route("/r/{token}/logo", get(request_logo))
        .route("/r/{token}/send", post(send_request))
        .route("/r/{token}/uploads", post(presign_request_upload))
        .route("/r/{token}/uploads/{id}", get(request_upload).delete(remove_request_upload))
        .route("/r/{token}/uploads/{id}/parts", get(uploaded_request_parts).post(presign_request_parts))
        .route("/r/{token}/uploads/{id}/complete", post(complete_request_upload))
        .route("/r/{token}/uploads/{id}/fail", post(fail_request_upload))
        .route("/r/{token}/uploads/{id}/retry", post(retry_request_upload))
        .route("/api/contacts/export.csv", get(export_contacts))
        .route("/api/contacts/{id}/export.zip", get(export_contact))
        .route("/api/events", get(stream_events))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(|platform: Platform, headers: HeaderMap| metrics::guarded(platform, headers, JOBS)))
        .route("/api/{*rest}", any(|| async { axum::http::StatusCode::NOT_FOUND }))
        .merge(server_functions);
    let pages = pages.layer(from_fn(redirect_to_log_in));
    let small = with_small_bodies(api.fallback_service(pages).layer(from_fn(drop_last_slash)));
    // Files come by a form, and the password of a link by one that `post_request` limits. A file of contacts may be larger
    // than other bodies that are read whole.
    let streamed = Router::new().route("/r/{token}", post(post_request));
    let streamed = with_streamed_bodies(streamed.route("/api/contacts/import/preview", post(preview_contacts)));
    let signed = Router::new().route(&format!("{UPLOAD_PATH}/{{*key}}"), put(receive_upload));
    let routes = Routes {
        routes: small.merge(streamed).merge(crate::rest::router(platform)),
        signed: with_streamed_bodies(signed),
    };
    with_common_layers(routes, platform, page_pattern)
}

/// The pattern of all paths that no page has.
const UNKNOWN_PAGE: &str = "/{*page}";

/// Pages with their segments and patterns, those with fewer variables first.
static PAGES: LazyLock<Vec<(Vec<SegmentType>, String)>> = LazyLock::new(|| {
    let pattern = |segments: &[SegmentType]| {
        let part = |segment: &SegmentType| match segment {
            SegmentType::Static(name) => format!("/{name}"),
            SegmentType::Dynamic(name) => format!("/{{{name}}}"),
            SegmentType::CatchAll(name) => format!("/{{*{name}}}"),
            _ => String::new(),
        };
        segments.iter().map(part).collect::<String>()
    };
    let mut pages: Vec<_> = Route::flatten_site_map().map(|page| (page.clone(), pattern(&page))).collect();
    pages.sort_by_key(|(segments, _)| segments.iter().filter(|segment| segment.to_static().is_none()).count());
    pages
});

/// Returns the pattern of a page's path, such as `/invite/{token}`, or one name for all static files.
fn page_pattern(path: &str) -> &'static str {
    if is_asset(path) {
        return "/assets/{file}";
    }
    let asked: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_page = |segments: &[SegmentType]| {
        let fits = |(segment, part): (&SegmentType, &&str)| segment.to_static().is_none_or(|name| name == *part);
        asked.len() == segments.len() && segments.iter().zip(&asked).all(fits)
    };
    let found =
        PAGES.iter().find(|(segments, _)| segments.iter().all(|s| s.to_catch_all().is_none()) && is_page(segments));
    found.map_or(UNKNOWN_PAGE, |(_, pattern)| pattern.as_str())
}

fn is_asset(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.contains('.')) || path.starts_with("/assets/")
}

/// Redirects the URL of a page that ends with a slash to the one without it, because people and programs add one. 308,
/// so that a form is sent again.
async fn drop_last_slash(request: Request, next: Next) -> Response {
    match without_last_slash(request.uri()) {
        Some(to) => Redirect::permanent(&to).into_response(),
        None => next.run(request).await,
    }
}

/// Returns the same URL on this host; `None` if there is no slash to drop.
fn without_last_slash(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let bare = path.trim_end_matches('/');
    if bare.len() == path.len() || bare.is_empty() || path.starts_with("/api/") {
        return None;
    }
    // Two at the start would redirect to another host, and browsers parse a backslash as a slash.
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("/{}{query}", bare.trim_start_matches(['/', '\\'])))
}

/// Returns 200 while database and storage can be written.
async fn readyz(platform: Platform) -> Result<&'static str> {
    readiness::check(&platform).await.map(|()| "ready")
}

/// Returns 401 before an error of the query: only members can call functions with a query, and others must log in
/// first.
async fn authenticate_before_query(platform: Platform, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let response = next.run(request).await;
    if response.extensions().get::<BadQuery>().is_none() {
        return response;
    }
    match crate::people::accounts::service::current(&platform, &headers).await {
        Ok(Some(_)) => response,
        Ok(None) => AppError::unauthenticated().into_response(),
        Err(error) => error.into_response(),
    }
}

/// Redirects pages that require a session to log-in, or, on a new installation, to sign-up.
async fn redirect_to_log_in(platform: Platform, request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return reject_method(request.uri().path());
    }
    let (parts, body) = request.into_parts();
    match destination(&platform, &parts.uri, &parts.headers).await {
        Ok(None) => next.run(Request::from_parts(parts, body)).await,
        Ok(Some(to)) => Redirect::to(&to).into_response(),
        Err(error) => {
            tracing::error!(%error, "failed to render a page");
            let text = "Attaché can't reach its database right now. Reload the page in a moment.";
            AppError::new(ErrorKind::Unavailable, text).into_response()
        }
    }
}

/// Returns the error for a changing request to a page: a program that posts to a wrong URL must not be redirected to a page that
/// answers with success.
fn reject_method(path: &str) -> Response {
    let is_known = page_pattern(path) != UNKNOWN_PAGE || path == "/";
    if is_known {
        let message = "Pages accept only GET and HEAD. See the API reference at /api/docs.";
        return ([(ALLOW, "GET, HEAD")], AppError::new(ErrorKind::MethodNotAllowed, message)).into_response();
    }
    AppError::new(ErrorKind::NotFound, "No such route. See the API reference at /api/docs.").into_response()
}

async fn destination(platform: &Platform, uri: &Uri, headers: &HeaderMap) -> Result<Option<String>> {
    let path = uri.path();
    if is_asset(path) || path.starts_with("/invite/") || path.starts_with("/reset/") {
        return Ok(None);
    }
    let logged_in = crate::people::accounts::service::current(platform, headers).await?.is_some();
    Ok(match path {
        "/" | "/log-in" | "/sign-up" if logged_in => Some("/inbox".to_owned()),
        "/log-in" if crate::people::accounts::service::is_first_visit(platform).await? => Some("/sign-up".to_owned()),
        "/log-in" | "/sign-up" => None,
        _ if logged_in => None,
        _ if crate::people::accounts::service::is_first_visit(platform).await? => Some("/sign-up".to_owned()),
        "/" => Some("/log-in".to_owned()),
        _ => {
            let next = uri.path_and_query().map_or(path, |both| both.as_str());
            let encoded = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
            Some(format!("/log-in?next={encoded}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_named_by_their_pattern() {
        for (path, pattern) in [
            ("/inbox", "/inbox"),
            ("/inbox/019a5d2e-7c41-7d30-9f6b-2b1f4f0a8f3a", "/inbox/{channel}"),
            ("/contacts/new", "/contacts/new"),
            ("/contacts/new1", "/contacts/{contact}"),
            ("/invite/secret", "/invite/{token}"),
            ("/reset/secret", "/reset/{token}"),
            ("/settings/audit-log", "/settings/audit-log"),
            ("/assets/app-1a2b.js", "/assets/{file}"),
            ("/favicon.ico", "/assets/{file}"),
            ("/secret", "/{*page}"),
            ("/", "/{*page}"),
            ("/inbox/a/b", "/{*page}"),
        ] {
            assert_eq!(page_pattern(path), pattern, "{path}");
        }
    }

    #[test]
    fn the_last_slash_is_dropped_on_this_host() {
        let led = |uri: &str| without_last_slash(&uri.parse().unwrap());
        for (uri, to) in [
            ("/inbox/", "/inbox"),
            ("/s/token/file/?download=1", "/s/token/file?download=1"),
            ("/s/token///", "/s/token"),
            ("//example.com/", "/example.com"),
            ("/\\example.com/", "/example.com"),
            ("/\\/example.com/?a=b", "/example.com?a=b"),
        ] {
            assert_eq!(led(uri).as_deref(), Some(to), "{uri}");
        }
        for uri in ["/", "//", "/inbox", "/api/files/", "/?next=/"] {
            assert_eq!(led(uri), None, "{uri}");
        }
    }
}
