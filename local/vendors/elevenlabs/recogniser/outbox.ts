/** Messages that leave in order, each after the delay the vendor publishes for it. */
export interface Outbox {
  send(message: object, delayMs: number): void;
  close(): void;
}

export function createOutbox(deliver: (message: object) => void): Outbox {
  const waiting: { readonly message: object; readonly dueMs: number }[] = [];
  let timer: NodeJS.Timeout | undefined;

  const run = () => {
    timer = undefined;
    const nowMs = performance.now();
    while (waiting[0] && waiting[0].dueMs <= nowMs) deliver((waiting.shift() as (typeof waiting)[0]).message);
    const [first] = waiting;
    if (first) timer = setTimeout(run, first.dueMs - nowMs);
  };

  return {
    send(message, delayMs) {
      const dueMs = Math.max(performance.now() + delayMs, waiting.at(-1)?.dueMs ?? 0);
      waiting.push({ message, dueMs });
      timer ??= setTimeout(run, dueMs - performance.now());
    },
    close() {
      clearTimeout(timer);
      waiting.length = 0;
    },
  };
}
