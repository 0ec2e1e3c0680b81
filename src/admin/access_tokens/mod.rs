//! The pages on which people create and revoke their access tokens.

mod access_token_table;
mod access_tokens_page;
mod new_token_dialog;

pub use access_tokens_page::AccessTokensPage;
