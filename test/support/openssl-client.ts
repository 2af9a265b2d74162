import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `openssl s_client` says of a server on this computer, when it trusts these authorities. */
export async function opensslClient(port: number, ca: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'oakum-test-'));
  try {
    const file = join(folder, 'ca.pem');
    writeFileSync(file, ca);
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', file, '-verify_ip', '127.0.0.1'];
    const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.end();
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => child.once('close', resolve));
    return Buffer.concat(chunks).toString();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
