//! Flags of `audit`, with kubectl's names.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::qdrant::Qdrant;
use crate::cli::args::{Acceptance, Policy, Reports};
use crate::cli::output::Failure;
use crate::load::live::client::Connection;
use crate::load::live::gather::Scope;
use crate::load::live::qdrant::Wanted;
use crate::load::live::rbac::Rights;

/// `--interval`, unless the user says otherwise.
const INTERVAL: Duration = Duration::from_mins(10);

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Audit {
    /// Files and folders that declare what should run; compared with what does
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Kubeconfig [default: $KUBECONFIG, ~/.kube/config, the pod's service account]
    #[arg(long, value_name = "FILE", help_heading = "Cluster")]
    pub(super) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig; repeatable, several clusters side by side
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(super) context: Vec<String>,
    /// Cluster of the kubeconfig
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(super) cluster: Option<String>,
    /// User of the kubeconfig
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(super) user: Option<String>,
    /// Namespace; repeatable [default: all that may be read, else the context's]
    #[arg(short = 'n', long = "namespace", value_name = "NAMESPACE", help_heading = "Cluster")]
    pub(super) namespaces: Vec<String>,
    /// All namespaces, or an error
    #[arg(short = 'A', long, conflicts_with = "namespaces", help_heading = "Cluster")]
    pub(super) all_namespaces: bool,
    /// Only workloads with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR", help_heading = "Cluster")]
    pub(super) selector: Option<String>,
    /// User to impersonate
    #[arg(long = "as", value_name = "USER", help_heading = "Cluster")]
    pub(super) impersonate: Option<String>,
    /// Group to impersonate; repeatable
    #[arg(long = "as-group", value_name = "GROUP", requires = "impersonate", help_heading = "Cluster")]
    pub(super) impersonate_groups: Vec<String>,
    /// Longest wait for one answer, like 30s or 2m
    #[arg(long, value_name = "DURATION", help_heading = "Cluster")]
    pub(super) request_timeout: Option<String>,
    /// Do not verify the API server's certificate
    #[arg(long, help_heading = "Cluster")]
    pub(super) insecure_skip_tls_verify: bool,
    /// Ask whether the Secrets and keys exist that the pods refer to (needs `get` on Secrets; no value is kept)
    #[arg(long, help_heading = "Cluster")]
    pub(super) check_secrets: bool,
    /// Print the roles that an audit needs, and stop
    #[arg(long, help_heading = "Cluster")]
    pub(super) print_rbac: bool,
    #[command(flatten)]
    pub(super) qdrant: Qdrant,
    #[command(flatten)]
    pub(super) policy: Policy,
    #[command(flatten)]
    pub(super) acceptance: Acceptance,
    /// Look again when something changes, and print what is otherwise than before; Ctrl-C ends it
    #[arg(long, help_heading = "Output", conflicts_with_all = ["record", "format", "write_baseline"])]
    pub(super) watch: bool,
    /// With --watch: look again after so long though nothing seems to change; 0 = never [default: 10m]
    #[arg(long, value_name = "DURATION", help_heading = "Output", requires = "watch")]
    interval: Option<String>,
    /// Write what was seen to a file that `check` judges offline; it holds no keys
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) record: Option<PathBuf>,
    /// Write a report object for each workload to the cluster, where it has OpenReports or PolicyReports
    #[arg(long, help_heading = "Output")]
    pub(super) write_reports: bool,
    #[command(flatten)]
    pub(super) reports: Reports,
}

impl Audit {
    /// One connection for each context.
    pub(super) fn connections(&self) -> Result<Vec<Connection>, Failure> {
        let request_timeout = self.patience()?;
        let one = Connection {
            kubeconfig: self.kubeconfig.clone(),
            context: None,
            cluster: self.cluster.clone(),
            user: self.user.clone(),
            impersonate: self.impersonate.clone(),
            impersonate_groups: self.impersonate_groups.clone(),
            request_timeout,
            insecure: self.insecure_skip_tls_verify,
        };
        if self.context.is_empty() {
            return Ok(vec![one]);
        }
        let mut contexts = self.context.clone();
        contexts.dedup();
        Ok(contexts.into_iter().map(|context| Connection { context: Some(context), ..one.clone() }).collect())
    }

    /// `--request-timeout`
    pub(super) fn patience(&self) -> Result<Option<Duration>, Failure> {
        self.request_timeout.as_deref().map(|text| duration("--request-timeout", text)).transpose()
    }

    /// `--interval`; none = never.
    pub(super) fn interval(&self) -> Result<Option<Duration>, Failure> {
        let interval = self.interval.as_deref().map_or(Ok(INTERVAL), |text| duration("--interval", text))?;
        Ok(Some(interval).filter(|interval| !interval.is_zero()))
    }

    /// Whether Qdrant is asked at addresses that were given, and no flag leads to a cluster.
    pub(super) fn is_without_cluster(&self) -> bool {
        let names_cluster = self.kubeconfig.is_some()
            || !self.context.is_empty()
            || self.cluster.is_some()
            || !self.namespaces.is_empty()
            || self.all_namespaces
            || self.selector.is_some();
        self.qdrant.names_addresses_only() && !names_cluster
    }

    /// What the printed roles let.
    pub(super) fn rights(&self) -> Rights<'_> {
        Rights {
            namespaces: &self.namespaces,
            secrets: self.check_secrets,
            reports: self.write_reports,
            watch: self.watch,
        }
    }

    /// What is looked at.
    pub(super) fn scope(&self, qdrant: Option<Wanted>) -> Scope {
        Scope {
            namespaces: self.namespaces.clone(),
            all: self.all_namespaces,
            selector: self.selector.clone(),
            check_secrets: self.check_secrets,
            qdrant,
        }
    }
}

/// `30s`, `2m`, `1m30s`, and seconds as a bare number, as kubectl reads them.
fn duration(flag: &str, text: &str) -> Result<Duration, Failure> {
    let wrong =
        || Failure::new(format!("`{flag} {text}` is no duration")).help("write a number and a unit: `30s`, `2m`");
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let (mut total, mut number) = (Duration::ZERO, String::new());
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        let count: u64 = number.parse().map_err(|_| wrong())?;
        number.clear();
        let seconds = match letter {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return Err(wrong()),
        };
        total += Duration::from_secs(count.checked_mul(seconds).ok_or_else(wrong)?);
    }
    if number.is_empty() && !text.is_empty() { Ok(total) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_kubectl_reads_them() {
        assert_eq!(duration("--interval", "90").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("--interval", "1m30s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("--interval", "0").unwrap(), Duration::ZERO);
        for wrong in ["", "s", "5x", "1m30", "99999999999999999999s"] {
            assert!(duration("--interval", wrong).is_err(), "{wrong}");
        }
    }
}
