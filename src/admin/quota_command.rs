//! `attache quota`: for the operator of the installation, not for organizations.

use anyhow::{Result, bail};

use crate::files::quotas::store;
use crate::platform::Platform;
use crate::platform::config::parse_quota;

/// Sets the quota of an organization, if one is given with a size, and prints those of all.
pub async fn run(platform: &Platform, change: Option<(&str, &str)>) -> Result<()> {
    let on = || platform.db.on();
    if let Some((named, size)) = change {
        let bytes = parse_quota(size)?;
        let all = store::all(on()).await?;
        let found: Vec<_> = all.iter().filter(|(id, name, ..)| name == named || id.to_string() == named).collect();
        match found[..] {
            [(id, ..)] => store::set_quota(on(), *id, bytes).await?,
            [] => bail!("There is no organization {named:?}. `attache quota` lists all organizations."),
            _ => bail!("Several organizations are named {named:?}. Use the ID instead: `attache quota` lists them."),
        }
    }
    for (id, name, used, quota) in store::all(on()).await? {
        let limit = match (quota, platform.config.organization_quota) {
            (Some(own), _) => own.to_string(),
            (None, Some(default)) => format!("{default} (default)"),
            (None, None) => "no limit".to_owned(),
        };
        println!("{id}  {used} of {limit}  {name}");
    }
    Ok(())
}
