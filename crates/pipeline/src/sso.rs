//! Users whom another system has checked: a single sign-on names them, this home decides what they may.
//!
//! Who has a password here is never taken over by a name from there; who was bound once to a subject
//! is known by it from then on, whatever the name says.

use diembao_mail::Secret;
use diembao_store::{AuditEntry, Role, User};

use crate::Pipeline;
use crate::accounts::{SignIn, audit, is_login_name, open_session};
use crate::deliver::secret;
use crate::settings::{OidcSettings, PasswordSource};

/// Somebody as a single sign-on knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The issuer and its name for the user, which never goes to somebody else.
    pub subject: String,
    /// The login name.
    pub name: String,
    /// The name on screen.
    pub display: String,
    /// The role and unit, when they are given there; none: as they are known here.
    pub role: Option<(Role, Option<String>)>,
}

/// The client's secret; none for a public client.
///
/// # Errors
/// When a secret is named but not there.
pub fn client_secret(settings: &OidcSettings) -> anyhow::Result<Option<Secret>> {
    match &settings.client_secret {
        PasswordSource::None => Ok(None),
        source => secret(source, "console.oidc.client_secret").map(Some),
    }
}

/// Lets somebody in whom the single sign-on has checked: a new session each time. They are added
/// when their role is given there, else they must be known here, without a password.
///
/// # Errors
/// When the store fails.
pub async fn sign_in_claimed(p: &Pipeline, who: &Claimed, address: &str) -> anyhow::Result<SignIn> {
    let known = match p.store.user_of_subject(&who.subject).await? {
        Some(user) => Some(user),
        None => bind(p, who, address).await?,
    };
    let Some(user) = known.filter(|u| u.disabled_at.is_none()) else {
        note(p, who, ("login.refused", "oidc"), address).await?;
        return Ok(SignIn::Refused);
    };
    let user = match &who.role {
        Some((role, unit)) if (user.role, &user.unit) != (*role, unit) => {
            p.store.set_role(&user.name, *role, unit.as_deref()).await?;
            note(p, who, ("user.role", role.as_str()), address).await?;
            User { role: *role, unit: unit.clone(), ..user }
        }
        _ => user,
    };
    let token = open_session(p, &user, address).await?;
    Ok(SignIn::Welcome { user, token })
}

async fn bind(p: &Pipeline, who: &Claimed, address: &str) -> anyhow::Result<Option<User>> {
    if !is_login_name(&who.name) {
        return Ok(None);
    }
    if let Some((role, unit)) = &who.role {
        let user = User {
            name: who.name.clone(),
            display: who.display.clone(),
            role: *role,
            unit: unit.clone(),
            created_at: p.clock.now(),
            disabled_at: None,
        };
        if p.store.add_user(&user, None).await? {
            note(p, who, ("user.add", role.as_str()), address).await?;
        }
    }
    if !p.store.bind_subject(&who.name, &who.subject).await? {
        return Ok(None);
    }
    note(p, who, ("user.bind", &who.subject), address).await?;
    Ok(p.store.user(&who.name).await?)
}

async fn note(p: &Pipeline, who: &Claimed, (action, detail): (&str, &str), address: &str) -> anyhow::Result<()> {
    let entry = AuditEntry {
        id: 0,
        at: p.clock.now(),
        actor: who.name.chars().take(64).collect(),
        action: action.to_owned(),
        target: who.name.chars().take(64).collect(),
        detail: detail.to_owned(),
        address: address.to_owned(),
    };
    audit(p, entry).await
}
