//! Whether the installation is being moved, as far as this page knows: the server refused its last write. Pages say so,
//! and keep what was written.

use dioxus::prelude::*;

static READ_ONLY: GlobalSignal<bool> = Signal::global(|| false);

/// Returns whether the server refused the last write because the installation is being moved.
pub fn use_read_only() -> bool {
    READ_ONLY()
}

/// Records the outcome of a write.
#[cfg(not(feature = "server"))]
pub(super) fn note_write(is_refused: bool) {
    if *READ_ONLY.peek() != is_refused {
        *READ_ONLY.write() = is_refused;
    }
}
