//! Who is logged in, for every component of the app.

use std::rc::Rc;

use dioxus::prelude::*;

use crate::people::organizations::api::session;
use crate::people::organizations::model::SessionInfo;
use crate::platform::browser;
use crate::platform::error::ErrorKind;

/// Makes the session known to all below the component that calls this.
pub fn use_session_provider(info: SessionInfo) -> Signal<Rc<SessionInfo>> {
    #[cfg(not(feature = "server"))]
    use_hook(|| crate::platform::routes::client::say_opened_by(info.session_id.0, info.member_id.0));
    let session = use_signal(|| Rc::new(info));
    use_context_provider(|| session)
}

/// Who is logged in. Shared, for it is asked in every part of every message.
pub fn use_session() -> Rc<SessionInfo> {
    use_context::<Signal<Rc<SessionInfo>>>()()
}

/// Asks again what this person may do: what is shown follows. Who is logged out by now is led to log-in.
pub async fn refresh(mut known: Signal<Rc<SessionInfo>>) {
    match session().await {
        Ok(fresh) => {
            // The clock always differs, and is only for the first picture of a page.
            let fresh = SessionInfo { now: known.peek().now, ..fresh };
            if known.peek().organization.id != fresh.organization.id {
                // Another tab went on elsewhere: what is shown here is of the one before.
                return browser::go_to("/inbox");
            }
            if **known.peek() != fresh {
                known.set(Rc::new(fresh));
            }
        }
        Err(error) if error.kind == ErrorKind::Unauthenticated => browser::go_to_log_in(),
        // The connection is gone: when it is back this is asked again.
        Err(_) => {}
    }
}
