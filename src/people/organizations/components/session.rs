//! The session, for every component of the app.

use std::rc::Rc;

use dioxus::prelude::*;

use crate::people::organizations::api::session;
use crate::people::organizations::model::SessionInfo;
use crate::platform::browser;
use crate::platform::error::ErrorKind;

/// Provides the session to all components below the caller.
pub fn use_session_provider(info: SessionInfo) -> Signal<Rc<SessionInfo>> {
    #[cfg(not(feature = "server"))]
    use_hook(|| crate::platform::routes::client::set_page_identity(info.session_id.0, info.member_id.0));
    let session = use_signal(|| Rc::new(info));
    use_context_provider(|| session)
}

/// Returns the session. Shared, because every part of every message reads it.
pub fn use_session() -> Rc<SessionInfo> {
    use_context::<Signal<Rc<SessionInfo>>>()()
}

/// Reloads the person's permissions and updates the page. Redirects to log-in if the session has ended.
pub async fn refresh(mut known: Signal<Rc<SessionInfo>>) {
    match session().await {
        Ok(fresh) => {
            // The clock always differs, and is used only for the first render.
            let fresh = SessionInfo { now: known.peek().now, ..fresh };
            if known.peek().organization.id != fresh.organization.id {
                // Another tab switched the organization: this page shows the previous one.
                return browser::go_to("/inbox");
            }
            if **known.peek() != fresh {
                known.set(Rc::new(fresh));
            }
        }
        Err(error) if error.kind == ErrorKind::Unauthenticated => browser::go_to_log_in(),
        // Offline: this is repeated when the connection is back.
        Err(_) => {}
    }
}
