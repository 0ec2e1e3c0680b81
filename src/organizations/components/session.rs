//! Who is logged in, for every component of the app.

use dioxus::prelude::*;

use crate::organizations::model::SessionInfo;

/// Makes the session known to all below the component that calls this.
pub fn use_session_provider(info: SessionInfo) {
    let session = use_signal(|| info);
    use_context_provider(|| session);
}

/// Who is logged in.
pub fn use_session() -> SessionInfo {
    use_context::<Signal<SessionInfo>>()()
}
