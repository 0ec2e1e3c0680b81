//! Code that is not in the first WebAssembly module.
//!
//! In a release build each use of [`lazy!`](crate::lazy) and [`lazy_task!`](crate::lazy_task) is its own module,
//! fetched when the first of its components is shown or the first of its tasks begins, so that rarely used code does
//! not add to the first load. In other builds the code is called directly.
//!
//! The server renders such components completely. If one can be on a server-rendered page, `pages::when_ready` must
//! wait for its module, or hydration would find other nodes.

use dioxus::prelude::*;

use super::{ErrorState, use_toast};
use crate::platform::browser;

/// Declares a module by its name, the placeholder of this file to show while it loads, and for each of its components
/// one of the same name and properties that waits for the module. The module is everything that is reachable from here
/// only, so nothing else may name the real components.
///
/// The placeholder is a component with the property `failed`: whether loading failed.
#[macro_export]
macro_rules! lazy {
    ($module:literal, $meanwhile:ident: $($path:ident::$name:ident { $($(#[$attribute:meta])* $property:ident: $kind:ty),* $(,)? })*) => {
        #[allow(clippy::large_enum_variant, reason = "it is taken apart as soon as it is made")]
        enum Component {
            $($name { $($property: $kind),* },)*
        }

        /// The only entry of the module. It uses no hooks: the component it returns does.
        fn code(component: Component) -> Element {
            match component {
                $(Component::$name { $($property),* } => rsx! {
                    $path::$name { $($property: $property),* }
                },)*
            }
        }

        #[cfg(all(feature = "split", target_arch = "wasm32"))]
        static CODE: wasm_split::LazyLoader<Component, Element> =
            wasm_split::lazy_loader!(extern $module fn code(component: Component) -> Element);

        #[cfg(all(feature = "split", target_arch = "wasm32"))]
        fn shown(component: Component) -> Element {
            let failed = $crate::ui::lazy::use_module(&CODE);
            match CODE.call(component) {
                Ok(element) => element,
                Err(_) => rsx! {
                    $crate::ui::lazy::$meanwhile { failed }
                },
            }
        }

        #[cfg(not(all(feature = "split", target_arch = "wasm32")))]
        fn shown(component: Component) -> Element {
            code(component)
        }

        /// Loads the module before it is needed.
        #[allow(dead_code, reason = "not every module is fetched ahead")]
        pub async fn fetch() {
            #[cfg(all(feature = "split", target_arch = "wasm32"))]
            $crate::ui::lazy::fetch(&CODE).await;
        }

        $(
            #[component]
            pub fn $name($($(#[$attribute])* $property: $kind),*) -> Element {
                shown(Component::$name { $($property),* })
            }
        )*
    };
}

/// The future of a task, boxed so that it can cross modules.
pub type Task = std::pin::Pin<Box<dyn Future<Output = ()>>>;

/// Declares a module by its name, and its function that creates tasks from jobs. `run` runs one when the module is
/// loaded.
#[macro_export]
macro_rules! lazy_task {
    ($module:literal: fn $code:ident($job:ty)) => {
        #[cfg(all(feature = "split", target_arch = "wasm32"))]
        static CODE: wasm_split::LazyLoader<$job, $crate::ui::lazy::Task> =
    wasm_split::lazy_loader!(extern $module fn $code(job: $job) -> $crate::ui::lazy::Task);

        /// Runs a job. Returns `false` if the module could not be loaded.
        pub async fn run(job: $job) -> bool {
            #[cfg(all(feature = "split", target_arch = "wasm32"))]
            {
                fetch().await;
                let Ok(task) = CODE.call(job) else { return false };
                task.await;
            }
            #[cfg(not(all(feature = "split", target_arch = "wasm32")))]
            $code(job).await;
            true
        }

        /// Loads the module before it is needed.
        pub async fn fetch() {
            #[cfg(all(feature = "split", target_arch = "wasm32"))]
            $crate::ui::lazy::fetch(&CODE).await;
        }
    };
}

/// Loads a module. Returns whether that succeeded.
#[cfg(all(feature = "split", target_arch = "wasm32"))]
pub async fn fetch<Args, Ret>(code: &'static wasm_split::LazyLoader<Args, Ret>) -> bool {
    use futures_util::future::{Either, select};

    /// Timeout for loading a module, in milliseconds.
    const LOAD_TIMEOUT: i32 = 20_000;

    let fetched = std::pin::pin!(code.load());
    let waited = std::pin::pin!(browser::sleep(LOAD_TIMEOUT));
    match select(fetched, waited).await {
        Either::Left((came, _)) => came,
        Either::Right(_) => false,
    }
}

/// Loads a module. Returns whether that failed.
#[cfg(all(feature = "split", target_arch = "wasm32"))]
pub fn use_module<Args, Ret>(code: &'static wasm_split::LazyLoader<Args, Ret>) -> bool {
    let mut there = use_signal(|| None::<bool>);
    use_hook(|| {
        spawn(async move { there.set(Some(fetch(code).await)) });
    });
    there() == Some(false)
}

/// Placeholder for a page whose code is loading.
#[component]
pub fn PageMeanwhile(failed: bool) -> Element {
    if failed {
        return rsx! {
            main { class: "lone",
                ErrorState {
                    title: "This page could not be loaded",
                    text: "The connection was lost or Attaché was updated. Reload the page.",
                    on_retry: |()| browser::reload_by_choice(),
                }
            }
        };
    }
    rsx! {
        main { class: "lone sk-late", "aria-busy": "true", "aria-label": "Loading" }
    }
}

/// Placeholder for a dialog or another part whose code is loading: nothing, unless it fails.
#[component]
pub fn PartMeanwhile(failed: bool) -> Element {
    let toast = use_toast();
    use_effect(use_reactive!(|failed| {
        if failed {
            toast.offer(
                "Could not load. Check your connection, or reload if Attaché was updated.",
                "Reload",
                browser::reload_by_choice,
            );
        }
    }));
    rsx! {}
}
