//! Flags, as users know them from Helm and kubectl.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::formats;
use crate::config::FailOn;
use crate::policy::Profile;

/// Policy-as-code compliance linter for Qdrant on Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "qdrant-lint", version, about, propagate_version = true, max_term_width = 110)]
#[command(after_help = "Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 could not judge.")]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global")]
pub(super) struct Global {
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto)]
    pub(super) color: ColorWhen,
    /// Only findings and errors
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Everything in full: files and why, all findings, all reasons
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(super) verbose: bool,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Judge files: Helm values, manifests, collection bodies
    Check(Check),
    /// Judge a live cluster, read-only; files given as PATHs are compared with what runs
    #[cfg(feature = "live")]
    Audit(super::audit::Audit),
    /// Mend what can be mended without a decision, keeping comments and layout
    Fix(Fix),
    /// Write a configuration for what is found here
    Init(Init),
    /// Print the facts document that rules see, as JSON
    Facts(Facts),
    /// Serve the validating admission webhook
    #[cfg(feature = "webhook")]
    Serve(Serve),
    /// Show who can reach the ports of the peers, and what lets or stops them
    #[command(
        after_help = "Exit codes: 1 the port between peers is open to more than peers, or a port that asks for no key to more than named clients; 2 could not judge."
    )]
    Reach(Reach),
    /// Play a drain, a lost node, a lost zone and a rolling upgrade: quorum, reads, writes, data
    #[command(after_help = "Exit codes: 1 clients may notice one of them; 2 could not judge.")]
    Simulate(Simulate),
    /// Test rules of your own: `test_` rules, `# expect:` cases, coverage
    #[command(after_help = "Exit codes: 0 all passed, 1 a test failed, 2 nothing to test or an invalid policy.")]
    Test(Test),
    /// List the rules
    Rules(Rules),
    /// Explain a rule: why, bad and good, the fix, sources
    Explain(Explain),
    /// Print the manual page, or write one page a command
    Man {
        /// Folder for the pages
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Print shell completions
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
}

/// What to read and how to read it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Input")]
pub(super) struct Input {
    /// Files and folders; `-` is standard input; none = the current folder
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Helm values, merged in order (like `helm -f`)
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    pub(super) values: Vec<PathBuf>,
    /// Set values (like `helm --set`): `a.b=1,c[0]=x`
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// Set text values
    #[arg(long, value_name = "KEY=TEXT")]
    pub(super) set_string: Vec<String>,
    /// Set JSON values
    #[arg(long, value_name = "KEY=JSON")]
    pub(super) set_json: Vec<String>,
    /// Set values from files
    #[arg(long, value_name = "KEY=FILE")]
    pub(super) set_file: Vec<String>,
    /// Set literal text
    #[arg(long, value_name = "KEY=TEXT")]
    pub(super) set_literal: Vec<String>,
    /// Version of the Qdrant chart the values are for
    #[arg(long, value_name = "VERSION")]
    pub(super) chart_version: Option<String>,
    /// Release name
    #[arg(long, value_name = "NAME")]
    pub(super) release: Option<String>,
    /// Namespace the release goes to
    #[arg(short = 'n', long, value_name = "NAMESPACE")]
    pub(super) namespace: Option<String>,
    /// What the input is, when sniffing is wrong
    #[arg(long = "as", value_name = "KIND", value_enum)]
    pub(super) as_kind: Option<AsKind>,
    /// Largest file; depth, documents and alias expansion scale with it
    #[arg(long = "max-input", value_name = "SIZE", default_value = "64MiB")]
    pub(super) largest: String,
}

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AsKind {
    /// Values of the official chart
    Values,
    /// Kubernetes manifests
    Manifest,
    /// Collection body
    Collection,
    /// Recover body
    Recover,
    /// Qdrant server configuration
    Config,
}

/// What to judge for.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Policy")]
pub(super) struct Policy {
    /// What the deployment must satisfy
    #[arg(long, value_enum)]
    pub(super) profile: Option<Profile>,
    /// Only rules whose id matches
    #[arg(long, value_name = "GLOB")]
    pub(super) rule: Vec<String>,
    /// Not rules whose id matches
    #[arg(long, value_name = "GLOB")]
    pub(super) skip: Vec<String>,
    /// Folder with rules of your own
    #[arg(long = "policy", value_name = "DIR")]
    pub(super) folders: Vec<PathBuf>,
    /// Configuration [default: the nearest .qdrant-lint.yaml upwards]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The date to judge by, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    pub(super) effective_date: Option<jiff::civil::Date>,
}

/// What does not count.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Accepted findings")]
pub(super) struct Acceptance {
    /// Findings that are known: only new ones count
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write what is found now as a baseline
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// As if there were no comments, annotations and waivers
    #[arg(long)]
    pub(super) no_ignores: bool,
    /// Exit 1 too when a rule needs evidence that nobody attests
    #[arg(long)]
    pub(super) strict_evidence: bool,
}

/// What to write, and what fails the run.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(super) struct Reports {
    /// Least severity that makes the exit code 1 [default: medium]
    #[arg(long, value_enum)]
    pub(super) fail_on: Option<FailOn>,
    #[arg(long, value_name = "NAME[=FILE]", help = formats::help())]
    pub(super) format: Vec<String>,
    /// Accepted findings in SARIF too; GitHub would open alerts for them
    #[arg(long)]
    pub(super) sarif_suppressions: bool,
    /// API of the format policyreport
    #[arg(long, value_enum, value_name = "API", default_value_t)]
    pub(super) policyreport_api: crate::report::policyreport::Api,
}

#[derive(Args, Debug)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) input: Input,
    #[command(flatten)]
    pub(super) policy: Policy,
    #[command(flatten)]
    pub(super) acceptance: Acceptance,
    #[command(flatten)]
    pub(super) reports: Reports,
}

#[derive(Args, Debug)]
pub(super) struct Fix {
    #[command(flatten)]
    pub(super) input: Input,
    #[command(flatten)]
    pub(super) policy: Policy,
    /// Only show the changes, as a unified diff
    #[arg(long, help_heading = "Output")]
    pub(super) diff: bool,
    /// Also fixes that change what the deployment does
    #[arg(long = "unsafe", help_heading = "Output")]
    pub(super) risky: bool,
    /// Least severity of what remains that makes the exit code 1 [default: medium]
    #[arg(long, value_enum, help_heading = "Output")]
    pub(super) fail_on: Option<FailOn>,
}

#[derive(Args, Debug)]
pub(super) struct Init {
    /// Files and folders to look at; none = the current folder
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Replace a configuration that is there
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Args, Debug)]
pub(super) struct Facts {
    #[command(flatten)]
    pub(super) input: Input,
    #[command(flatten)]
    pub(super) policy: Policy,
    /// With the origin of every fact
    #[arg(long)]
    pub(super) provenance: bool,
}

#[derive(Args, Debug)]
pub(super) struct Reach {
    #[command(flatten)]
    pub(super) input: Input,
    #[command(flatten)]
    pub(super) policy: Policy,
    /// How to print
    #[arg(long, value_enum, default_value_t = ViewFormat::Table)]
    pub(super) format: ViewFormat,
}

#[derive(Args, Debug)]
pub(super) struct Simulate {
    #[command(flatten)]
    pub(super) input: Input,
    #[command(flatten)]
    pub(super) policy: Policy,
    /// Nodes that peers may run on, when you know it
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) nodes: Option<u64>,
    /// Zones they lie in, when you know it
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) zones: Option<u64>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ViewFormat::Table)]
    pub(super) format: ViewFormat,
}

/// How to print a view of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ViewFormat {
    /// For people
    Table,
    /// For scripts
    Json,
}

#[derive(Args, Debug)]
pub(super) struct Test {
    /// Folder of policies, with cases in its `testdata`
    #[arg(value_name = "POLICY-DIR", default_value = ".")]
    pub(super) folder: PathBuf,
    /// Least share of lines of rules that the tests must reach, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=100))]
    pub(super) min_coverage: u8,
}

#[derive(Args, Debug)]
pub(super) struct Rules {
    /// How to print
    #[arg(long, value_enum, default_value_t = RulesFormat::Table)]
    pub(super) format: RulesFormat,
    /// Profile whose severities are shown
    #[arg(long, value_enum, default_value_t = Profile::Production)]
    pub(super) profile: Profile,
    /// Folder with rules of your own
    #[arg(long, value_name = "DIR")]
    pub(super) policy: Vec<PathBuf>,
}

/// How to print the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesFormat {
    /// One line a rule
    Table,
    /// All metadata
    Json,
    /// A table for a README
    Markdown,
}

#[derive(Args, Debug)]
pub(super) struct Explain {
    /// Id of the rule
    pub(super) rule: String,
    /// Folder with rules of your own
    #[arg(long, value_name = "DIR")]
    pub(super) policy: Vec<PathBuf>,
}

#[cfg(feature = "webhook")]
#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Where reviews are answered, over TLS
    #[arg(long, value_name = "ADDR", default_value = "[::]:8443", help_heading = "Serving")]
    pub(super) listen: String,
    /// Where /healthz, /readyz and /metrics are answered, without TLS
    #[arg(long, value_name = "ADDR", default_value = "[::]:8080", help_heading = "Serving")]
    pub(super) health_listen: String,
    /// Certificate chain in PEM; read again when its content changes
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "tls_secret",
        requires = "tls_key",
        help_heading = "Serving"
    )]
    pub(super) tls_cert: Option<PathBuf>,
    /// Private key in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = "Serving")]
    pub(super) tls_key: Option<PathBuf>,
    /// Secret of the webhook's own namespace in which it keeps a certificate of its own making, instead of files
    #[arg(long, value_name = "NAME", conflicts_with_all = ["tls_cert", "no_cluster"], requires = "tls_name", help_heading = "Serving")]
    pub(super) tls_secret: Option<String>,
    /// Name or address that the API server calls the webhook by, for its own certificate; repeatable
    #[arg(long, value_name = "NAME", requires = "tls_secret", help_heading = "Serving")]
    pub(super) tls_name: Vec<String>,
    /// Webhook configuration that shall trust its own certificate
    #[arg(long, value_name = "NAME", requires = "tls_secret", help_heading = "Serving")]
    pub(super) webhook_configuration: Option<String>,
    /// Seconds that its own certificate lives; it is renewed when a third of them is left
    #[arg(long, value_name = "SECONDS", default_value_t = 7_776_000, value_parser = clap::value_parser!(u64).range(10..=31_536_000), help_heading = "Serving")]
    pub(super) tls_lifetime: u64,
    /// The most that a verdict does; the label qdrant-lint.dev/admission of a namespace may only lower it
    #[arg(long, value_enum, default_value_t, help_heading = "Serving")]
    pub(super) mode: crate::admission::mode::Mode,
    /// Judge each object alone: nothing is read of the cluster
    #[arg(long, help_heading = "Serving")]
    pub(super) no_cluster: bool,
    /// Least severity that denies [default: fail_on of the configuration, else medium]
    #[arg(long, value_enum, help_heading = "Serving")]
    pub(super) fail_on: Option<FailOn>,
    /// Group whose members may exec and port-forward into Qdrant in enforced namespaces; repeatable
    #[arg(long, value_name = "GROUP", help_heading = "Serving")]
    pub(super) break_glass_group: Vec<String>,
    /// Seconds after which what is in the cluster is judged again, besides after changes; 0 = never
    #[arg(long, value_name = "SECONDS", default_value_t = 600, help_heading = "Serving")]
    pub(super) audit_interval: u64,
    /// Seconds between failing /readyz and closing the door
    #[arg(long, value_name = "SECONDS", default_value_t = 5, help_heading = "Serving")]
    pub(super) shutdown_delay: u64,
    #[command(flatten)]
    pub(super) policy: Policy,
}
