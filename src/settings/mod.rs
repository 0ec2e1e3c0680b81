//! Settings that draw on several features: profile, organisation, emoji. Stands above all of them.

pub mod components;
