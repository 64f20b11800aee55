//! The threads that judge: as many as there are processors, and always the same ones. A thread of a larger pool would find
//! its part of the memory cold each time its turn comes, which doubles what a review costs.

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::sync::oneshot;

/// Threads that judge reviews.
pub struct Workers(ThreadPool);

impl Workers {
    /// One on each processor.
    pub fn new() -> Result<Self, ThreadPoolBuildError> {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let pool = ThreadPoolBuilder::new()
            .num_threads(processors)
            .thread_name(|number| format!("judge-{number}"))
            // who waits for the work hears that it has ended without a result
            .panic_handler(|_| {})
            .build()?;
        Ok(Self(pool))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.current_num_threads()
    }

    /// Has one of them do a work. Of one that panics there is no result.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
        let (done, result) = oneshot::channel();
        self.0.spawn(move || {
            // nobody waits any longer when the deadline has passed
            let _ = done.send(work());
        });
        result
    }

    /// Has each of them do a work, and waits for all.
    pub fn each(&self, work: impl Fn(usize) + Sync) {
        self.0.broadcast(|context| work(context.index()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_work_that_panics_has_no_result_and_its_thread_goes_on() {
        let workers = Workers::new().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for _ in 0..2 * workers.count() {
            let result = runtime.block_on(workers.run(|| -> u8 { panic!("as a review may") }));
            assert!(result.is_err());
        }
        assert_eq!(runtime.block_on(workers.run(|| 7)), Ok(7));
    }

    #[test]
    fn each_thread_does_its_part() {
        let workers = Workers::new().unwrap();
        let seen = Mutex::new(BTreeSet::new());
        workers.each(|number| assert!(seen.lock().unwrap().insert(number)));
        assert_eq!(seen.into_inner().unwrap().len(), workers.count());
    }
}
