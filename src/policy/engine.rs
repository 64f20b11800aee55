//! Built-in rules run compiled, on regorus' virtual machine; rules of the user run on its interpreter.

use std::sync::{Arc, OnceLock};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::program::DeserializationResult;
use regorus::rvm::{Program, RegoVM};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::interpreter::{self, Coverage, Interpreter};
use super::registry::Module;
use super::{PolicyError, Registry, Rule};

/// Beyond any rule on any document; a loop without end stops here.
const INSTRUCTIONS_OF_A_RULE: usize = 200_000_000;

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
    interpreter: Option<Interpreter>,
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
        let custom = if registry.custom.is_empty() { None } else { Some(interpreter::of_user(registry)?) };
        Ok(Self { program, entries, custom })
    }

    /// An evaluator for one thread.
    pub fn evaluator(&self) -> Evaluator<'_> {
        let vm = self.program.as_ref().map(|program| {
            let mut vm = RegoVM::new();
            vm.set_max_instructions(INSTRUCTIONS_OF_A_RULE);
            vm.set_execution_timer_config(Some(interpreter::timer()));
            vm.set_strict_builtin_errors(false);
            vm.load_program(Arc::clone(program));
            vm
        });
        Evaluator { engine: self, vm, interpreter: self.custom.clone().map(Interpreter::start) }
    }

    /// Likewise, counting which lines of the user's rules are reached.
    pub fn watching(&self) -> Evaluator<'_> {
        let custom = self.custom.clone().map(|mut engine| {
            engine.set_enable_coverage(true);
            Interpreter::start(engine)
        });
        Evaluator { engine: self, vm: None, interpreter: custom }
    }
}

impl Evaluator<'_> {
    /// The facts that the following rules see.
    pub fn set_facts(&mut self, facts: &Value) {
        if let Some(vm) = &mut self.vm {
            vm.set_input(regorus::Value::from(facts.clone()));
        }
        if let Some(interpreter) = &self.interpreter {
            interpreter.set_input(facts);
        }
    }

    /// The value of `findings` or `skipped` of a rule: an array; empty when undefined.
    pub fn run(&mut self, rule: &Rule, set: &str) -> Result<Vec<Value>, PolicyError> {
        let path = entry(rule, set);
        let failed = |message: String| PolicyError::Evaluation { rule: rule.id.clone(), message };
        let value = if rule.built_in {
            let Some(vm) = &mut self.vm else { return Ok(Vec::new()) };
            let Ok(index) = self.engine.entries.binary_search(&path) else { return Ok(Vec::new()) };
            let value = vm.execute_entry_point_by_index(index).map_err(|error| failed(error.to_string()))?;
            if value == regorus::Value::Undefined {
                return Ok(Vec::new());
            }
            serde_json::to_value(&value).map_err(|error| failed(error.to_string()))?
        } else {
            let Some(interpreter) = &mut self.interpreter else { return Ok(Vec::new()) };
            let Some(value) = interpreter.value(path).map_err(failed)? else { return Ok(Vec::new()) };
            value
        };
        match value {
            Value::Array(items) => Ok(items),
            other => Err(PolicyError::Contract {
                rule: rule.id.clone(),
                what: format!("`{set}` as {other}, which is no set"),
            }),
        }
    }
}

impl Evaluator<'_> {
    /// Whether a `test_` rule of the user holds.
    pub fn test(&mut self, path: &str) -> Result<bool, String> {
        let Some(interpreter) = &mut self.interpreter else { return Ok(false) };
        Ok(interpreter.value(path.to_owned())? == Some(Value::Bool(true)))
    }

    /// Lines of the user's policies that were reached.
    pub fn coverage(&self) -> Vec<Coverage> {
        self.interpreter.as_ref().map(Interpreter::coverage).unwrap_or_default()
    }
}

fn entry(rule: &Rule, set: &str) -> String {
    format!("data.{}.{set}", rule.package)
}

fn compile(modules: &[Module], entries: &[String]) -> Result<Arc<Program>, PolicyError> {
    let wrong = |message: String| PolicyError::Compile { file: "built-in policies".to_owned(), message };
    let mut engine = interpreter::engine(modules)?;
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
