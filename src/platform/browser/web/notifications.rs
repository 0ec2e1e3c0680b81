//! Desktop notifications and their sound. Browsers without them, and pages on plain http, have none.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, Notification, NotificationOptions};

use crate::platform::browser::{DesktopNotification, NotificationPermission};

/// The two tones of the sound: pitch in hertz, and when it begins in seconds.
const TONES: [(f32, f64); 2] = [(880.0, 0.0), (1318.5, 0.12)];
/// Length of a tone in seconds.
const TONE_LENGTH: f64 = 0.25;
/// Volume, from 0 to 1.
const VOLUME: f32 = 0.08;

/// Returns whether this page may show notifications.
pub fn notification_permission() -> NotificationPermission {
    let is_supported =
        web_sys::window().is_some_and(|window| js_sys::Reflect::has(&window, &"Notification".into()).unwrap_or(false));
    if !is_supported {
        return NotificationPermission::Unsupported;
    }
    permission_of(Notification::permission())
}

fn permission_of(permission: web_sys::NotificationPermission) -> NotificationPermission {
    match permission {
        web_sys::NotificationPermission::Granted => NotificationPermission::Granted,
        web_sys::NotificationPermission::Denied => NotificationPermission::Denied,
        _ => NotificationPermission::Undecided,
    }
}

/// Asks the person for permission. Call it after a click only: browsers ignore or block other requests.
pub async fn request_notifications() -> NotificationPermission {
    if notification_permission() == NotificationPermission::Undecided
        && let Ok(answer) = Notification::request_permission()
    {
        let _ = JsFuture::from(answer).await;
    }
    notification_permission()
}

/// Shows a notification. One with the same tag replaces it. `on_click` is called when the person clicks it, after this tab was brought
/// to the front.
pub fn notify(notification: &DesktopNotification, on_click: impl FnOnce() + 'static) {
    if notification_permission() != NotificationPermission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(&notification.body);
    options.set_tag(&notification.tag);
    options.set_require_interaction(notification.stays);
    // The app has a sound of its own.
    options.set_silent(Some(true));
    // Some browsers have the type, but allow no page to create one.
    let Ok(shown) = Notification::new_with_options(&notification.title, &options) else { return };
    let clicked = shown.clone();
    let callback = Closure::once_into_js(move |event: JsValue| {
        if let Ok(event) = event.dyn_into::<web_sys::Event>() {
            event.prevent_default();
        }
        if let Some(window) = web_sys::window() {
            let _ = window.focus();
        }
        clicked.close();
        on_click();
    });
    shown.set_onclick(Some(callback.unchecked_ref()));
}

/// Plays a short sound. Browsers refuse it until the person has used the page.
pub fn play_sound() {
    let _ = try_play();
}

fn try_play() -> Result<(), JsValue> {
    let context = AudioContext::new()?;
    let now = context.current_time();
    for (pitch, begin) in TONES {
        let (tone, volume) = (context.create_oscillator()?, context.create_gain()?);
        tone.frequency().set_value(pitch);
        volume.gain().set_value_at_time(VOLUME, now + begin)?;
        volume.gain().linear_ramp_to_value_at_time(0.0, now + begin + TONE_LENGTH)?;
        tone.connect_with_audio_node(&volume)?;
        volume.connect_with_audio_node(&context.destination())?;
        tone.start_with_when(now + begin)?;
        tone.stop_with_when(now + begin + TONE_LENGTH)?;
    }
    Ok(())
}
