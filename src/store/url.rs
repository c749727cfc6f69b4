//! What a database URL gives away on the way to the server.

use super::conn::DatabaseUrl;

impl DatabaseUrl {
    /// The URL of an SQLite file.
    pub fn of_file(path: &std::path::Path) -> Self {
        DatabaseUrl::Sqlite(path.into())
    }

    /// Why this URL would carry bookings and personal data over a network where others can read or forge them: every host
    /// that is neither this machine nor a socket needs `sslmode=verify-full`. `default_host` is the environment's
    /// `PGHOST`, which the client library takes when the URL names none.
    pub fn exposed(&self, default_host: Option<&str>) -> Option<String> {
        let DatabaseUrl::Postgres(url) = self else { return None };
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = before.split_once('/').map_or(before, |(authority, _)| authority);
        let hosts_in_url = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
        let parameters: Vec<(&str, &str)> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let of = |name: &str| parameters.iter().rev().find(|(n, _)| *n == name).map(|(_, value)| *value);
        let named = of("hostaddr").or(of("host")).unwrap_or(hosts_in_url);
        let named = if named.is_empty() { default_host.unwrap_or_default() } else { named };
        let far = named.split(',').map(without_port).find(|host| !is_here(host))?;
        if of("sslmode") == Some("verify-full") {
            return None;
        }
        Some(format!("the host {far} is not this machine: add sslmode=verify-full (with sslrootcert), or use a socket"))
    }
}

fn without_port(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(v6) => v6.split_once(']').map_or(v6, |(host, _)| host),
        // More than one colon: an IPv6 address of a parameter, without a port.
        None if host.matches(':').count() == 1 => host.split_once(':').map_or(host, |(host, _)| host),
        None => host,
    }
}

fn is_here(host: &str) -> bool {
    let socket = host.is_empty() || host.starts_with('/') || host.starts_with('@') || host.to_ascii_lowercase().starts_with("%2f");
    socket || host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_go_without_a_checked_certificate() {
        let exposed = |url: &str| url.parse::<DatabaseUrl>().unwrap().exposed(None).is_some();
        for fine in [
            "sqlite:data/x.db",
            "postgres://u:p@localhost/d",
            "postgres://u:p@127.0.0.1:5433/d?connect_timeout=1",
            "postgresql://[::1]:5432/d",
            "postgres:///d",
            "postgres://u@%2Frun%2Fpostgresql/d",
            "postgres:///d?host=/run/postgresql",
            "postgres://u:p@db1,db2:5433/d?sslmode=verify-full&target_session_attrs=read-write",
        ] {
            assert!(!exposed(fine), "{fine}");
        }
        for bad in [
            "postgres://u:p@db/d",
            "postgres://u:p@db/d?sslmode=require",
            "postgres://localhost,db/d",
            "postgres://localhost/d?host=db",
            "postgres://localhost/d?hostaddr=10.0.0.1",
            "postgres://[2001:db8::1]:5432/d",
            "postgres://u:p@db/d?sslmode=verify-full&sslmode=disable",
        ] {
            assert!(exposed(bad), "{bad}");
        }
        let nowhere: DatabaseUrl = "postgres:///d".parse().unwrap();
        assert!(nowhere.exposed(Some("db.example")).is_some_and(|why| !why.contains("///")));
    }
}
