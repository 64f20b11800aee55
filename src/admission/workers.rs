//! The threads that judge: as many as there are processors, and always the same ones. A thread of a larger pool would find
//! its part of the memory cold each time its turn comes, which doubles what a review costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::sync::oneshot;

/// Threads that judge reviews.
pub struct Workers {
    pool: ThreadPool,
    busy: Arc<AtomicUsize>,
}

/// A work that is not done yet.
struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

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
        Ok(Self { pool, busy: Arc::default() })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Has one of them do a work. Of one that panics there is no result. When all are still busy with works that nobody waits
    /// for any longer, a thread of the runtime, in which this is called, does it: those who come later are not kept waiting.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
        let (done, result) = oneshot::channel();
        let is_free = self.busy.fetch_add(1, Ordering::AcqRel) < self.count();
        let busy = Busy(Arc::clone(&self.busy));
        let work = move || {
            let answer = work();
            // whoever has the answer finds the thread free
            drop(busy);
            // nobody waits any longer when the deadline has passed
            let _ = done.send(answer);
        };
        if is_free {
            self.pool.spawn(work);
        } else {
            tokio::task::spawn_blocking(work);
        }
        result
    }

    /// Has each of them do a work, and waits for all.
    pub fn each(&self, work: impl Fn(usize) + Sync) {
        self.pool.broadcast(|context| work(context.index()));
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
    fn works_that_do_not_end_keep_nobody_waiting() {
        let workers = Workers::new().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (release, held) = std::sync::mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        runtime.block_on(async {
            let stuck: Vec<_> = (0..workers.count())
                .map(|_| {
                    let held = Arc::clone(&held);
                    workers.run(move || held.lock().unwrap().recv().is_err())
                })
                .collect();
            assert_eq!(workers.run(|| 7).await, Ok(7));
            drop(release);
            for stuck in stuck {
                assert_eq!(stuck.await, Ok(true));
            }
            assert_eq!(workers.busy.load(Ordering::Acquire), 0);
        });
    }

    #[test]
    fn each_thread_does_its_part() {
        let workers = Workers::new().unwrap();
        let seen = Mutex::new(BTreeSet::new());
        workers.each(|number| assert!(seen.lock().unwrap().insert(number)));
        assert_eq!(seen.into_inner().unwrap().len(), workers.count());
    }
}
