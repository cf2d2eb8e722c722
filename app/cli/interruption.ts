/** Ctrl-C: the first asks the work to stop at its next safe point, the second ends the process at once. */

/** The part of `process` that this needs. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: (signal: 'SIGINT' | 'SIGTERM') => void): unknown;
}

/** An abort signal that follows SIGINT and SIGTERM of `source`. `kill` must not return to the work. */
export function interruptionSignal(
  source: SignalSource,
  notify: (message: string) => void,
  kill: (signal: 'SIGINT' | 'SIGTERM') => void,
): AbortSignal {
  const controller = new AbortController();
  const interrupt = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (controller.signal.aborted) {
      kill(signal);
      return;
    }
    notify(
      'Stopping at the next safe point; once more ends it at once, and it can still be resumed.',
    );
    controller.abort(new DOMException(`Stopped by ${signal}`, 'AbortError'));
  };
  source.on('SIGINT', interrupt);
  source.on('SIGTERM', interrupt);
  return controller.signal;
}
