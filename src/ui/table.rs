//! A table that scrolls horizontally if the page is narrower, also by keyboard.

use dioxus::prelude::*;

/// The header of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Text(&'static str),
    Number(&'static str),
    /// A column of buttons: its name is only for screen readers.
    Actions(&'static str),
}

/// `label` describes the list for screen readers. The children are the rows.
#[component]
pub fn Table(label: &'static str, class: &'static str, columns: Vec<Column>, children: Element) -> Element {
    rsx! {
        div { class: "table-box", tabindex: "0", role: "region", "aria-label": "{label}, scrolls sideways",
            table { class: "table {class}",
                thead {
                    tr {
                        for column in columns {
                            match column {
                                Column::Text(text) => rsx! {
                                    th { scope: "col", "{text}" }
                                },
                                Column::Number(text) => rsx! {
                                    th { scope: "col", class: "num", "{text}" }
                                },
                                Column::Actions(text) => rsx! {
                                    th { scope: "col",
                                        span { class: "sr-only", "{text}" }
                                    }
                                },
                            }
                        }
                    }
                }
                tbody { {children} }
            }
        }
    }
}
