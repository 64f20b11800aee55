//! The only file that names regorus. Built-in rules run compiled, on its virtual machine; rules of the user run on
//! its interpreter, with less time.

use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::program::DeserializationResult;
use regorus::rvm::{Program, RegoVM};
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::registry::Module;
use super::{PolicyError, Registry, Rule};

/// A rule reads a bounded document; what takes longer is a fault of the rule.
const TIME_OF_A_RULE: Duration = Duration::from_secs(2);
/// Beyond any rule on any document; a loop without end stops here.
const INSTRUCTIONS_OF_A_RULE: usize = 200_000_000;
/// regorus parses nested literals in 2^depth; no policy nests this deep.
const MAX_BRACKETS: usize = 12;

/// The built-in rules, compiled: a digest of their texts, then the program. Compiling them takes longer than all the rest
/// of a small run. When the digest is not that of the embedded texts, they are compiled; a test keeps the two together.
static COMPILED: &[u8] = include_bytes!("../../policies/compiled.bin");
const DIGEST: usize = 32;

/// Rules ready to run; shared by all threads.
pub struct Engine {
    program: Option<Arc<Program>>,
    entries: Vec<String>,
    custom: Option<regorus::Engine>,
}

/// Runs rules on one facts document after the other; one per thread.
pub struct Evaluator<'a> {
    engine: &'a Engine,
    vm: Option<RegoVM>,
    interpreter: Option<regorus::Engine>,
}

impl Engine {
    /// Compiles the rules of a registry.
    pub fn new(registry: &Registry) -> Result<Self, PolicyError> {
        let entries = entries(registry);
        let program = match embedded(registry) {
            Some(program) => Some(program),
            None if entries.is_empty() => None,
            None => Some(compile(&registry.built_in, &entries)?),
        };
        let custom = if registry.custom.is_empty() { None } else { Some(interpreter(registry)?) };
        Ok(Self { program, entries, custom })
    }

    /// An evaluator for one thread.
    pub fn evaluator(&self) -> Evaluator<'_> {
        let vm = self.program.as_ref().map(|program| {
            let mut vm = RegoVM::new();
            vm.set_max_instructions(INSTRUCTIONS_OF_A_RULE);
            vm.set_execution_timer_config(Some(timer()));
            vm.set_strict_builtin_errors(false);
            vm.load_program(Arc::clone(program));
            vm
        });
        Evaluator { engine: self, vm, interpreter: self.custom.clone() }
    }
}

impl Evaluator<'_> {
    /// The facts that the following rules see.
    pub fn set_facts(&mut self, facts: &Value) {
        let input = regorus::Value::from(facts.clone());
        if let Some(vm) = &mut self.vm {
            vm.set_input(input.clone());
        }
        if let Some(interpreter) = &mut self.interpreter {
            interpreter.set_input(input);
        }
    }

    /// The value of `findings` or `skipped` of a rule: an array; empty when undefined.
    pub fn run(&mut self, rule: &Rule, set: &str) -> Result<Vec<Value>, PolicyError> {
        let path = entry(rule, set);
        let failed = |message: String| PolicyError::Evaluation { rule: rule.id.clone(), message };
        let value = if rule.built_in {
            let Some(vm) = &mut self.vm else { return Ok(Vec::new()) };
            let Ok(index) = self.engine.entries.binary_search(&path) else { return Ok(Vec::new()) };
            vm.execute_entry_point_by_index(index).map_err(|error| failed(error.to_string()))?
        } else {
            let Some(interpreter) = &mut self.interpreter else { return Ok(Vec::new()) };
            interpreter.eval_rule(path).map_err(|error| failed(error.to_string()))?
        };
        if value == regorus::Value::Undefined {
            return Ok(Vec::new());
        }
        match serde_json::to_value(&value).map_err(|error| failed(error.to_string()))? {
            Value::Array(items) => Ok(items),
            other => Err(PolicyError::Contract {
                rule: rule.id.clone(),
                what: format!("`{set}` as {other}, which is no set"),
            }),
        }
    }
}

fn entry(rule: &Rule, set: &str) -> String {
    format!("data.{}.{set}", rule.package)
}

fn timer() -> ExecutionTimerConfig {
    ExecutionTimerConfig { limit: TIME_OF_A_RULE, check_interval: NonZeroU32::new(1000).expect("not zero") }
}

fn new_engine(modules: &[Module]) -> Result<regorus::Engine, PolicyError> {
    let mut engine = regorus::Engine::new();
    engine.set_strict_builtin_errors(false);
    for module in modules {
        bounded(module)?;
        engine
            .add_policy(module.file.clone(), module.text.clone())
            .map_err(|error| PolicyError::Compile { file: module.file.clone(), message: error.to_string() })?;
    }
    Ok(engine)
}

fn compile(modules: &[Module], entries: &[String]) -> Result<Arc<Program>, PolicyError> {
    let wrong = |message: String| PolicyError::Compile { file: "built-in policies".to_owned(), message };
    let mut engine = new_engine(modules)?;
    let first = entries.first().map_or("", String::as_str);
    let policy = engine.compile_with_entrypoint(&first.into()).map_err(|error| wrong(error.to_string()))?;
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    Compiler::compile_from_policy(&policy, &entries).map_err(|error| wrong(error.to_string()))
}

/// The program that is part of the binary, when it was made of these very rules.
fn embedded(registry: &Registry) -> Option<Arc<Program>> {
    let (of, program) = COMPILED.split_at_checked(DIGEST)?;
    if of != digest(&registry.built_in) {
        return None;
    }
    match Program::deserialize_binary(program).ok()? {
        DeserializationResult::Complete(program) => Some(Arc::new(program)),
        DeserializationResult::Partial(_) => None,
    }
}

/// What `policies/compiled.bin` must begin with for the rules of a registry.
pub fn digest_of(registry: &Registry) -> [u8; DIGEST] {
    digest(&registry.built_in)
}

fn digest(modules: &[Module]) -> [u8; DIGEST] {
    let mut digest = Sha256::new();
    for module in modules {
        digest.update(module.file.as_bytes());
        digest.update([0]);
        digest.update(module.text.as_bytes());
        digest.update([0]);
    }
    digest.finalize().into()
}

/// The content of `policies/compiled.bin` for the rules of a registry.
pub fn compiled(registry: &Registry) -> Result<Vec<u8>, PolicyError> {
    let wrong = |message: String| PolicyError::Compile { file: "built-in policies".to_owned(), message };
    let program = compile(&registry.built_in, &entries(registry))?;
    let mut bytes = digest(&registry.built_in).to_vec();
    bytes.extend(program.serialize_binary().map_err(wrong)?);
    Ok(bytes)
}

/// Every set that rules may define, in the order of the entry points.
fn entries(registry: &Registry) -> Vec<String> {
    let mut entries = Vec::new();
    for rule in registry.rules().filter(|rule| rule.built_in) {
        entries.push(entry(rule, "findings"));
        if rule.has_skips {
            entries.push(entry(rule, "skipped"));
        }
    }
    entries
}

/// Built-in libraries are there for the user's rules too.
fn interpreter(registry: &Registry) -> Result<regorus::Engine, PolicyError> {
    let libraries = registry.built_in.iter().filter(|module| module.file.starts_with("lib/"));
    let modules: Vec<Module> = libraries.chain(&registry.custom).cloned().collect();
    let mut engine = new_engine(&modules)?;
    engine.set_execution_timer_config(timer());
    // a first evaluation on nothing finds calls of unknown functions before real facts do
    engine.set_input(regorus::Value::from(Value::Object(serde_json::Map::new())));
    Ok(engine)
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
            return Err(PolicyError::TooComplex { file: module.file.clone(), line, message });
        }
    }
    Ok(())
}

/// The engine of the built-in rules, compiled at first use.
pub fn built_in() -> Result<&'static (Registry, Engine), PolicyError> {
    static BUILT_IN: OnceLock<Result<(Registry, Engine), PolicyError>> = OnceLock::new();
    BUILT_IN
        .get_or_init(|| {
            let registry = Registry::built_in()?;
            let engine = Engine::new(&registry)?;
            Ok((registry, engine))
        })
        .as_ref()
        .map_err(Clone::clone)
}
