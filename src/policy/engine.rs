//! Built-in rules run compiled, on regorus' virtual machine; rules of the user run on its interpreter.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::program::DeserializationResult;
use regorus::rvm::{Program, RegoVM};
use serde::Deserialize as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::excerpt::Excerpts;
use super::interpreter::{self, Coverage, Interpreter};
use super::memo::{Lookup, Memo, Numbers};
use super::registry::Module;
use super::{PolicyError, Registry, Rule, bare};

/// Beyond any rule on any document; a loop without end stops here.
const INSTRUCTIONS_OF_A_RULE: usize = 200_000_000;

/// The built-in rules, compiled: a digest of their texts, then the program. Compiling them takes longer than all the rest
/// of a small run. When the digest is not that of the embedded texts, they are compiled; a test keeps the two together.
static COMPILED: &[u8] = include_bytes!("../../policies/compiled.bin");
const DIGEST: usize = 32;
/// What follows the digest; another layout needs another name.
const LAYOUT: &[u8] = b"programs by concern, imports in full";
/// Folder of what rules share.
const LIBRARY: &str = "lib";

/// Rules ready to run; shared by all threads.
pub struct Engine {
    /// A program a concern: every call of an entry point costs as much as there are rules in its program.
    programs: Vec<Arc<Program>>,
    /// Program and entry point by path, in the order of the paths.
    entries: Vec<(String, usize, usize)>,
    custom: Option<regorus::Engine>,
}

/// Runs rules on one facts document after the other; one per thread.
pub struct Evaluator<'a> {
    engine: &'a Engine,
    vms: Vec<RegoVM>,
    interpreter: Option<Interpreter>,
    memo: Option<Arc<Memo>>,
    /// The facts as the machines take them; without a memory all rules see all of them.
    input: Option<regorus::Value>,
    /// What each machine has.
    given: Vec<Given>,
    numbers: Numbers,
    excerpts: Excerpts,
}

/// What a machine has of the facts at hand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    Nothing,
    /// What the rule of this entry point reads.
    Part(usize),
    Everything,
}

impl Engine {
    /// Compiles the rules of a registry.
    pub fn new(registry: &Registry) -> Result<Self, PolicyError> {
        let concerns = concerns(registry);
        let programs = match embedded(registry, concerns.len()) {
            Some(programs) => programs,
            None => concerns
                .iter()
                .map(|(concern, entries)| compile(&registry.built_in, concern, entries))
                .collect::<Result<_, _>>()?,
        };
        let numbered = concerns.into_values().enumerate().flat_map(|(program, entries)| {
            entries.into_iter().enumerate().map(move |(entry, path)| (path, program, entry))
        });
        let mut entries: Vec<_> = numbered.collect();
        entries.sort_unstable();
        let custom = if registry.custom.is_empty() { None } else { Some(interpreter::of_user(registry)?) };
        Ok(Self { programs, entries, custom })
    }

    /// The program of a built-in rule, and its entry point there.
    fn entry(&self, rule: &Rule, set: &str) -> Option<(usize, usize)> {
        let path = entry(rule, set);
        let found = self.entries.binary_search_by(|(known, ..)| known.as_str().cmp(&path)).ok()?;
        let (_, program, index) = self.entries[found];
        Some((program, index))
    }

    /// An evaluator for one thread.
    pub fn evaluator(&self) -> Evaluator<'_> {
        let machine = |program: &Arc<Program>| {
            let mut vm = RegoVM::new();
            vm.set_max_instructions(INSTRUCTIONS_OF_A_RULE);
            vm.set_execution_timer_config(Some(interpreter::timer()));
            vm.set_strict_builtin_errors(false);
            vm.load_program(Arc::clone(program));
            vm
        };
        let vms = self.programs.iter().map(machine).collect();
        let interpreter = self.custom.clone().map(Interpreter::start);
        self.evaluator_with(vms, interpreter)
    }

    /// Likewise, counting which lines of the user's rules are reached.
    pub fn watching(&self) -> Evaluator<'_> {
        let custom = self.custom.clone().map(|mut engine| {
            engine.set_enable_coverage(true);
            Interpreter::start(engine)
        });
        self.evaluator_with(Vec::new(), custom)
    }

    fn evaluator_with(&self, vms: Vec<RegoVM>, interpreter: Option<Interpreter>) -> Evaluator<'_> {
        let given = vec![Given::Nothing; vms.len()];
        Evaluator {
            engine: self,
            vms,
            interpreter,
            memo: None,
            input: None,
            given,
            numbers: Numbers::default(),
            excerpts: Excerpts::default(),
        }
    }
}

impl Evaluator<'_> {
    /// From now on remembers in this memory, which all threads may share.
    pub fn remember_in(&mut self, memo: Arc<Memo>) {
        if self.memo.as_ref().is_none_or(|own| !Arc::ptr_eq(own, &memo)) {
            self.memo = Some(memo);
            self.numbers = Numbers::default();
        }
    }

    /// What the memory says of a rule; `facts` are those that were set.
    pub(super) fn look_up(&mut self, rule: &Rule, facts: &Value) -> Lookup {
        let Some(memo) = &self.memo else { return Lookup::Unknowable };
        memo.look_up(rule, facts, &mut self.numbers)
    }

    /// Gives the machine of a built-in rule the facts, with a memory only those that the rule reads.
    fn give(&mut self, rule: &Rule, facts: &Value) {
        let Some((program, entry)) = self.engine.entry(rule, "findings") else { return };
        let Some(vm) = self.vms.get_mut(program) else { return };
        let given = &mut self.given[program];
        if matches!(*given, Given::Everything) || *given == Given::Part(entry) {
            return;
        }
        let excerpt = self.memo.as_ref().and_then(|memo| self.excerpts.of(memo, rule, facts, &self.numbers));
        *given = if excerpt.is_some() { Given::Part(entry) } else { Given::Everything };
        let whole = || regorus::Value::deserialize(facts).unwrap_or(regorus::Value::Undefined);
        vm.set_input(excerpt.unwrap_or_else(|| self.input.get_or_insert_with(whole).clone()));
    }
}

impl Evaluator<'_> {
    /// Whether it can go on: a rule of the user that does not stop takes its evaluator with it.
    pub fn is_whole(&self) -> bool {
        self.interpreter.as_ref().is_none_or(|interpreter| !interpreter.is_left_behind())
    }

    /// The facts that the following rules see.
    pub fn set_facts(&mut self, facts: &Value) {
        self.numbers = Numbers::default();
        self.excerpts.turn();
        self.input = None;
        self.given.fill(Given::Nothing);
        if let Some(interpreter) = &self.interpreter {
            interpreter.set_input(facts);
        }
    }

    /// The value of `findings` or `skipped` of a rule: an array; empty when undefined. `facts` are those that were set.
    pub fn run(&mut self, rule: &Rule, set: &str, facts: &Value) -> Result<Vec<Value>, PolicyError> {
        let failed = |message: String| PolicyError::Evaluation { rule: rule.id.clone(), message };
        let value = if rule.built_in {
            let Some((program, index)) = self.engine.entry(rule, set) else { return Ok(Vec::new()) };
            self.give(rule, facts);
            let Some(vm) = self.vms.get_mut(program) else { return Ok(Vec::new()) };
            let value = vm.execute_entry_point_by_index(index).map_err(|error| failed(error.to_string()))?;
            if value == regorus::Value::Undefined {
                return Ok(Vec::new());
            }
            serde_json::to_value(&value).map_err(|error| failed(error.to_string()))?
        } else {
            let Some(interpreter) = &mut self.interpreter else { return Ok(Vec::new()) };
            let Some(value) = interpreter.value(entry(rule, set)).map_err(failed)? else { return Ok(Vec::new()) };
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

/// The rules of a concern with the libraries.
fn compile(modules: &[Module], concern: &str, entries: &[String]) -> Result<Arc<Program>, PolicyError> {
    let wrong = |message: String| PolicyError::Compile { file: format!("built-in policies of {concern}"), message };
    let of_concern =
        |module: &&Module| module.file.split('/').next().is_some_and(|one| one == concern || one == LIBRARY);
    let in_full = |module: &Module| Module { text: bare::in_full(&module.text), ..module.clone() };
    let modules: Vec<Module> = modules.iter().filter(of_concern).map(in_full).collect();
    let mut engine = interpreter::engine(&modules)?;
    let first = entries.first().map_or("", String::as_str);
    let policy = engine.compile_with_entrypoint(&first.into()).map_err(|error| wrong(error.to_string()))?;
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    Compiler::compile_from_policy(&policy, &entries).map_err(|error| wrong(error.to_string()))
}

/// The programs that are part of the binary, when they were made of these very rules.
fn embedded(registry: &Registry, count: usize) -> Option<Vec<Arc<Program>>> {
    let (of, mut rest) = COMPILED.split_at_checked(DIGEST)?;
    if of != digest(&registry.built_in) {
        return None;
    }
    let mut programs = Vec::with_capacity(count);
    while let Some((length, following)) = rest.split_first_chunk() {
        let (program, following) = following.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        match Program::deserialize_binary(program).ok()? {
            DeserializationResult::Complete(program) => programs.push(Arc::new(program)),
            DeserializationResult::Partial(_) => return None,
        }
        rest = following;
    }
    (programs.len() == count).then_some(programs)
}

/// What `policies/compiled.bin` must begin with for the rules of a registry.
pub fn digest_of(registry: &Registry) -> [u8; DIGEST] {
    digest(&registry.built_in)
}

fn digest(modules: &[Module]) -> [u8; DIGEST] {
    let mut digest = Sha256::new();
    digest.update(LAYOUT);
    for module in modules {
        digest.update(module.file.as_bytes());
        digest.update([0]);
        digest.update(module.text.as_bytes());
        digest.update([0]);
    }
    digest.finalize().into()
}

/// The content of `policies/compiled.bin` for the rules of a registry: the digest, then each program behind its length.
pub fn compiled(registry: &Registry) -> Result<Vec<u8>, PolicyError> {
    let wrong = |message: String| PolicyError::Compile { file: "built-in policies".to_owned(), message };
    let mut bytes = digest(&registry.built_in).to_vec();
    for (concern, entries) in concerns(registry) {
        let program = compile(&registry.built_in, concern, &entries)?.serialize_binary().map_err(wrong)?;
        let length = u32::try_from(program.len()).map_err(|error| wrong(error.to_string()))?;
        bytes.extend(length.to_le_bytes());
        bytes.extend(program);
    }
    Ok(bytes)
}

/// Every set that rules may define, by concern, in the order of the entry points.
fn concerns(registry: &Registry) -> BTreeMap<&str, Vec<String>> {
    let mut concerns: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for rule in registry.rules().filter(|rule| rule.built_in) {
        let entries = concerns.entry(rule.id.split('/').next().unwrap_or_default()).or_default();
        entries.push(entry(rule, "findings"));
        if rule.has_skips {
            entries.push(entry(rule, "skipped"));
        }
    }
    concerns
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
