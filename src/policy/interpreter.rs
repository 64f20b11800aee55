//! Rules of the user on regorus' interpreter. Nobody but their author has looked at them, so they run on a thread with
//! time, memory and stack of its own, and a rule that does not stop is left behind.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::Value;

use super::registry::Module;
use super::{PolicyError, Registry};

/// A rule reads a bounded document; what takes longer is a fault of the rule.
pub(super) const TIME: Duration = Duration::from_secs(2);
/// A single call of a built-in function is not interrupted; this long after its time the rule is left behind.
const GRACE: Duration = Duration::from_secs(2);
/// What a rule may take on top of what the process holds.
const MEMORY: u64 = 512 << 20;
/// The largest value that a rule may return, in nested values.
const VALUES: usize = 1_000_000;
/// The deepest value that a rule may return.
const DEPTH: usize = 64;
/// The longest text in all that a rule may return.
const TEXT: usize = 16 << 20;
/// Bytes of stack; only what is used is backed by memory.
const STACK: usize = 256 << 20;
/// regorus parses nested literals in 2^depth; no policy nests this deep.
const MAX_BRACKETS: usize = 12;

/// Lines of a policy file that were reached, and those that were not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// File as it is shown.
    pub file: String,
    /// 1-based lines that were evaluated.
    pub reached: BTreeSet<u32>,
    /// 1-based lines that were not.
    pub missed: BTreeSet<u32>,
}

enum Request {
    Input(Value),
    Rule(String),
    Coverage,
}

enum Reply {
    Value(Result<Option<Value>, String>),
    Coverage(Vec<Coverage>),
}

/// A thread that evaluates rules of the user.
pub(super) struct Interpreter {
    requests: Sender<Request>,
    replies: Receiver<Reply>,
    left_behind: bool,
}

impl Interpreter {
    /// A thread with an engine of its own.
    pub(super) fn start(mut engine: regorus::Engine) -> Self {
        let (requests, inbox) = channel::<Request>();
        let (outbox, replies) = channel();
        let work = move || {
            for request in inbox {
                let reply = match request {
                    Request::Input(facts) => {
                        engine.set_input(regorus::Value::from(facts));
                        continue;
                    }
                    Request::Rule(path) => Reply::Value(evaluate(&mut engine, path)),
                    Request::Coverage => Reply::Coverage(coverage(&engine)),
                };
                if outbox.send(reply).is_err() {
                    return;
                }
            }
        };
        // without a thread the channels are closed, and every rule says that it could not be evaluated
        let _ = std::thread::Builder::new().name("policies".to_owned()).stack_size(STACK).spawn(work);
        Self { requests, replies, left_behind: false }
    }

    /// A rule did not stop; no other one will be evaluated.
    pub(super) fn is_left_behind(&self) -> bool {
        self.left_behind
    }

    /// The document that the following rules see.
    pub(super) fn set_input(&self, facts: &Value) {
        // a closed channel is told when a rule is asked for
        let _ = self.requests.send(Request::Input(facts.clone()));
    }

    /// The value at a path of rules; none when it is undefined.
    pub(super) fn value(&mut self, path: String) -> Result<Option<Value>, String> {
        if self.left_behind {
            return Err("not evaluated, because an earlier rule did not stop".to_owned());
        }
        let _bound = MemoryBound::set();
        let _ = self.requests.send(Request::Rule(path));
        match self.replies.recv_timeout(TIME + GRACE) {
            Ok(Reply::Value(value)) => value,
            Ok(Reply::Coverage(_)) => Err("answered something else".to_owned()),
            Err(RecvTimeoutError::Timeout) => {
                self.left_behind = true;
                Err(format!("one call took longer than {} s", (TIME + GRACE).as_secs()))
            }
            Err(RecvTimeoutError::Disconnected) => {
                self.left_behind = true;
                Err("the evaluation broke off".to_owned())
            }
        }
    }

    /// Lines reached so far; empty unless the engine counts them.
    pub(super) fn coverage(&self) -> Vec<Coverage> {
        let _ = self.requests.send(Request::Coverage);
        match self.replies.recv_timeout(TIME + GRACE) {
            Ok(Reply::Coverage(coverage)) => coverage,
            _ => Vec::new(),
        }
    }
}

/// While it lives, the process may grow so much and no more. The bound is the process's, so one rule runs at a time.
struct MemoryBound(#[expect(dead_code, reason = "held until the rule has run")] MutexGuard<'static, ()>);

impl MemoryBound {
    fn set() -> Self {
        static ONE: Mutex<()> = Mutex::new(());
        let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let held = regorus_mimalloc::global_allocation_stats_snapshot().allocated;
        regorus::set_global_memory_limit(Some(held.saturating_add(MEMORY)));
        Self(guard)
    }
}

impl Drop for MemoryBound {
    fn drop(&mut self) {
        regorus::set_global_memory_limit(None);
    }
}

fn evaluate(engine: &mut regorus::Engine, path: String) -> Result<Option<Value>, String> {
    let value = engine.eval_rule(path).map_err(|error| readable(&error.to_string()))?;
    if value == regorus::Value::Undefined {
        return Ok(None);
    }
    let mut room = Room { values: VALUES, text: TEXT };
    room.take(&value, 0)?;
    serde_json::to_value(&value).map(Some).map_err(|error| error.to_string())
}

/// What a returned value may still hold.
struct Room {
    values: usize,
    text: usize,
}

impl Room {
    fn take(&mut self, value: &regorus::Value, depth: usize) -> Result<(), String> {
        if depth > DEPTH {
            return Err(format!("the value nests deeper than {DEPTH}"));
        }
        self.values =
            self.values.checked_sub(1).ok_or_else(|| format!("more than {VALUES} values in what it returns"))?;
        match value {
            regorus::Value::String(text) => {
                self.text =
                    self.text.checked_sub(text.len()).ok_or_else(|| format!("more than {} MiB of text", TEXT >> 20))?;
            }
            regorus::Value::Array(items) => {
                for item in items.iter() {
                    self.take(item, depth + 1)?;
                }
            }
            regorus::Value::Set(items) => {
                for item in items.iter() {
                    self.take(item, depth + 1)?;
                }
            }
            regorus::Value::Object(entries) => {
                for (key, value) in entries.iter() {
                    self.take(key, depth + 1)?;
                    self.take(value, depth + 1)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn coverage(engine: &regorus::Engine) -> Vec<Coverage> {
    let files = engine.get_coverage_report().map(|report| report.files).unwrap_or_default();
    files
        .into_iter()
        .map(|file| Coverage { file: file.path, reached: file.covered, missed: file.not_covered })
        .collect()
}

/// The time of a rule, looked at often enough.
pub(super) fn timer() -> ExecutionTimerConfig {
    ExecutionTimerConfig { limit: TIME, check_interval: NonZeroU32::new(1000).expect("not zero") }
}

/// An engine with modules.
pub(super) fn engine(modules: &[Module]) -> Result<regorus::Engine, PolicyError> {
    let mut engine = regorus::Engine::new();
    engine.set_strict_builtin_errors(false);
    for module in modules {
        bounded(module)?;
        engine
            .add_policy(module.shown.clone(), module.text.clone())
            .map_err(|error| compile_error(module, &error.to_string()))?;
    }
    Ok(engine)
}

/// The rules of the user, and the built-in libraries, which are there for them too.
pub(super) fn of_user(registry: &Registry) -> Result<regorus::Engine, PolicyError> {
    let libraries = registry.built_in.iter().filter(|module| module.file.starts_with("lib/"));
    let modules: Vec<Module> = libraries.chain(&registry.custom).chain(&registry.tests).cloned().collect();
    super::recursion::refuse(&modules)?;
    let mut engine = engine(&modules)?;
    engine.set_execution_timer_config(timer());
    engine.set_input(regorus::Value::from(Value::Object(serde_json::Map::new())));
    // what is wrong with a module as a whole shows at the first evaluation; then it is told before real facts come
    let first = registry.rules().find(|rule| !rule.built_in).map(|rule| format!("data.{}.findings", rule.package));
    let mut trial = Interpreter::start(engine.clone());
    if let Some(Err(message)) = first.map(|path| trial.value(path))
        && let Some((file, line, message)) = placed(&message)
    {
        return Err(PolicyError::Broken { file, line, message });
    }
    Ok(engine)
}

/// regorus' words of a fault of a module, with file and line in front.
fn compile_error(module: &Module, message: &str) -> PolicyError {
    let readable = readable(message);
    match placed(&readable) {
        Some((file, line, message)) => PolicyError::Broken { file, line, message },
        None => PolicyError::Compile { file: module.shown.clone(), message: readable },
    }
}

/// `file:line:column: message` of regorus' many lines.
fn readable(message: &str) -> String {
    let place = message.lines().find_map(|line| line.trim().strip_prefix("--> "));
    let said = message.lines().rev().find_map(|line| line.trim().strip_prefix("error: "));
    match (place, said) {
        (Some(place), Some(said)) => format!("{place}: {said}"),
        _ => message.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// File, line and message of `file:line:column: message`.
fn placed(message: &str) -> Option<(String, usize, String)> {
    let (place, said) = message.split_once(": ")?;
    let mut parts = place.rsplitn(3, ':');
    let (_, line, file) = (parts.next()?.parse::<usize>().ok()?, parts.next()?, parts.next()?);
    Some((file.to_owned(), line.parse().ok()?, said.to_owned()))
}

/// Refuses text that would take exponential time to parse.
fn bounded(module: &Module) -> Result<(), PolicyError> {
    let mut depth = 0_usize;
    let (mut in_string, mut in_raw, mut in_comment, mut escaped, mut line) = (false, false, false, false, 1);
    for character in module.text.chars() {
        match character {
            '\n' => {
                line += 1;
                in_comment = false;
                in_string = false;
            }
            _ if in_comment => {}
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' if !in_raw => in_string = !in_string,
            '`' if !in_string => in_raw = !in_raw,
            _ if in_string || in_raw => {}
            '#' => in_comment = true,
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_BRACKETS {
            let message = format!("brackets nest deeper than {MAX_BRACKETS}; name the inner value first");
            return Err(PolicyError::TooComplex { file: module.shown.clone(), line, message });
        }
    }
    Ok(())
}
