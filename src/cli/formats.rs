//! The formats of reports: what each is called, who writes it, and where it goes. A new format is one line of `FORMATS`
//! and one file in `report`; every command that reports takes its outputs from here.

use std::io::{self, BufWriter, Write};

use super::args::{Global, Reports};
use super::output::{self, Failure};
use crate::policy::{Registry, Severity};
use crate::report::forge::Forge;
use crate::report::{
    Report, checklist, concise, github, gitlab, html, json, junit, markdown, oscal, policyreport, pretty, sarif,
};
use crate::source::Sources;

/// A report and what the formats need to draw it.
pub(super) struct View<'a> {
    /// What was found.
    pub(super) report: &'a Report,
    /// The rules of the run.
    pub(super) registry: &'a Registry,
    /// Texts of the inputs.
    pub(super) sources: &'a Sources,
    /// Least severity that fails the run; none = nothing does.
    pub(super) threshold: Option<Severity>,
    /// What the command line says of formats.
    pub(super) arguments: &'a Reports,
}

/// How a format is drawn on one target.
struct Drawing<'a> {
    view: &'a View<'a>,
    look: pretty::Look,
    forge: Forge,
}

type Render = fn(&Drawing<'_>, &mut dyn Write) -> io::Result<()>;

/// Every format. The first is the default.
const FORMATS: &[(&str, Render)] = &[
    (PRETTY, |it, out| put(out, &pretty::render(it.view.report, it.view.sources, it.look))),
    ("concise", |it, out| concise::write(it.view.report, out)),
    (JSON, |it, out| json::write(it.view.report, out)),
    ("sarif", |it, out| {
        let view = sarif::View { report: it.view.report, registry: it.view.registry, sources: it.view.sources };
        put(out, &sarif::render(&view, &it.forge, it.view.arguments.sarif_suppressions))
    }),
    ("junit", |it, out| put(out, &junit::render(it.view.report, it.view.threshold))),
    ("github", |it, out| put(out, &github::render(it.view.report, &it.forge))),
    ("gitlab", |it, out| put(out, &gitlab::render(it.view.report, &it.forge))),
    ("markdown", |it, out| put(out, &markdown::render(it.view.report, it.view.threshold))),
    (HTML, |it, out| {
        let (report, registry, sources) = (it.view.report, it.view.registry, it.view.sources);
        put(out, &html::render(&html::View { report, registry, sources, threshold: it.view.threshold }))
    }),
    ("policyreport", |it, out| {
        put(out, &policyreport::render(it.view.report, it.view.arguments.policyreport_api, it.view.threshold))
    }),
    ("checklist", |it, out| put(out, &checklist::render(it.view.report))),
    ("oscal", |it, out| put(out, &oscal::render(it.view.report))),
];

fn put(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())
}

/// The screen: silent when all is well and nothing more is asked for.
const PRETTY: &str = "pretty";

/// Draws each deployment.
const HTML: &str = "html";
/// Written even when nothing could be judged.
const JSON: &str = "json";

/// The names, for help texts.
pub(super) fn names() -> Vec<&'static str> {
    FORMATS.iter().map(|(name, _)| *name).collect()
}

/// Help of `--format`.
pub(super) fn help() -> String {
    format!("Output format, to a file with NAME=FILE; repeatable: {}", names().join(", "))
}

/// A format and where it goes; no file = standard output.
#[derive(Debug, PartialEq, Eq)]
struct Output {
    name: &'static str,
    render: usize,
    file: Option<String>,
}

/// What one run writes.
#[derive(Debug)]
pub(super) struct Outputs(Vec<Output>);

impl Outputs {
    /// What the arguments ask for.
    pub(super) fn new(formats: &[String]) -> Result<Self, Failure> {
        if formats.is_empty() {
            return Ok(Self(vec![output_of(PRETTY)?]));
        }
        formats.iter().map(|text| output_of(text)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a format draws deployments.
    pub(super) fn draws(&self) -> bool {
        self.0.iter().any(|output| output.name == HTML)
    }

    /// Writes every output. `silent` leaves out the screen.
    pub(super) fn write(&self, view: &View<'_>, global: &Global, silent: bool) -> Result<(), Failure> {
        let forge = Forge { folder: below_repository() };
        for target in &self.0 {
            if silent && target.name == PRETTY && target.file.is_none() {
                continue;
            }
            let look = pretty::Look {
                color: target.file.is_none() && output::colored(global),
                unicode: true,
                width: output::width(),
                verbose: global.verbose,
                threshold: view.threshold,
            };
            let drawing = Drawing { view, look, forge: forge.clone() };
            target.put(&|out| FORMATS[target.render].1(&drawing, out))?;
        }
        Ok(())
    }

    /// Tells of a failure before anything was judged: in JSON where that is asked for. Whether whoever reads standard
    /// output was told; a file tells nobody who looks at the screen.
    pub(super) fn write_failure(&self, failure: &Failure) -> Result<bool, Failure> {
        let report = Report { errors: vec![failure.0.clone()], ..Report::default() };
        let mut told = false;
        for target in self.0.iter().filter(|target| target.name == JSON) {
            target.put(&|out| json::write(&report, out))?;
            told |= target.file.is_none();
        }
        Ok(told)
    }
}

impl Output {
    fn put(&self, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        let Some(file) = &self.file else {
            output::print_with(write);
            return Ok(());
        };
        let folder = std::path::Path::new(file).parent();
        folder
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| {
                let mut out = BufWriter::new(std::fs::File::create(file)?);
                write(&mut out)?;
                out.flush()
            })
            .map_err(|error| Failure::new(format!("`{file}` cannot be written: {error}")))
    }
}

/// The working folder below the root of its repository, with `/`; empty at the root and outside a repository.
fn below_repository() -> String {
    let Ok(cwd) = std::env::current_dir() else { return String::new() };
    let root = cwd.ancestors().find(|folder| folder.join(".git").exists());
    let below = root.and_then(|root| cwd.strip_prefix(root).ok()).unwrap_or(std::path::Path::new(""));
    let steps: Vec<_> = below.components().map(|step| step.as_os_str().to_string_lossy()).collect();
    steps.join("/")
}

/// `NAME` or `NAME=FILE`.
fn output_of(text: &str) -> Result<Output, Failure> {
    let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file.to_owned())));
    let render = FORMATS.iter().position(|(known, _)| *known == name).ok_or_else(|| {
        Failure::new(format!("no format is called `{name}`")).help(format!("one of {}", names().join(", ")))
    })?;
    Ok(Output { name: FORMATS[render].0, render, file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_may_go_to_a_file() {
        let output = output_of("sarif=out/x=1.sarif").unwrap();
        assert_eq!((output.name, output.file.as_deref()), ("sarif", Some("out/x=1.sarif")));
        assert!(output_of("yaml").is_err());
    }

    #[test]
    fn the_help_names_every_format() {
        assert!(FORMATS.iter().all(|(name, _)| help().contains(name)));
    }
}
