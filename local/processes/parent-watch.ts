/** A process started by another ends with it, also when that one is killed and can say nothing. */

const checkEveryMs = 1_000;

/**
 * Calls `onGone` once when the parent is gone: at once over the process channel, else by looking.
 * A process that a person started from a shell is left alone.
 * @returns stops watching.
 */
export function watchParent(onGone: () => void): () => void {
  const startedByUs = process.send !== undefined;
  const startedByNpm = process.env['npm_lifecycle_event'] !== undefined;
  let told = false;
  const tell = () => {
    if (told) return;
    told = true;
    stop();
    onGone();
  };
  const parent = process.ppid;
  const timer = startedByNpm
    ? setInterval(() => {
        if (process.ppid !== parent) tell();
      }, checkEveryMs).unref()
    : undefined;
  if (startedByUs) {
    process.once('disconnect', tell);
    // Listening must not keep a process alive that has nothing else to do.
    process.channel?.unref();
  }
  const stop = () => {
    clearInterval(timer);
    process.off('disconnect', tell);
  };
  return stop;
}
