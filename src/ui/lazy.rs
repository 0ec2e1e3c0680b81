//! Code that is not in the first WebAssembly module.
//!
//! In a release build each use of [`lazy!`](crate::lazy) and [`lazy_task!`](crate::lazy_task) is a module of its own, fetched when
//! the first of its components is shown or the first of its tasks is begun, so that what few visits use does not weigh on
//! everybody's first load. Elsewhere the code is called as it is.
//!
//! The server renders such components whole. Where one can stand on a page as it is sent, `pages::when_ready` must wait for its
//! module, or the browser would take over other nodes than there are.

use dioxus::prelude::*;

use super::{ErrorState, use_toast};
use crate::platform::browser;

/// Of a module its name, what of this file is shown while it is fetched, and for each component of it one of the same name and properties
/// that waits for the module. The module is whatever is reached from here alone, so nothing else may name the real ones.
///
/// What is shown meanwhile is a component with the property `failed`: whether the module did not come.
#[macro_export]
macro_rules! lazy {
    ($module:literal, $meanwhile:ident: $($path:ident::$name:ident { $($(#[$attribute:meta])* $property:ident: $kind:ty),* $(,)? })*) => {
        #[allow(clippy::large_enum_variant, reason = "it is taken apart as soon as it is made")]
        enum Component {
            $($name { $($property: $kind),* },)*
        }

        /// The one door to the module. It uses no hooks: what it answers does.
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

        /// Fetches the module before it is needed.
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

/// What a task does, boxed so that it can go from one module to another.
pub type Task = std::pin::Pin<Box<dyn Future<Output = ()>>>;

/// Of a module its name, and the function of it that makes tasks out of jobs. `run` does one when the module is there.
#[macro_export]
macro_rules! lazy_task {
    ($module:literal: fn $code:ident($job:ty)) => {
        #[cfg(all(feature = "split", target_arch = "wasm32"))]
        static CODE: wasm_split::LazyLoader<$job, $crate::ui::lazy::Task> =
    wasm_split::lazy_loader!(extern $module fn $code(job: $job) -> $crate::ui::lazy::Task);

        /// Does a job. False if the module did not come.
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

        /// Fetches the module before it is needed.
        pub async fn fetch() {
            #[cfg(all(feature = "split", target_arch = "wasm32"))]
            $crate::ui::lazy::fetch(&CODE).await;
        }
    };
}

/// Fetches a module, and says whether it came.
#[cfg(all(feature = "split", target_arch = "wasm32"))]
pub async fn fetch<Args, Ret>(code: &'static wasm_split::LazyLoader<Args, Ret>) -> bool {
    use futures_util::future::{Either, select};

    /// How long a module may take, in milliseconds.
    const PATIENCE: i32 = 20_000;

    let fetched = std::pin::pin!(code.load());
    let waited = std::pin::pin!(browser::sleep(PATIENCE));
    match select(fetched, waited).await {
        Either::Left((came, _)) => came,
        Either::Right(_) => false,
    }
}

/// Fetches a module, and says whether that failed.
#[cfg(all(feature = "split", target_arch = "wasm32"))]
pub fn use_module<Args, Ret>(code: &'static wasm_split::LazyLoader<Args, Ret>) -> bool {
    let mut there = use_signal(|| None::<bool>);
    use_hook(|| {
        spawn(async move { there.set(Some(fetch(code).await)) });
    });
    there() == Some(false)
}

/// Stands for a page whose code is not there yet.
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

/// Stands for a dialog or another part whose code is not there yet: nothing, unless it does not come.
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
