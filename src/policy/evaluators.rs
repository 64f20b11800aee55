//! Evaluators that are kept for the next time: making one costs more than judging many a deployment.

use std::sync::{Arc, Mutex, PoisonError};

use super::engine::{Engine, Evaluator};
use super::memo::Memo;

/// Evaluators of one engine, as many as work at the same time.
pub struct Evaluators<'a> {
    engine: &'a Engine,
    memo: Option<Arc<Memo>>,
    idle: Mutex<Vec<Evaluator<'a>>>,
}

impl<'a> Evaluators<'a> {
    /// None yet; with a memory of verdicts where many deployments are judged.
    pub fn new(engine: &'a Engine, memo: Option<Arc<Memo>>) -> Self {
        Self { engine, memo, idle: Mutex::default() }
    }

    /// Works with one that is idle, else with a new one. One that panics or was left behind is not kept.
    pub fn with<T>(&self, work: impl FnOnce(&mut Evaluator<'a>) -> T) -> T {
        self.remembering(self.memo.clone(), work)
    }

    /// Likewise, with this memory instead.
    pub fn remembering<T>(&self, memo: Option<Arc<Memo>>, work: impl FnOnce(&mut Evaluator<'a>) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let mut evaluator = waiting.unwrap_or_else(|| self.engine.evaluator());
        if let Some(memo) = memo {
            evaluator.remember_in(memo);
        }
        let done = work(&mut evaluator);
        if evaluator.is_whole() {
            idle().push(evaluator);
        }
        done
    }
}

#[cfg(test)]
impl Evaluators<'_> {
    /// Evaluators that wait for work.
    pub(crate) fn idle(&self) -> usize {
        self.idle.lock().unwrap().len()
    }
}
