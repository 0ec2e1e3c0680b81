//! The scroll position in a list, so that Back restores it: by a row, because rows around it may have another height by
//! then. Rows are as in [`roving`](super::roving), with ids.

/// The row in the middle of the view, by its id, and its distance from the list's upper edge, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct ScrollPosition {
    pub row: String,
    pub top: f64,
}

/// Returns the scroll position in a list, by the list's id. `None` if no row is in view.
pub fn scroll_position_in(list: &str) -> Option<ScrollPosition> {
    #[cfg(feature = "web")]
    {
        /// Distance between two probes for rows, in pixels: there are gaps between rows.
        const STEP: f64 = 24.0;

        let document = web_sys::window()?.document()?;
        let edge = document.get_element_by_id(list)?.get_bounding_client_rect();
        let (x, middle) = (edge.left() + edge.width() / 4.0, edge.top() + edge.height() / 2.0);
        let mut away = 0.0;
        while away < edge.height() / 2.0 {
            for y in [middle + away, middle - away] {
                #[expect(clippy::cast_possible_truncation, reason = "pixels of a window")]
                let found = document.element_from_point(x as f32, y as f32);
                if let Some(row) = found.and_then(|found| found.closest("[data-row][id]").ok().flatten()) {
                    return Some(ScrollPosition {
                        row: row.id(),
                        top: row.get_bounding_client_rect().top() - edge.top(),
                    });
                }
            }
            away += STEP;
        }
    }
    let _ = list;
    None
}

/// Scrolls a list so that a row is where it was, if it exists.
pub async fn restore_scroll(list: &str, position: &ScrollPosition) {
    #[cfg(feature = "web")]
    {
        /// Maximum number of frames, because rows that come into view get their final height only then, and move the
        /// others.
        const MAX_FRAMES: usize = 20;

        let document = web_sys::window().and_then(|window| window.document());
        let element = |id: &str| document.as_ref()?.get_element_by_id(id);
        for _ in 0..MAX_FRAMES {
            if let (Some(list), Some(row)) = (element(list), element(&position.row)) {
                let top = row.get_bounding_client_rect().top() - list.get_bounding_client_rect().top();
                if (top - position.top).abs() < 1.0 {
                    return;
                }
                list.scroll_by_with_x_and_y(0.0, top - position.top);
            }
            crate::platform::browser::next_frame().await;
        }
    }
    #[cfg(not(feature = "web"))]
    let _ = (list, position);
}
