/** Keeps a session with a tool server: opened in the background, renewed when lost, its tools always at hand. */
import type { ProviderError } from '#core/errors.ts';
import type { Clock } from '#core/ports/clock.ts';
import { type Catalogue, createCatalogue, emptyCatalogue } from './catalogue.ts';
import { type Connection, type ConnectionSettings, openConnection } from './connection.ts';
import { startDeadline } from './deadline.ts';
import { timeoutError, toolServerError } from './failures.ts';

/** From the first request to the last page of tools; no caller waits for it. */
const connectTimeoutMs = 10_000;
/** Attempts are made as long as the server is wanted, at most this often. */
const retryAfterMs = { first: 500, factor: 2, max: 30_000 };
/** A server whose notifications are lost, or that sends none, is asked this often. */
const refreshEveryMs = 5 * 60_000;
const closeTimeoutMs = 1_000;

export interface Session {
  readonly connection: Connection;
  catalogue: Catalogue;
}

export interface ToolServer {
  /** What can be called now; nothing while the server is away. */
  catalogue(): Catalogue;
  /** The session, after the attempt in progress if there is one; `undefined` when the server is away. */
  session(): Promise<Session | undefined>;
  /** Something was slow: finds out in the background whether the server is still there. */
  doubt(): void;
  /** The session cannot be used any more; a new one is opened at once. Another one is left as it is. */
  lost(session: Session): void;
  /** Resolves when tools were listed for the first time, or after `close`. */
  listed(): Promise<void>;
  close(): Promise<void>;
}

export interface ToolServerOptions extends ConnectionSettings {
  readonly clock: Clock;
  readonly reservedNames: readonly string[];
  /** Told of the first failure of a row, and again when the next one is another kind of failure. */
  readonly onAway: (error: ProviderError) => void;
  /** Told whenever the tools were listed. */
  readonly onListed: (catalogue: Catalogue) => void;
}

async function closeConnection(clock: Clock, connection: Connection): Promise<void> {
  const deadline = startDeadline(clock, closeTimeoutMs);
  await connection.close(deadline.signal);
  deadline.done();
}

async function openSession(
  options: ToolServerOptions,
  { closed, onToolsChanged }: { readonly closed: AbortSignal; readonly onToolsChanged: () => void },
): Promise<Session> {
  const deadline = startDeadline(options.clock, connectTimeoutMs, closed);
  let connection: Connection | undefined;
  try {
    connection = await openConnection(options, { signal: deadline.signal, onToolsChanged });
    const tools = await connection.list(deadline.signal);
    return { connection, catalogue: createCatalogue(tools, options.reservedNames) };
  } catch (cause) {
    if (connection) await closeConnection(options.clock, connection);
    throw deadline.expired ? timeoutError('connect') : toolServerError(cause);
  } finally {
    deadline.done();
  }
}

/** Keeps the tools of an open session as the server has them. */
function createRefresher(
  options: ToolServerOptions,
  { session, closed, onLost }: { session: Session; closed: AbortSignal; onLost: () => void },
) {
  const { clock, reservedNames, onListed } = options;
  let running = false;
  let again = false;
  let stopped = false;
  let cancelTimer: (() => void) | undefined;

  const list = async () => {
    const deadline = startDeadline(clock, connectTimeoutMs, closed);
    try {
      session.catalogue = createCatalogue(await session.connection.list(deadline.signal), reservedNames);
      onListed(session.catalogue);
    } finally {
      deadline.done();
    }
  };
  const plan = () => {
    cancelTimer?.();
    if (!stopped) cancelTimer = clock.setTimer(refreshEveryMs, () => void refresh());
  };
  /** However many changes are told while a listing runs, one more follows it. */
  const refresh = async () => {
    again = running;
    if (running || stopped) return;
    running = true;
    // Why the server cannot be used is found out, and told, by the attempt to open a new session.
    const listed = await list().then(
      () => true,
      () => false,
    );
    running = false;
    if (!listed && !stopped) onLost();
    else if (again) void refresh();
    else plan();
  };

  plan();
  return {
    refresh,
    stop() {
      stopped = true;
      cancelTimer?.();
    },
  };
}

/** Starts connecting at once and returns without waiting. */
export function createToolServer(options: ToolServerOptions): ToolServer {
  const { clock, onAway, onListed } = options;
  const closing = new AbortController();
  const firstListed = Promise.withResolvers<void>();
  let current:
    | { readonly session: Session; readonly refresher: ReturnType<typeof createRefresher> }
    | undefined;
  let attempt: Promise<void> = Promise.resolve();
  let delayMs = retryAfterMs.first;
  let lastFailure: ProviderError['failure'] | undefined;
  let changedWhileOpening = false;
  let cancelRetry: (() => void) | undefined;

  const onToolsChanged = () => {
    if (current) void current.refresher.refresh();
    else changedWhileOpening = true;
  };
  const opened = (session: Session) => {
    if (closing.signal.aborted) return closeConnection(clock, session.connection);
    const refresher = createRefresher(options, {
      session,
      closed: closing.signal,
      onLost: () => lost(session),
    });
    current = { session, refresher };
    delayMs = retryAfterMs.first;
    lastFailure = undefined;
    onListed(session.catalogue);
    firstListed.resolve();
    if (changedWhileOpening) void refresher.refresh();
    return undefined;
  };
  const notOpened = (error: ProviderError) => {
    if (closing.signal.aborted) return;
    if (lastFailure !== error.failure) onAway(error);
    lastFailure = error.failure;
    cancelRetry = clock.setTimer(delayMs, open);
    delayMs = Math.min(delayMs * retryAfterMs.factor, retryAfterMs.max);
  };
  const open = () => {
    changedWhileOpening = false;
    attempt = openSession(options, { closed: closing.signal, onToolsChanged }).then(opened, notOpened);
  };
  const leave = () => {
    const left = current?.session.connection;
    current?.refresher.stop();
    current = undefined;
    return left;
  };
  const lost = (session: Session) => {
    if (current?.session !== session) return;
    leave();
    // Other calls may still get an answer in the old session, or find out for themselves; each is bounded in time.
    void session.connection.idle().then(() => closeConnection(clock, session.connection));
    open();
  };

  open();
  return {
    catalogue: () => current?.session.catalogue ?? emptyCatalogue,
    session: async () => {
      if (!current) await attempt;
      return current?.session;
    },
    doubt: () => void current?.refresher.refresh(),
    lost,
    listed: () => firstListed.promise,
    async close() {
      closing.abort();
      cancelRetry?.();
      firstListed.resolve();
      const left = leave();
      await Promise.all([left && closeConnection(clock, left), attempt]);
    },
  };
}
