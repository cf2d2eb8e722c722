/** Sized sessions: one thread for a call with little to compute, all threads for a call with much. */
import { createSession, type Session, type SessionOptions } from '../../tensor/session.ts';

/**
 * Windows, and bytes of weights times windows, up to which a call has little to compute: then handing parts of it to
 * another thread and waiting for that thread takes longer than what it saves.
 */
const fewWindows = 8;
const fewBytes = 2 ** 25;

/**
 * A session of the network in `file`, whose input `window` ends in the axis of steps. Each of the two that it consists of
 * is loaded when it is first needed.
 */
export function createSizedSession(file: Uint8Array, options: SessionOptions): Session {
  const { threads, providers = ['cpu'] } = options;
  const sessions = new Map<boolean, Promise<Session>>();
  const open = (few: boolean): Promise<Session> => {
    const found = sessions.get(few);
    if (found !== undefined) return found;
    const opened = createSession(file, few ? { ...options, threads: 1 } : options);
    sessions.set(few, opened);
    return opened;
  };
  const alike = threads === 1 || providers[0] !== 'cpu';
  return {
    async run(feeds) {
      const windows = feeds['window']!.shape.slice(0, -1).reduce((a, b) => a * b, 1);
      const few = windows <= fewWindows && windows * file.byteLength <= fewBytes;
      return (await open(few && !alike)).run(feeds);
    },
    async release() {
      for (const session of sessions.values()) await (await session).release();
    },
  };
}
