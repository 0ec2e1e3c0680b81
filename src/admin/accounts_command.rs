//! `attache accounts`, `disable-account` and `enable-account`: for the operator of the installation, not for organizations.

use anyhow::{Result, bail};

use crate::people::accounts::model::check_email;
use crate::people::accounts::service::publish_end;
use crate::people::accounts::store::{self, AccountRow, UserRow};
use crate::platform::Platform;

/// Prints a line for each account: email, name, organizations, last visit, and whether it is disabled.
pub async fn list(platform: &Platform) -> Result<()> {
    let rows = store::accounts(platform.db.on()).await?;
    for account in rows.chunk_by(|one, next| one.email == next.email) {
        println!("{}", line(account));
    }
    Ok(())
}

/// Formats the rows of one account.
fn line(rows: &[AccountRow]) -> String {
    let AccountRow { email, name, disabled_at, last_seen_at, .. } = &rows[0];
    let roles = rows.iter().filter_map(|row| Some(format!("{} of {}", row.role.as_ref()?, row.organization.as_ref()?)));
    let roles = roles.collect::<Vec<_>>().join(", ");
    let seen = last_seen_at.map_or_else(|| "not logged in".to_owned(), |at| format!("last visit {}", at.to_rfc3339()));
    let disabled = disabled_at.map(|at| format!("  disabled since {}", at.to_rfc3339())).unwrap_or_default();
    format!("{email}  {name}  {}  {seen}{disabled}", if roles.is_empty() { "no organization" } else { &roles })
}

/// Disables an account. The server may run.
pub async fn disable(platform: &Platform, email: &str) -> Result<()> {
    let user = find(platform, email).await?;
    let mut tx = platform.db.begin().await?;
    store::set_disabled(&mut tx, user.id, Some(platform.clock.now())).await?;
    store::forget_resets(tx.on(), user.id).await?;
    let sessions = store::delete_sessions_of(tx.on(), user.id, None).await?;
    tx.commit().await?;
    publish_end(platform, user.id).await;
    println!("Disabled {} ({}). Sessions ended: {sessions}. Access tokens don't work.", user.email, user.name);
    Ok(())
}

/// Enables an account again.
pub async fn enable(platform: &Platform, email: &str) -> Result<()> {
    let user = find(platform, email).await?;
    let mut tx = platform.db.begin().await?;
    store::set_disabled(&mut tx, user.id, None).await?;
    tx.commit().await?;
    println!("Enabled {} ({}). Access tokens work again.", user.email, user.name);
    Ok(())
}

async fn find(platform: &Platform, email: &str) -> Result<UserRow> {
    let email = check_email(email).map_err(|error| anyhow::anyhow!(error.message))?;
    match store::user_by_email(platform.db.on(), &email).await? {
        Some(user) => Ok(user),
        None => bail!("No account has the email {email}. `attache accounts` lists all accounts."),
    }
}
