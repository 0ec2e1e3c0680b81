//! The state and control of a media element.

use dioxus::prelude::*;

/// The state of a media element, for a component to show. Times are in seconds.
#[derive(Clone, Copy, PartialEq)]
pub struct Media {
    #[cfg(feature = "web")]
    element: Signal<Option<web_sys::HtmlMediaElement>>,
    pub playing: Signal<bool>,
    /// Whether it has ever been played.
    pub started: Signal<bool>,
    pub position: Signal<f64>,
    /// `None` until it is known.
    pub duration: Signal<Option<f64>>,
    pub muted: Signal<bool>,
    pub speed: Signal<f64>,
    /// Whether the browser can't play it.
    pub failed: Signal<bool>,
    /// Number of retries since it last played.
    #[cfg(feature = "web")]
    tries: Signal<u32>,
}

/// Maximum retries for a file that has begun to play. Its signed URL may have expired while it was paused.
#[cfg(feature = "web")]
const TRIES_MAX: u32 = 3;

/// `duration` is the known duration before the file is loaded, in seconds.
pub fn use_media(duration: Option<f64>) -> Media {
    Media {
        #[cfg(feature = "web")]
        element: use_signal(|| None),
        playing: use_signal(|| false),
        started: use_signal(|| false),
        position: use_signal(|| 0.0),
        duration: use_signal(|| duration),
        muted: use_signal(|| false),
        speed: use_signal(|| 1.0),
        failed: use_signal(|| false),
        #[cfg(feature = "web")]
        tries: use_signal(|| 0),
    }
}

#[cfg(not(feature = "web"))]
#[expect(clippy::unused_self, reason = "only a browser plays")]
impl Media {
    pub fn mount(self, _mounted: &MountedEvent) {}

    pub fn note(self) {}

    pub fn go_on_or_fail(self) {}

    pub fn toggle(self) {}

    pub fn seek(self, _to: f64) {}

    pub fn set_speed(self, _speed: f64) {}

    pub fn toggle_mute(self) {}

    pub fn toggle_fullscreen(self) {}
}

#[cfg(feature = "web")]
impl Media {
    /// Handles `onmounted` of the element.
    pub fn mount(mut self, mounted: &MountedEvent) {
        use dioxus::web::WebEventExt;
        use wasm_bindgen::JsCast;
        let element = mounted.try_as_web_event().and_then(|element| element.dyn_into().ok());
        self.element.set(element);
        // Reads what happened before hydration.
        self.note();
    }

    /// Handles the element's events: reads its current state.
    pub fn note(mut self) {
        let Some(element) = self.element.peek().clone() else { return };
        let duration = element.duration();
        let failed = element.error().is_some();
        // Chromium pauses an element that fails, without an event. It was playing for the person who watches.
        if !failed {
            set(self.playing, !element.paused());
        }
        if element.current_time() > *self.position.peek() && *self.tries.peek() > 0 && !failed {
            set(self.tries, 0);
        }
        set(self.position, element.current_time());
        set(self.muted, element.muted());
        set(self.speed, element.playback_rate());
        set(self.failed, failed);
        if duration.is_finite() {
            set(self.duration, Some(duration));
        }
        if !element.paused() && !*self.started.peek() {
            self.started.set(true);
        }
    }

    /// Handles `onerror`: loads a file that has played before once more, with a new signed URL, and continues where it
    /// was.
    pub fn go_on_or_fail(mut self) {
        let Some(element) = self.element.peek().clone() else { return };
        let tries = *self.tries.peek() + 1;
        let (position, could_play) = (*self.position.peek(), self.duration.peek().is_some());
        if !could_play || tries > TRIES_MAX {
            return self.note();
        }
        self.tries.set(tries);
        let was_playing = *self.playing.peek();
        // Another URL, because the browser caches the redirect of this one.
        let address = element.src();
        let address = address.split("try=").next().unwrap_or_default().trim_end_matches(['?', '&']);
        let join = if address.contains('?') { '&' } else { '?' };
        element.set_src(&format!("{address}{join}try={tries}"));
        element.set_current_time(position);
        if was_playing {
            play(&element);
        }
    }

    /// Plays or pauses. Other players are paused.
    pub fn toggle(self) {
        let Some(element) = self.element.peek().clone() else { return };
        if !element.paused() {
            let _ = element.pause();
            return;
        }
        pause_all();
        play(&element);
    }

    pub fn seek(self, to: f64) {
        let Some(element) = self.element.peek().clone() else { return };
        element.set_current_time(to.clamp(0.0, element.duration().max(0.0)));
        self.note();
    }

    pub fn set_speed(self, speed: f64) {
        if let Some(element) = &*self.element.peek() {
            element.set_playback_rate(speed);
        }
    }

    pub fn toggle_mute(self) {
        if let Some(element) = &*self.element.peek() {
            element.set_muted(!element.muted());
        }
    }

    /// Shows the element with its controls in full screen. If only the browser's own player can do that, it is
    /// used.
    pub fn toggle_fullscreen(self) {
        let Some(element) = self.element.peek().clone() else { return };
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
        if document.fullscreen_element().is_some() {
            document.exit_fullscreen();
        } else if element.parent_element().is_none_or(|frame| frame.request_fullscreen().is_err()) {
            element.set_controls(true);
        }
    }
}

#[cfg(feature = "web")]
fn play(element: &web_sys::HtmlMediaElement) {
    if let Ok(promise) = element.play() {
        // Rejected, for example if it is paused at once: its events report that.
        spawn(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        });
    }
}

/// Sets a signal only if the value changed, so that nothing else is redrawn.
#[cfg(feature = "web")]
fn set<T: PartialEq + 'static>(mut signal: Signal<T>, value: T) {
    if *signal.peek() != value {
        signal.set(value);
    }
}

#[cfg(feature = "web")]
fn pause_all() {
    use wasm_bindgen::JsCast;
    let document = web_sys::window().and_then(|window| window.document());
    let Some(found) = document.and_then(|document| document.query_selector_all("audio, video").ok()) else { return };
    for other in (0..found.length()).filter_map(|place| found.get(place)) {
        if let Ok(other) = other.dyn_into::<web_sys::HtmlMediaElement>() {
            let _ = other.pause();
        }
    }
}

/// Formats a time as `0:14`, `1:02:05`.
pub fn clock(seconds: f64) -> String {
    let (hours, minutes, seconds) = parts(seconds);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Formats a duration as `42 seconds`, `1 minute 1 second`.
pub fn spoken(seconds: f64) -> String {
    let (hours, minutes, seconds) = parts(seconds);
    let part = |count: u32, unit: &str| match count {
        0 => None,
        1 => Some(format!("1 {unit}")),
        count => Some(format!("{count} {unit}s")),
    };
    let said: Vec<_> =
        [part(hours, "hour"), part(minutes, "minute"), part(seconds, "second")].into_iter().flatten().collect();
    if said.is_empty() { "0 seconds".to_owned() } else { said.join(" ") }
}

fn parts(seconds: f64) -> (u32, u32, u32) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length in whole seconds; what is not fits"
    )]
    let seconds = seconds.max(0.0) as u32;
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::{clock, spoken};

    #[test]
    fn lengths_are_shown_and_said() {
        for (seconds, shown, said) in [
            (0.0, "0:00", "0 seconds"),
            (42.9, "0:42", "42 seconds"),
            (61.0, "1:01", "1 minute 1 second"),
            (3725.0, "1:02:05", "1 hour 2 minutes 5 seconds"),
            (f64::NAN, "0:00", "0 seconds"),
        ] {
            assert_eq!((clock(seconds).as_str(), spoken(seconds).as_str()), (shown, said));
        }
    }
}
