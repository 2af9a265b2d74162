import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Waits until it is this response's turn on its connection; false when the connection was lost before.
 *
 * Node.js hands over pipelined requests all at once. Without waiting, one packet of some hundred requests would make
 * the server read the first chunk of some hundred answers and hold them until the first one is through.
 */
export function itsTurn(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (): void => {
      res.off('socket', settle);
      req.off('close', lost);
      resolve(res.socket !== null && !res.destroyed);
    };
    // A request is also closed when its body was read to the end, long before its answer.
    const lost = (): void => {
      if (req.socket.destroyed) settle();
    };
    if (res.socket !== null) {
      settle();
      return;
    }
    res.on('socket', settle);
    req.on('close', lost);
  });
}

/**
 * Sends one chunk and resolves when the system has taken all of it, so that its memory may be used again and a slow
 * reader never has more than one chunk waiting. False when the connection was lost, which is not an error here.
 */
export function sendChunk(res: ServerResponse, chunk: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    // The callback alone is not enough: on a connection that was ended, but not yet closed, it never comes.
    const lost = (): void => resolve(false);
    res.once('close', lost);
    res.write(chunk, (error) => {
      res.off('close', lost);
      resolve(error === undefined || error === null);
    });
  });
}
